import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Job } from 'bullmq';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, inject, it, type TestContext } from 'vitest';
import { createJobConsumer, type JobProcessor } from '../../../shared/queue/consumer.ts';
import { openQueue, QUEUE_COMMAND_TIMEOUT_MS, type QueueLocation, STALL_TIMES } from '../../../shared/queue/engine.ts';
import { createJobQueue } from '../../../shared/queue/job-queue.ts';
import { PutBack } from '../../../shared/queue/put-back.ts';
import { activationJobOptions } from '../../../shared/queue/queues.ts';
import { RetryLater } from '../../../shared/queue/retry-later.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createFaultProxy } from '../../support/fault-proxy.ts';
import { startProcess } from '../../support/processes.ts';
import { createRedisDatabase, startRedis } from '../../support/redis.ts';
import { waitFor } from '../../support/wait-for.ts';
import { timed } from '../api/harness.ts';

const logger = pino({ level: 'silent' });
/** Where not the length of a lock matters, but what comes of it. */
const SHORT_STALL = { lockMs: 5_000, checkMs: 1_000 };
const uniqueName = () => `queue-${randomBytes(4).toString('hex')}`;

interface Data {
  readonly n: number;
}

/** A promise and the function that fulfils it. */
function gate(): { opened: Promise<void>; open(): void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

/** A queue of its own with a way to consume it; all is stopped when the test has ended. */
function openTestQueue(location: QueueLocation, onTestFinished: TestContext['onTestFinished']) {
  const name = uniqueName();
  const queue = createJobQueue<Data>({ name, location, jobOptions: activationJobOptions, logger });
  const inspection = openQueue<Data>(name, location, () => {});
  onTestFinished(async () => {
    await Promise.race([Promise.all([queue.close(), inspection.close()]), new Promise((resolve) => setTimeout(resolve, 3_000))]);
  });
  const failures: { jobId: string; reason: string }[] = [];
  return {
    name,
    queue,
    failures,
    /** As a client does it: tried again while a busy machine keeps the queue from answering in time. */
    put: (...job: Parameters<typeof queue.add>) => waitFor(() => queue.add(...job).then(() => true)),
    stateOf: async (jobId: string) => inspection.queue.getJobState(jobId),
    jobOf: async (jobId: string) => inspection.queue.getJob(jobId),
    obliterate: () => inspection.queue.obliterate({ force: true }),
    consume(processor: JobProcessor, { concurrency = 5, stall = STALL_TIMES } = {}) {
      const onFailed = (jobId: string, { message }: Error) => failures.push({ jobId, reason: message });
      const consumer = createJobConsumer({
        name,
        location,
        concurrency,
        processor,
        onFailed,
        logger,
        stall,
      });
      consumer.start();
      onTestFinished(() => consumer.stop(0));
      return consumer;
    },
  };
}

describe.concurrent.each(['postgres', 'redis'] as const)('a queue on %s', (kind) => {
  let location: QueueLocation;
  const cleanups: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    const { url, drop } = kind === 'postgres' ? await createTestDatabase() : await createRedisDatabase();
    location = { kind, url };
    cleanups.push(drop);
  });
  afterAll(async () => {
    for (const cleanup of cleanups) await cleanup();
  });

  // The two that take longest come first: all tests of this file share the time.
  it.concurrent('runs the job of a worker that was killed again, within 25 s, as the same job', async ({ onTestFinished }) => {
    const { name, put, consume, stateOf } = openTestQueue(location, onTestFinished);
    const killed = await startProcess({
      name: `queue consumer on ${kind}`,
      entry: 'test/contract/queue/queue-consumer.ts',
      args: [name, kind, location.url],
      readyWhen: /consuming/,
    });
    await put('job', { n: 7 });
    await killed.waitForLine(/took job/);
    const taken: Job<unknown>[] = [];
    consume(async (job) => void taken.push(job));
    await killed.kill9();
    const killedAt = Date.now();
    await waitFor(async () => (await stateOf('job')) === 'completed');
    expect(Date.now() - killedAt).toBeLessThan(25_000);
    expect(taken.map(({ id, data }) => ({ id, data }))).toEqual([{ id: 'job', data: { n: 7 } }]);
  });

  it.concurrent('begins with a job once it is fetched, however many others there are to be fetched', async ({
    onTestFinished,
  }) => {
    const { put, consume } = openTestQueue(location, onTestFinished);
    const count = 100;
    for (let n = 0; n < count; n += 1) await put(`job-${n}`, { n });
    const begun: { fetchedAtMs: number; atMs: number }[] = [];
    const all = gate();
    const processor: JobProcessor = async ({ processedOn = 0 }) => {
      begun.push({ fetchedAtMs: processedOn, atMs: Date.now() });
      if (begun.length === count) all.open();
      await all.opened;
    };
    consume(processor, { concurrency: count });
    await waitFor(() => begun.length === count, { describe: 'all of them running', timeoutMs: 60_000 });
    const [first] = begun;
    expect(begun.filter(({ fetchedAtMs }) => fetchedAtMs < (first?.atMs ?? 0)).length).toBeLessThan(10);
  });

  it.concurrent('tells a worker that slept through its lock, so that it stops', async ({ onTestFinished }) => {
    const { name, put, consume, stateOf } = openTestQueue(location, onTestFinished);
    const sleeper = await startProcess({
      name: `sleeping consumer on ${kind}`,
      entry: 'test/contract/queue/queue-consumer.ts',
      args: [name, kind, location.url, String(SHORT_STALL.lockMs)],
      readyWhen: /consuming/,
    });
    await put('job', { n: 7 });
    await sleeper.waitForLine(/took job/);
    sleeper.signal('SIGSTOP');
    consume(async () => {}, { stall: SHORT_STALL });
    await waitFor(async () => (await stateOf('job')) === 'completed');
    sleeper.signal('SIGCONT');
    await sleeper.waitForLine(/aborted job/);
    await sleeper.kill9();
  });

  it.concurrent('runs sooner what has fewer others of its own in front of it', async ({ onTestFinished }) => {
    const { put, consume } = openTestQueue(location, onTestFinished);
    for (let n = 0; n < 4; n += 1) await put(`loud-${n}`, { n }, { behind: n });
    for (let n = 0; n < 2; n += 1) await put(`quiet-${n}`, { n }, { behind: n });
    const order: string[] = [];
    consume(async (job) => void order.push(job.id ?? ''), { concurrency: 1 });
    await waitFor(() => order.length === 6);
    expect(order).toEqual(['loud-0', 'quiet-0', 'loud-1', 'quiet-1', 'loud-2', 'loud-3']);
  });

  it.concurrent('keeps the locks of hundreds of jobs at once, for longer than a lock lives, and writes down the end of all', async ({
    onTestFinished,
  }) => {
    const { put, consume, stateOf, failures } = openTestQueue(location, onTestFinished);
    const ids = Array.from({ length: 300 }, (_, n) => `long-${n}`);
    const runs = new Map<string, number>();
    const all = gate();
    const aborted: string[] = [];
    let done = 0;
    const processor: JobProcessor = async (job, signal) => {
      const id = job.id ?? '';
      runs.set(id, (runs.get(id) ?? 0) + 1);
      signal.addEventListener('abort', () => aborted.push(id));
      if (runs.size === ids.length) all.open();
      await all.opened;
      await delay(1.5 * SHORT_STALL.lockMs);
      done += 1;
    };
    for (const [n, id] of ids.entries()) await put(id, { n });
    consume(processor, { concurrency: ids.length, stall: SHORT_STALL });
    await waitFor(() => done === ids.length, { timeoutMs: 60_000 });
    await waitFor(async () => (await Promise.all(ids.map(stateOf))).every((state) => state === 'completed'), {
      timeoutMs: 20_000,
    });
    expect({ most: Math.max(...runs.values()), aborted, failures }).toEqual({ most: 1, aborted: [], failures: [] });
  }, 120_000);

  it.concurrent('puts a job back as often as it is told, which is no try, and runs it earlier when it is called', async ({
    onTestFinished,
  }) => {
    const { queue, put, consume, stateOf, jobOf } = openTestQueue(location, onTestFinished);
    const delays = [49.5, 3_600_000.25];
    const tries: number[] = [];
    consume(async (job) => {
      tries.push(job.attemptsMade);
      const delayMs = delays.shift();
      return delayMs === undefined ? 'done' : new PutBack(delayMs);
    });
    await queue.hurry('not there');
    await put('job', { n: 1 });
    await waitFor(async () => tries.length === 2 && (await stateOf('job')) === 'delayed');
    await queue.hurry('job');
    await waitFor(async () => (await stateOf('job')) === 'completed');
    await queue.hurry('job');
    expect(tries).toEqual([0, 0, 0]);
    expect(await jobOf('job')).toMatchObject({ returnvalue: 'done', attemptsMade: 1 });
  });

  it.concurrent('runs each job once with what was added, and the same id again adds nothing', async ({ onTestFinished }) => {
    const seen: [string | undefined, unknown][] = [];
    const { put, consume, stateOf } = openTestQueue(location, onTestFinished);
    await Promise.all([put('job-a', { n: 1 }), put('job-b', { n: 2 }), put('job-a', { n: 3 })]);
    consume(async (job) => void seen.push([job.id, job.data]));
    await waitFor(async () => (await stateOf('job-a')) === 'completed' && (await stateOf('job-b')) === 'completed');
    await put('job-a', { n: 4 });
    await put('job-c', { n: 5 });
    await waitFor(async () => (await stateOf('job-c')) === 'completed');
    expect(seen.map(([id]) => id).sort()).toEqual(['job-a', 'job-b', 'job-c']);
    expect(seen.find(([id]) => id === 'job-b')?.[1]).toEqual({ n: 2 });
  });

  it.concurrent('runs a job again after the time its processor asks for', async ({ onTestFinished }) => {
    const runs: number[] = [];
    const { put, consume, stateOf, jobOf } = openTestQueue(location, onTestFinished);
    await put('job', { n: 1 });
    consume(async () => {
      runs.push(Date.now());
      if (runs.length < 3) throw new RetryLater('{"v":1,"code":"chatwoot_failing"}', runs.length === 1 ? 299.5 : 0);
    });
    await waitFor(async () => (await stateOf('job')) === 'completed');
    const [first = 0, second = 0, third = 0] = runs;
    expect(second - first).toBeGreaterThanOrEqual(295);
    expect(second - first).toBeLessThan(1_500);
    expect(third - second).toBeLessThan(1_000);
    expect((await jobOf('job'))?.attemptsMade).toBe(3);
  });

  it.concurrent('ends a job whose processor throws anything else, at once, and says so', async ({ onTestFinished }) => {
    const { put, consume, stateOf, jobOf, failures } = openTestQueue(location, onTestFinished);
    await put('job', { n: 1 });
    let runs = 0;
    consume(async () => {
      runs += 1;
      throw new TypeError('no such thing');
    });
    await waitFor(() => failures.length > 0);
    expect({ failures, runs, state: await stateOf('job') }).toEqual({
      failures: [{ jobId: 'job', reason: 'no such thing' }],
      runs: 1,
      state: 'failed',
    });
    expect((await jobOf('job'))?.failedReason).toBe('no such thing');
  });

  it.concurrent('puts a job back that was lost or had failed, and leaves alone one that waits or runs', async ({
    onTestFinished,
  }) => {
    const { queue, put, consume, stateOf, obliterate, failures } = openTestQueue(location, onTestFinished);
    await put('job', { n: 1 });
    expect(await queue.ensure('job', { n: 1 })).toBe(false);
    await obliterate();
    expect(await stateOf('job')).toBe('unknown');
    expect(await queue.ensure('job', { n: 1 })).toBe(true);
    let isBroken = true;
    const release = gate();
    let isHeld = false;
    consume(async () => {
      if (isBroken) throw new Error('broken');
      isHeld = true;
      await release.opened;
    });
    await waitFor(() => failures.length === 1);
    isBroken = false;
    expect(await queue.ensure('job', { n: 1 })).toBe(true);
    await waitFor(() => isHeld);
    expect(await queue.ensure('job', { n: 1 })).toBe(false);
    release.open();
    await waitFor(async () => (await stateOf('job')) === 'completed');
  });

  it.concurrent('aborts what runs at a stop that cannot wait, and another worker takes it over at once', async ({
    onTestFinished,
  }) => {
    const { put, consume, stateOf } = openTestQueue(location, onTestFinished);
    await put('job', { n: 1 });
    let reason: unknown;
    let isRunning = false;
    const first = consume(async (_job, signal) => {
      isRunning = true;
      await once(signal, 'abort');
      reason = signal.reason;
      throw new RetryLater('{"v":1,"code":"shutting_down"}', 0);
    });
    await waitFor(() => isRunning);
    const startedAt = Date.now();
    await first.stop(100);
    expect(Date.now() - startedAt).toBeLessThan(3_500);
    expect(reason).toBe('the worker is stopping');
    consume(async () => {});
    await waitFor(async () => (await stateOf('job')) === 'completed', { timeoutMs: 3_000 });
  });

  it.concurrent('a worker that hands its jobs over begins with none that comes meanwhile, and another one takes it at once', async ({
    onTestFinished,
  }) => {
    // Whether a fetch is under way at that moment is chance, so several stop one after the other.
    for (let round = 0; round < 8; round += 1) {
      const { put, consume, stateOf } = openTestQueue(location, onTestFinished);
      const begun: unknown[] = [];
      const late = Array.from({ length: 5 }, (_, n) => `late-${n}`);
      await put('job', { n: 0 });
      const first = consume(async (job, signal) => {
        begun.push(job.id);
        await once(signal, 'abort');
        await Promise.all(late.map((id) => put(id, { n: 1 })));
        throw new RetryLater('{"v":1,"code":"shutting_down"}', 0);
      });
      await waitFor(() => begun.length === 1);
      await first.stop(0);
      consume(async () => {});
      await waitFor(async () => (await Promise.all(['job', ...late].map(stateOf))).every((state) => state === 'completed'), {
        timeoutMs: 3_000,
      });
      expect(begun).toEqual(['job']);
    }
  });

  it.concurrent('lets a running job finish at a stop, and takes no new one', async ({ onTestFinished }) => {
    const { put, consume, stateOf } = openTestQueue(location, onTestFinished);
    await put('job-1', { n: 1 });
    const release = gate();
    let isRunning = false;
    const consumer = consume(
      async () => {
        isRunning = true;
        await release.opened;
      },
      { concurrency: 1 },
    );
    await waitFor(() => isRunning);
    const stopped = consumer.stop(10_000);
    await put('job-2', { n: 2 });
    release.open();
    await stopped;
    expect([await stateOf('job-1'), await stateOf('job-2')]).toEqual(['completed', 'waiting']);
  });
});

