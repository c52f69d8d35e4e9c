import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createWhatsappEngineSimulator, type WhatsappEngineSimulator } from '../../../simulators/whatsapp-engine/index.ts';
import { createFaultProxy, type FaultProxy } from '../../support/fault-proxy.ts';
import { BRIDGE_TOKEN, call, createHarness, type Harness, newInstance, type RunningApi } from './harness.ts';

const ENGINE_TOKEN = 'engine-token-marker-0123456789';
const NUMBER = '5511999999999';
let count = 0;
const SEND = /^\/api\/message\//;

let harness: Harness;
let api: RunningApi;
let engine: WhatsappEngineSimulator;
const engineLog: string[] = [];
let proxy: FaultProxy;
let account: { id: string; token: string };
let instance: { id: string; name: string; token: string };

beforeAll(async () => {
  engine = createWhatsappEngineSimulator({ token: ENGINE_TOKEN, log: (line) => engineLog.push(line) });
  const { port } = await engine.start();
  proxy = await createFaultProxy({ target: { port } });
  harness = await createHarness('postgres', { ENGINE_URL: `http://127.0.0.1:${proxy.port}`, ENGINE_TOKEN });
  api = await harness.startApi();
  account = await harness.createAccount();
  instance = await newInstance(api.url, account.token, 'suporte');
  engine.state.addInstance({ name: 'suporte', token: instance.token, ingestUrl: null });
});
afterAll(async () => {
  await harness?.stop();
  await proxy?.stop();
  await engine?.stop();
});
afterEach(async () => {
  engine.faults.clear();
  engine.state.setConnected('suporte', true);
  await proxy.set({ mode: 'pass' });
});

const text = (body: unknown, { token = instance.token, name = 'suporte', headers = {} } = {}) =>
  call(api.url, 'POST', `/api/message/text/${name}`, { token, body, headers });
const media = (body: unknown) => call(api.url, 'POST', '/api/message/media/suporte', { token: instance.token, body });
const lastSent = () => engine.state.sent('suporte').at(-1);
const fault = (action: Parameters<typeof engine.faults.add>[0]['action']) =>
  engine.faults.add({ method: 'POST', path: SEND, times: 1, action });

