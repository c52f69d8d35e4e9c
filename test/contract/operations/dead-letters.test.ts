import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createBridge } from '../../../bridge/bridge.ts';
import { createId } from '../../../shared/auth/tokens.ts';
import { readBridgeConfig } from '../../../shared/config/config.ts';
import { createDatabase, type Database } from '../../../shared/database/database.ts';
import type { Service } from '../../../shared/run-process.ts';
import { bridgeRow } from '../../support/bridge-row.ts';
import { createTestDatabase } from '../../support/database.ts';
import { freePort } from '../../support/ports.ts';
import { metricValue } from '../../support/scraped-metrics.ts';
import { type Answer, BRIDGE_TOKEN, call, createHarness, type Harness, newInstance, type RunningApi } from '../api/harness.ts';

const LOGIN = { ADMIN_USER: 'ops', ADMIN_PASSWORD: 'a-good-password' };
const operator = { authorization: `Basic ${Buffer.from('ops:a-good-password').toString('base64')}` };
const SAID = 'what-was-said-in-private';

const cookieOf = ({ headers }: Answer): string =>
  headers
    .getSetCookie()
    .map((line) => line.split(';')[0] ?? '')
    .filter((pair) => !pair.endsWith('='))
    .join('; ');
/** What the form for this action proves itself with. */
const formTokenOf = (body: unknown, action: string): string =>
  new RegExp(`action="${action}"[^>]*><input type="hidden" name="token" value="([^"]+)"`).exec(String(body))?.[1] ?? '';

