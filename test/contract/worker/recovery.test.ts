import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createId } from '../../../shared/auth/tokens.ts';
import { openQueue } from '../../../shared/queue/engine.ts';
import { ACTIVATION_QUEUE, activationJobOptions, REMOVAL_QUEUE, removalJobOptions } from '../../../shared/queue/queues.ts';
import { createFaultProxy } from '../../support/fault-proxy.ts';
import { createRedisDatabase } from '../../support/redis.ts';
import { metricValue } from '../../support/scraped-metrics.ts';
import { waitFor } from '../../support/wait-for.ts';
import { createRig, type Fixture, type TestInstance } from './fixture.ts';
import { integrationOf, refusedByChatwoot, success } from './scripted-bridge.ts';

const RECONCILED_WITHIN_MS = 25_000;
const TEST_TIMEOUT_MS = 120_000;
const ago = (ms: number) => new Date(Date.now() - ms);

describe.concurrent.each(['postgres', 'redis'] as const)('what crashes leave, with the queue on %s', (kind) => {
  let fixture: Fixture;
  let redis: Awaited<ReturnType<typeof createRedisDatabase>> | undefined;
  beforeAll(async () => {
    redis = kind === 'redis' ? await createRedisDatabase() : undefined;
    fixture = await createRig({ redisUrl: redis?.url });
    // Two: whatever they put right, they do at the same time.
    await Promise.all([fixture.startWorker(), fixture.startWorker()]);
  });
  afterAll(async () => {
    await fixture.stop();
    await redis?.drop();
  });

  const createRemoval = async (instance: TestInstance, more: { attempts?: number; nextAttemptAt?: Date } = {}) =>
    fixture.prisma.removal.create({
      data: {
        id: createId('rem'),
        instanceId: instance.id,
        instanceName: instance.name,
        accountId: instance.accountId,
        bridgeIntegrationId: `int_${instance.id}`,
        reason: 'deactivated',
        ...more,
      },
    });
  const removalNow = (id: string) => fixture.prisma.removal.findUniqueOrThrow({ where: { id } });
  const removals = () =>
    openQueue<unknown>(
      REMOVAL_QUEUE,
      redis ? { kind: 'redis', url: redis.url } : { kind: 'postgres', url: fixture.databaseUrl },
      () => {},
    );

  it.concurrent('an activation whose job the queue has lost is run all the same, once', async () => {
    const instances = await Promise.all([fixture.newInstance(), fixture.newInstance(), fixture.newInstance()]);
    const ids = await Promise.all([
      fixture.writeActivation(instances[0], { createdAt: ago(10_000) }),
      fixture.writeActivation(instances[1], { state: 'running', attempt: 1, createdAt: ago(40_000), startedAt: ago(40_000) }),
      fixture.writeActivation(instances[2]),
    ]);
    const rows = await Promise.all(ids.map((id) => fixture.settled(id, RECONCILED_WITHIN_MS)));
    expect(rows.map(({ state, attempt }) => [state, attempt])).toEqual([
      ['succeeded', 1],
      ['succeeded', 2],
      ['succeeded', 1],
    ]);
    for (const { id } of instances) expect(fixture.bridge.activations(id)).toHaveLength(1);
  });

  it.concurrent('an activation that an api held back is run once its time is over and the api has not come back, and not before', async () => {
    const [left, held] = await Promise.all([fixture.newInstance(), fixture.newInstance()]);
    const [leftId, heldId] = await Promise.all([
      fixture.writeActivation(left, { createdAt: ago(30_000), heldUntil: ago(3_500) }),
      fixture.writeActivation(held, { createdAt: ago(30_000), heldUntil: ago(-60_000) }),
    ]);
    expect(await fixture.settled(leftId, RECONCILED_WITHIN_MS)).toMatchObject({ state: 'succeeded', attempt: 1 });
    expect(await fixture.prisma.activation.findUniqueOrThrow({ where: { id: heldId } })).toMatchObject({ state: 'pending' });
    await fixture.prisma.activation.update({ where: { id: heldId }, data: { heldUntil: ago(3_500) } });
    expect(await fixture.settled(heldId, RECONCILED_WITHIN_MS)).toMatchObject({ state: 'succeeded', attempt: 1 });
  });

  it.concurrent('an activation past its deadline is ended, and undone if it was ever begun', async () => {
    const [begun, waiting] = await Promise.all([fixture.newInstance(), fixture.newInstance()]);
    const [begunId, waitingId] = await Promise.all([
      fixture.writeActivation(begun, { state: 'running', attempt: 1, deadlineMs: -6_000 }),
      fixture.writeActivation(waiting, { deadlineMs: -6_000 }),
    ]);
    const rows = await Promise.all([begunId, waitingId].map((id) => fixture.settled(id, RECONCILED_WITHIN_MS)));
    for (const row of rows)
      expect(row).toMatchObject({ state: 'failed', error: { code: 'activation_expired' }, chatwootToken: null });
    await waitFor(async () => (await fixture.removalsOf(begun))[0]?.state === 'done');
    expect(await fixture.removalsOf(begun)).toMatchObject([{ reason: 'activation_failed', activationId: begunId }]);
    expect(await fixture.removalsOf(waiting)).toEqual([]);
    expect(fixture.bridge.deletes().filter(({ path }) => path === `/v1/activations/${begunId}`)).toHaveLength(1);
    expect([...fixture.bridge.activations(begun.id), ...fixture.bridge.activations(waiting.id)]).toEqual([]);
  });

  it.concurrent('an activation that the queue itself gives up is ended as lost, and undone', async () => {
    const instance = await fixture.newInstance();
    const activationId = await fixture.writeActivation(instance, { state: 'running', attempt: 3 });
    const data = { v: 1, activationId };
    await fixture.inspect.add(ACTIVATION_QUEUE, data, { ...activationJobOptions, jobId: activationId, delay: 2_000 });
    // What the queue writes down when a job has stalled too often; a worker finds it when it takes the job.
    const reason = 'job stalled more than allowable limit';
    if (redis) {
      const client = new Redis(redis.url);
      await client.hset(`ponte:${ACTIVATION_QUEUE}:${activationId}`, 'defa', reason);
      client.disconnect();
    } else {
      await fixture.prisma.$executeRaw`UPDATE ponte_queue.job SET deferred_failure = ${reason} WHERE id = ${activationId}`;
    }
    const row = await fixture.settled(activationId);
    expect(row).toMatchObject({ state: 'failed', error: { code: 'worker_lost', httpStatus: 500 } });
    expect(fixture.bridge.activations(instance.id)).toEqual([]);
    await waitFor(() => fixture.bridge.deletes().some(({ path }) => path === `/v1/activations/${activationId}`));
  });

  it.concurrent('a removal whose job was lost, or had failed, is done', async () => {
    const [lost, failed] = await Promise.all([fixture.newInstance(), fixture.newInstance()]);
    const rows = [
      await createRemoval(lost, { nextAttemptAt: ago(11_000) }),
      await createRemoval(failed, { nextAttemptAt: ago(11_000) }),
    ];
    const { queue, close } = removals();
    // Unreadable, so that it fails at once and its id stays taken.
    await queue.add(REMOVAL_QUEUE, { v: 9 }, { ...removalJobOptions, jobId: rows[1]?.id });
    for (const { id } of rows) {
      await waitFor(async () => (await removalNow(id)).state === 'done', { timeoutMs: RECONCILED_WITHIN_MS });
    }
    await close();
    for (const { id } of [lost, failed]) {
      expect(fixture.bridge.deletes().filter(({ path }) => path === `/v1/integrations/int_${id}`)).toHaveLength(1);
    }
  });

  it.concurrent('a removal that fails is tried again, and says meanwhile what is wrong', async () => {
    const instance = await fixture.newInstance();
    fixture.bridge.onDelete(`/v1/integrations/int_${instance.id}`, (nth) =>
      nth === 1
        ? refusedByChatwoot(401, '{"error":"Invalid Access Token"}')
        : { status: 404, body: { error: { message: 'gone' } } },
    );
    const { id } = await createRemoval(instance);
    const { queue, close } = removals();
    await queue.add(REMOVAL_QUEUE, { v: 1, removalId: id }, { ...removalJobOptions, jobId: id });
    const waiting = await waitFor(async () => {
      const row = await removalNow(id);
      return row.lastError === '' ? undefined : row;
    });
    expect(waiting).toMatchObject({ state: 'pending', attempts: 1 });
    expect(waiting.lastError).toBe(
      'Chatwoot rejected the API token — verify chatwootApiToken. Detail: https://chat.example.com/api/v1/accounts/5/inboxes HTTP 401: {"error":"Invalid Access Token"}',
    );
    const done = await waitFor(async () => {
      const row = await removalNow(id);
      return row.state === 'done' ? row : undefined;
    });
    expect(done).toMatchObject({ attempts: 2, lastError: '' });
    await close();
  });

  it.concurrent('a removal that failed for the sixtieth time is given up, and stays visible with its reason', async () => {
    const instance = await fixture.newInstance();
    fixture.bridge.onDelete(`/v1/integrations/int_${instance.id}`, () => ({ status: 500, body: 'broken for good' }));
    const { id } = await createRemoval(instance, { attempts: 59 });
    const { queue, close } = removals();
    await queue.add(REMOVAL_QUEUE, { v: 1, removalId: id }, { ...removalJobOptions, jobId: id });
    const row = await waitFor(async () => {
      const now = await removalNow(id);
      return now.state === 'dead' ? now : undefined;
    });
    expect(row).toMatchObject({ attempts: 60, finishedAt: expect.any(Date) });
    expect(row.lastError).toContain('HTTP 500: broken for good');
    await close();
  });

  it.concurrent(
    'the database going away after the bridge succeeded loses nothing and doubles nothing',
    async ({ onTestFinished }) => {
      const own = kind === 'redis' ? await createRedisDatabase() : undefined;
      let proxy: Awaited<ReturnType<typeof createFaultProxy>> | undefined;
      const outage = await createRig({
        redisUrl: own?.url,
        viaDatabaseUrl: async (url) => {
          const target = new URL(url);
          proxy = await createFaultProxy({ target: { host: target.hostname, port: Number(target.port) } });
          target.host = `${proxy.host}:${proxy.port}`;
          return target.href;
        },
      });
      onTestFinished(async () => {
        await outage.stop();
        await proxy?.stop();
        await own?.drop();
      });
      const instance = await outage.newInstance();
      outage.bridge.onActivate(instance.id, async (nth, call) => {
        if (nth === 1) await proxy?.set({ mode: 'refuse' });
        setTimeout(() => void proxy?.set({ mode: 'pass' }), 2_000);
        return success(call);
      });
      await outage.startWorker();
      const activationId = await outage.activate(instance);
      const row = await outage.settled(activationId);
      expect(row).toMatchObject({ state: 'succeeded', bridgeIntegrationId: integrationOf(activationId) });
      expect(await outage.integrationOf(instance)).toMatchObject({ bridgeIntegrationId: integrationOf(activationId) });
      expect(await outage.removalsOf(instance)).toEqual([]);
      expect(outage.bridge.deletes()).toEqual([]);
      if (kind === 'redis') expect(outage.bridge.activations(instance.id)).toHaveLength(1);
    },
    TEST_TIMEOUT_MS,
  );
});

