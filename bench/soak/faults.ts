import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { Fault } from '../../test/support/fault-proxy.ts';
import type { StackProcess } from '../../test/support/stack-processes.ts';
import type { Wire, World } from '../../test/support/world.ts';
import type { Random } from './random.ts';

/** Which processes run now; whoever kills one puts its successor in its place. */
export interface Running {
  readonly apis: StackProcess[];
  readonly workers: StackProcess[];
  readonly bridges: StackProcess[];
}

export interface Stage {
  readonly world: World;
  readonly running: Running;
  readonly random: Random;
  /** How long an activation may take. */
  readonly deadlineMs: number;
}

/** Something that goes wrong, and is well again when the promise resolves; the text says what it was. */
type Injection = (stage: Stage) => Promise<string>;

/** A fault that has come to its end: of which kind it was, and what it was, in words. */
export interface Injected {
  readonly kind: string;
  readonly shown: string;
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

async function replace(stage: Stage, kind: keyof Running, index: number, awayMs: number): Promise<void> {
  const { world, running } = stage;
  const old = running[kind][index];
  if (old === undefined) return;
  await world.kill9(old);
  await delay(awayMs);
  const { stack } = world;
  const start = { apis: stack.startApi, workers: stack.startWorker, bridges: stack.startBridge }[kind];
  running[kind][index] = await start(old.port);
}

const kill =
  (kind: keyof Running): Injection =>
  async (stage) => {
    const awayMs = stage.random.integer(0, 4_000);
    await replace(stage, kind, stage.random.integer(0, stage.running[kind].length - 1), awayMs);
    return `kill -9 of one of the ${kind}, another one ${seconds(awayMs)} later`;
  };

const killAllWorkers: Injection = async (stage) => {
  const awayMs = stage.random.integer(2_000, 8_000);
  await Promise.all(stage.running.workers.map((_, index) => replace(stage, 'workers', index, awayMs)));
  return `kill -9 of every worker, others ${seconds(awayMs)} later`;
};

/** Longer than the lock of a job lives, or shorter. */
const stopProcess: Injection = async ({ running, random }) => {
  const kind = random.pick(['apis', 'workers', 'bridges'] as const);
  const target = random.pick(running[kind]);
  const forMs = random.integer(1_000, 16_000);
  target.process.signal('SIGSTOP');
  await delay(forMs);
  target.process.signal('SIGCONT');
  return `one of the ${kind} stopped for ${seconds(forMs)}`;
};

const passDeadline: Injection = async ({ running, deadlineMs }) => {
  for (const { process } of running.workers) process.signal('SIGSTOP');
  await delay(deadlineMs + 1_000);
  for (const { process } of running.workers) process.signal('SIGCONT');
  return 'every worker stopped until the deadline of what was queued had passed';
};

const breakWire: Injection = async ({ world, random }) => {
  const wire = random.pick(Object.keys(world.wires) as Wire[]);
  const fault = random.pick<Fault>([
    { mode: 'refuse' },
    { mode: 'reset' },
    { mode: 'blackhole' },
    { mode: 'delay', ms: random.integer(50, 1_500) },
    { mode: 'throttle', bytesPerSecond: random.integer(2_000, 20_000) },
    { mode: 'cut', afterBytes: random.integer(1, 4_000) },
  ]);
  const forMs = random.integer(500, 8_000);
  await world.wires[wire].set(fault);
  await delay(forMs);
  await world.wires[wire].set({ mode: 'pass' });
  return `${wire}: ${fault.mode} for ${seconds(forMs)}`;
};

const dropConnections: Injection = async ({ world, random }) => {
  for (let round = random.integer(1, 20); round > 0; round -= 1) {
    for (const wire of Object.values(world.wires)) if (random.chance(50)) wire.dropConnections();
    await delay(100);
  }
  return 'connections dropped, again and again';
};

const terminateBackends: Injection = async ({ world, random }) => {
  const rounds = random.integer(1, 10);
  for (let round = 0; round < rounds; round += 1) {
    await world.stack.database.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    );
    await delay(200);
  }
  return `every connection ended by PostgreSQL, ${rounds} times`;
};

const stopChatwoot: Injection = async ({ world, random }) => {
  const forMs = random.integer(500, 5_000);
  await world.chatwoot.stop();
  await delay(forMs);
  await world.chatwoot.start();
  return `Chatwoot away for ${seconds(forMs)}`;
};

