// npm run soak [-- --minutes 2 --engine redis --seed 1]: all of Ponte as real processes under load, activations as well as messages and replies
// of several tenants, with one random fault after the other, and what must hold looked at in between. The seed it prints brings the same faults
// again. At its end a table: each kind of fault, how often it was injected, how long everything took to be ready afterwards, what was lost, doubled and
// orphaned. Ends with 1 when something did not hold.
import { randomInt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { migrate } from '../shared/database/migrate.ts';
import { migrateQueue } from '../shared/queue/engine.ts';
import { createWhatsappEngineSimulator } from '../simulators/whatsapp-engine/index.ts';
import { expectInvariants } from '../test/support/invariants.ts';
import { type RunningProcess, spawnProcess } from '../test/support/process.ts';
import { type QueueEngine, type StackProcess, startStackProcesses } from '../test/support/stack-processes.ts';
import { startThrowawayPostgres } from '../test/support/throwaway-postgres.ts';
import { waitFor } from '../test/support/wait-for.ts';
import { createWorld, type World } from '../test/support/world.ts';
import { numberBetween } from './number-between.ts';
import { type Injected, injectFault, killBridge, type Stage } from './soak/faults.ts';
import { createLedger } from './soak/ledger.ts';
import { startLoad } from './soak/load.ts';
import { createRandom } from './soak/random.ts';
import { createRelaySoak, type RelaySoak } from './soak/relay.ts';

const PLACES = 12;
const ENGINE_TOKEN = 'engine-account-token';
const FAULTS_A_ROUND = 5;
/** Short, so that a round does not have to wait long for the end of what it began. */
const DEADLINE_MS = 20_000;
const SETTLE_MS = 120_000;
const RECOVERY_LIMIT_MS = 60_000;
/** Beyond its time a soak ends whatever it is doing. */
const OVERTIME_MS = 300_000;

const { minutes, seed, engine } = new Command()
  .name('npm run soak --')
  .description('All of Ponte under load and random faults, for some minutes')
  .option('--minutes <number>', 'how long, at most 120', numberBetween(1, 120), 2)
  .option('--seed <number>', 'brings the faults of an earlier run again', numberBetween(0, 2 ** 32 - 1), randomInt(2 ** 32 - 1))
  .addOption(new Option('--engine <engine>', 'what carries the queue').choices(['redis', 'postgres']).default('redis'))
  .parse()
  .opts<{ minutes: number; seed: number; engine: QueueEngine }>();

const endsAt = Date.now() + minutes * 60_000;
setTimeout(
  () => {
    console.error(`seed ${seed}: has not come to its end in time`);
    process.exit(1);
  },
  minutes * 60_000 + OVERTIME_MS,
).unref();

const started: RunningProcess[] = [];
const ledger = createLedger();
const postgres = await startThrowawayPostgres();
const { url: databaseUrl } = postgres;
const engineSimulator = createWhatsappEngineSimulator({ token: ENGINE_TOKEN, retries: { maxAttempts: 1_000 } });
let world: World | undefined;
let relay: RelaySoak | undefined;
console.log(`seed ${seed}: ${minutes} minutes, queue on ${engine}`);
try {
  await migrate({ databaseUrl });
  await migrateQueue({ kind: 'postgres', url: databaseUrl });
  const { url: engineUrl } = await engineSimulator.start();
  world = await createWorld(
    {
      engine,
      apis: 2,
      workers: 2,
      bridges: 2,
      env: { ACTIVATION_TIMEOUT_MS: String(DEADLINE_MS), LOG_LEVEL: 'info', ENGINE_URL: engineUrl, ENGINE_TOKEN },
    },
    (options) =>
      startStackProcesses(options, {
        databaseUrl,
        redisUrl: options.redisUrl,
        startProcess: (wanted) => spawnProcess(wanted, (process) => started.push(process)),
      }),
  );
  for (let count = 0; count < PLACES; count += 1) await world.newPlace();
  relay = await createRelaySoak({ stack: world.stack, engine: engineSimulator });
  await soak(world, relay);
  console.log(`seed ${seed}: everything held`);
} catch (error) {
  console.error(error);
  for (const line of lastWords(world)) console.error(line);
  console.error(`seed ${seed}: something did not hold`);
  process.exitCode = 1;
} finally {
  console.table(ledger.table());
  await world?.stop().catch((error: unknown) => console.error('could not be stopped in order:', error));
  await Promise.all(started.map((running) => running.kill9()));
  await Promise.all([relay?.stop(), engineSimulator.stop()]).catch(() => {});
  await postgres.stop();
}
// After a failure something of the world may be left that would keep this process alive.
process.exit();

async function soak(of: World, messages: RelaySoak): Promise<void> {
  const random = createRandom(seed);
  const { apis, workers, bridges } = of.stack;
  const running = { apis: [...apis], workers: [...workers], bridges: [...bridges] };
  const stage: Stage = { world: of, running, random, deadlineMs: DEADLINE_MS };
  for (let round = 1; Date.now() < endsAt; round += 1) {
    const load = startLoad({ world: of, random: createRandom(seed + round) });
    const writing = messages.begin(createRandom(seed - round));
    await inject(stage, killBridge);
    for (let count = 0; count < FAULTS_A_ROUND && Date.now() < endsAt; count += 1) await inject(stage, injectFault);
    await Promise.all([load.stop(), writing.stop()]);
    of.chatwoot.faults.clear();
    const broken = await expectInvariants(of, { settleMs: SETTLE_MS }).then(
      () => undefined,
      (error: unknown) => error,
    );
    const faults = await messages.faults();
    const { lost, doubled } = messages.counts();
    ledger.ended({ lost, doubled, orphaned: await orphans(of), held: broken === undefined && faults.length === 0 });
    console.log(`  ${messages.shown()}`);
    if (broken !== undefined) throw broken;
    if (faults.length > 0) throw new Error(`${faults.length} faults of messages and replies:\n${faults.join('\n')}`);
    console.log(`round ${round} held: ${outcomes(of)}; ${await memory()}`);
  }
}

/** One fault, and afterwards until every process is ready again: there is always load, but each fault finds a system that works. */
async function inject(stage: Stage, next: (stage: Stage) => Promise<Injected>): Promise<void> {
  const { kind, shown } = await next(stage);
  const endedAtMs = performance.now();
  const { apis, workers, bridges } = stage.running;
  const isReady = async ({ url }: StackProcess) => (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) })).ok;
  const recoveryMs = await waitFor(
    async () => (await Promise.all([...apis, ...workers, ...bridges].map(isReady))).every(Boolean),
    { timeoutMs: RECOVERY_LIMIT_MS, intervalMs: 100, describe: 'every process being ready again' },
  ).then(
    () => performance.now() - endedAtMs,
    () => undefined,
  );
  ledger.injected(kind, recoveryMs);
  console.log(`  ${shown}`);
}

