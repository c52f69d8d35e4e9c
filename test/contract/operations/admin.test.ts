import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toActivationError } from '../../../shared/activations/error.ts';
import { createId } from '../../../shared/auth/tokens.ts';
import { PonteError } from '../../../shared/errors/ponte-error.ts';
import { openQueue } from '../../../shared/queue/engine.ts';
import { ACTIVATION_QUEUE, REMOVAL_QUEUE } from '../../../shared/queue/queues.ts';
import { createFaultProxy } from '../../support/fault-proxy.ts';
import { metricValue } from '../../support/scraped-metrics.ts';
import { waitFor } from '../../support/wait-for.ts';
import {
  CHATWOOT_TOKEN,
  call,
  createHarness,
  ENGINES,
  type Harness,
  newInstance,
  type RunningApi,
  setBody,
} from '../api/harness.ts';
import { startTinyWorker } from '../api/tiny-worker.ts';

const LOGIN = { ADMIN_USER: 'ops', ADMIN_PASSWORD: 'a-good-password' };
const operator = { authorization: `Basic ${Buffer.from('ops:a-good-password').toString('base64')}` };
const refusal = toActivationError(
  new PonteError('chatwoot_token_invalid', { detail: 'https://chatwoot.example.com HTTP 401: <b>"Invalid" & so on</b>' }),
);