const sameRequest: Injection = async ({ world, random }) => {
  const place = random.pick(world.places);
  const count = random.integer(20, 60);
  await Promise.all(
    Array.from({ length: count }, () => world.set(place, { api: random.pick(world.stack.apis), inboxName: 'Same' })),
  );
  return `the same request ${count} times at once`;
};

const everybody: Injection = async ({ world, random }) => {
  await Promise.all(world.places.map((place) => world.set(place, { api: random.pick(world.stack.apis) })));
  return `all ${world.places.length} instances at once`;
};

const killRedis: Injection = async ({ world: { redis }, random }) => {
  const forMs = random.integer(500, 9_000);
  await redis?.kill9();
  await delay(forMs);
  await redis?.restart();
  return `Redis killed, back after ${seconds(forMs)}`;
};

const stopRedis: Injection = async ({ world: { redis }, random }) => {
  const forMs = random.integer(500, 6_000);
  if (redis) process.kill(redis.pid(), 'SIGSTOP');
  await delay(forMs);
  if (redis) process.kill(redis.pid(), 'SIGCONT');
  return `Redis silent for ${seconds(forMs)}`;
};

async function askRedis(world: World, ask: (client: Redis) => Promise<unknown>): Promise<void> {
  const client = new Redis(world.redis?.url ?? '');
  try {
    await ask(client);
  } finally {
    client.disconnect();
  }
}

const flushRedis: Injection = async ({ world }) => {
  await askRedis(world, (client) => client.flushall());
  return 'Redis emptied';
};

const killClients: Injection = async ({ world }) => {
  await askRedis(world, async (client) => {
    for (let round = 0; round < 20; round += 1) {
      await client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      await delay(100);
    }
  });
  return 'connections ended by Redis, 20 times';
};

/** It refuses whatever would need memory; what is there can be read and ended. */
const fillRedis: Injection = async ({ world, random }) => {
  const forMs = random.integer(500, 6_000);
  const limit = (bytes: number) => askRedis(world, (client) => client.config('SET', 'maxmemory', bytes));
  await limit(1);
  await delay(forMs);
  await limit(0);
  return `Redis full for ${seconds(forMs)}`;
};

const bootWithoutRedis: Injection = async (stage) => {
  const { redis } = stage.world;
  await redis?.kill9();
  await Promise.all([replace(stage, 'apis', 0, 0), replace(stage, 'workers', 0, 0)]);
  await redis?.restart();
  return 'an api and a worker started while Redis was away';
};

/** By kind, and how many lots it has. */
type Choice = readonly [kind: string, inject: Injection, lots: number];

const ANYWHERE: readonly Choice[] = [
  ['kill -9 of a worker', kill('workers'), 2],
  ['kill -9 of an api', kill('apis'), 1],
  ['kill -9 of a bridge', kill('bridges'), 1],
  ['kill -9 of every worker', killAllWorkers, 1],
  ['a process is stopped, and goes on', stopProcess, 2],
  ['every worker is stopped past the deadline', passDeadline, 1],
  ['a wire is refused, reset, silent, slow or cut', breakWire, 3],
  ['connections are dropped', dropConnections, 1],
  ['PostgreSQL ends connections', terminateBackends, 1],
  ['Chatwoot is away', stopChatwoot, 1],
  ['the same request many times', sameRequest, 1],
  ['all instances at once', everybody, 1],
];
const WITH_REDIS: readonly Choice[] = [
  ['kill -9 of Redis', killRedis, 1],
  ['Redis is silent', stopRedis, 1],
  ['Redis is emptied', flushRedis, 1],
  ['Redis is full', fillRedis, 1],
  ['Redis ends connections', killClients, 1],
  ['started without Redis', bootWithoutRedis, 1],
];

/** Messages are on their way whatever else happens: of what they meet most is a bridge that dies. */
export const killBridge = async (stage: Stage): Promise<Injected> => ({
  kind: 'kill -9 of a bridge',
  shown: await kill('bridges')(stage),
});

/** One fault, whichever the random numbers choose, from its beginning to its end. */
export async function injectFault(stage: Stage): Promise<Injected> {
  const choices = stage.world.redis === undefined ? ANYWHERE : [...ANYWHERE, ...WITH_REDIS];
  const [kind, inject] = stage.random.pick(choices.flatMap((choice) => Array<Choice>(choice[2]).fill(choice)));
  return { kind, shown: await inject(stage) };
}
