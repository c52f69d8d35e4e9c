// npm run bench:scale: how activations grow with workers where the bridge takes its time, and how soon an inbox can be used where each call to
// Chatwoot does. It stops by itself.
import { cpus } from 'node:os';
import { Command } from 'commander';
import { migrate } from '../shared/database/migrate.ts';
import { createChatwootSimulator } from '../simulators/chatwoot/index.ts';
import { createWhatsappEngineSimulator } from '../simulators/whatsapp-engine/index.ts';
import { startRedis } from '../test/support/redis.ts';
import { type Stack, startStackProcesses } from '../test/support/stack-processes.ts';
import { startThrowawayPostgres } from '../test/support/throwaway-postgres.ts';
import { addInstances } from './add-instances.ts';
import { startBuilt } from './built.ts';
import { type Measurement, measure } from './measure.ts';
import { numberBetween } from './number-between.ts';
import { ACCOUNT, openChatwoot } from './relay/fleet.ts';

const ENGINE_TOKEN = 'engine-account-token';
/** So that no limit for one customer, or for one Chatwoot, is what is measured. */
const CUSTOMERS = 64;
/** Of a worker. */
const SLOTS = 20;
/** What a worker compiles at first is none of its rate. */
const WARM_UP_EACH = 4;
const WARM_UP = 400;
const ONE_BY_ONE = 100;

const { each, runs, bridgeMs, chatwootMs } = new Command()
  .name('npm run bench:scale --')
  .description('Activations with one, two and four workers, and how soon an inbox can be used')
  .option('--each <number>', 'activations for each slot of a worker, at most 50', numberBetween(2, 50), 24)
  .option('--runs <number>', 'of each, at most 10', numberBetween(1, 10), 3)
  .option('--bridge-ms <number>', 'what the bridge takes for one, at most 5000', numberBetween(0, 5_000), 500)
  .option('--chatwoot-ms <number>', 'what Chatwoot takes for a call, at most 5000', numberBetween(0, 5_000), 150)
  .parse()
  .opts<{ each: number; runs: number; bridgeMs: number; chatwootMs: number }>();

interface Place {
  readonly baseUrl: (customer: number) => string;
  readonly chatwootToken: string;
}

/** New instances of as many customers as there are, and a way to activate each of them once. */
async function newInstances(
  stack: Stack,
  customers: readonly { id: string; token: string }[],
  place: Place,
  label: string,
  count: number,
) {
  const customerOf = (index: number) => customers[index % customers.length] ?? { id: '', token: '' };
  const names = Array.from({ length: count }, (_, index) => `${label}-${index}`);
  await addInstances(
    stack,
    names.map((name, index) => ({ name, accountId: customerOf(index).id })),
  );
  return async (index: number): Promise<void> => {
    const { status, body } = await stack.request({
      path: `/api/chatwoot/set/${names[index]}`,
      token: customerOf(index).token,
      body: {
        ...{ chatwootBaseUrl: place.baseUrl(index % customers.length), chatwootAccountId: ACCOUNT },
        ...{ chatwootApiToken: place.chatwootToken, inboxName: names[index] },
      },
    });
    if (status !== 201) throw new Error(`an activation was answered ${status}: ${JSON.stringify(body)}`);
  };
}

const openCustomers = (stack: Stack) => Promise.all(Array.from({ length: CUSTOMERS }, () => stack.createAccount()));

/** Activations a second with one worker, with two and with four of them, in this order; each with more waiting than all have room for. */
async function withWorkers(on: { databaseUrl: string; redisUrl: string }): Promise<number[]> {
  const env = { LOG_LEVEL: 'warn', RATE_LIMIT_PER_MINUTE: '1000000', WORKER_CONCURRENCY: String(SLOTS) };
  const stack = await startStackProcesses(
    { engine: 'redis', env: { ...env, ANSWER_AFTER_MS: String(bridgeMs) }, entries: { bridge: 'bench/minimum/bridge.ts' } },
    { ...on, startProcess: startBuilt },
  );
  try {
    const customers = await openCustomers(stack);
    const place = { baseUrl: (customer: number) => `http://127.0.1.${customer + 1}`, chatwootToken: 'token-of-an-administrator' };
    const rates: number[] = [];
    for (const workers of [1, 2, 4]) {
      while (stack.workers.length < workers) await stack.startWorker();
      const inFlight = workers * SLOTS * 2;
      const activate = async (label: string, count: number) =>
        measure(count, inFlight, await newInstances(stack, customers, place, `${label}-${workers}`, count));
      await activate('warm', inFlight * WARM_UP_EACH);
      const { perSecond } = await activate('counted', workers * SLOTS * each);
      rates.push(perSecond);
    }
    return rates;
  } finally {
    await stack.stop();
  }
}

/** How soon an inbox can be used: one activation after the other, with the bridge itself, and a Chatwoot that takes its time for each call. */
async function untilUsable(on: { databaseUrl: string; redisUrl: string }): Promise<Measurement> {
  const chatwoot = createChatwootSimulator();
  const engine = createWhatsappEngineSimulator({ token: ENGINE_TOKEN });
  try {
    const [chatwootToken, { url: engineUrl }] = await Promise.all([openChatwoot(chatwoot), engine.start()]);
    const env = { ENGINE_URL: engineUrl, ENGINE_TOKEN, LOG_LEVEL: 'warn', RATE_LIMIT_PER_MINUTE: '1000000' };
    const stack = await startStackProcesses({ engine: 'redis', env }, { ...on, startProcess: startBuilt });
    try {
      const customers = await openCustomers(stack);
      const place = { baseUrl: chatwoot.url, chatwootToken };
      await measure(WARM_UP, 4, await newInstances(stack, customers, place, 'at-once', WARM_UP));
      chatwoot.faults.add({ action: { kind: 'delay', delayMs: chatwootMs } });
      return await measure(ONE_BY_ONE, 1, await newInstances(stack, customers, place, 'usable', ONE_BY_ONE));
    } finally {
      await stack.stop();
    }
  } finally {
    await Promise.all([chatwoot.stop(), engine.stop()]);
  }
}

/** A PostgreSQL and a Redis of its own, empty. */
async function onNewEngines<Result>(run: (on: { databaseUrl: string; redisUrl: string }) => Promise<Result>): Promise<Result> {
  const [postgres, redis] = await Promise.all([startThrowawayPostgres(), startRedis()]);
  const { url: databaseUrl } = postgres;
  try {
    await migrate({ databaseUrl });
    return await run({ databaseUrl, redisUrl: redis.url });
  } finally {
    await Promise.all([redis.stop(), postgres.stop()]);
  }
}

console.log(`${cpus()[0]?.model ?? 'unknown processor'} × ${cpus().length}, Node ${process.version}, queue on Redis\n`);
for (let run = 1; run <= runs; run += 1) {
  const rates = await onNewEngines(withWorkers);
  const [one = 0, two = 0, four = 0] = rates;
  console.log(
    `1, 2 and 4 workers of ${SLOTS} slots, a bridge that takes ${bridgeMs} ms: ${rates.map((rate) => rate.toFixed(0)).join(', ')} activations a second; ${(two / one).toFixed(2)} and ${(four / one).toFixed(2)} times as many as one`,
  );
}
const { count, p50Ms, p99Ms } = await onNewEngines(untilUsable);
console.log(
  `\nusable inbox, a Chatwoot that takes ${chatwootMs} ms for a call: ${count} one by one, p50 ${p50Ms.toFixed(0)} ms, p99 ${p99Ms.toFixed(0)} ms`,
);
process.exit(0);
