// npm run bench:noisy [-- --count 500]: what others notice of a customer whose Chatwoot accepts and never answers. Another customer's
// activations, lists, deactivations and messages, with and without such a crowd, in turns within one run, on both queue engines: of one
// account, then spread over fifty. The ratios are what counts.
import { cpus } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { Command } from 'commander';
import { migrate } from '../shared/database/migrate.ts';
import { migrateQueue } from '../shared/queue/engine.ts';
import { createChatwootSimulator } from '../simulators/chatwoot/index.ts';
import { createWhatsappEngineSimulator } from '../simulators/whatsapp-engine/index.ts';
import { startRedis } from '../test/support/redis.ts';
import { type QueueEngine, startStackProcesses } from '../test/support/stack-processes.ts';
import { startThrowawayPostgres } from '../test/support/throwaway-postgres.ts';
import { startBuilt } from './built.ts';
import { type CpuTimes, createCpuWatch } from './noisy/cpu.ts';
import { createCrowd, rush, startCrowdClient } from './noisy/crowd.ts';
import { createLoopWatch } from './noisy/loops.ts';
import { createNeighbour, KINDS, type Latencies } from './noisy/neighbour.ts';
import { numberBetween } from './number-between.ts';
import { activateFleet, openChatwoot } from './relay/fleet.ts';
import { percentile } from './relay/percentile.ts';

const ENGINE_TOKEN = 'engine-account-token';
const FLEET = 10;
const ACCOUNTS = [1, 50];
const REST_MS = 4_000;
/** While a crowd arrives, waits and is told; `alone` there is none. */
const STATES = ['alone', 'arriving', 'waiting', 'told'] as const;
type State = (typeof STATES)[number];

const { count, rounds, seconds, engine } = new Command()
  .name('npm run bench:noisy --')
  .description('Requests and messages of one customer beside a crowd of activations against a Chatwoot that hangs')
  .option('--count <number>', 'activations of the crowd, at most 1000', numberBetween(30, 1_000), 500)
  .option('--rounds <number>', 'with and without in turns, at most 20 times', numberBetween(1, 20), 3)
  .option('--seconds <number>', 'of each turn, at most 15', numberBetween(2, 15), 12)
  .option('--engine <name>', 'only the queue on postgres or on redis')
  .parse()
  .opts<{ count: number; rounds: number; seconds: number; engine?: QueueEngine }>();

/** Seconds of processor time a second, by kind of process. */
interface Rest {
  readonly cpu: CpuTimes;
  readonly seconds: number;
}
/** What was measured in one turn of the neighbour's. */
interface Turn extends Rest {
  readonly latencies: Latencies;
  readonly failed: number;
}
type Round = Readonly<Record<State, Turn>> & {
  /** While nothing is asked for, and while nothing but the crowd is there and waits: what it costs by itself, however busy the machine. */
  readonly nobody: Rest;
  readonly crowd: Rest;
};

console.log(
  `${cpus()[0]?.model ?? 'unknown processor'} × ${cpus().length}, Node ${process.version}, ${count} activations against a silent host, ${rounds} rounds\n`,
);
for (const kind of ['postgres', 'redis'] as const) if (engine === undefined || engine === kind) await benchQueue(kind);
process.exit(0);