/** How many inboxes there are in Chatwoot that no integration knows of. */
async function orphans({ stack, chatwoot, places }: World): Promise<number> {
  const rows = await stack.database.prisma.chatwootIntegration.findMany({ select: { instanceId: true, chatwootInboxId: true } });
  const known = new Map(rows.map((row) => [row.instanceId, row.chatwootInboxId]));
  return places.reduce(
    (count, { account, instanceId }) =>
      count + chatwoot.state.inboxes(account).filter(({ id }) => id !== known.get(instanceId)).length,
    0,
  );
}

/** What processes that nobody killed, and that ended all the same, said at level error and above. */
function lastWords(of: World | undefined): string[] {
  const ended = started.filter((running) => !running.isRunning() && !of?.killed.includes(running));
  return ended.flatMap((running) =>
    running
      .lines()
      .filter((line) => /"level":[5-9]\d/.test(line))
      .map((line) => `${running.name}: ${line}`),
  );
}

/** How many requests were answered how, since the beginning. */
function outcomes({ told }: World): string {
  const counts = new Map<string, number>();
  for (const { answer } of told) {
    const status = String(answer?.status ?? 'cut off');
    counts.set(status, (counts.get(status) ?? 0) + 1);
  }
  return [...counts]
    .sort()
    .flatMap(([status, count]) => `${count} × ${status}`)
    .join(', ');
}

/** What each process that runs now has of the memory, which must not grow from round to round. */
async function memory(): Promise<string> {
  const alive = started.filter((running) => running.isRunning());
  const parts = alive.map(async ({ name, pid }) => {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    return `${name} ${Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024)} MB`;
  });
  return (await Promise.all(parts)).join(', ');
}
