import type { ServerResponse } from 'node:http';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { activationTraceSchema } from '../../../shared/activations/trace.ts';
import { createRedisDatabase, startRedis } from '../../support/redis.ts';
import { waitFor } from '../../support/wait-for.ts';
import { createRig, type Fixture } from './fixture.ts';
import { integrationOf, type Reply, success } from './scripted-bridge.ts';

const TEST_TIMEOUT_MS = 120_000;
/** The lock of a dead worker lasts 10 s and is looked for every 5 s; the rest is for a busy machine. */
const RECOVERED_WITHIN_MS = 25_000;

/** What a gate is opened with where the script answers something else. */
const ANY: Reply = { status: 200, body: {} };

/** Holds calls until the test lets each go. */
function turnstile() {
  const waiting: ((reply: Reply) => void)[] = [];
  return {
    hold: () => new Promise<Reply>((resolve) => waiting.push(resolve)),
    held: () => waiting.length,
    release: (reply: Reply) => {
      for (const resolve of waiting.splice(0)) resolve(reply);
    },
  };
}

/** A transaction that keeps `sql` locked until it is ended. */
async function lock(url: string, sql: string): Promise<{ release(): Promise<void> }> {
  const client = new pg.Client({ connectionString: url });
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

/** Waits until somebody is kept waiting by a lock. */
const blockedBackend = ({ prisma }: Fixture, query: string) =>
  waitFor(
    async () => {
      const rows = await prisma.$queryRaw<unknown[]>`
        SELECT pid FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock' AND query ILIKE ${`%${query}%`}`;
      return rows.length > 0;
    },
    { describe: `a query like ${query} waiting for a lock` },
  );

describe.concurrent.each(['postgres', 'redis'] as const)('with the queue on %s', (kind) => {
  it.concurrent(
    'a worker killed during, after or long after its call to the bridge doubles nothing and loses nothing',
    async ({ onTestFinished }) => {
      const redis = kind === 'redis' ? await startRedis({ appendonly: true }) : undefined;
      onTestFinished(async () => redis?.stop());
      const fixture = await createRig({ redisUrl: redis?.url });
      onTestFinished(() => fixture.stop());
      const [during, before, after] = await Promise.all([fixture.newInstance(), fixture.newInstance(), fixture.newInstance()]);

      const victim = await fixture.startWorkerProcess();
      const gate = turnstile();
      fixture.bridge.onActivate(during.id, (nth, call) => (nth === 1 ? gate.hold() : success(call)));
      const beforeGate = turnstile();
      fixture.bridge.onActivate(before.id, async (nth, call) => {
        if (nth === 1) await beforeGate.hold();
        return success(call);
      });
      const afterGate = turnstile();
      fixture.bridge.onActivate(after.id, async (_nth, call) => {
        await afterGate.hold();
        return success(call);
      });
      const [duringId, beforeId, afterId] = await Promise.all([
        fixture.activate(during),
        fixture.activate(before),
        fixture.activate(after),
      ]);

      // One call is under way, one was answered and its outcome waits to be written, one is written but the queue does not know it yet.
      await waitFor(() => gate.held() + beforeGate.held() + afterGate.held() === 3);
      await fixture.startWorker();
      const instanceLock = await lock(fixture.databaseUrl, `SELECT * FROM instances WHERE id = '${before.id}' FOR UPDATE`);
      beforeGate.release(ANY);
      await blockedBackend(fixture, 'KEY SHARE');
      if (redis) process.kill(redis.pid(), 'SIGSTOP');
      const queueLock = redis
        ? undefined
        : await lock(fixture.databaseUrl, 'LOCK TABLE ponte_queue.job IN ACCESS EXCLUSIVE MODE');
      afterGate.release(ANY);
      expect((await fixture.settled(afterId)).state).toBe('succeeded');
      await victim.process.kill9();
      const killedAt = Date.now();
      // PostgreSQL would finish the statement of a client that is gone, and so would save the write: here it is lost.
      await fixture.prisma.$queryRaw`
        SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock' AND query ILIKE '%KEY SHARE%' AND pid <> pg_backend_pid()`;
      if (redis) process.kill(redis.pid(), 'SIGCONT');
      await Promise.all([queueLock?.release(), instanceLock.release()]);

      const rows = await Promise.all([duringId, beforeId, afterId].map((id) => fixture.settled(id)));
      expect(Date.now() - killedAt).toBeLessThan(RECOVERED_WITHIN_MS);
      expect(rows.map(({ state, attempt }) => [state, attempt])).toEqual([
        ['succeeded', 2],
        ['succeeded', 2],
        ['succeeded', 1],
      ]);
      await waitFor(async () => (await fixture.jobState(afterId)) === 'completed');
      for (const [instance, activationId, calls] of [
        [during, duringId, 2],
        [before, beforeId, 2],
        [after, afterId, 1],
      ] as const) {
        const keys = fixture.bridge.activations(instance.id).map(({ headers }) => headers['idempotency-key']);
        expect(keys).toEqual(Array.from({ length: calls }, () => activationId));
        expect(await fixture.integrationOf(instance)).toMatchObject({
          bridgeIntegrationId: integrationOf(activationId),
          status: 'active',
        });
        expect(await fixture.removalsOf(instance)).toEqual([]);
      }
      expect(fixture.bridge.deletes()).toEqual([]);
    },
    TEST_TIMEOUT_MS,
  );
});

it.concurrent(
  'a worker that slept through its lock and wakes cannot overwrite what another has done',
  async ({ onTestFinished }) => {
    const redis = await createRedisDatabase();
    const fixture = await createRig({ redisUrl: redis.url });
    onTestFinished(async () => {
      await fixture.stop();
      await redis.drop();
    });
    const instance = await fixture.newInstance();
    const held: ServerResponse[] = [];
    fixture.bridge.onActivate(instance.id, (nth, call) => (nth === 1 ? (response) => void held.push(response) : success(call)));

    const sleeper = await fixture.startWorkerProcess();
    const activationId = await fixture.activate(instance);
    await waitFor(() => held.length === 1);
    sleeper.process.signal('SIGSTOP');
    await fixture.startWorker();
    const row = await fixture.settled(activationId);
    expect(row).toMatchObject({ state: 'succeeded', attempt: 2, bridgeIntegrationId: integrationOf(activationId) });

    // The answer the sleeper waits for is there when it wakes, and names another integration.
    for (const response of held) {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ id: 'int_of_the_sleeper' }));
    }
    sleeper.process.signal('SIGCONT');
    await sleeper.process.waitForLine(/took this activation over|activation attempt/);
    await sleeper.process.stop();
    expect(await fixture.rowOf(activationId)).toEqual(row);
    expect(await fixture.integrationOf(instance)).toMatchObject({ bridgeIntegrationId: integrationOf(activationId) });
    expect(activationTraceSchema.parse(row.trace).map(({ attempt, outcome }) => [attempt, outcome])).toEqual([[2, 'succeeded']]);
    // A bridge that makes two of one has one removed again.
    for (const { bridgeIntegrationId } of await fixture.removalsOf(instance))
      expect(bridgeIntegrationId).toBe('int_of_the_sleeper');
  },
  TEST_TIMEOUT_MS,
);