describe.each(ENGINES)('what operators see, with the queue in %s', (engine) => {
  let harness: Harness;
  let api: RunningApi;
  let worker: ReturnType<typeof startTinyWorker>;
  let good = '';
  let bad = '';
  const get = (path: string, headers: Record<string, string> = operator) => call(api.url, 'GET', path, { headers });

  beforeAll(async () => {
    harness = await createHarness(engine, LOGIN);
    api = await harness.startApi();
    const account = await harness.createAccount('Acme & Sons');
    const shop = await newInstance(api.url, account.token, 'shop');
    await newInstance(api.url, account.token, 'support');
    worker = startTinyWorker({
      ...harness,
      decide: async (id) => {
        const row = await harness.prisma.activation.findUniqueOrThrow({ where: { id } });
        return row.instanceId === shop.id ? { kind: 'succeed' } : { kind: 'fail', error: refusal };
      },
    });
    const set = (name: string) => call(api.url, 'POST', `/api/chatwoot/set/${name}`, { token: account.token, body: setBody() });
    const [succeeded, failed] = [await set('shop'), await set('support')];
    expect([succeeded.status, failed.status]).toEqual([201, 401]);
    good = succeeded.headers.get('x-activation-id') ?? '';
    bad = failed.headers.get('x-activation-id') ?? '';
  });
  afterAll(async () => {
    await worker.stop();
    await harness.stop();
  });

  test('is shown to nobody without the login, and does not exist where there is none', async () => {
    const paths = ['/metrics', '/admin', '/admin/activations', '/admin/removals', '/admin/queues', '/admin/queues/api/queues'];
    for (const path of paths) expect((await get(path, {})).status).toBe(401);
    const without = await harness.startApi({ ADMIN_USER: undefined, ADMIN_PASSWORD: undefined });
    for (const path of paths) expect((await call(without.url, 'GET', path, { headers: operator })).status).toBe(404);
    await without.stop();
  });

  test('the queue UI tells of a job what an operator wants to know, and keeps everything else to itself', async () => {
    const { queue, close } = openQueue(ACTIVATION_QUEUE, harness.location, () => {});
    await queue.add('activations', { v: 1, activationId: 'x', [CHATWOOT_TOKEN]: CHATWOOT_TOKEN } as never, {
      jobId: `planted-${engine}`,
      attempts: 1,
      deduplication: { id: CHATWOOT_TOKEN },
    });
    await waitFor(async () => (await queue.getJob(`planted-${engine}`))?.finishedOn);
    const planted = await queue.getJob(`planted-${engine}`);
    await planted?.log(CHATWOOT_TOKEN);
    await close();

    const list = await get(`/admin/queues/api/queues?activeQueue=${ACTIVATION_QUEUE}&status=latest&page=1&jobsPerPage=10`);
    expect(list.status).toBe(200);
    const [activations, removals] = list.body.queues;
    expect([activations.name, removals.name]).toEqual([ACTIVATION_QUEUE, REMOVAL_QUEUE]);
    expect(activations.readOnlyMode).toBe(true);
    const job = activations.jobs.find(({ id }: { id: string }) => id === good);
    expect(job).toMatchObject({ name: 'shop → chatwoot.example.com: succeeded', opts: {}, stacktrace: [] });
    expect(job.data).toMatchObject({
      instance: 'shop',
      account: 'Acme & Sons',
      chatwootHost: 'chatwoot.example.com',
      outcome: 'succeeded',
      attempt: 1,
      durationMs: expect.any(Number),
    });
    expect(activations.jobs.find(({ id }: { id: string }) => id === bad).data.outcome).toBe('chatwoot_token_invalid');

    const one = await get(`/admin/queues/api/queues/${ACTIVATION_QUEUE}/planted-${engine}`);
    const logs = await get(`/admin/queues/api/queues/${ACTIVATION_QUEUE}/planted-${engine}/logs`);
    expect([one.status, logs.body]).toEqual([200, []]);
    expect(JSON.stringify([list.body, one.body, logs.body])).not.toContain(CHATWOOT_TOKEN);
  });

  test('the queue UI can only look: nothing changes the queue, and nothing else of it is told', async () => {
    const attempts = [
      ['PUT', `/api/queues/${ACTIVATION_QUEUE}/pause`],
      ['PUT', '/api/queues/pause'],
      ['PUT', `/api/queues/${ACTIVATION_QUEUE}/obliterate`],
      ['PUT', `/api/queues/${ACTIVATION_QUEUE}/retry/failed`],
      ['POST', `/api/queues/${ACTIVATION_QUEUE}/add`],
      ['PATCH', `/api/queues/${ACTIVATION_QUEUE}/${good}/update-data`],
    ] as const;
    for (const [method, path] of attempts) {
      expect((await call(api.url, method, `/admin/queues${path}`, { headers: operator, body: {} })).status).toBe(405);
    }
    for (const path of ['/api/redis/stats', `/api/queues/${ACTIVATION_QUEUE}/workers`]) {
      expect((await get(`/admin/queues${path}`)).status).toBe(403);
    }
    const { queue, close } = openQueue(ACTIVATION_QUEUE, harness.location, () => {});
    expect(await queue.isPaused()).toBe(false);
    await close();
  });

  test('the page of the queue UI asks no other host for anything, and forbids it', async () => {
    const { headers, body } = await get('/admin/queues/');
    expect(body).toContain('<div id="root">');
    expect(body).not.toMatch(/(href|src)="(https?:)?\/\//);
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('content-security-policy')).not.toMatch(/script-src[^;]*unsafe/);
    const [, script] = /src="(static\/js\/main[^"]+)"/.exec(body) ?? [];
    expect((await get(`/admin/queues/${script}`)).status).toBe(200);
  });

  test('activations are found by instance, account, outcome and time, and what was asked for is escaped', async () => {
    const rows = async (query: string) => {
      const { status, body } = await get(`/admin/activations?${query}`);
      expect(status).toBe(200);
      return [...String(body).matchAll(/<td class="id"><a href="\/admin\/activations\/([\w]+)">/g)].map(([, id]) => id);
    };
    expect(await rows('')).toEqual([bad, good]);
    expect(await rows('instance=SUPP')).toEqual([bad]);
    expect(await rows('account=acme')).toEqual([bad, good]);
    expect(await rows('account=nobody')).toEqual([]);
    expect(await rows('outcome=succeeded')).toEqual([good]);
    expect(await rows('outcome=chatwoot_token_invalid')).toEqual([bad]);
    expect(await rows('outcome=nonsense')).toEqual([bad, good]);
    expect(await rows('from=2000-01-01T00:00&to=2001-01-01T00:00')).toEqual([]);
    expect(await rows('from=2000-01-01T00:00&to=2999-01-01T00:00')).toEqual([bad, good]);
    expect(await rows(`instance=${encodeURIComponent('\0%_\'"')}&after=0_x`)).toEqual([]);
    const { body, headers } = await get(`/admin/activations?instance=${encodeURIComponent('"><script>alert(1)</script>')}`);
    expect(body).toContain('value="&quot;>&lt;script>alert(1)&lt;/script>"');
    expect(body).not.toContain('<script>');
    expect(body).not.toContain('Acme & Sons');
    expect(headers.get('content-security-policy')).toMatch(/script-src 'self'(;|$)/);
    expect(headers.get('cache-control')).toBe('no-store');
  });

  test('long lists come in pages that neither skip nor repeat a row, also where moments are equal', async () => {
    const account = await harness.createAccount();
    const { id: instanceId } = await newInstance(api.url, account.token, 'paged');
    const now = new Date();
    const rows = Array.from({ length: 120 }, (_, index) => ({
      id: createId('act'),
      instanceId,
      state: 'failed' as const,
      requestHash: 'h',
      settings: {},
      deadlineAt: now,
      createdAt: new Date(now.getTime() - Math.floor(index / 40) * 1_000),
    }));
    await harness.prisma.activation.createMany({ data: rows });
    const seen: string[] = [];
    for (let path: string | undefined = '/admin/activations?instance=paged'; path !== undefined; ) {
      const body: string = String((await get(path)).body);
      seen.push(...[...body.matchAll(/<td class="id"><a href="\/admin\/activations\/([\w]+)">/g)].map(([, id]) => id ?? ''));
      path = /rel="next" href="([^"]+)"/.exec(body)?.[1]?.replaceAll('&amp;', '&');
    }
    expect(seen.length).toBe(120);
    expect(new Set(seen)).toEqual(new Set(rows.map(({ id }) => id)));
  });

  test('the page of an activation shows each hop with its time, the error and the next step, never the token', async () => {
    await harness.prisma.activation.update({
      where: { id: bad },
      data: {
        attempt: 2,
        trace: [
          {
            attempt: 1,
            worker: 'host:1',
            startedAt: new Date().toISOString(),
            queueWaitMs: 12,
            bridgeMs: 345,
            chatwootMs: 300,
            outcome: 'bridge_timeout',
            mayHaveLeft: true,
          },
        ],
      },
    });
    const { status, body } = await get(`/admin/activations/${bad}`);
    expect(status).toBe(200);
    for (const text of [
      'support',
      'chatwoot_token_invalid',
      'verify chatwootApiToken',
      'waited 12 ms',
      'bridge 345 ms',
      'of that Chatwoot 300 ms',
      'bridge_timeout',
      '1 of 2 tries left no',
    ]) {
      expect(String(body).replace(/\s+/g, ' ')).toContain(text);
    }
    expect(body).toContain('&lt;b>&quot;Invalid&quot; &amp; so on&lt;/b>');
    expect(body).not.toContain(CHATWOOT_TOKEN);
    expect((await get('/admin/activations/act_nothing')).status).toBe(404);
    expect((await get(`/admin/activations/${encodeURIComponent('a\0b')}`)).status).toBe(404);
  });

  test('a removal that was given up is tried again only by the form we gave, and only once it is confirmed', async () => {
    const id = createId('rem');
    await harness.prisma.removal.create({
      data: {
        id,
        instanceId: 'ins_x',
        instanceName: 'gone <shop>',
        accountId: 'acc_x',
        bridgeIntegrationId: 'int_x',
        reason: 'deactivated',
        state: 'dead',
        attempts: 60,
        lastError: 'HTTP 500 & more',
      },
    });
    expect((await get('/admin/removals')).body).toContain('gone &lt;shop>');
    const path = `/admin/removals/${id}/retry`;
    const { body } = await get(path);
    const token = /name="token" value="([^"]+)"/.exec(String(body))?.[1] ?? '';
    const post = (form: string, headers: Record<string, string> = {}, to = path) =>
      call(api.url, 'POST', to, {
        headers: { ...operator, ...headers, 'content-type': 'application/x-www-form-urlencoded' },
        body: form,
      });
    const state = async () => (await harness.prisma.removal.findUniqueOrThrow({ where: { id } })).state;

    expect((await post('')).status).toBe(403);
    expect((await post(`token=${token}`, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await post(`token=${token}x`)).status).toBe(403);
    expect((await post(`token=${token}`, {}, `/admin/removals/${createId('rem')}/retry`)).status).toBe(403);
    expect((await post(`token=${token.replace(/^\d+/, (expiry) => String(Number(expiry) + 1_000))}`)).status).toBe(403);
    expect(await state()).toBe('dead');

    expect((await post(`token=${token}`, { 'sec-fetch-site': 'same-origin' })).status).toBe(303);
    expect(await harness.prisma.removal.findUniqueOrThrow({ where: { id } })).toMatchObject({ state: 'pending', attempts: 0 });
    const { queue, close } = openQueue(REMOVAL_QUEUE, harness.location, () => {});
    expect((await queue.getJob(id))?.data).toEqual({ v: 1, removalId: id });
    await close();
  });

  test('say so in words while the database or the queue is away', async () => {
    const proxy = await createFaultProxy({ target: { port: Number(new URL(harness.databaseUrl).port) } });
    const url = new URL(harness.databaseUrl);
    url.port = String(proxy.port);
    const away = await harness.startApi({ DATABASE_URL: url.href });
    await proxy.set({ mode: 'refuse' });
    const look = (path: string) => call(away.url, 'GET', path, { headers: operator });
    const page = await look('/admin/activations');
    expect([page.status, String(page.body).includes('PostgreSQL does not answer')]).toEqual([503, true]);
    const queues = await look('/admin/queues/');
    if (engine === 'postgres')
      expect([queues.status, String(queues.body).includes('The queue cannot be reached')]).toEqual([503, true]);
    else expect(queues.status).toBe(200);
    const text = String((await look('/metrics')).body);
    expect(metricValue(text, 'ponte_removals')).toBeUndefined();
    expect(metricValue(text, 'ponte_activation_waiters')).toBe(0);
    expect(
      metricValue(String((await look('/metrics')).body), 'ponte_collector_failures_total', { collector: 'database' }),
    ).toBeGreaterThan(0);
    await proxy.set({ mode: 'pass' });
    await waitFor(async () => (await look('/admin/activations')).status === 200);
    await waitFor(async () => (await look('/admin/queues/')).status === 200);
    await away.stop();
    await proxy.stop();
  });

  test('the metrics tell what waits, and nothing secret', async () => {
    const text = String((await get('/metrics')).body);
    expect(metricValue(text, 'ponte_removals', { state: 'pending' })).toBe(1);
    expect(metricValue(text, 'ponte_removals', { state: 'dead' })).toBe(0);
    expect(metricValue(text, 'ponte_removal_oldest_due_seconds')).toBeGreaterThan(0);
    expect(metricValue(text, 'ponte_integrations', { status: 'active' })).toBe(1);
    expect(metricValue(text, 'ponte_activations_unfinished', { state: 'running' })).toBe(0);
    expect(metricValue(text, 'ponte_activation_oldest_pending_seconds')).toBe(0);
    expect(metricValue(text, 'ponte_activation_waiters')).toBe(0);
    expect(metricValue(text, 'ponte_event_streams_open')).toBe(0);
    expect(metricValue(text, 'ponte_relay_pending', { direction: 'to_chatwoot' })).toBe(0);
    expect(metricValue(text, 'ponte_queue_jobs', { queue: 'removals', state: 'waiting' })).toBe(1);
    expect(metricValue(text, 'ponte_collector_failures_total', { collector: 'database' })).toBe(0);
    expect(metricValue(text, 'ponte_unhandled_rejections_total')).toBe(0);
    const route = '/api/chatwoot/set/:instance';
    expect(metricValue(text, 'ponte_http_request_duration_seconds_count', { route, status: '201' })).toBe(1);
    expect(metricValue(text, 'ponte_http_errors_total', { code: 'chatwoot_token_invalid' })).toBe(1);
    for (const secret of [CHATWOOT_TOKEN, 'a-good-password', 'support', 'paged']) expect(text).not.toContain(secret);
  });
});
