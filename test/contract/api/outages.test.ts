import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createId } from '../../../shared/auth/tokens.ts';
import { createFaultProxy, type FaultProxy } from '../../support/fault-proxy.ts';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { waitFor } from '../../support/wait-for.ts';
import { startFakeBridge } from './fake-bridge.ts';
import { call, createHarness, type Engine, type Harness, newInstance, setBody, timed } from './harness.ts';
import { startTinyWorker } from './tiny-worker.ts';

const BOUND_MS = 2_500;
const QUEUE_AWAY = { success: false, error: { code: 'queue_unavailable' } };
const DATABASE_AWAY = { success: false, error: { code: 'database_unavailable' } };

const ready = (base: string) => call(base, 'GET', '/readyz');

/** What a test has started is stopped when it has ended, the last first; nothing may have been rejected unheard meanwhile. */
function createPlace() {
  const cleanups: (() => Promise<void>)[] = [];
  const unhandled: unknown[] = [];
  const onUnhandled = (reason: unknown) => void unhandled.push(reason);

  beforeAll(() => {
    process.on('unhandledRejection', onUnhandled);
    return () => process.off('unhandledRejection', onUnhandled);
  });
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
    expect(unhandled).toEqual([]);
  });

  async function withRedis(): Promise<{ redis: RedisServer; harness: Harness }> {
    const redis = await startRedis({ appendonly: true });
    cleanups.push(() => redis.stop());
    const harness = await createHarness('postgres', { REDIS_URL: redis.url });
    cleanups.push(() => harness.stop());
    return { redis, harness };
  }

  async function withProxiedDatabase(
    engine: Engine = 'postgres',
  ): Promise<{ proxy: FaultProxy; harness: Harness; env: Record<string, string> }> {
    const harness = await createHarness(engine);
    const url = new URL(harness.databaseUrl);
    const proxy = await createFaultProxy({ target: { port: Number(url.port) } });
    url.port = String(proxy.port);
    cleanups.push(() => harness.stop());
    cleanups.push(async () => {
      await proxy.set({ mode: 'pass' });
      await proxy.stop();
    });
    return { proxy, harness, env: { DATABASE_URL: url.href } };
  }

  return { cleanups, withRedis, withProxiedDatabase };
}

describe.concurrent('while Redis is away', () => {
  const { cleanups, withRedis } = createPlace();

  it.sequential('boots unready while Redis is down, answers 503, and becomes ready by itself', async () => {
    const { redis, harness } = await withRedis();
    await redis.kill9();
    const api = await harness.startApi();
    const { token } = await harness.createAccount();
    const { name } = await newInstance(api.url, token, 'boot');
    expect(await ready(api.url)).toMatchObject({
      status: 503,
      body: { status: 'unready', checks: { database: 'ok', queue: 'unavailable' } },
    });
    const [refused, tookMs] = await timed(() => call(api.url, 'POST', `/api/chatwoot/set/${name}`, { token, body: setBody() }));
    expect(refused).toMatchObject({ status: 503, body: QUEUE_AWAY });
    expect(tookMs).toBeLessThan(BOUND_MS);
    await redis.restart();
    await waitFor(async () => (await ready(api.url)).status === 200, { timeoutMs: 5_000, describe: 'being ready again' });
    const worker = startTinyWorker(harness);
    cleanups.push(() => worker.stop());
    expect((await call(api.url, 'POST', `/api/chatwoot/set/${name}`, { token, body: setBody() })).status).toBe(201);
    // The one that was refused never ran.
    const rows = await harness.prisma.activation.findMany({ where: { instance: { name } }, orderBy: { createdAt: 'asc' } });
    expect(rows).toMatchObject([{ state: 'failed', attempt: 0, error: { code: 'queue_unavailable' } }, { state: 'succeeded' }]);
    expect(worker.jobs.map((job) => job.activationId)).toEqual([rows[1]?.id]);
  });

  it.sequential('answers 503 within 2.5 s when Redis dies, and goes on within seconds of its return', async () => {
    const { redis, harness } = await withRedis();
    const api = await harness.startApi();
    const { token } = await harness.createAccount();
    const { name } = await newInstance(api.url, token, 'dies');
    const worker = startTinyWorker(harness);
    cleanups.push(() => worker.stop());
    expect((await call(api.url, 'POST', `/api/chatwoot/set/${name}`, { token, body: setBody() })).status).toBe(201);
    await redis.kill9();
    for (let n = 0; n < 3; n += 1) {
      const [refused, tookMs] = await timed(() => call(api.url, 'POST', `/api/chatwoot/set/${name}`, { token, body: setBody() }));
      expect(refused).toMatchObject({ status: 503, body: QUEUE_AWAY });
      expect(tookMs).toBeLessThan(BOUND_MS);
    }
    await redis.restart();
    await waitFor(
      async () => (await call(api.url, 'POST', `/api/chatwoot/set/${name}`, { token, body: setBody() })).status === 201,
      { timeoutMs: 8_000, describe: 'an activation after the outage' },
    );
  });

  it.sequential('answers 503 within 2.5 s while Redis takes connections and says nothing, and does not run later what it refused', async () => {
    const { redis, harness } = await withRedis();
    const api = await harness.startApi();
    const { token } = await harness.createAccount();
    const { name } = await newInstance(api.url, token, 'hung');
    expect((await ready(api.url)).status).toBe(200);
    process.kill(redis.pid(), 'SIGSTOP');
    const [refused, tookMs] = await timed(() => call(api.url, 'POST', `/api/chatwoot/set/${name}`, { token, body: setBody() }));
    process.kill(redis.pid(), 'SIGCONT');
    expect(refused).toMatchObject({ status: 503, body: QUEUE_AWAY });
    expect(tookMs).toBeLessThan(BOUND_MS);
    // Whether the job got through or not: its row is finished, and the client may simply ask again.
    const worker = startTinyWorker(harness);
    cleanups.push(() => worker.stop());
    await waitFor(async () => (await ready(api.url)).status === 200);
    expect((await call(api.url, 'POST', `/api/chatwoot/set/${name}`, { token, body: setBody() })).status).toBe(201);
    const rows = await harness.prisma.activation.findMany({ where: { instance: { name } }, orderBy: { createdAt: 'asc' } });
    expect(rows.map((row) => [row.state, row.attempt])).toEqual([
      ['failed', 0],
      ['succeeded', 1],
    ]);
  });
});

