import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type BridgeClient, createBridgeClient } from '../../shared/bridge-client/client.ts';
import type { BridgeOutcome } from '../../shared/bridge-client/outcome.ts';
import { parseRetryAfter } from '../../shared/http/retry-after.ts';

const TOKEN = 'the-token-of-the-bridge';
const request = {
  instance_id: 'ins_1',
  instance: 'support',
  ryzeapi_url: 'http://api.example.com',
  chatwoot_base_url: 'https://chat.example.com',
  chatwoot_account_id: 5,
  chatwoot_api_token: 'the-token-of-chatwoot',
  inbox_name: 'WhatsApp',
  sign_messages: true,
  ignore_groups: true,
  start_as_pending: false,
  delete_old_inbox: false,
  reopen_resolved: false,
  deadline_at: '2026-01-01T00:00:00.000Z',
};

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** A bridge that answers as told, with a client for it and what it was asked. */
async function serve(
  answer: RequestListener,
): Promise<{ client: BridgeClient; seen: { request: IncomingMessage; body: string }[] }> {
  const seen: { request: IncomingMessage; body: string }[] = [];
  const server = createServer((incoming, response) => {
    let body = '';
    incoming.setEncoding('utf8').on('data', (chunk) => {
      body += chunk;
    });
    incoming.on('end', () => {
      seen.push({ request: incoming, body });
      answer(incoming, response);
    });
  });
  const port = await listen(server);
  cleanups.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { client: createBridgeClient({ url: `http://127.0.0.1:${port}`, token: TOKEN }), seen };
}

const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };

const activate = (client: BridgeClient, more: { timeoutMs?: number; signal?: AbortSignal } = {}) =>
  client.activate(request, { activationId: 'act_1', requestId: 'req_1', timeoutMs: 2_000, ...more });

/** Whatever it is, nothing of the two tokens is in it. */
function expectNoSecret(outcome: BridgeOutcome<unknown>): void {
  expect(JSON.stringify(outcome)).not.toMatch(/the-token-of/);
}

describe('the calls', () => {
  it('activate carries token, key and request id, and fills in what the answer leaves out', async () => {
    const { client, seen } = await serve(json(200, { id: 'int_1', something: 'new' }));
    expect(await activate(client)).toEqual({ ok: true, value: { id: 'int_1', status: 'active', something: 'new' } });
    expect(seen).toHaveLength(1);
    expect(seen[0]?.request).toMatchObject({
      method: 'POST',
      url: '/v1/integrations/activate',
      headers: {
        authorization: `Bearer ${TOKEN}`,
        'idempotency-key': 'act_1',
        'x-request-id': 'req_1',
        'content-type': 'application/json',
      },
    });
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual(request);
  });

  it('check asks the same question of another path, and keeps of the answer only what the activation would do', async () => {
    const { client, seen } = await serve(json(200, { whatever: true }));
    expect(await client.check(request, { timeoutMs: 2_000 })).toEqual({ ok: true, value: {} });
    expect([seen[0]?.request.method, seen[0]?.request.url]).toEqual(['POST', '/v1/integrations/check']);
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual(request);
  });

  it('get answers what the bridge knows, and undefined for what it does not have', async () => {
    const known = await serve(json(200, { id: 'int_1', status: 'error', last_error: 'Chatwoot is away', inbox_id: 7 }));
    expect(await known.client.get('int/1', { timeoutMs: 2_000 })).toMatchObject({
      ok: true,
      value: { status: 'error', last_error: 'Chatwoot is away', inbox_id: 7 },
    });
    expect(known.seen[0]?.request.url).toBe('/v1/integrations/int%2F1');
    const unknown = await serve(json(404, { success: false, error: { message: 'not found' } }));
    expect(await unknown.client.get('int_1', { timeoutMs: 2_000 })).toEqual({ ok: true, value: undefined });
  });

  it.each([
    ['remove', '/v1/integrations/x1'],
    ['cancel', '/v1/activations/x1'],
  ] as const)('%s is done when it is gone, and when it was not there', async (method, path) => {
    const there = await serve((_request, response) => void response.writeHead(204).end());
    expect(await there.client[method]('x1', { timeoutMs: 2_000 })).toEqual({ ok: true, value: 'removed' });
    expect([there.seen[0]?.request.method, there.seen[0]?.request.url]).toEqual(['DELETE', path]);
    const gone = await serve(json(404, { success: false, error: { message: 'not found' } }));
    expect(await gone.client[method]('x1', { timeoutMs: 2_000 })).toEqual({ ok: true, value: 'absent' });
  });

  it.each([
    ['a page', json(404, '<h1>404</h1>', { 'content-type': 'text/html' })],
    [
      'a bridge without that route',
      json(404, { success: false, error: { message: 'no such endpoint', code: 'route_not_found' } }),
    ],
    ['a bridge that is busy with it', json(409, { success: false, error: { message: 'busy', code: 'bridge_busy' } })],
  ])('remove does not take %s for something that is gone', async (_, answer) => {
    const { client } = await serve(answer);
    expect((await client.remove('int_1', { timeoutMs: 2_000 })).ok).toBe(false);
  });
});