async function benchQueue(kind: QueueEngine): Promise<void> {
  const postgres = await startThrowawayPostgres();
  const { url: databaseUrl } = postgres;
  const redis = kind === 'redis' ? await startRedis() : undefined;
  const chatwoot = createChatwootSimulator();
  const whatsapp = createWhatsappEngineSimulator({ token: ENGINE_TOKEN });
  try {
    await migrate({ databaseUrl });
    await migrateQueue(redis === undefined ? { kind: 'postgres', url: databaseUrl } : { kind: 'redis', url: redis.url });
    const chatwootToken = await openChatwoot(chatwoot);
    const { url: engineUrl } = await whatsapp.start();
    const env = { ENGINE_URL: engineUrl, ENGINE_TOKEN, LOG_LEVEL: 'warn', RATE_LIMIT_PER_MINUTE: '1000000' };
    const stack = await startStackProcesses(
      { engine: kind, env },
      { databaseUrl, redisUrl: redis?.url, startProcess: startBuilt },
    );
    const client = startCrowdClient();
    try {
      const places = Array.from({ length: FLEET }, () => ({ chatwoot, token: chatwootToken, chats: 2 }));
      const fleet = await activateFleet({ stack, engine: whatsapp, places });
      const neighbour = await createNeighbour({ stack, fleet, chatwootUrl: chatwoot.url(), chatwootToken });
      const cpuUsed = await createCpuWatch({ stack, redisPid: redis?.pid(), crowdPid: client.pid });
      const watchLoops = createLoopWatch(stack);

      async function costOf<Result>(work: Promise<Result>): Promise<Rest & { readonly result: Result }> {
        const [before, sinceMs] = [await cpuUsed(), performance.now()];
        const result = await work;
        const [after, passed] = [await cpuUsed(), (performance.now() - sinceMs) / 1_000];
        const cpu = Object.fromEntries(
          Object.entries(after).map(([name, used]) => [name, (used - (before[name] ?? 0)) / passed]),
        );
        return { result, cpu, seconds: passed };
      }
      async function turn(state: string, end: Promise<unknown>): Promise<Turn> {
        const loops = await watchLoops();
        const { result, cpu, seconds: passed } = await costOf(neighbour.work(end));
        const stood = Object.entries(await loops()).map(([name, ms]) => `${name} ${ms.toFixed(0)}`);
        const { latencies, failed, slowest } = result;
        for (const failure of failed) console.error(`${kind}, ${state}: ${failure}`);
        const counts = KINDS.map(
          (one) => `${latencies[one].length} × ${one} up to ${Math.round(Math.max(...latencies[one]))} ms`,
        );
        console.error(
          `${kind}, ${state}, ${passed.toFixed(0)} s: ${counts.join(', ')}; of the slowest set ${slowest}; event loops stood still for up to ${stood.join(', ')} ms`,
        );
        return { latencies, failed: failed.length, cpu, seconds: passed };
      }

      // Whatever is done for the first time takes longer, by the neighbour or for a crowd.
      const first = await rush(stack, client, await createCrowd(stack, count, 1));
      await turn('warming up', first.over);
      for (const accounts of ACCOUNTS) {
        const crowd = await createCrowd(stack, count, accounts);
        const done: Round[] = [];
        for (let round = 0; round < rounds; round += 1) {
          const alone = await turn('alone', delay(seconds * 1_000));
          const nobody = await costOf(delay(REST_MS));
          const { arrived, firstTold, over } = await rush(stack, client, crowd);
          const arriving = await turn('arriving', arrived);
          const crowdAlone = await costOf(delay(REST_MS));
          const waiting = await turn('waiting', Promise.race([firstTold, delay(seconds * 1_000)]));
          const told = await turn('told', over);
          done.push({ alone, arriving, waiting, told, nobody, crowd: crowdAlone });
          const tally = Object.entries(await over).map(([status, times]) => `${times} × ${status}`);
          console.error(`${kind}, ${accounts} accounts, round ${round + 1}: the crowd was told ${tally.join(', ')}`);
        }
        print(kind, accounts, done);
      }
    } catch (error) {
      console.error(stack.logs().split('\n').slice(-40).join('\n'));
      throw error;
    } finally {
      client.disconnect();
      await stack.stop();
    }
  } finally {
    await Promise.all([chatwoot.stop(), whatsapp.stop(), redis?.stop()]);
    await postgres.stop();
  }
}

function print(queue: QueueEngine, accounts: number, done: readonly Round[]): void {
  console.log(`\nQueue on ${queue}, a crowd of ${accounts === 1 ? 'one account' : `${accounts} accounts`}\n`);
  const withCrowd = STATES.filter((state) => state !== 'alone');
  console.log(
    `| request | alone p50 | p99 | beside the crowd p50 | p99 | ratio of p99 | median of the rounds | p99 ${withCrowd.join(' | p99 ')} |`,
  );
  console.log(`| --- | --- | --- | --- | --- | --- | --- ${'| --- '.repeat(withCrowd.length)}|`);
  for (const kind of KINDS) {
    const took = (rounds: readonly Round[], states: readonly State[]) =>
      rounds.flatMap((round) => states.flatMap((state) => round[state].latencies[kind]));
    const cell = (rounds: readonly Round[], states: readonly State[], share = 0.99) => {
      const values = took(rounds, states);
      return `${percentile(values, share).toFixed(0)} ms${share === 0.5 ? '' : ` of ${values.length}`}`;
    };
    const ratio = (rounds: readonly Round[], states: readonly State[]) =>
      percentile(took(rounds, states), 0.99) / percentile(took(rounds, ['alone']), 0.99);
    const perRound = done.map((round) => ratio([round], withCrowd));
    const cells = [kind, cell(done, ['alone'], 0.5), cell(done, ['alone']), cell(done, withCrowd, 0.5), cell(done, withCrowd)];
    cells.push(`**${ratio(done, withCrowd).toFixed(2)} ×**`, `${percentile(perRound, 0.5).toFixed(2)} ×`);
    for (const state of withCrowd) cells.push(`${cell(done, [state])}, ${ratio(done, [state]).toFixed(2)} ×`);
    console.log(`| ${cells.join(' | ')} |`);
  }
  const processes = Object.keys(done[0]?.alone.cpu ?? {});
  const failures = STATES.map((state) => `${done.reduce((sum, round) => sum + round[state].failed, 0)} ${state}`);
  console.log(`\nOf the neighbour's requests failed: ${failures.join(', ')}.`);
  console.log(`\n| processor, ms a second | seconds | ${processes.join(' | ')} |`);
  console.log(`| --- | --- ${'| --- '.repeat(processes.length)}|`);
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  for (const state of ['nobody', 'crowd', ...STATES] as const) {
    const turns = done.map((round) => round[state]);
    const used = processes.map((name) => (1_000 * mean(turns.map(({ cpu }) => cpu[name] ?? 0))).toFixed(0));
    console.log(`| ${state} | ${mean(turns.map((one) => one.seconds)).toFixed(1)} | ${used.join(' | ')} |`);
  }
}