describe('POST /api/message', () => {
  it('goes to the engine, key by key, and the engine’s answer comes back', async () => {
    const body = {
      number: NUMBER,
      message: 'Olá',
      delay: 0,
      linkPreview: true,
      replyTo: '3EB0',
      source: 'crm',
      mentionAll: false,
      other: { a: [1] },
    };
    const answer = await text(body);
    expect(answer).toMatchObject({ status: 200, body: { success: true, status: 'sent', data: { messageId: lastSent()?.id } } });
    expect(lastSent()?.request).toEqual(body);
  });

  it('takes an account’s token, an instance’s, and the bridge’s with the instance’s id', async () => {
    const body = { number: NUMBER, message: 'x' };
    expect((await text(body, { token: account.token })).status).toBe(200);
    expect((await text(body, { token: BRIDGE_TOKEN, name: instance.id })).status).toBe(200);
    expect((await text(body, { token: BRIDGE_TOKEN })).body.error).toMatchObject({ code: 'instance_not_found' });
    expect((await text(body, { token: BRIDGE_TOKEN, name: '%00' })).body.error).toMatchObject({ code: 'instance_not_found' });
    expect((await text(body, { token: 'nobody' })).body.error).toMatchObject({ code: 'invalid_token' });
    const other = await newInstance(api.url, (await harness.createAccount()).token, 'outra');
    expect((await text(body, { token: other.token })).body.error).toMatchObject({ code: 'instance_token_mismatch' });
    expect((await text(body, { token: account.token, name: 'nenhuma' })).body.error).toMatchObject({
      code: 'instance_not_found',
    });
  });

  it('takes files by address and as base64', async () => {
    const base64 = Buffer.from('%PDF-1.4 hello').toString('base64');
    const file = { number: NUMBER, mediaType: 'document', mediaBase64: base64, fileName: 'a.pdf', message: 'legenda' };
    expect((await media(file)).status).toBe(200);
    expect(lastSent()).toMatchObject({ content: { type: 'document', caption: 'legenda' }, media: { base64 } });
  });

  // On a machine under heavy load the connection to the simulated engine was seen to break, twice in fifty runs; why is not known.
  it('takes a large file as base64', { retry: 2 }, async () => {
    const mediaBase64 = Buffer.alloc(6_000_000, 'x').toString('base64');
    const answer = await media({ number: NUMBER, mediaType: 'document', mediaBase64, fileName: 'a.pdf', message: '' });
    expect(answer, `${JSON.stringify(answer.body)}; ${engineLog.at(-1)}`).toMatchObject({ status: 200 });
  });

  it.each<[unknown, string]>([
    [{}, 'number: is required; message: is required'],
    [{ number: 5511, message: 'x' }, 'number: must be text'],
    [{ number: 'Maria', message: 'x' }, 'number: must be a phone number'],
    [{ number: 'x@example.com', message: 'x' }, 'number: must be a phone number'],
    [{ number: NUMBER, message: '' }, 'message: must not be empty'],
    [{ number: NUMBER, message: 'x'.repeat(65_537) }, 'message: must have at most 65536 characters'],
    [{ number: NUMBER, message: 'x', delay: -1 }, 'delay: must not be negative'],
    [{ number: NUMBER, message: 'x', mention: 'all' }, 'mention: must be a list of numbers'],
  ])('refuses the text %j and names the field', async (body, reason) => {
    const answer = await text(body);
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'invalid_body' } } });
    expect(answer.body.error.message).toContain(reason);
  });

  it.each<[Record<string, unknown>, string]>([
    [{ mediaType: 'sticker', mediaUrl: 'https://x.com/a' }, 'mediaType: must be image, video, document or audio'],
    [{ mediaType: 'image' }, 'mediaUrl: exactly one of mediaUrl and mediaBase64'],
    [{ mediaType: 'image', mediaUrl: 'https://x.com/a', mediaBase64: 'eA==' }, 'mediaUrl: exactly one of'],
    [{ mediaType: 'audio', mediaUrl: 'https://x.com/a', isVoice: 'yes' }, 'isVoice: must be true or false'],
  ])('refuses the file %j and names the field', async (body, reason) => {
    const answer = await media({ number: NUMBER, ...body });
    expect(answer.status).toBe(400);
    expect(answer.body.error.message).toContain(reason);
  });

  it.each([
    NUMBER,
    '+55 (11) 99999-9999',
    '120363041234567890@g.us',
    '123456789012345@lid',
    '1203630000@newsletter',
    `${NUMBER}@s.whatsapp.net`,
  ])('takes %s for a number', async (number) => {
    const answer = await text({ number, message: 'x' });
    expect(answer.body.error?.code).not.toBe('invalid_body');
  });

  it('passes a sane Idempotency-Key on to the engine, and the engine’s token in its header', async () => {
    const seen: Record<string, unknown>[] = [];
    const spy = await listen((request, response) => {
      seen.push({ ...request.headers, url: request.url });
      request.resume();
      response.setHeader('content-type', 'application/json').end('{"success":true,"data":{"messageId":"1"}}');
    });
    const own = await instanceAt(spy.url, 'own-engine-token');
    await text(
      { number: NUMBER, message: 'x' },
      { name: own.name, token: own.token, headers: { 'idempotency-key': 'int_1:102:0' } },
    );
    expect(seen).toMatchObject([
      { token: 'own-engine-token', 'idempotency-key': 'int_1:102:0', url: `/api/message/text/${own.name}` },
    ]);
    await spy.close();
  });
});