describe.concurrent('while PostgreSQL or the bridge is away', () => {
  const { cleanups, withProxiedDatabase } = createPlace();

  it.sequential.each([{ mode: 'refuse' }, { mode: 'blackhole' }] as const)(
    'answers 503 within 2.5 s while PostgreSQL is away ($mode), also to many at once, and goes on after it',
    async (fault) => {
      const { proxy, harness, env } = await withProxiedDatabase();
      const api = await harness.startApi(env);
      const { token } = await harness.createAccount();
      const { name } = await newInstance(api.url, token, 'away');
      const list = () => call(api.url, 'GET', '/api/instance/list', { token });
      expect((await list()).status).toBe(200);
      await proxy.set(fault);
      const answers = await Promise.all(Array.from({ length: 60 }, () => timed(list)));
      for (const [answer, tookMs] of answers) {
        expect(answer).toMatchObject({ status: 503, body: DATABASE_AWAY });
        expect(tookMs).toBeLessThan(BOUND_MS);
      }
      const [set, tookMs] = await timed(() => call(api.url, 'POST', `/api/chatwoot/set/${name}`, { token, body: setBody() }));
      expect(set).toMatchObject({ status: 503, body: DATABASE_AWAY });
      expect(tookMs).toBeLessThan(BOUND_MS);
      expect(await ready(api.url)).toMatchObject({ status: 503, body: { checks: { database: 'unavailable' } } });
      await proxy.set({ mode: 'pass' });
      await waitFor(async () => (await list()).status === 200, { timeoutMs: 8_000, describe: 'the api being back' });
    },
  );

  it.sequential('lets a hundred deactivations at once wait their turn at a slow PostgreSQL instead of refusing them', async () => {
    const { proxy, harness, env } = await withProxiedDatabase('redis');
    const bridge = await startFakeBridge(() => ({ status: 200, body: { success: true } }));
    cleanups.push(() => bridge.stop());
    const api = await harness.startApi({ ...env, BRIDGE_URL: bridge.url });
    const { id: accountId, token } = await harness.createAccount();
    const crowd = Array.from({ length: 100 }, (_, index) => ({ id: createId('ins'), name: `crowd-${index}` }));
    await harness.prisma.instance.createMany({ data: crowd.map((own) => ({ ...own, accountId, tokenHash: own.id })) });
    await harness.prisma.chatwootIntegration.createMany({
      data: crowd.map(({ id }) => ({
        id: createId('int'),
        instanceId: id,
        bridgeIntegrationId: id,
        chatwootBaseUrl: 'https://chat.example.com',
        chatwootAccountId: 1,
        chatwootInboxName: 'WhatsApp',
        ...{ signMessages: false, ignoreGroups: false, startAsPending: false, reopenResolved: false },
        activationId: 'act_x',
        chatwootToken: '',
      })),
    });
    // Its connections are there.
    await Promise.all(crowd.slice(0, 40).map(() => call(api.url, 'GET', '/api/instance/list', { token })));
    // There are five times as many transactions as connections, and each holds one for eight or more round trips.
    await proxy.set({ mode: 'delay', ms: 15 });
    const all = crowd.map(({ name }) => call(api.url, 'DELETE', `/api/chatwoot/delete/${name}`, { token }));
    const answers = await Promise.all(all);
    expect(answers.filter(({ status }) => status !== 200).map(({ body }) => body)).toEqual([]);
  });

  it.sequential('answers who waits although PostgreSQL was away in between', async () => {
    const { proxy, harness, env } = await withProxiedDatabase();
    const api = await harness.startApi(env);
    const { token } = await harness.createAccount();
    const { name } = await newInstance(api.url, token, 'between');
    let release: () => void = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const worker = startTinyWorker({ ...harness, decide: () => released.then(() => ({ kind: 'succeed' })) });
    cleanups.push(() => worker.stop());
    const pending = call(api.url, 'POST', `/api/chatwoot/set/${name}`, { token, body: setBody() });
    await waitFor(() => harness.prisma.activation.findFirst({ where: { instance: { name }, state: 'running' } }));
    await proxy.set({ mode: 'refuse' });
    release();
    await waitFor(() => harness.prisma.activation.findFirst({ where: { instance: { name }, state: 'succeeded' } }));
    await proxy.set({ mode: 'pass' });
    const [answer, tookMs] = await timed(() => pending);
    expect(answer.status).toBe(201);
    expect(tookMs).toBeLessThan(5_000);
  });

  it.sequential('reports the bridge by name and stays ready without it', async () => {
    const harness = await createHarness('postgres');
    cleanups.push(() => harness.stop());
    const api = await harness.startApi();
    expect(await ready(api.url)).toMatchObject({
      status: 200,
      body: { status: 'ready', checks: { database: 'ok', queue: 'ok', bridge: 'unavailable' } },
    });
    const off = await harness.startApi({ BRIDGE_URL: undefined });
    expect((await ready(off.url)).body.checks.bridge).toBe('not configured');
    expect(await call(off.url, 'GET', '/healthz')).toMatchObject({ status: 200, body: { status: 'ok' } });
  });
});
