// npm run bench:idle [-- --integrations 500]: what integrations cost on which nothing happens: transactions and WAL of PostgreSQL a second,
// and the memory of the processes once V8 has tidied up. Compared with the same processes without any and with a quarter of them, and with a
// bridge that takes all of them over, in the same run. It stops by itself.
import { readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { Command } from 'commander';
import { z } from 'zod';
import { migrate } from '../shared/database/migrate.ts';
import { migrateQueue } from '../shared/queue/engine.ts';
import { createChatwootSimulator } from '../simulators/chatwoot/index.ts';
import { createWhatsappEngineSimulator } from '../simulators/whatsapp-engine/index.ts';
import { type Stack, startStackProcesses } from '../test/support/stack-processes.ts';
import { startThrowawayPostgres } from '../test/support/throwaway-postgres.ts';
import { startBuilt } from './built.ts';
import { numberBetween } from './number-between.ts';
import { activateFleet, openChatwoot } from './relay/fleet.ts';

const ENGINE_TOKEN = 'engine-account-token';
/** Has a process tidy up when it is told to: how much of what activations leave V8 has not looked at yet is none of an integration's. */
const TIDY_UP = 'SIGWINCH';
const ON_SIGNAL = encodeURIComponent(`process.on('${TIDY_UP}', () => { gc(); gc(); })`);
const NODE_OPTIONS = `--expose-gc --import=data:text/javascript,${ON_SIGNAL}`;
const TIDIED_MS = 2_000;
/** Streams are opened, and inboxes of which nothing is known are looked at. */
const TAKEN_OVER_MS = 20_000;

const { integrations, seconds } = new Command()
  .name('npm run bench:idle --')
  .description('What idle integrations cost')
  .option('--integrations <number>', 'at most 2000', numberBetween(4, 2_000), 500)
  .option('--seconds <number>', 'measured for so long each time, at most 120', numberBetween(5, 120), 30)
  .parse()
  .opts<{ integrations: number; seconds: number }>();

interface Cost {
  readonly transactionsPerSecond: number;
  readonly walKbPerSecond: number;
  readonly apiMb: number;
  readonly bridgeMb: number;
}

const countsRow = z.tuple([z.object({ transactions: z.coerce.number(), wal: z.coerce.number() })]);

async function counts(stack: Stack): Promise<{ transactions: number; wal: number }> {
  // What the database has not yet told its statistics is told after a second of rest at the latest.
  const rows = await stack.database.prisma.$queryRaw`
    SELECT sum(xact_commit + xact_rollback)::float8 AS transactions, (pg_current_wal_lsn() - '0/0'::pg_lsn)::float8 AS wal
      FROM pg_stat_database WHERE datname = current_database()`;
  return countsRow.parse(rows)[0];
}

async function memoryMb(pid: number | undefined): Promise<number> {
  if (pid === undefined) throw new Error('the process is not there');
  process.kill(pid, TIDY_UP);
  await delay(TIDIED_MS);
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1_024;
}

async function measure(stack: Stack): Promise<Cost> {
  const before = await counts(stack);
  const sinceMs = performance.now();
  await delay(seconds * 1_000);
  const after = await counts(stack);
  const passed = (performance.now() - sinceMs) / 1_000;
  return {
    // Without our own question.
    transactionsPerSecond: (after.transactions - before.transactions - 1) / passed,
    walKbPerSecond: (after.wal - before.wal) / 1_024 / passed,
    apiMb: await memoryMb(stack.apis[0]?.process.pid),
    bridgeMb: await memoryMb(stack.bridges[0]?.process.pid),
  };
}

const shown = (what: string, cost: Cost): string =>
  `| ${what} | ${cost.transactionsPerSecond.toFixed(1)} | ${cost.walKbPerSecond.toFixed(1)} | ${cost.apiMb.toFixed(0)} | ${cost.bridgeMb.toFixed(0)} |`;

const postgres = await startThrowawayPostgres();
const { url: databaseUrl } = postgres;
const chatwoot = createChatwootSimulator();
const engine = createWhatsappEngineSimulator({ token: ENGINE_TOKEN });
console.log(
  `${cpus()[0]?.model ?? 'unknown processor'} × ${cpus().length}, Node ${process.version}, one api, worker and bridge\n`,
);
try {
  await migrate({ databaseUrl });
  await migrateQueue({ kind: 'postgres', url: databaseUrl });
  const token = await openChatwoot(chatwoot);
  const { url: engineUrl } = await engine.start();
  const env = { ENGINE_URL: engineUrl, ENGINE_TOKEN, LOG_LEVEL: 'warn', RATE_LIMIT_PER_MINUTE: '1000000', NODE_OPTIONS };
  const stack = await startStackProcesses(
    { engine: 'postgres', env },
    { databaseUrl, redisUrl: undefined, startProcess: startBuilt },
  );
  try {
    await delay(5_000);
    const none = await measure(stack);
    const places = Array.from({ length: integrations }, () => ({ chatwoot, token, chats: 0 }));
    const firstCount = Math.ceil(integrations / 4);
    const idleWith = async (called: string, more: typeof places): Promise<Cost> => {
      await activateFleet({ stack, engine, places: more, called });
      // What an activation leaves to be looked at (an inbox that came late, a settled row) has an end.
      await delay(20_000);
      return measure(stack);
    };
    const first = await idleWith('first', places.slice(0, firstCount));
    const all = await idleWith('later', places.slice(firstCount));
    const [before] = stack.bridges;
    await before?.process.stop();
    await stack.startBridge(before?.port);
    await delay(TAKEN_OVER_MS);
    const takenOver = await measure(stack);
    console.log('| integrations | transactions/s | WAL kB/s | api MB | bridge MB |\n| --- | --- | --- | --- | --- |');
    const rows = [shown('0', none), shown(String(firstCount), first), shown(String(integrations), all)];
    console.log([...rows, shown(`${integrations}, another bridge`, takenOver)].join('\n'));
    const kbEach = (from: number, to: number, count: number): string => (((to - from) * 1_024) / count).toFixed(0);
    // The first ones have a process load and compile what it has never needed before.
    const more = integrations - firstCount;
    console.log(
      `\nOf the ${more} behind the first ${firstCount} each costs a bridge ${kbEach(first.bridgeMb, all.bridgeMb, more)} kB, an api ` +
        `${kbEach(first.apiMb, all.apiMb, more)} kB. A bridge that has not activated them, and only runs them, has ` +
        `${kbEach(none.bridgeMb, takenOver.bridgeMb, integrations)} kB more for each than one without any.`,
    );
  } finally {
    await stack.stop();
  }
} finally {
  await Promise.all([chatwoot.stop(), engine.stop()]);
  await postgres.stop();
}
process.exit(0);
