import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { API_TIMEOUTS } from '../../../api/timeouts.ts';
import { createFaultProxy } from '../../support/fault-proxy.ts';
import { startRedis } from '../../support/redis.ts';
import { waitFor } from '../../support/wait-for.ts';
import { call, createHarness, type Harness, newInstance, setBody } from './harness.ts';
import { startTinyWorker } from './tiny-worker.ts';

describe('stopping the api', () => {
  let harness: Harness;
  let token: string;

  beforeAll(async () => {
    harness = await createHarness('postgres');
    ({ token } = await harness.createAccount());
  });
  afterAll(() => harness.stop());

  const waitingFor = (names: string[]) =>
    waitFor(
      async () => (await harness.prisma.activation.count({ where: { instance: { name: { in: names } } } })) === names.length,
    );

  it('is unready first, finishes what clients wait for, and takes nothing new', async () => {
    const api = await harness.startApi();
    const names = Array.from({ length: 40 }, (_, n) => `drain-${n}`);
    for (const name of names) await newInstance(api.url, token, name);
    const answers = names.map((name) => call(api.url, 'POST', `/api/chatwoot/set/${name}`, { token, body: setBody() }));
    await waitingFor(names);
    const stopped = api.stop();
    expect(await call(api.url, 'GET', '/readyz')).toMatchObject({ status: 503, body: { status: 'draining' } });
    expect(await call(api.url, 'GET', '/api/instance/list', { token })).toMatchObject({
      status: 503,
      body: { error: { code: 'shutting_down' } },
    });
    const worker = startTinyWorker(harness);
    expect((await Promise.all(answers)).map((answer) => answer.status)).toEqual(Array(40).fill(201));
    await stopped;
    await worker.stop();
  });

  it.concurrent('tells whoever still waits which activation goes on, and ends in time', async () => {
    const stop = { ...API_TIMEOUTS.stop, drainAtMostMs: 2_000 };
    const api = await harness.startApi({}, { ...API_TIMEOUTS, stop });
    const { name } = await newInstance(api.url, token, 'left');
    const pending = call(api.url, 'POST', `/api/chatwoot/set/${name}`, { token, body: setBody() });
    await waitingFor([name]);
    const begun = Date.now();
    await api.stop();
    expect(Date.now() - begun).toBeLessThan(stop.drainAtMostMs + stop.httpGraceMs + 6_000);
    const answer = await pending;
    expect(answer).toMatchObject({ status: 503, body: { error: { code: 'activation_left_running' } } });
    expect(answer.body.error.message).toContain(String(answer.headers.get('x-activation-id')));
    expect(await harness.prisma.activation.findFirst({ where: { instance: { name } } })).toMatchObject({ state: 'pending' });
  });

  it.concurrent('ends in time although PostgreSQL and Redis have fallen silent', async () => {
    const redis = await startRedis();
    const url = new URL(harness.databaseUrl);
    const proxy = await createFaultProxy({ target: { port: Number(url.port) } });
    url.port = String(proxy.port);
    const api = await harness.startApi({ DATABASE_URL: url.href, REDIS_URL: redis.url });
    expect((await call(api.url, 'GET', '/readyz')).status).toBe(200);
    expect((await call(api.url, 'GET', '/api/instance/list', { token })).status).toBe(200);
    await proxy.set({ mode: 'blackhole' });
    process.kill(redis.pid(), 'SIGSTOP');
    const begun = Date.now();
    await api.stop();
    const tookMs = Date.now() - begun;
    process.kill(redis.pid(), 'SIGCONT');
    await proxy.set({ mode: 'pass' });
    await proxy.stop();
    await redis.stop();
    expect(tookMs).toBeLessThan(10_000);
  });
});