describe('when the engine of an instance', () => {
  const send = () => text({ number: NUMBER, message: 'x' });

  it.each<[string, () => unknown, number, string, string]>([
    ['cannot be reached', () => proxy.set({ mode: 'refuse' }), 502, 'engine_unreachable', 'ECONNREFUSED'],
    [
      'is not connected to WhatsApp',
      () => engine.state.setConnected('suporte', false),
      503,
      'engine_not_connected',
      'Instance is not connected to WhatsApp',
    ],
    [
      'limits us',
      () => fault({ kind: 'status', status: 429, body: {}, headers: { 'retry-after': '7' } }),
      503,
      'engine_rate_limited',
      'limiting',
    ],
    [
      'is down behind its proxy (503)',
      () => fault({ kind: 'status', status: 503, body: '<html>' }),
      502,
      'engine_unreachable',
      'HTTP 503: an HTML page',
    ],
    [
      'refuses',
      () => fault({ kind: 'status', status: 400, body: { success: false, error: { message: `no ${ENGINE_TOKEN}` } } }),
      502,
      'engine_refused',
      'HTTP 400: no [redacted]',
    ],
    [
      'refuses its token',
      () => fault({ kind: 'status', status: 401, body: { success: false, error: { message: 'Invalid token' } } }),
      502,
      'engine_refused',
      'verify engineToken',
    ],
    [
      'says no with HTTP 200',
      () => fault({ kind: 'status', status: 200, body: { success: false, message: 'blocked' } }),
      502,
      'engine_refused',
      'blocked',
    ],
    [
      'fails with a reason',
      () => fault({ kind: 'status', status: 500, body: { success: false, error: { message: 'not on WhatsApp' } } }),
      502,
      'engine_refused',
      'not on WhatsApp',
    ],
    ['is no engine', () => fault({ kind: 'status', status: 200, body: '<html>hello' }), 502, 'engine_refused', 'no WhatsApp API'],
    [
      'redirects',
      () => fault({ kind: 'status', status: 301, headers: { location: 'https://x.com/' } }),
      502,
      'engine_refused',
      'a redirect to https://x.com/',
    ],
    [
      'breaks down',
      () => fault({ kind: 'status', status: 500, body: '<html>' }),
      504,
      'engine_outcome_unknown',
      'may or may not',
    ],
    [
      'is lost behind its proxy (502)',
      () => fault({ kind: 'status', status: 502, body: '<html>' }),
      504,
      'engine_outcome_unknown',
      'may or may not',
    ],
    ['hangs up without an answer', () => fault({ kind: 'resetAfterEffect' }), 504, 'engine_outcome_unknown', 'may or may not'],
    [
      'hangs up in the middle of its answer',
      () => fault({ kind: 'truncateBody' }),
      504,
      'engine_outcome_unknown',
      'may or may not',
    ],
  ])('%s, that is what the caller is told, after one try', async (_, arrange, status, code, message) => {
    await arrange();
    const before = engine.state.sent('suporte').length;
    const answer = await send();
    expect(answer).toMatchObject({ status, body: { success: false, error: { code } } });
    expect(answer.body.error.message).toContain(message);
    expect(JSON.stringify(answer.body)).not.toContain(ENGINE_TOKEN);
    expect(engine.state.sent('suporte').length - before).toBeLessThanOrEqual(1);
  });

  it('limits us, the caller is told when to go on', async () => {
    fault({ kind: 'status', status: 429, headers: { 'retry-after': '7' } });
    expect((await send()).headers.get('retry-after')).toBe('7');
  });

  it('is not known, the caller is told before the body is looked at', async () => {
    const bare = await harness.startApi({ ENGINE_URL: undefined, ENGINE_TOKEN: undefined });
    const answer = await call(bare.url, 'POST', '/api/message/text/suporte', { token: instance.token, body: {} });
    expect(answer).toMatchObject({ status: 503, body: { error: { code: 'engine_not_configured' } } });
    await bare.stop();
  });

  it('is one that a customer named without a token, as once was possible: the operator’s token does not go there', async () => {
    const seen: unknown[] = [];
    const spy = await listen((request, response) => {
      seen.push(request.headers.token);
      response.end();
    });
    const own = await instanceAt(spy.url, 'to-be-gone');
    await harness.prisma.instance.updateMany({ where: { name: own.name }, data: { engineToken: null } });
    const answer = await text({ number: NUMBER, message: 'x' }, { name: own.name, token: own.token });
    expect(answer.body.error.code).toBe('engine_not_configured');
    expect(seen).toEqual([]);
    await spy.close();
  });

  it('answers with more than it may, no more than that is read', async () => {
    const spy = await listen((request, response) => {
      request.resume();
      response.setHeader('content-type', 'application/json').end(`{"success":true,"junk":"${'x'.repeat(3_000_000)}"}`);
    });
    const own = await instanceAt(spy.url, 'token-of-it');
    const answer = await text({ number: NUMBER, message: 'x' }, { name: own.name, token: own.token });
    expect(answer.body.error.code).toBe('engine_outcome_unknown');
    await spy.close();
  });
});

