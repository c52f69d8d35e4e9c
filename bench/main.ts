// npm run bench [-- --count 2000 --runs 5]: activations of Ponte against the useful minimum: all the work that cannot be left out (a token, a
// body, a secret, a row, a job, a claim, a bridge that answers at once, what came of it), on the same PostgreSQL and the same Redis, in turn
// in one run. The ratios are what counts; rates say how fast this machine is today. The results are written to bench/results.
import { randomBytes } from 'node:crypto';
import { Command } from 'commander';
import { migrate } from '../shared/database/migrate.ts';
import { freePort } from '../test/support/ports.ts';
import { startRedis } from '../test/support/redis.ts';
import { type Stack, startStackProcesses } from '../test/support/stack-processes.ts';
import { startThrowawayPostgres } from '../test/support/throwaway-postgres.ts';
import { addInstances } from './add-instances.ts';
import { startBuilt } from './built.ts';
import { type Measurement, measure } from './measure.ts';
import { TABLES } from './minimum/shared.ts';
import { createCpuWatch } from './noisy/cpu.ts';
import { numberBetween } from './number-between.ts';
import { type Figures, writeResults } from './results.ts';

const IN_FLIGHT = [1, 32, 256];
/** So that no limit for one customer, or for one Chatwoot, is what is measured. */
const ACCOUNTS = 16;
const WORKER_CONCURRENCY = '300';
const CHATWOOT_TOKEN = randomBytes(12).toString('hex');

const { count, runs } = new Command()
  .name('npm run bench --')
  .description('Activations against the useful minimum')
  .option('--count <number>', 'activations a measurement, at most 5000', numberBetween(10, 5_000), 2_000)
  .option('--runs <number>', 'measurements of each, in turn, at most 50', numberBetween(1, 50), 5)
  .parse()
  .opts<{ count: number; runs: number }>();

async function startMinimum(env: Readonly<Record<string, string>>) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const ready = async () => (await fetch(`${url}/healthz`)).ok;
  const own = { ...env, PORT: String(port), WORKER_CONCURRENCY };
  const api = await startBuilt({ name: 'minimum api', entry: 'bench/minimum/api.ts', env: own, readyWhen: ready });
  const worker = await startBuilt({ name: 'minimum worker', entry: 'bench/minimum/worker.ts', env: own, readyWhen: /ready/ });
  return { api: { url, port, process: api }, worker: { url: '', port: 0, process: worker } };
}

async function activate(url: string, name: string, token: string, host: number): Promise<void> {
  const answer = await fetch(`${url}/api/chatwoot/set/${name}`, {
    method: 'POST',
    headers: { token, 'content-type': 'application/json' },
    body: JSON.stringify({
      ...{ chatwootBaseUrl: `http://127.0.1.${host}`, chatwootAccountId: 5, chatwootApiToken: CHATWOOT_TOKEN },
    }),
    signal: AbortSignal.timeout(70_000),
  });
  const text = await answer.text();
  if (answer.status !== 201) throw new Error(`an activation was answered ${answer.status}: ${text}`);
}

async function newInstances(stack: Stack, accounts: readonly { id: string }[], label: string): Promise<string[]> {
  const names = Array.from({ length: count }, (_, index) => `${label}-${index}`);
  await addInstances(
    stack,
    names.map((name, index) => ({ name, accountId: accounts[index % ACCOUNTS]?.id ?? '' })),
  );
  return names;
}

/** Processor time of api, worker and PostgreSQL for each, in milliseconds. */
async function withCpu(watch: Awaited<ReturnType<typeof createCpuWatch>>, run: () => Promise<Measurement>): Promise<Figures> {
  const ours = ({ api = 0, worker = 0, PostgreSQL = 0 }: Readonly<Record<string, number>>) => api + worker + PostgreSQL;
  const before = ours(await watch());
  const measured = await run();
  return { ...measured, cpuMs: ((ours(await watch()) - before) * 1_000) / count };
}

const postgres = await startThrowawayPostgres();
const { url: databaseUrl } = postgres;
const redis = await startRedis();
try {
  await migrate({ databaseUrl });
  const stack = await startStackProcesses(
    {
      engine: 'redis',
      entries: { bridge: 'bench/minimum/bridge.ts' },
      env: { LOG_LEVEL: 'warn', RATE_LIMIT_PER_MINUTE: '1000000', WORKER_CONCURRENCY },
    },
    { databaseUrl, redisUrl: redis.url, startProcess: startBuilt },
  );
  const bridge = stack.bridges[0]?.url ?? '';
  const accounts = await Promise.all(Array.from({ length: ACCOUNTS }, () => stack.createAccount()));
  await stack.database.pool.query(TABLES);
  await stack.database.pool.query('INSERT INTO minimum.accounts VALUES ($1)', [accounts[0]?.token]);
  const minimum = await startMinimum({ DATABASE_URL: databaseUrl, REDIS_URL: redis.url, BRIDGE_URL: bridge });
  try {
    const watch = await createCpuWatch({ stack });
    const watchMinimum = await createCpuWatch({
      stack: { ...stack, apis: [minimum.api], workers: [minimum.worker] },
    });
    const measureMinimum = (inFlight: number, label: string): Promise<Figures> =>
      withCpu(watchMinimum, () =>
        measure(count, inFlight, (index) => activate(minimum.api.url, `${label}-${index}`, accounts[0]?.token ?? '', 1)),
      );
    const measurePonte = async (inFlight: number, label: string): Promise<Figures> => {
      const names = await newInstances(stack, accounts, label);
      return withCpu(watch, () =>
        measure(count, inFlight, (index) => {
          const account = index % ACCOUNTS;
          return activate(stack.apis[0]?.url ?? '', names[index] ?? '', accounts[account]?.token ?? '', account + 1);
        }),
      );
    };
    // What is compiled and connected at first belongs to neither. A few hundred activations would be that and little else: of the first two thousand
    // each costs half as much again as later.
    await measureMinimum(32, 'warm');
    await measurePonte(32, 'warm');
    // As autovacuum does wherever Ponte runs: PostgreSQL plans for what it knows of its tables, and here it would know nothing.
    await stack.database.pool.query('VACUUM ANALYZE');
    const results = [];
    for (let run = 1; run <= runs; run += 1) {
      for (const inFlight of IN_FLIGHT) {
        const label = `run${run}-${inFlight}`;
        // Neither is always the one that follows the other.
        const first = run % 2 === 1 ? await measureMinimum(inFlight, label) : undefined;
        const ponte = await measurePonte(inFlight, label);
        results.push({ inFlight, minimum: first ?? (await measureMinimum(inFlight, label)), ponte });
      }
    }
    console.log(await writeResults(results, { count, runs }));
  } finally {
    await Promise.all([minimum.api.process.stop(), minimum.worker.process.stop(), stack.stop()]);
  }
} finally {
  await redis.stop();
  await postgres.stop();
}
process.exit(0);
