import { Redis } from 'ioredis';
import pg from 'pg';
import { describe, it } from 'vitest';
import { expectInvariants } from '../support/invariants.ts';
import { startStack } from '../support/stack.ts';
import type { StackOptions } from '../support/stack-processes.ts';
import { waitFor } from '../support/wait-for.ts';
import { createWorld, isUnderWay, type Place, rowOf, slowPlace, type World } from '../support/world.ts';

/** Once another worker runs: one that is gone is noticed after at most 15 s (the life of its lock and the pause between two looks). */
const RECOVERED_WITHIN_MS = 20_000;
/** Enough where it does not matter how long that takes. */
const QUICKLY = { worker: 'test/support/quick-worker.ts' };
/** Of an answer that something of Ponte is away: promised is 2.5 s, of which a busy machine takes its own share here. */
const AWAY_WITHIN_MS = 4_000;
/** The reconciler looks every 5 s for what was queued 3 s ago and is unknown to the queue. */
const RECONCILED_WITHIN_MS = 20_000;
const TEST_TIMEOUT_MS = 120_000;

type OnFinished = (cleanUp: () => Promise<void>) => void;

/** One after the other: a dozen processes that start at once are more than a small machine brings up in time. */
let started: Promise<unknown> = Promise.resolve();

async function worldOf(
  onTestFinished: OnFinished,
  options: Pick<StackOptions, 'engine' | 'workers' | 'entries'>,
): Promise<World> {
  const starting = started.then(() => createWorld(options, startStack));
  started = starting.catch(() => {});
  const world = await starting;
  onTestFinished(() => world.stop());
  return world;
}

/** A transaction that keeps something locked until it is ended. */
async function lock(databaseUrl: string, sql: string): Promise<{ release(): Promise<void> }> {
  const client = new pg.Client({ connectionString: databaseUrl });
  // A test that fails drops the database under it.
  client.on('error', () => {});
  await client.connect();
  await client.query('BEGIN');
  await client.query(sql);
  return {
    release: async () => {
      await client.query('ROLLBACK');
      await client.end();
    },
  };
}

const isKeptWaiting = ({ stack }: World, query: string) =>
  waitFor(
    async () => {
      const { rowCount } = await stack.database.pool.query(
        `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query ILIKE $1`,
        [`%${query}%`],
      );
      return rowCount === 1;
    },
    { describe: `a query like ${query} waiting for a lock` },
  );

