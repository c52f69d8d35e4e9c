import type { Options } from 'express-rate-limit';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { createSharedStore } from '../../../api/rate-limit/shared-store.ts';
import { startRedis } from '../../support/redis.ts';
import { waitFor } from '../../support/wait-for.ts';
import {
  BRIDGE_TOKEN,
  call,
  createHarness,
  ENGINES,
  type Harness,
  newInstance,
  type RunningApi,
  setBody,
  timed,
} from './harness.ts';

const BODY = { success: false, error: { message: 'Rate limit exceeded. Try again later.', code: 'rate_limited' } };

describe('the rate limit', () => {
  const cleanups: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });
  async function harnessOn(engine: 'postgres' | 'redis', env: Record<string, string> = {}): Promise<Harness> {
    const harness = await createHarness(engine, { RATE_LIMIT_PER_MINUTE: '100', ...env });
    cleanups.push(() => harness.stop());
    return harness;
  }
  const list = (api: RunningApi, token?: string, headers = {}) => call(api.url, 'GET', '/api/instance/list', { token, headers });

  it('lets exactly 100 of 150 simultaneous requests of a token pass on two apis that share a Redis', async () => {
    const harness = await harnessOn('redis');
    const apis = [await harness.startApi(), await harness.startApi()] as const;
    const { token } = await harness.createAccount();
    const answers = await Promise.all(Array.from({ length: 150 }, (_, n) => list(apis[n % 2 === 0 ? 0 : 1], token)));
    const others = answers.filter(({ status }) => status !== 200 && status !== 429);
    expect(others.map(({ status, body }) => [status, body])).toEqual([]);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(100);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(50);
    // Another token of the same address has a count of its own.
    const other = await harness.createAccount();
    expect((await list(apis[0], other.token)).headers.get('x-ratelimit-remaining')).toBe('99');
  });

  it.each(ENGINES)('tells limit, remaining and reset (Unix seconds) with every answer, also with errors (%s)', async (engine) => {
    const harness = await harnessOn(engine);
    const api = await harness.startApi();
    const { token } = await harness.createAccount();
    const { token: stranger } = await harness.createAccount();
    const answers = [
      await list(api, token),
      await call(api.url, 'GET', '/api/nothing', { token }),
      await call(api.url, 'PUT', '/api/instance/list', { token }),
      await call(api.url, 'POST', '/api/chatwoot/set/no-such', { token, body: '{' }),
      await call(api.url, 'GET', '/api/chatwoot/list/%ZZ', { token }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 404, 405, 404, 400]);
    expect(answers.map(({ headers }) => headers.get('x-ratelimit-remaining'))).toEqual(['99', '98', '97', '96', '95']);
    for (const { headers } of [...answers, await list(api), await list(api, stranger)]) {
      expect(headers.get('x-ratelimit-limit')).toBe('100');
      const secondsLeft = Number(headers.get('x-ratelimit-reset')) - Date.now() / 1_000;
      expect(secondsLeft).toBeGreaterThan(30);
      expect(secondsLeft).toBeLessThanOrEqual(61);
      expect(headers.has('ratelimit-limit')).toBe(false);
    }
  });

  it('counts those without a token by their own address where the proxy in front is trusted, and by the proxy’s where it is not', async () => {
    const harness = await harnessOn('postgres', { RATE_LIMIT_PER_MINUTE: '5' });
    const knock = (api: RunningApi, client: string) => list(api, 'no-token-of-ours', { 'x-forwarded-for': client });
    const [trusting, wary] = [await harness.startApi({ TRUST_PROXY: 'loopback' }), await harness.startApi()] as const;
    for (const api of [trusting, wary]) for (let n = 0; n < 6; n++) await knock(api, '198.51.100.1');
    expect((await knock(trusting, '198.51.100.1')).status).toBe(429);
    expect((await knock(trusting, '198.51.100.2')).status).toBe(401);
    expect((await knock(wary, '198.51.100.2')).status).toBe(429);
  });

  it('answers 429 to the letter, with Retry-After, before anything else is looked at', async () => {
    const harness = await harnessOn('postgres', { RATE_LIMIT_PER_MINUTE: '2' });
    const api = await harness.startApi();
    const { token } = await harness.createAccount();
    await list(api, token);
    await list(api, token);
    for (const answer of [
      await list(api, token),
      await call(api.url, 'POST', '/api/chatwoot/set/no-such', { token, body: '{' }),
    ]) {
      expect(answer).toMatchObject({ status: 429, body: BODY });
      expect(Object.keys(answer.body.error).sort()).toEqual(['code', 'message']);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(30);
      expect(answer.headers.get('x-ratelimit-remaining')).toBe('0');
    }
    // Without a valid token it is the address that counts, and 429 comes before 401.
    expect([(await list(api)).status, (await list(api, 'nobody')).status, (await list(api)).status]).toEqual([401, 401, 429]);
  });

  it('allows a fifth of that for creating instances, whatever way the path is written', async () => {
    const harness = await harnessOn('postgres');
    const api = await harness.startApi();
    const { token } = await harness.createAccount();
    const create = (path: string, n: number) => call(api.url, 'POST', path, { token, body: { name: `limited-${n}` } });
    for (let n = 0; n < 18; n += 1) expect((await create('/api/instance/new', n)).status).toBe(201);
    expect((await create('/api/instance/new/', 18)).status).toBe(201);
    const last = await create('/api/Instance/NEW', 19);
    expect([last.status, last.headers.get('x-ratelimit-limit'), last.headers.get('x-ratelimit-remaining')]).toEqual([
      201,
      '20',
      '0',
    ]);
    expect(await create('/api/instance/new', 20)).toMatchObject({ status: 429, body: BODY });
    expect((await list(api, token)).headers.get('x-ratelimit-remaining')).toBe('99');
  });

  it('does not limit the bridge, nor the probes', async () => {
    const harness = await harnessOn('postgres', { RATE_LIMIT_PER_MINUTE: '1' });
    const api = await harness.startApi();
    for (let n = 0; n < 4; n += 1) {
      expect((await list(api, BRIDGE_TOKEN)).headers.has('x-ratelimit-limit')).toBe(false);
      expect((await call(api.url, 'GET', '/healthz')).status).toBe(200);
    }
  });

  it('keeps neither token nor secret in Redis', async () => {
    const harness = await harnessOn('redis');
    const api = await harness.startApi();
    const { token } = await harness.createAccount();
    await list(api, token);
    const { Redis } = await import('ioredis');
    const redis = new Redis(harness.env.REDIS_URL ?? '');
    const keys = await redis.keys('*');
    redis.disconnect();
    expect(keys.filter((key) => key.startsWith('ponte:rate:'))).toHaveLength(1);
    expect(keys.join('\n')).not.toContain(token);
  });

  it('counts in Redis while this process is too busy to hear its answers: that is no outage', async () => {
    const redis = await startRedis();
    cleanups.push(() => redis.stop());
    const lines: string[] = [];
    const logger = pino({ level: 'warn' }, { write: (line) => lines.push(line) });
    async function openStore() {
      const store = createSharedStore({ redisUrl: redis.url, prefix: 'busy:', logger });
      cleanups.push(async () => store.stop());
      // Of all options the only one that it uses.
      await store.init?.({ windowMs: 60_000 } as Options);
      await store.connect();
      return async () => (await store.increment('token')).totalHits;
    }
    const [busy, other] = [await openStore(), await openStore()];
    expect([await busy(), await other()]).toEqual([1, 2]);
    for (let turn = 0; turn < 3; turn += 1) {
      const counted = busy();
      // The command leaves before anything else happens.
      for (let microtask = 0; microtask < 50; microtask += 1) await undefined;
      const untilMs = performance.now() + 700;
      while (performance.now() < untilMs);
      expect(await counted).toBe(3 + 2 * turn);
      expect(await other()).toBe(4 + 2 * turn);
    }
    expect(lines).toEqual([]);
  });

  it('counts in each process while Redis is away, without delay, and in Redis again by itself; also when it was away at the start', async () => {
    const redis = await startRedis();
    cleanups.push(() => redis.stop());
    const harness = await harnessOn('postgres', { REDIS_URL: redis.url, RATE_LIMIT_PER_MINUTE: '5' });
    await redis.kill9();
    const api = await harness.startApi();
    const burst = async () => {
      const { token } = await harness.createAccount();
      const begun = Date.now();
      const statuses = [];
      for (let n = 0; n < 7; n += 1) statuses.push((await list(api, token)).status);
      return { token, statuses, tookMs: Date.now() - begun };
    };
    const away = await burst();
    expect(away.statuses).toEqual([200, 200, 200, 200, 200, 429, 429]);
    expect(away.tookMs).toBeLessThan(1_500);
    await redis.restart();
    await waitFor(async () => {
      await list(api);
      return harness.log().includes('counted in Redis again');
    });
    // In Redis the count of before is not known.
    expect((await list(api, away.token)).status).toBe(200);
    // Hung instead of gone: one request finds out, the others do not wait for it.
    process.kill(redis.pid(), 'SIGSTOP');
    const hung = await burst();
    process.kill(redis.pid(), 'SIGCONT');
    expect(hung.statuses).toEqual([200, 200, 200, 200, 200, 429, 429]);
    expect(hung.tookMs).toBeLessThan(2_000);
    expect(harness.log().match(/counted by each process/g)?.length).toBeLessThanOrEqual(4);
  });

  it('keeps a set within 2.5 s although limit and queue hang on the same Redis', async () => {
    const redis = await startRedis();
    cleanups.push(() => redis.stop());
    const harness = await harnessOn('postgres', { REDIS_URL: redis.url });
    const api = await harness.startApi();
    const { token } = await harness.createAccount();
    const { name } = await newInstance(api.url, token, 'hung');
    process.kill(redis.pid(), 'SIGSTOP');
    const [answer, tookMs] = await timed(() => call(api.url, 'POST', `/api/chatwoot/set/${name}`, { token, body: setBody() }));
    process.kill(redis.pid(), 'SIGCONT');
    expect(answer).toMatchObject({ status: 503, body: { error: { code: 'queue_unavailable' } } });
    expect(tookMs).toBeLessThan(2_500);
  });
});
