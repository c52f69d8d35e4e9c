import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BRIDGE_TOKEN, call, createHarness, type Harness, newInstance, type RunningApi, setBody } from './harness.ts';

const MISSING = { success: false, error: { message: 'Missing token in header', code: 'missing_token' } };
const INVALID = { success: false, error: { message: 'Invalid token', code: 'invalid_token' } };

describe('who may do what', () => {
  let harness: Harness;
  let api: RunningApi;
  let account: { token: string };
  let mine: { name: string; token: string };
  let sibling: { name: string; token: string };

  beforeAll(async () => {
    harness = await createHarness('postgres');
    api = await harness.startApi();
    account = await harness.createAccount();
    mine = await newInstance(api.url, account.token, 'mine');
    sibling = await newInstance(api.url, account.token, 'sibling');
  });
  afterAll(() => harness.stop());

  const list = (name: string, options: Parameters<typeof call>[3]) => call(api.url, 'GET', `/api/chatwoot/list/${name}`, options);

  it('asks for a token, and says when nobody has the one that was sent', async () => {
    expect(await list('mine', {})).toMatchObject({ status: 401, body: MISSING });
    expect(await list('mine', { token: ' ' })).toMatchObject({ status: 401, body: MISSING });
    expect(await list('mine', { headers: { authorization: 'Basic abc' } })).toMatchObject({ status: 401, body: MISSING });
    expect(await list('mine', { token: 'nobody' })).toMatchObject({ status: 401, body: INVALID });
    expect(await call(api.url, 'GET', `/api/chatwoot/list/mine?token=${mine.token}`)).toMatchObject({
      status: 401,
      body: MISSING,
    });
  });

  it('listens where it is told to and nowhere else on the machine', async () => {
    const own = await harness.startApi({ HOST: '127.0.0.2' });
    const { port } = new URL(own.url);
    expect((await fetch(`http://127.0.0.2:${port}/healthz`)).status).toBe(200);
    await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow();
    await own.stop();
  });

  it('takes the token from the header `token` or as Bearer', async () => {
    for (const options of [{ token: account.token }, { headers: { authorization: `bearer ${account.token}` } }]) {
      expect(await list('mine', options)).toMatchObject({ status: 404, body: { error: { code: 'integration_not_found' } } });
    }
  });

  it('lets a TokenAccount act on every instance of its account and on no other, not even one of the same name', async () => {
    const stranger = await harness.createAccount();
    await newInstance(api.url, stranger.token, 'theirs');
    expect(await list('theirs', { token: account.token })).toMatchObject({
      status: 404,
      body: { error: { message: 'instance not found', code: 'instance_not_found' } },
    });
    const namesake = await newInstance(api.url, stranger.token, 'mine');
    expect(namesake.name).toBe('mine');
    expect((await list('mine', { token: stranger.token })).body.error.code).toBe('integration_not_found');
    expect((await list('mine', { token: namesake.token })).body.error.code).toBe('integration_not_found');
  });

  it('lets a TokenInstance act on its own instance only', async () => {
    expect((await list('mine', { token: mine.token })).body.error.code).toBe('integration_not_found');
    expect(await list(sibling.name, { token: mine.token })).toMatchObject({
      status: 403,
      body: {
        success: false,
        error: { message: 'Instance token does not match this instance', code: 'instance_token_mismatch' },
      },
    });
    expect((await list('no-such', { token: mine.token })).status).toBe(403);
    const created = await call(api.url, 'POST', '/api/instance/new', { token: mine.token, body: { name: 'more' } });
    expect(created).toMatchObject({ status: 403, body: { error: { code: 'account_token_required' } } });
  });

  it('does not take BRIDGE_TOKEN on a public endpoint', async () => {
    expect(await list('mine', { token: BRIDGE_TOKEN })).toMatchObject({ status: 401, body: INVALID });
  });

  it('finds no instance under a name that none can have, whatever characters it holds', async () => {
    for (const name of ['%00', '%F0%9F%98%80', 'a%2Fb', '%E2%80%AE', "'%20OR%201=1", 'x'.repeat(101)]) {
      const answer = await list(name, { token: account.token });
      expect(answer).toMatchObject({ status: 404, body: { error: { code: 'instance_not_found' } } });
    }
  });

  it('checks in the order 401, 503 gateway, 404 and 403 instance, 400 body', async () => {
    const off = await harness.startApi({ BRIDGE_URL: undefined });
    const set = (base: string, name: string, token: string, body: unknown) =>
      call(base, 'POST', `/api/chatwoot/set/${name}`, { token, body });
    const gateway = {
      message: 'integration gateway not configured (set BRIDGE_URL and BRIDGE_TOKEN)',
      code: 'gateway_not_configured',
    };
    expect((await set(off.url, 'no-such', 'nobody', '{')).body).toEqual(INVALID);
    for (const [method, path] of [
      ['POST', 'set'],
      ['GET', 'list'],
      ['DELETE', 'delete'],
      ['GET', 'activations'],
    ]) {
      const answer = await call(off.url, method ?? '', `/api/chatwoot/${path}/no-such`, { token: account.token });
      expect(answer).toMatchObject({ status: 503, body: { success: false, error: gateway } });
    }
    await off.stop();
    expect((await set(api.url, 'no-such', account.token, '{')).body.error.code).toBe('instance_not_found');
    expect((await set(api.url, 'sibling', mine.token, '{')).body.error.code).toBe('instance_token_mismatch');
    expect((await set(api.url, 'mine', mine.token, '{')).body.error).toEqual({
      message: 'invalid body: body: is not valid JSON',
      code: 'invalid_body',
    });
  });

  it.each(['null', '"text"', '5', 'true', '[]'])(
    'says of the body %s that it must be an object, not that it is no JSON',
    async (body) => {
      const answer = await call(api.url, 'POST', '/api/chatwoot/set/mine', { token: account.token, body });
      expect(answer).toMatchObject({ status: 400, body: { error: { message: 'invalid body: body: must be a JSON object' } } });
    },
  );

  it('answers a path, a method, a content type and a size that are none of ours by name', async () => {
    const { token } = account;
    expect(await call(api.url, 'GET', '/api/nothing?token=secret', { token })).toMatchObject({
      status: 404,
      body: { error: { code: 'route_not_found', message: 'no such endpoint: GET /api/nothing — see /docs' } },
    });
    const wrongMethod = await call(api.url, 'PUT', '/api/chatwoot/set/mine', { token });
    expect(wrongMethod).toMatchObject({ status: 405, body: { error: { code: 'method_not_allowed' } } });
    expect(wrongMethod.headers.get('allow')).toBe('POST');
    const form = await call(api.url, 'POST', '/api/chatwoot/set/mine', {
      token,
      body: 'a=b',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(form).toMatchObject({ status: 415, body: { error: { code: 'unsupported_media_type' } } });
    const large = await call(api.url, 'POST', '/api/chatwoot/set/mine', { token, body: setBody({ extra: 'x'.repeat(66_000) }) });
    expect(large).toMatchObject({ status: 413, body: { error: { code: 'body_too_large' } } });
    const badPath = await call(api.url, 'GET', '/api/chatwoot/list/%ZZ', { token });
    expect(badPath).toMatchObject({ status: 400, body: { error: { code: 'invalid_request' } } });
  });

  it('sends the security headers, hides what it runs on, and keeps a sane request id', async () => {
    const answer = await list('mine', { token: mine.token, headers: { 'x-request-id': 'trace-42' } });
    expect(answer.headers.get('x-request-id')).toBe('trace-42');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(answer.headers.has('x-powered-by')).toBe(false);
    const forged = await list('mine', { token: mine.token, headers: { 'x-request-id': 'a b"{}' } });
    expect(forged.headers.get('x-request-id')).toMatch(/^req_/);
    expect(harness.log()).toContain('"requestId":"trace-42"');
  });
});