describe.concurrent('a Redis that goes away', () => {
  it.concurrent('an add fails within 2.5 s while it is down or silent, and works as soon as it is back', async ({
    onTestFinished,
  }) => {
    const redis = await startRedis({ appendonly: true });
    onTestFinished(() => redis.stop());
    const { queue, put, consume, stateOf } = openTestQueue({ kind: 'redis', url: redis.url }, onTestFinished);
    consume(async () => {});
    await put('before', { n: 1 });
    await waitFor(async () => (await stateOf('before')) === 'completed');

    await redis.kill9();
    await expectQuickRejection(() => queue.add('while-down', { n: 2 }));
    await expectQuickRejection(() => queue.ping());
    await redis.restart();
    await put('after', { n: 3 });
    await waitFor(async () => (await stateOf('after')) === 'completed', { timeoutMs: 5_000 });
    expect(await stateOf('before')).toBe('completed');

    process.kill(redis.pid(), 'SIGSTOP');
    await expectQuickRejection(() => queue.add('while-silent', { n: 4 }));
    process.kill(redis.pid(), 'SIGCONT');
    await put('last', { n: 5 });
    await waitFor(async () => (await stateOf('last')) === 'completed', { timeoutMs: 5_000 });
  });

  it.concurrent('jobs that were waiting survive its kill -9, and a worker resumes without a restart', async ({
    onTestFinished,
  }) => {
    const redis = await startRedis({ appendonly: true });
    onTestFinished(() => redis.stop());
    const { put, consume, stateOf } = openTestQueue({ kind: 'redis', url: redis.url }, onTestFinished);
    for (let n = 0; n < 5; n += 1) await put(`job-${n}`, { n });
    await fsynced(redis.url);
    await redis.kill9();
    consume(async () => {});
    await redis.restart();
    await waitFor(
      async () => (await Promise.all([0, 1, 2, 3, 4].map((n) => stateOf(`job-${n}`)))).every((state) => state === 'completed'),
      { timeoutMs: 8_000 },
    );
  });

  it.concurrent('a worker stops within seconds while it is down', async ({ onTestFinished }) => {
    const redis = await startRedis();
    onTestFinished(() => redis.stop());
    const { put, consume, stateOf } = openTestQueue({ kind: 'redis', url: redis.url }, onTestFinished);
    const consumer = consume(async () => {});
    await put('job', { n: 1 });
    await waitFor(async () => (await stateOf('job')) === 'completed');
    await redis.kill9();
    const startedAt = Date.now();
    await consumer.stop(15_000);
    expect(Date.now() - startedAt).toBeLessThan(5_000);
  });

  it.concurrent('a worker and a producer that started while it was down work once it is up', async ({ onTestFinished }) => {
    const redis = await startRedis();
    onTestFinished(() => redis.stop());
    await redis.kill9();
    const { queue, put, consume, stateOf } = openTestQueue({ kind: 'redis', url: redis.url }, onTestFinished);
    consume(async () => {});
    await expectQuickRejection(() => queue.add('early', { n: 1 }));
    await redis.restart();
    await put('late', { n: 2 });
    await waitFor(async () => (await stateOf('late')) === 'completed', { timeoutMs: 5_000 });
  });
});