describe.concurrent('after a fault nothing is doubled, lost or left behind', () => {
  // With the queue on Redis it is killed at the same three points by the contract tests of the worker.
  it('kill -9 of a worker during its call, before its commit and after it, queue on postgres', {
    timeout: TEST_TIMEOUT_MS,
  }, async ({ expect, onTestFinished }) => {
    const world = await worldOf(onTestFinished, { engine: 'postgres', workers: 0, entries: QUICKLY });
    const { stack } = world;
    const victim = await stack.startWorker();
    const [during, before, after] = await Promise.all([
      slowPlace(world, 6_000),
      slowPlace(world, 2_000),
      slowPlace(world, 2_000),
    ]);
    const told = Promise.all([world.set(during), world.set(before), world.set(after)]);
    await Promise.all([isUnderWay(during), isUnderWay(before), isUnderWay(after)]);

    // The integration of one cannot be written; of another, the queue cannot be told that it was.
    const instance = await lock(stack.databaseUrl, `SELECT * FROM instances WHERE id = '${before.instanceId}' FOR UPDATE`);
    const jobs = await lock(stack.databaseUrl, 'LOCK TABLE ponte_queue.job IN EXCLUSIVE MODE');
    await isKeptWaiting(world, 'KEY SHARE OF i');
    await waitFor(async () => (await rowOf(world, after)).state === 'succeeded', { describe: 'the commit' });
    expect((await rowOf(world, during)).state).toBe('running');
    await world.kill9(victim);
    await Promise.all([instance.release(), jobs.release()]);
    await stack.startWorker();
    const replacedAt = performance.now();

    expect((await told).map(({ answer }) => answer?.status)).toEqual([201, 201, 201]);
    expect(performance.now() - replacedAt).toBeLessThan(RECOVERED_WITHIN_MS);
    const rows = await Promise.all([during, before, after].map((place) => rowOf(world, place)));
    // What PostgreSQL has been told in one statement it brings to its end, whoever dies meanwhile.
    expect(rows.map(({ attempt }) => attempt)).toEqual([2, expect.toBeOneOf([1, 2]), 1]);
    expect([during, before, after].map((place) => place.asked())).toEqual([1, 1, 1]);
    await expectInvariants(world);
  });

  it('Redis killed and restarted, silent, and emptied', { timeout: TEST_TIMEOUT_MS }, async ({ expect, onTestFinished }) => {
    const world = await worldOf(onTestFinished, { engine: 'redis', workers: 1 });
    const { redis, wires } = world;
    const [worker] = world.stack.workers;
    if (redis === undefined || worker === undefined) throw new Error('no redis or no worker');
    const isBack = (place: Place) =>
      waitFor(async () => (await world.set(place)).answer?.status === 201, { describe: 'an activation' });
    const expectAway = async (place: Place): Promise<void> => {
      const { answer, tookMs } = await world.set(place);
      expect(answer).toMatchObject({ status: 503, body: { error: { code: 'queue_unavailable' } } });
      expect(tookMs).toBeLessThan(AWAY_WITHIN_MS);
      expect(await rowOf(world, place)).toMatchObject({ state: 'failed', attempt: 0 });
    };

    // Killed: who waits is answered although Redis is away, and nobody new is made to wait.
    const [waiting, refused] = await Promise.all([slowPlace(world, 1_500), world.newPlace()]);
    const told = world.set(waiting);
    await isUnderWay(waiting);
    await redis.kill9();
    await expectAway(refused);
    expect((await told).answer?.status).toBe(201);
    await redis.restart();
    await isBack(refused);

    // Silent: whether the job was queued or not, it does not run after the client was told that it will not.
    const hung = await world.newPlace();
    await wires.apiQueue.set({ mode: 'blackhole' });
    await expectAway(hung);
    await wires.apiQueue.set({ mode: 'pass' });
    await isBack(hung);
    expect(hung.asked()).toBe(1);

    // Emptied: what was waiting in it is queued again.
    const lost = await Promise.all([world.newPlace(), world.newPlace(), world.newPlace()]);
    worker.process.signal('SIGSTOP');
    const answers = Promise.all(lost.map((place) => world.set(place)));
    const client = new Redis(redis.url);
    // The second and the third of an account stand behind those of others.
    const queued = async () =>
      (await client.llen('ponte:activations:wait')) + (await client.zcard('ponte:activations:prioritized'));
    await waitFor(async () => (await queued()) === lost.length, { describe: 'the jobs being queued' });
    await client.flushall();
    client.disconnect();
    worker.process.signal('SIGCONT');
    for (const { answer, tookMs } of await answers) {
      expect(answer?.status).toBe(201);
      expect(tookMs).toBeLessThan(RECONCILED_WITHIN_MS);
    }
    expect(lost.map((place) => place.asked())).toEqual([1, 1, 1]);
    await expectInvariants(world);
  });

  it('a database that is deaf, away or silent', { timeout: TEST_TIMEOUT_MS }, async ({ expect, onTestFinished }) => {
    const world = await worldOf(onTestFinished, { engine: 'postgres', workers: 1 });
    const { wires } = world;

    // The connection on which the api hears of outcomes is deaf: it looks for itself.
    const unheard = await slowPlace(world, 1_000);
    const toldLate = world.set(unheard);
    await isUnderWay(unheard);
    await wires.apiDatabase.set({ mode: 'deafen', whoSaid: /LISTEN "ponte_activation_settled"/ });
    expect((await toldLate).answer?.status).toBe(201);
    const { finishedAt } = await rowOf(world, unheard);
    expect(Date.now() - (finishedAt?.getTime() ?? 0)).toBeLessThan(AWAY_WITHIN_MS);
    await wires.apiDatabase.set({ mode: 'pass' });

    // Away from the worker at the moment it wants to write down what the bridge has done.
    const unwritten = await slowPlace(world, 1_000);
    const toldAtLast = world.set(unwritten);
    await isUnderWay(unwritten);
    await wires.workerDatabase.set({ mode: 'refuse' });
    await waitFor(async () => unwritten.inboxes() === 1 && (await activeAtBridge(world, unwritten)));
    expect((await rowOf(world, unwritten)).state).toBe('running');
    await wires.workerDatabase.set({ mode: 'pass' });
    expect((await toldAtLast).answer?.status).toBe(201);
    expect(unwritten.asked()).toBe(1);

    // Silent to the api.
    const unasked = await world.newPlace();
    await wires.apiDatabase.set({ mode: 'blackhole' });
    const { answer, tookMs } = await world.set(unasked);
    expect(answer).toMatchObject({ status: 503, body: { error: { code: 'database_unavailable' } } });
    expect(tookMs).toBeLessThan(AWAY_WITHIN_MS);
    await wires.apiDatabase.set({ mode: 'pass' });
    await waitFor(async () => (await world.set(unasked)).answer?.status === 201, {
      describe: 'an activation',
    });

    // Silent to the bridge, in the middle of its work.
    const unfinished = await slowPlace(world, 1_000);
    const toldAfterAll = world.set(unfinished);
    await isUnderWay(unfinished);
    await wires.bridgeDatabase.set({ mode: 'blackhole' });
    await waitFor(() => unfinished.inboxes() === 1);
    await wires.bridgeDatabase.set({ mode: 'pass' });
    expect((await toldAfterAll).answer?.status).toBe(201);
    expect(unfinished.asked()).toBe(1);
    await expectInvariants(world);
  });
});

async function activeAtBridge({ stack }: World, { instanceId }: Place): Promise<boolean> {
  return (await stack.database.prisma.bridgeIntegration.count({ where: { instanceId, state: 'active' } })) === 1;
}