describe.concurrent('a worker process', () => {
  it.concurrent(
    'hands over what takes longer than it may wait at SIGTERM, and another finishes it',
    async ({ onTestFinished }) => {
      const fixture = await createRig({});
      onTestFinished(() => fixture.stop());
      const { process: worker } = await fixture.startWorkerProcess();
      const instance = await fixture.newInstance();
      fixture.bridge.onActivate(instance.id, (nth, call) => (nth === 1 ? () => {} : success(call)));
      const activationId = await fixture.activate(instance);
      await waitFor(() => fixture.bridge.activations(instance.id).length === 1);
      worker.signal('SIGTERM');
      await fixture.startWorker();
      expect(await worker.exited).toEqual({ code: 0, signal: null });
      expect(await fixture.settled(activationId)).toMatchObject({
        state: 'succeeded',
        attempt: 2,
        trace: [
          { attempt: 1, outcome: 'shutting_down', mayHaveLeft: true },
          { attempt: 2, outcome: 'succeeded' },
        ],
      });
      expect(await fixture.removalsOf(instance)).toEqual([]);
    },
    TEST_TIMEOUT_MS,
  );

  it.concurrent(
    'finishes what it runs at SIGTERM, takes nothing new, and ends cleanly',
    async ({ onTestFinished }) => {
      const fixture = await createRig({});
      onTestFinished(() => fixture.stop());
      const { process: worker, url } = await fixture.startWorkerProcess({ WORKER_CONCURRENCY: '1' });
      const [running, waiting] = await Promise.all([fixture.newInstance(), fixture.newInstance()]);
      let release = (): void => {};
      fixture.bridge.onActivate(running.id, async (_nth, call) => {
        await new Promise<void>((resolve) => {
          release = resolve;
        });
        return success(call);
      });
      const runningId = await fixture.activate(running);
      await waitFor(() => fixture.bridge.activations(running.id).length === 1);
      const waitingId = await fixture.activate(waiting);
      worker.signal('SIGTERM');
      await waitFor(async () => (await fetch(`${url}/readyz`)).status === 503);
      release();
      expect(await worker.exited).toEqual({ code: 0, signal: null });
      expect(await fixture.rowOf(runningId)).toMatchObject({ state: 'succeeded', attempt: 1 });
      expect(await fixture.rowOf(waitingId)).toMatchObject({ state: 'pending', attempt: 0 });
      expect(await fixture.jobState(runningId)).toBe('completed');
    },
    TEST_TIMEOUT_MS,
  );

  it.concurrent(
    'says what it lacks, by name, and shows its numbers to whoever may see them',
    async ({ onTestFinished }) => {
      const fixture = await createRig({});
      onTestFinished(() => fixture.stop());
      const [{ url }, { url: withWrongToken }] = await Promise.all([
        fixture.startWorker(),
        fixture.startWorker({ BRIDGE_TOKEN: 'not-the-token-of-the-bridge' }),
      ]);
      const readiness = async (base: string) => (await fetch(`${base}/readyz`)).json();
      await waitFor(async () => (await fetch(`${url}/readyz`)).ok);
      expect(await readiness(url)).toEqual({ status: 'ready', checks: { database: 'ok', queue: 'ok', bridge: 'ok' } });
      expect(await readiness(withWrongToken)).toMatchObject({ checks: { bridge: 'bridge_unauthorized' } });
      await fixture.bridge.stop();
      expect(await readiness(url)).toMatchObject({ checks: { database: 'ok', bridge: 'bridge_unreachable' } });

      expect((await fetch(`${url}/metrics`)).status).toBe(401);
      const login = `Basic ${Buffer.from('admin:a-password-for-tests').toString('base64')}`;
      const metrics = await (await fetch(`${url}/metrics`, { headers: { authorization: login } })).text();
      expect(metricValue(metrics, 'ponte_activations_total', { outcome: 'succeeded' })).toBe(0);
      expect(metricValue(metrics, 'ponte_unhandled_rejections_total')).toBe(0);
      expect((await fetch(`${url}/else`)).status).toBe(404);
    },
    TEST_TIMEOUT_MS,
  );

  it.concurrent(
    'that cannot start says why in one line a reason, and ends with 1',
    async ({ onTestFinished }) => {
      const fixture = await createRig({});
      onTestFinished(() => fixture.stop());
      await expect(fixture.startWorkerProcess({ BRIDGE_TOKEN: '', WORKER_CONCURRENCY: 'many' })).rejects.toThrow(
        /worker: configuration: BRIDGE_TOKEN is missing\n {2}WORKER_CONCURRENCY/,
      );
      await expect(fixture.startWorkerProcess({ DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none' })).rejects.toThrow(
        /worker: cannot connect to the database/,
      );
    },
    TEST_TIMEOUT_MS,
  );
});