describe('a message’s file', () => {
  const fetchMedia = (messageId: string, token = instance.token, name = 'suporte') =>
    call(api.url, 'GET', `/api/message/media/${name}/${messageId}`, { token });

  it('is fetched from the engine, for the bridge by the instance’s id', async () => {
    const { id } = engine.state.receive('suporte', {
      from: { phone: '5511988887777', name: 'Maria' },
      content: { type: 'image', media: {} },
    });
    const answer = await fetchMedia(id, BRIDGE_TOKEN, instance.id);
    expect(answer).toMatchObject({ status: 200, body: { message_id: id, media_type: 'image', mime_type: 'image/png' } });
    expect(Buffer.from(answer.body.base64, 'base64').subarray(1, 4).toString()).toBe('PNG');
  });

  it('that the engine does not have is told as that', async () => {
    expect((await fetchMedia('3EB0NONE')).body.error).toMatchObject({
      code: 'engine_refused',
      message: expect.stringContaining('HTTP 404'),
    });
    expect((await fetchMedia('x%2F..%2Fy')).body.error).toMatchObject({ code: 'invalid_request' });
  });

  it('can be asked for again after any failure: reading changes nothing', async () => {
    engine.faults.add({ method: 'GET', path: /base64/, times: 1, action: { kind: 'resetAfterEffect' } });
    expect((await fetchMedia('3EB0')).body.error).toMatchObject({ code: 'engine_unreachable' });
  });
});

describe('an engine address that a customer gives', () => {
  const guarded = async (env: Record<string, string>) => {
    const { url } = await harness.startApi({ ENGINE_ALLOW_PRIVATE_NETWORK: 'false', ...env });
    return url;
  };

  it('leads nowhere private, and is told so, while the operator’s own may', async () => {
    const seen: string[] = [];
    const inner = await listen((request, response) => {
      seen.push(request.url ?? '');
      response.setHeader('content-type', 'application/json').end('{"AccessKeyId":"AKIAMARKER"}');
    });
    const url = await guarded({});
    for (const address of [
      inner.url,
      inner.url.replace('127.0.0.1', '[::ffff:127.0.0.1]'),
      inner.url.replace('127.0.0.1', 'localhost'),
    ]) {
      const own = await instanceAt(address, 'x');
      const sent = await call(url, 'POST', `/api/message/text/${own.name}`, {
        token: own.token,
        body: { number: NUMBER, message: 'x' },
      });
      expect(sent).toMatchObject({ status: 400, body: { error: { code: 'engine_address_forbidden' } } });
      const file = await call(url, 'GET', `/api/message/media/${own.name}/ABC`, { token: own.token });
      expect(file).toMatchObject({ status: 400, body: { error: { code: 'engine_address_forbidden' } } });
      expect(JSON.stringify([sent, file])).not.toContain('AKIAMARKER');
    }
    expect(seen).toEqual([]);
    const byOperator = await call(url, 'POST', '/api/message/text/suporte', {
      token: instance.token,
      body: { number: NUMBER, message: 'x' },
    });
    expect(byOperator.status).toBe(200);
    await inner.close();
  });

  it('may lead into the ranges that the operator allows, and no further', async () => {
    const inner = await listen((_request, response) => response.end('{"success":true,"data":{"messageId":"1"}}'));
    const own = await instanceAt(inner.url, 'x');
    const send = (url: string) =>
      call(url, 'POST', `/api/message/text/${own.name}`, { token: own.token, body: { number: NUMBER, message: 'x' } });
    expect((await send(await guarded({ ENGINE_ALLOW_PRIVATE_NETWORK: '127.0.0.1' }))).status).toBe(200);
    expect((await send(await guarded({ ENGINE_ALLOW_PRIVATE_NETWORK: '127.0.0.2' }))).status).toBe(400);
    await inner.close();
  });

  it.each(['http://h.example/?a=', 'http://h.example/#x', 'http://user:pass@h.example/'])(
    'is none with %s: nothing may swallow the path',
    async (engineUrl) => {
      const { status, body } = await call(api.url, 'POST', '/api/instance/new', {
        token: account.token,
        body: { name: `odd-${++count}`, engineUrl, engineToken: 'x' },
      });
      expect(status).toBe(400);
      expect(body.error.message).toMatch(/^invalid body: engineUrl: must not contain/);
    },
  );
});

async function listen(listener: RequestListener): Promise<{ url: string; close(): Promise<void> }> {
  const server: Server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A TCP server's address is an object; only pipes have text.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** An instance with an engine of its own. */
async function instanceAt(engineUrl: string, engineToken: string): Promise<{ name: string; token: string }> {
  const name = `own-${++count}`;
  const { body } = await call(api.url, 'POST', '/api/instance/new', {
    token: account.token,
    body: { name, engineUrl, engineToken },
  });
  return body.instance;
}
