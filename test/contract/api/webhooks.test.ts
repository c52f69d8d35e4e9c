import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { notificationTypes } from '../../../shared/notifications/event.ts';
import { createContract } from '../../support/openapi.ts';
import { type Answer, call, createHarness, type Harness, newInstance, type RunningApi } from './harness.ts';

const PATH = '/api/account/webhooks';
/** Of an account. */
const MOST = 10;

describe('the webhooks of an account', () => {
  const contract = createContract();
  let harness: Harness;
  let api: RunningApi;

  beforeAll(async () => {
    harness = await createHarness('redis');
    api = await harness.startApi();
  });
  afterAll(() => harness.stop());

  /** Every answer is held against the OpenAPI document. */
  async function request(token: string, method: string, path = '', body?: unknown) {
    const answer = await call(api.url, method, `${PATH}${path}`, { token, body });
    expect(contract.faults({ method, path: `${PATH}${path}`, ...answer })).toEqual([]);
    return answer;
  }
  const code = (code: string) => ({ body: { error: { code } } });

  it('are added, listed, changed and deleted; the secret is shown this once, and is readable nowhere', async () => {
    const { token } = await harness.createAccount();
    expect(await request(token, 'GET')).toMatchObject({ status: 200, body: { webhooks: [] } });
    const url = 'https://example.com/hooks?key=abc';
    const added = await request(token, 'POST', '', { url, events: ['integration.error', 'integration.error'] });
    expect(added).toMatchObject({
      status: 201,
      body: { url, events: ['integration.error'], enabled: true, failing_since: null },
    });
    const { id, secret } = added.body;
    expect(secret).toMatch(/^whsec_[\w+/]{43}=$/);
    expect(await request(token, 'PATCH', `/${id}`, { events: null, enabled: false })).toMatchObject({
      ...{ status: 200, body: { id, url, events: null, enabled: false } },
    });
    const renewed = await request(token, 'POST', `/${id}/secret`);
    expect(renewed.body.secret).not.toBe(secret);
    const listed = await request(token, 'GET');
    expect(listed.body.webhooks).toMatchObject([{ id, url, events: null, enabled: false }]);
    const rows = JSON.stringify(await harness.prisma.notificationEndpoint.findMany());
    for (const one of [secret, renewed.body.secret].map((text) => text.replace('whsec_', ''))) {
      expect(JSON.stringify(listed.body) + rows + harness.log()).not.toContain(one);
    }
    expect(harness.log()).not.toContain('key=abc');
    expect(await request(token, 'DELETE', `/${id}`)).toMatchObject({ status: 200 });
    expect(await request(token, 'DELETE', `/${id}`)).toMatchObject({ status: 404, ...code('webhook_not_found') });
  });

  it('are the account’s alone: neither another account nor an instance sees or touches them', async () => {
    const [owner, stranger] = [await harness.createAccount(), await harness.createAccount()];
    const instance = await newInstance(api.url, owner.token, 'suporte');
    const { body } = await request(owner.token, 'POST', '', { url: 'https://example.com' });
    const { body: test } = await request(owner.token, 'POST', `/${body.id}/test`);
    const calls = [
      ['PATCH', `/${body.id}`],
      ['DELETE', `/${body.id}`],
      ['POST', `/${body.id}/secret`],
      ['POST', `/${body.id}/test`],
      ['GET', `/${body.id}/deliveries`],
      ['POST', `/${body.id}/deliveries/${test.event_id}`],
    ] as const;
    for (const [method, path] of calls) {
      const given = method === 'PATCH' ? {} : undefined;
      expect(await request(stranger.token, method, path, given)).toMatchObject({ status: 404, ...code('webhook_not_found') });
      expect(await request(instance.token, method, path, given)).toMatchObject({
        status: 403,
        ...code('account_token_required'),
      });
    }
    expect((await request(stranger.token, 'GET')).body.webhooks).toEqual([]);
    expect(await request(instance.token, 'GET')).toMatchObject({ status: 403 });
    expect(await request(owner.token, 'GET', '/%00/deliveries')).toMatchObject({ status: 404, ...code('webhook_not_found') });
  });

  it('are no more than so many, however many are added at once', async () => {
    const { token } = await harness.createAccount();
    const adding = Array.from({ length: MOST + 3 }, () => request(token, 'POST', '', { url: 'https://example.com' }));
    const answers = await Promise.all(adding);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(MOST);
    for (const answer of answers.filter(({ status }) => status !== 201)) {
      expect(answer).toMatchObject({ status: 409, ...code('too_many_webhooks') });
    }
  });

  it.each([
    ['no address', {}, 'url: is required'],
    ['what is no address', { url: 'example.com' }, 'url: must be an http:// or https:// URL'],
    ['another protocol', { url: 'ftp://example.com' }, 'url: must be an http:// or https:// URL'],
    ['a password in it', { url: 'https://a:b@example.com' }, 'url: must not contain a user name or password'],
    [
      'an unknown event',
      { url: 'https://example.com', events: ['x'] },
      `events.0: must be one of ${notificationTypes.join(', ')}`,
    ],
    ['no event', { url: 'https://example.com', events: [] }, 'events: must name at least one, or be left out for all'],
  ])('are refused with %s', async (_what, body, faults) => {
    const { token } = await harness.createAccount();
    const answer = await request(token, 'POST', '', body);
    expect(answer).toMatchObject({ status: 400, body: { error: { message: `invalid body: ${faults}` } } });
  });

  it('show what came of their deliveries, and deliver one again under the same id', async () => {
    const { token } = await harness.createAccount();
    const { id } = (await request(token, 'POST', '', { url: 'https://example.com' })).body;
    const tested = await request(token, 'POST', `/${id}/test`);
    expect(tested.status).toBe(202);
    const eventId = tested.body.event_id;
    await harness.prisma.notificationDelivery.updateMany({
      where: { endpointId: id },
      data: { state: 'failed', attempts: 9, lastStatus: 500, lastDetail: 'HTTP 500', lastAttemptAt: new Date() },
    });
    const deliveries = async () => (await request(token, 'GET', `/${id}/deliveries`)).body.deliveries;
    expect(await deliveries()).toMatchObject([
      { event_id: eventId, type: 'webhook.test', state: 'failed', attempts: 9, last_status: 500, next_attempt_at: null },
    ]);
    expect(await request(token, 'POST', `/${id}/deliveries/${eventId}`)).toMatchObject({ status: 202 });
    expect(await deliveries()).toMatchObject([{ event_id: eventId, state: 'pending', attempts: 0 }]);
    expect(await request(token, 'POST', `/${id}/deliveries/evt_other`)).toMatchObject({
      status: 404,
      ...code('delivery_not_found'),
    });
  });

  it('are told nothing more of an instance that is deleted', async () => {
    const { token } = await harness.createAccount();
    const { id } = (await request(token, 'POST', '', { url: 'https://example.com' })).body;
    const instance = await newInstance(api.url, token, 'gone');
    await harness.prisma.instance.update({ where: { id: instance.id }, data: { connectionState: 'connected' } });
    await harness.prisma.instance.update({ where: { id: instance.id }, data: { connectionState: 'logged_out' } });
    expect((await request(token, 'GET', `/${id}/deliveries`)).body.deliveries).toHaveLength(1);
    expect((await call(api.url, 'DELETE', '/api/instance/delete/gone', { token })).status).toBe(200);
    expect((await request(token, 'GET', `/${id}/deliveries`)).body.deliveries).toEqual([]);
  });

  it('are on a page of the console, by the same rules: added, tested, enabled and removed by their account alone', async () => {
    const [{ token, id: accountId }, stranger] = [await harness.createAccount(), await harness.createAccount()];
    const instance = await newInstance(api.url, token, 'console');
    const [mine, theirs] = [await logIn(token), await logIn(stranger.token)];
    expect((await (await logIn(instance.token)).get('/notifications')).status).toBe(403);
    expect((await mine.get('/notifications')).body).toContain('There is no webhook yet.');
    const wrong = await mine.submit('/notifications', { url: 'ftp://example.com' });
    expect([wrong.status, String(wrong.body)]).toEqual([400, expect.stringContaining('must be an http:// or https:// URL')]);
    const added = await mine.submit('/notifications', { url: 'https://example.com/<hook>' });
    expect([added.status, String(added.body)]).toEqual([201, expect.stringMatching(/whsec_[\w+/]{43}=/)]);
    const { id } = await harness.prisma.notificationEndpoint.findFirstOrThrow({ where: { accountId } });
    const page = await mine.get('/notifications');
    expect(page.body).toContain('https://example.com/&lt;hook>');
    expect(page.body).not.toContain('whsec_');
    // A form of somebody else's page, and one of his own for what is not his.
    const form = fieldIn(page, `/notifications/${id}/delete`);
    expect((await theirs.post(`/notifications/${id}/delete`, { token: form })).status).toBe(403);
    expect((await theirs.get('/notifications')).body).not.toContain(id);
    expect((await mine.submit(`/notifications/${id}/test`)).status).toBe(303);
    await harness.prisma.notificationDelivery.updateMany({
      where: { endpointId: id },
      data: { lastAttemptAt: new Date(), lastDetail: 'HTTP 418' },
    });
    expect((await mine.get('/notifications')).body).toContain('HTTP 418');
    const disabled = { enabled: false, disabledReason: 'nothing could be delivered' };
    await harness.prisma.notificationEndpoint.update({ where: { id }, data: disabled });
    expect((await mine.get('/notifications')).body).toContain('nothing could be delivered');
    await mine.submit(`/notifications/${id}/enable`);
    expect(await harness.prisma.notificationEndpoint.findUnique({ where: { id } })).toMatchObject({ enabled: true });
    await mine.submit(`/notifications/${id}/delete`);
    expect(await harness.prisma.notificationEndpoint.findUnique({ where: { id } })).toBeNull();
  });

  /** A browser that is logged in. */
  async function logIn(token: string) {
    const jar = new Map<string, string>();
    const ask = async (method: string, path: string, form?: Record<string, string>) => {
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
      const headers = { accept: 'text/html', cookie, 'content-type': 'application/x-www-form-urlencoded' };
      const body = form && new URLSearchParams(form).toString();
      const answer = await call(api.url, method, path, { headers, body });
      for (const line of answer.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        jar.set(name, value);
      }
      return answer;
    };
    const get = (path: string) => ask('GET', path);
    const post = (path: string, form: Record<string, string>) => ask('POST', path, form);
    await post('/login', { token: fieldIn(await get('/'), '/login'), secret: token });
    const submit = async (path: string, form: Record<string, string> = {}) =>
      post(path, { token: fieldIn(await get('/notifications'), path), ...form });
    return { get, post, submit };
  }
});

/** What the form on a page proves itself with. */
const fieldIn = ({ body }: Answer, action: string): string =>
  new RegExp(`action="${action}"[^>]*><input type="hidden" name="token" value="([^"]+)"`).exec(String(body))?.[1] ?? '';