describe('whatever goes wrong comes back as a failure, soon, and without a secret', () => {
  it.each<[string, RequestListener, object]>([
    ['a redirect is not followed', json(302, '', { location: 'http://127.0.0.1:1/' }), { kind: 'protocol', status: 302 }],
    ['an answer that is no JSON', json(200, '{"id":'), { kind: 'protocol', status: 200 }],
    ['an answer without an id', json(200, { status: 'active' }), { kind: 'protocol', detail: expect.stringContaining('(id)') }],
    [
      'an answer over 1 MiB',
      json(200, { id: 'x'.repeat(1_100_000) }),
      { kind: 'protocol', detail: expect.stringContaining('1 MiB') },
    ],
    [
      'an error of a bridge',
      json(429, { success: false, error: { message: 'slow down' } }, { 'retry-after': '7' }),
      { kind: 'http', status: 429, error: { message: 'slow down' }, retryAfterSeconds: 7 },
    ],
    ['an error of something else', json(500, 'y'.repeat(5_000)), { kind: 'http', status: 500, text: 'y'.repeat(1_000) }],
    ['a reset', (incoming) => void incoming.socket.resetAndDestroy(), { kind: 'network', sent: 'maybe', code: 'ECONNRESET' }],
    [
      'an answer that is cut off',
      (_incoming, response) => {
        response.writeHead(200, { 'content-length': '100' }).write('{"id":');
        setTimeout(() => response.destroy(), 20);
      },
      { kind: 'network', sent: 'maybe', code: 'ECONNRESET' },
    ],
    ['silence', () => {}, { kind: 'timeout', timeoutMs: 400 }],
    [
      'a byte at a time',
      (_incoming, response) => {
        const drip = setInterval(() => response.write(' '), 30);
        response.on('close', () => clearInterval(drip));
      },
      { kind: 'timeout', timeoutMs: 400 },
    ],
  ])('%s', async (_, answer, failure) => {
    const { client, seen } = await serve(answer);
    const startedAt = Date.now();
    const outcome = await activate(client, { timeoutMs: 400 });
    expect(outcome).toEqual({ ok: false, failure: expect.objectContaining(failure) });
    expect(Date.now() - startedAt).toBeLessThan(2_000);
    expect(seen).toHaveLength(1);
    expectNoSecret(outcome);
  });

  it.each([
    ['nobody listens', 'http://127.0.0.1:1', 'ECONNREFUSED'],
    ['no such host', 'http://bridge.invalid', 'ENOTFOUND'],
    ['no address at all', 'bridge', 'ERR_INVALID_URL'],
  ])('%s', async (_, url, code) => {
    const outcome = await activate(createBridgeClient({ url, token: TOKEN }));
    expect(outcome).toMatchObject({ ok: false, failure: { kind: 'network', sent: false, code } });
    expectNoSecret(outcome);
  });

  it('a port that speaks no TLS', async () => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => {});
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    });
    const port = await listen(server);
    cleanups.push(async () => void server.close());
    const outcome = await activate(createBridgeClient({ url: `https://127.0.0.1:${port}`, token: TOKEN }));
    expect(outcome).toMatchObject({ ok: false, failure: { kind: 'network', sent: false } });
    expectNoSecret(outcome);
  });

  it('a caller who gives up, before or during the call', async () => {
    const { client, seen } = await serve(() => {});
    expect(await activate(client, { signal: AbortSignal.abort() })).toEqual({ ok: false, failure: { kind: 'aborted' } });
    expect(seen).toHaveLength(0);
    const controller = new AbortController();
    const outcome = activate(client, { signal: controller.signal, timeoutMs: 10_000 });
    setTimeout(() => controller.abort(), 50);
    expect(await outcome).toEqual({ ok: false, failure: { kind: 'aborted' } });
  });
});

it.each([
  ['7', 7],
  [' 0 ', 0],
  ['Wed, 21 Oct 2026 07:28:30 GMT', 30],
  ['Wed, 21 Oct 2026 07:00:00 GMT', 0],
  ['soon', undefined],
  ['', undefined],
  [undefined, undefined],
])('Retry-After %j means %s seconds', (header, seconds) => {
  expect(parseRetryAfter(header, Date.parse('Wed, 21 Oct 2026 07:28:00 GMT'))).toBe(seconds);
});