describe('messages that were set aside', () => {
  let harness: Harness;
  let api: RunningApi;
  let bridge: Service;
  let bridgeUrl = '';
  let bridgeDatabase: Database;
  let dropBridgeDatabase = async () => {};
  const integrationId = createId('int');
  const get = (path: string) => call(api.url, 'GET', path, { headers: operator });
  const post = (path: string, form: string) =>
    call(api.url, 'POST', path, { headers: { ...operator, 'content-type': 'application/x-www-form-urlencoded' }, body: form });

  // The bridge has a database of its own: nothing of this may be read from that of the api.
  beforeAll(async () => {
    const testDatabase = await createTestDatabase();
    dropBridgeDatabase = testDatabase.drop;
    bridgeDatabase = createDatabase({ url: testDatabase.url, poolSize: 2 });
    const port = await freePort();
    bridgeUrl = `http://127.0.0.1:${port}`;
    const config = readBridgeConfig({
      ...LOGIN,
      BRIDGE_PORT: String(port),
      BRIDGE_TOKEN,
      BRIDGE_DATABASE_URL: testDatabase.url,
      ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    });
    bridge = createBridge({ config, logger: pino({ level: 'silent' }) });
    await bridge.start();
    harness = await createHarness('postgres', { ...LOGIN, BRIDGE_URL: bridgeUrl });
    api = await harness.startApi();
    await bridgeDatabase.prisma.bridgeIntegration.create({
      data: bridgeRow({
        id: integrationId,
        instanceId: 'ins_x',
        instanceName: 'shop <1>',
        // Run by somebody else, who never answers: what is asked for here stays asked for.
        leaseOwner: 'another',
        leaseUntil: new Date(Date.now() + 3_600_000),
      }),
    });
  });
  afterAll(async () => {
    await harness.stop();
    await bridge.stop();
    await bridgeDatabase.stop();
    await dropBridgeDatabase();
  });
  beforeEach(async () => {
    await bridgeDatabase.prisma.bridgeDeadLetter.deleteMany();
  });

  async function setAside(direction: 'to_chatwoot' | 'to_whatsapp', more: { createdAt?: Date } = {}): Promise<string> {
    const id = createId('dlt');
    await bridgeDatabase.prisma.bridgeDeadLetter.create({
      data: {
        id,
        integrationId,
        direction,
        chat: '551199',
        payload: `{"text":"${SAID}"}`,
        reason: 'HTTP 422 & <no>',
        attempts: 3,
        ...more,
      },
    });
    return id;
  }
  const stateOf = async (id: string) => (await bridgeDatabase.prisma.bridgeDeadLetter.findUnique({ where: { id } }))?.state;
  const tokenIn = (body: unknown) => /name="token" value="([^"]+)"/.exec(String(body))?.[1] ?? '';

  test('are shown with their reason, by direction and instance, and never with what is said in them', async () => {
    const [one, two] = [await setAside('to_chatwoot'), await setAside('to_whatsapp')];
    const all = await get('/admin/dead-letters');
    expect(all.status).toBe(200);
    expect(all.body).toContain('shop &lt;1>');
    expect(all.body).toContain('HTTP 422 &amp; &lt;no>');
    for (const path of ['', `/${one}/resend`, `/${one}/discard`])
      expect((await get(`/admin/dead-letters${path}`)).body).not.toContain(SAID);
    const filtered = String((await get('/admin/dead-letters?direction=to_whatsapp&instance=SHOP')).body);
    expect([filtered.includes(one), filtered.includes(two)]).toEqual([false, true]);
    expect((await get('/admin/dead-letters?instance=other')).body).toContain('Nothing is set aside');
  });

  test('come in pages that neither skip nor repeat one', async () => {
    const at = new Date();
    const ids = new Set<string>();
    for (let count = 0; count < 130; count += 1) ids.add(await setAside('to_chatwoot', { createdAt: at }));
    const seen: string[] = [];
    for (let path: string | undefined = '/admin/dead-letters?direction=to_chatwoot'; path !== undefined; ) {
      const body: string = String((await get(path)).body);
      seen.push(...[...body.matchAll(/dead-letters\/(dlt_\w+)\/resend/g)].map(([, id]) => id ?? ''));
      path = /rel="next" href="([^"]+)"/.exec(body)?.[1]?.replaceAll('&amp;', '&');
    }
    expect(seen.length).toBe(130);
    expect(new Set(seen)).toEqual(ids);
  });

  test('are seen and seen to in the console by the account they belong to, and by no other', async () => {
    const html = { accept: 'text/html' };
    const owner = await harness.createAccount();
    const stranger = await harness.createAccount();
    const { id: instanceId } = await newInstance(api.url, owner.token, 'letters');
    await newInstance(api.url, stranger.token, 'letters');
    const letter = await setAside('to_whatsapp');
    await bridgeDatabase.prisma.bridgeIntegration.update({ where: { id: integrationId }, data: { instanceId } });
    const logIn = async (secret: string) => {
      const front = await call(api.url, 'GET', '/', { headers: html });
      const headers = { ...html, cookie: cookieOf(front), 'content-type': 'application/x-www-form-urlencoded' };
      const body = new URLSearchParams({ token: tokenIn(front.body), secret }).toString();
      return { ...headers, cookie: cookieOf(await call(api.url, 'POST', '/login', { headers, body })) };
    };
    const [ours, theirs] = [await logIn(owner.token), await logIn(stranger.token)];
    for (const action of ['resend', 'discard']) {
      const path = `/instances/letters/messages/${letter}/${action}`;
      const page = await call(api.url, 'GET', path, { headers: ours });
      expect(page.status).toBe(200);
      expect((await call(api.url, 'GET', path, { headers: theirs })).status).toBe(404);
      // Even with a form of his own.
      const list = await call(api.url, 'GET', '/instances/letters', { headers: theirs });
      const form = `token=${formTokenOf(list.body, '/instances/letters/activate')}`;
      expect((await call(api.url, 'POST', path, { headers: theirs, body: form })).status).toBeGreaterThanOrEqual(403);
      expect(await stateOf(letter)).toBe('dead');
    }
    const path = `/instances/letters/messages/${letter}/resend`;
    const form = `token=${formTokenOf((await call(api.url, 'GET', path, { headers: ours })).body, path)}`;
    expect((await call(api.url, 'POST', path, { headers: ours, body: form })).status).toBe(303);
    expect(await stateOf(letter)).toBe('requested');
  });

  test('are sent again only by the confirmed form, once', async () => {
    const id = await setAside('to_whatsapp');
    const path = `/admin/dead-letters/${id}/resend`;
    expect((await post(path, '')).status).toBe(403);
    const { body } = await get(path);
    expect(body).toContain('the customer may get it twice');
    const discard = tokenIn((await get(`/admin/dead-letters/${id}/discard`)).body);
    expect((await post(path, `token=${discard}`)).status).toBe(403);
    expect(await stateOf(id)).toBe('dead');
    expect((await post(path, `token=${tokenIn(body)}`)).status).toBe(303);
    expect(await stateOf(id)).toBe('requested');
    expect((await get('/admin/dead-letters')).body).toContain('is sent again');
    expect((await post(path, `token=${tokenIn(body)}`)).status).toBe(404);
    expect((await post(`/admin/dead-letters/${id}/discard`, `token=${discard}`)).status).toBe(404);
    expect(await stateOf(id)).toBe('requested');
  });

  test('are not sent again once the integration was deactivated, only discarded', async () => {
    const id = await setAside('to_chatwoot');
    const path = `/admin/dead-letters/${id}/resend`;
    const form = tokenIn((await get(path)).body);
    await bridgeDatabase.prisma.bridgeIntegration.update({ where: { id: integrationId }, data: { state: 'removed' } });
    const { body } = await get('/admin/dead-letters');
    expect([String(body).includes('deactivated'), String(body).includes('Send again…')]).toEqual([true, false]);
    expect((await get(path)).status).toBe(404);
    expect((await post(path, `token=${form}`)).status).toBe(404);
    expect((await get(`/admin/dead-letters/${id}/discard`)).status).toBe(200);
    await bridgeDatabase.prisma.bridgeIntegration.update({ where: { id: integrationId }, data: { state: 'active' } });
    expect(await stateOf(id)).toBe('dead');
  });

  test('are forgotten with all that is said in them, once that is confirmed', async () => {
    const id = await setAside('to_chatwoot');
    const path = `/admin/dead-letters/${id}/discard`;
    expect((await post(path, `token=${tokenIn((await get(path)).body)}`)).status).toBe(303);
    expect(await stateOf(id)).toBeUndefined();
    expect((await get(path)).status).toBe(404);
  });

  test('are told only to who has BRIDGE_TOKEN', async () => {
    const id = await setAside('to_chatwoot');
    for (const [method, path] of [
      ['GET', ''],
      ['GET', `/${id}`],
      ['POST', `/${id}/resend`],
      ['DELETE', `/${id}`],
    ] as const) {
      const { status, body } = await call(bridgeUrl, method, `/v1/dead-letters${path}`, { token: 'another' });
      expect([status, body.error.code]).toEqual([401, 'bridge_unauthorized']);
    }
    expect(await stateOf(id)).toBe('dead');
    const { status, body } = await call(bridgeUrl, 'GET', '/v1/dead-letters/a%00b', {
      headers: { authorization: `Bearer ${BRIDGE_TOKEN}` },
    });
    expect([status, body.error.code]).toEqual([404, 'dead_letter_not_found']);
  });

  test('are counted by direction, next to what waits and what is run', async () => {
    await setAside('to_chatwoot');
    await setAside('to_chatwoot');
    await setAside('to_whatsapp');
    expect((await call(bridgeUrl, 'GET', '/metrics')).status).toBe(401);
    const text = String((await call(bridgeUrl, 'GET', '/metrics', { headers: operator })).body);
    expect(metricValue(text, 'ponte_relay_dead_letters', { direction: 'to_chatwoot' })).toBe(2);
    expect(metricValue(text, 'ponte_relay_dead_letters', { direction: 'to_whatsapp' })).toBe(1);
    expect(metricValue(text, 'ponte_relay_pending', { direction: 'to_whatsapp' })).toBe(0);
    expect(metricValue(text, 'ponte_relay_lag_seconds', { direction: 'to_whatsapp' })).toBe(0);
    expect(metricValue(text, 'ponte_bridge_integrations', { status: 'active' })).toBe(1);
    expect(metricValue(text, 'ponte_bridge_integrations_unattended')).toBe(0);
    expect(metricValue(text, 'ponte_bridge_streams_open')).toBe(0);
    expect(metricValue(text, 'ponte_collector_failures_total', { collector: 'database' })).toBe(0);
    expect(
      metricValue(text, 'ponte_http_request_duration_seconds_count', { route: '/v1/dead-letters', status: '200' }),
    ).toBeGreaterThan(0);
    expect(text).not.toContain('dlt_');
  });

  test('cannot be looked at while the bridge is away, and the page says so', async () => {
    const away = await harness.startApi({ BRIDGE_URL: 'http://127.0.0.1:9' });
    const { status, body } = await call(away.url, 'GET', '/admin/dead-letters', { headers: operator });
    expect([status, String(body).includes('The bridge cannot be asked')]).toEqual([502, true]);
    await away.stop();
  });
});
