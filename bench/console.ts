// npm run bench:console [-- --instances 5000]: how long the console's list of instances takes, asked as a browser asks: of an account with so
// many, and as an operator over two such accounts; one api, worker and bridge. It stops by itself.
import { readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { Command } from 'commander';
import { createToken, hashToken } from '../shared/auth/tokens.ts';
import { migrate } from '../shared/database/migrate.ts';
import { migrateQueue } from '../shared/queue/engine.ts';
import { spawnProcess } from '../test/support/process.ts';
import { startStackProcesses } from '../test/support/stack-processes.ts';
import { startThrowawayPostgres } from '../test/support/throwaway-postgres.ts';
import { fillAccount } from './console/fill.ts';
import { numberBetween } from './number-between.ts';

const REQUESTS = 30;
const WARM_UP = 3;
const REQUEST_TIMEOUT_MS = 30_000;

const { instances } = new Command()
  .name('npm run bench:console --')
  .description("How long the console's list of instances takes")
  .option('--instances <number>', 'of each account, at most 20000', numberBetween(1, 20_000), 5_000)
  .parse()
  .opts<{ instances: number }>();

type Headers = Readonly<Record<string, string>>;

/** CPU time that processes have taken so far, in ms: what does not grow when others keep the machine busy. */
async function cpuMs(pids: readonly (number | undefined)[]): Promise<number> {
  const ticks = await Promise.all(
    pids.map(async (pid) => {
      const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /, '').split(' ');
      return Number(fields[11]) + Number(fields[12]);
    }),
  );
  return ticks.reduce((sum, one) => sum + one, 0) * 10;
}

async function measure(what: string, url: string, headers: Headers, pids: readonly (number | undefined)[]): Promise<void> {
  const tookMs: number[] = [];
  let bytes = 0;
  let cpuBeforeMs = 0;
  for (let turn = 0; turn < REQUESTS + WARM_UP; turn += 1) {
    // The first three warm up what every process warms up once.
    if (turn === WARM_UP) cpuBeforeMs = await cpuMs(pids);
    const begunMs = performance.now();
    const response = await fetch(url, {
      headers: { accept: 'text/html', ...headers },
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    bytes = (await response.text()).length;
    if (response.status !== 200) throw new Error(`${url} answered ${response.status}`);
    if (turn >= WARM_UP) tookMs.push(performance.now() - begunMs);
  }
  tookMs.sort((one, other) => one - other);
  const [median = 0, worst = 0] = [tookMs[Math.floor(REQUESTS / 2)], tookMs.at(-1)];
  const cpu = ((await cpuMs(pids)) - cpuBeforeMs) / REQUESTS;
  console.log(`| ${what} | ${median.toFixed(0)} | ${worst.toFixed(0)} | ${cpu.toFixed(0)} | ${(bytes / 1_024).toFixed(0)} |`);
}

const postgres = await startThrowawayPostgres();
const { url: databaseUrl } = postgres;
console.log(
  `${cpus()[0]?.model ?? 'unknown processor'} × ${cpus().length}, Node ${process.version}, one api, worker and bridge\n`,
);
try {
  await migrate({ databaseUrl });
  await migrateQueue({ kind: 'postgres', url: databaseUrl });
  const stack = await startStackProcesses(
    { engine: 'postgres', env: { LOG_LEVEL: 'warn' } },
    { databaseUrl, redisUrl: undefined, startProcess: (options) => spawnProcess(options, () => {}) },
  );
  try {
    const logIn = async (name: string, count: number) => {
      const { id, token } = await stack.createAccount(name);
      await fillAccount(databaseUrl, id, count);
      const secret = createToken('session');
      await stack.database.prisma.consoleSession.create({
        data: { id: hashToken(secret), tokenHash: hashToken(token), expiresAt: new Date(Date.now() + 3_600_000) },
      });
      return { cookie: `ponte_session=${secret}` };
    };
    const asSmall = await logIn('Lyra Ltda', 50);
    const asHolder = await logIn('Orion Ltda', instances);
    await logIn('Vega Ltda', instances);
    const base = stack.apis[0]?.url ?? '';
    const asOperator = { authorization: `Basic ${btoa('admin:a-password-for-tests')}` };
    const lastPage = Math.ceil(instances / 50);

    console.log(
      `${instances} instances of each of two accounts, and an account of 50 to compare with; ${REQUESTS} requests each, one after another\n`,
    );
    console.log('| asked for | median ms | worst ms | CPU ms, api and bridge | kB |\n| --- | --- | --- | --- | --- |');
    const pids = [stack.apis[0]?.process.pid, stack.bridges[0]?.process.pid];
    await measure('account of 50: the list', `${base}/`, asSmall, pids);
    for (const [who, headers, page, part, pages] of [
      ['account', asHolder, '/', '/instances', lastPage],
      ['operator', asOperator, '/admin/instances', '/admin/instances', lastPage * 2],
    ] as const) {
      const url = `${base}${page}`;
      await measure(`${who}: the list`, url, headers, pids);
      await measure(`${who}: its update`, `${base}${part}`, { ...headers, 'hx-request': 'true' }, pids);
      await measure(`${who}: the last page`, `${url}?page=${pages}`, headers, pids);
      await measure(`${who}: a search for a few`, `${url}?q=0123`, headers, pids);
      await measure(`${who}: a search for a quarter`, `${url}?q=loja`, headers, pids);
      await measure(`${who}: what wants attention`, `${url}?show=attention`, headers, pids);
      await measure(`${who}: one instance by its name`, `${url}?q=loja-00004`, headers, pids);
    }
  } finally {
    await stack.stop();
  }
} finally {
  await postgres.stop();
}
process.exit(0);