describe.concurrent('a PostgreSQL that goes away', () => {
  it.concurrent('an add fails within 2.5 s while it is down or silent; producer and worker resume without a restart', async ({
    onTestFinished,
  }) => {
    const database = await createTestDatabase();
    onTestFinished(() => database.drop());
    const { hostname, port } = new URL(database.url);
    const proxy = await createFaultProxy({ target: { host: hostname, port: Number(port) } });
    onTestFinished(() => proxy.stop());
    const url = new URL(database.url);
    url.host = `${proxy.host}:${proxy.port}`;
    const { queue, put, consume, stateOf } = openTestQueue({ kind: 'postgres', url: url.href }, onTestFinished);
    consume(async () => {});
    await put('before', { n: 1 });
    await waitFor(async () => (await stateOf('before')) === 'completed');

    await proxy.set({ mode: 'refuse' });
    await expectQuickRejection(() => queue.add('while-down', { n: 2 }));
    await proxy.set({ mode: 'pass' });
    await put('after', { n: 3 });
    await waitFor(async () => (await stateOf('after')) === 'completed');

    await proxy.set({ mode: 'blackhole' });
    await expectQuickRejection(() => queue.add('while-silent', { n: 4 }));
    await proxy.set({ mode: 'reset' });
    await proxy.set({ mode: 'pass' });
    await put('last', { n: 5 });
    await waitFor(async () => (await stateOf('last')) === 'completed');
  });

  it.concurrent('a worker and a producer that started while it was down work once it is up', async ({ onTestFinished }) => {
    const database = await createTestDatabase();
    onTestFinished(() => database.drop());
    const { hostname, port } = new URL(database.url);
    const proxy = await createFaultProxy({ target: { host: hostname, port: Number(port) } });
    onTestFinished(() => proxy.stop());
    await proxy.set({ mode: 'refuse' });
    const url = new URL(database.url);
    url.host = `${proxy.host}:${proxy.port}`;
    const { queue, put, consume } = openTestQueue({ kind: 'postgres', url: url.href }, onTestFinished);
    const done: unknown[] = [];
    consume(async (job) => void done.push(job.id));
    await expectQuickRejection(() => queue.add('early', { n: 1 }));
    await proxy.set({ mode: 'pass' });
    await put('late', { n: 2 });
    await waitFor(() => done.includes('late'));
  });
});

async function expectQuickRejection(call: () => Promise<unknown>): Promise<void> {
  // Less what this process was too busy to run anything: queue and test share it.
  const [, tookMs] = await timed(() => expect(call()).rejects.toThrow());
  expect(tookMs).toBeLessThan(QUEUE_COMMAND_TIMEOUT_MS + 500);
}

/** Returns when what was written so far is on disk, where a killed Redis finds it again. */
async function fsynced(url: string): Promise<void> {
  const redis = new Redis(url);
  await redis.config('SET', 'appendfsync', 'always');
  await redis.set('fsync', '1');
  redis.disconnect();
}

it('the shared Redis of this run is a real one', async () => {
  const redis = new Redis(inject('redisUrl'));
  expect(await redis.info('server')).toMatch(/redis_version:[67]|valkey/);
  redis.disconnect();
});
