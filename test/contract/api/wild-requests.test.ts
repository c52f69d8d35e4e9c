import { type OutgoingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createContract } from '../../support/openapi.ts';
import { waitFor } from '../../support/wait-for.ts';
import { startFakeBridge } from './fake-bridge.ts';
import { BRIDGE_TOKEN, call, createHarness, type Harness, newInstance, type RunningApi, setBody } from './harness.ts';
import { startTinyWorker } from './tiny-worker.ts';

interface WildRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer | undefined;
}

const contract = createContract();

/** fetch would tidy up much of what is to arrive as it is. */
function send(base: string, wild: WildRequest): Promise<{ status: number; headers: Headers; text: string }> {
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { hostname, port, method: wild.method, path: wild.path, headers: wild.headers, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const headers = new Headers();
          for (const [name, value] of Object.entries(response.headers)) headers.set(name, String(value));
          resolve({ status: response.statusCode ?? 0, headers, text: Buffer.concat(chunks).toString() });
        });
      },
    );
    outgoing.setTimeout(20_000, () => outgoing.destroy(new Error('no answer within 20 s')));
    outgoing.on('error', reject);
    outgoing.end(wild.body);
  });
}

// What a request target and a header value may hold on the wire.
const pathText = fc.stringMatching(/^[!-~]{0,40}$/).filter((text) => !/[?#]/.test(text));
const headerText = fc.stringMatching(/^[ -~\u00a0-\u00ff]{0,60}$/);
const percent = fc.constantFrom(
  '%',
  '%ZZ',
  '%00',
  '%ff',
  '%2e%2e%2f',
  '%F0%9F%98%80',
  '%E0%80%AF',
  '%2F',
  '__proto__',
  'constructor',
  '..',
);
const name = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('mine', 'other', 'MINE') },
  percent,
  pathText,
  fc
    .string({ minLength: 1, maxLength: 120, unit: 'binary' })
    .map((text) => encodeURIComponent(text.replace(/\p{Surrogate}/gu, '?'))),
);
const endpoint = fc.constantFrom(
  '/api/chatwoot/set/',
  '/api/chatwoot/check/',
  '/api/chatwoot/list/',
  '/api/chatwoot/delete/',
  '/api/chatwoot/activations/',
  '/api/message/text/',
  '/api/message/media/',
  '/api/events/ingest/',
);
const query = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  pathText.map((text) => `?instanceName=${text}`),
  percent.map((text) => `?token=${text}&a[b]=${text}`),
);
const path = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(endpoint, name, query).map((parts) => parts.join('')) },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constantFrom('/api/instance/new', '/api/instance/list'), query).map((parts) => parts.join('')),
  },
  fc
    .tuple(fc.constantFrom('/', '/api', '/api/', '//', '/ws/chatwoot/', '/API/Instance/List/', '/api/chatwoot/'), pathText)
    .map((parts) => parts.join('')),
);

const wildValue = fc.oneof(
  fc.constantFrom(null, 0, -1, 1.5, 2 ** 31, 1e308, -0, '', ' ', 'null', '\u0000', '\ud800', 'x'.repeat(70_000), true, [], {}),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.jsonValue({ maxDepth: 3 }),
);
const fields = fc.constantFrom(
  ...[
    'chatwootBaseUrl',
    'chatwootAccountId',
    'chatwootApiToken',
    'inboxName',
    'signMessages',
    'name',
    'token',
    'engineKind',
    'engineUrl',
    'engineToken',
  ],
  ...[
    'chatwootEnabled',
    'chatwootInboxName',
    '__proto__',
    'constructor',
    'toString',
    'number',
    'message',
    'mediaType',
    'event',
    'data',
  ],
);
const wildObject = fc
  .array(fc.tuple(fields, wildValue), { maxLength: 6 })
  .map(
    (entries) =>
      JSON.stringify({ ...setBody(), name: 'mine' }).slice(0, -1) +
      entries.map(([key, value]) => `,${JSON.stringify(key)}:${JSON.stringify(value)}`).join('') +
      '}',
  );
const body = fc.oneof(
  { weight: 4, arbitrary: wildObject.map((text) => Buffer.from(text)) },
  { weight: 1, arbitrary: fc.constant(Buffer.from(JSON.stringify(setBody()))) },
  fc.constant(undefined),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  fc
    .constantFrom('', '{', '[]', 'null', '"x"', '1e999', '{"a":1,"a":2}', `${'['.repeat(5_000)}${']'.repeat(5_000)}`, '\ufeff{}')
    .map((text) => Buffer.from(text)),
  fc.constant(Buffer.from(JSON.stringify(setBody({ more: 'x'.repeat(70_000) })))),
  fc.constant(gzipSync(JSON.stringify(setBody()))),
);
const headers = (tokens: readonly string[]) =>
  fc.record(
    {
      token: fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...tokens) }, headerText),
      authorization: fc.oneof(
        headerText,
        fc.constantFrom(...tokens).map((token) => `Bearer ${token}`),
      ),
      'content-type': fc.oneof(
        { weight: 6, arbitrary: fc.constant('application/json') },
        fc.constantFrom(
          'text/plain',
          'application/json; charset=latin1',
          'application/json; charset=utf-16',
          'application/json;;',
          '',
          'multipart/form-data',
        ),
        headerText,
      ),
      'content-encoding': fc.constantFrom('gzip', 'br', 'identity', 'zstd', 'nonsense'),
      'idempotency-key': fc.oneof(headerText, fc.constantFrom('k', 'x'.repeat(300))),
      prefer: fc.constantFrom('respond-async', 'respond-async;;,', ',,,=', 'return=minimal'),
      'x-request-id': headerText,
      'x-forwarded-for': headerText,
      accept: headerText,
      'transfer-encoding': fc.constant('chunked'),
    },
    { requiredKeys: [] },
  );
const method = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('GET', 'POST', 'POST', 'POST', 'DELETE') },
  fc.constantFrom('PUT', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND', 'M-SEARCH'),
);

const sane = (token: string) =>
  fc
    .constantFrom<[string, string, object | undefined]>(
      ['POST', '/api/chatwoot/set/mine', setBody()],
      ['POST', '/api/chatwoot/check/mine', setBody()],
      ['GET', '/api/chatwoot/list/mine', undefined],
      ['DELETE', '/api/chatwoot/delete/other', undefined],
      ['POST', '/api/instance/new', { name: 'mine' }],
      ['POST', '/api/message/text/mine', { number: '5511999999999', message: 'x' }],
      ['POST', '/api/events/ingest/mine', { event: 'message.exchange', data: { id: '1', chat: { jid: '1@s.whatsapp.net' } } }],
    )
    .map(
      ([verb, target, json]): WildRequest => ({
        method: verb,
        path: target,
        headers: { token, ...(json ? { 'content-type': 'application/json' } : {}) },
        body: json && Buffer.from(JSON.stringify(json)),
      }),
    );

/** A request that would do, but for one thing. */
const nearlySane = (token: string, wildHeaders: fc.Arbitrary<OutgoingHttpHeaders>): fc.Arbitrary<WildRequest> =>
  fc
    .tuple(
      sane(token),
      fc.oneof(
        fc.constant({}),
        fc.record({ method }),
        fc.record({ path }),
        fc.record({ body }),
        wildHeaders.map((more) => ({ more })),
      ),
    )
    .map(([request, change]) => {
      const { more = {}, ...rest } = change as Partial<WildRequest> & { more?: OutgoingHttpHeaders };
      return { ...request, ...rest, headers: { ...request.headers, ...more } };
    });

/** What chance alone seldom brings: of each status that is to be seen, one. */
const seldom = (account: string, ofMine: string): WildRequest[] => {
  const json = { 'content-type': 'application/json' };
  const body = Buffer.from(JSON.stringify(setBody()));
  const set = { method: 'POST', path: '/api/chatwoot/set/mine', headers: { token: account, ...json }, body };
  return [
    set,
    { ...set, headers: { ...json } },
    { ...set, headers: { token: account, 'content-type': 'text/plain' } },
    { ...set, body: Buffer.from('{}') },
    { ...set, body: Buffer.alloc(3_000_000, ' ') },
    { ...set, path: '/api/chatwoot/set/nobody' },
    { method: 'PUT', path: '/api/chatwoot/list/mine', headers: { token: account }, body: undefined },
    { method: 'GET', path: '/api/chatwoot/list/mine', headers: { token: account }, body: undefined },
    { method: 'GET', path: '/api/chatwoot/list/other', headers: { token: ofMine }, body: undefined },
  ];
};

describe('requests of every kind', () => {
  let harness: Harness;
  let api: RunningApi;
  let bridge: Awaited<ReturnType<typeof startFakeBridge>>;
  let worker: ReturnType<typeof startTinyWorker>;
  let account: { token: string };

  beforeAll(async () => {
    bridge = await startFakeBridge(() => ({ status: 200, body: { ok: true } }));
    harness = await createHarness('postgres', { BRIDGE_URL: bridge.url, ACTIVATION_TIMEOUT_MS: '5000', LOG_LEVEL: 'info' });
    api = await harness.startApi();
    account = await harness.createAccount();
    worker = startTinyWorker(harness);
  });
  afterAll(async () => {
    await worker.stop();
    await harness.stop();
    await bridge.stop();
  });

  it('are all answered as the OpenAPI document says, without a defect and without a word of our insides', async () => {
    const mine = await newInstance(api.url, account.token, 'mine');
    await newInstance(api.url, account.token, 'other');
    const tokens = [account.token, account.token, mine.token, BRIDGE_TOKEN, 'nobody', ''];
    const wild = fc.oneof(fc.record({ method, path, headers: headers(tokens), body }), {
      weight: 2,
      arbitrary: nearlySane(account.token, headers(tokens)),
    });
    const statuses = new Map<number, number>();
    await fc.assert(
      fc.asyncProperty(wild, async (given) => {
        const bodiless = given.body === undefined || given.method === 'TRACE';
        const { 'transfer-encoding': chunked, ...rest } = given.headers;
        // Node itself refuses to send a length together with chunks.
        const framing = bodiless ? {} : chunked ? { 'transfer-encoding': chunked } : { 'content-length': given.body?.length };
        const answer = await send(api.url, {
          ...given,
          headers: { ...rest, ...framing },
          body: bodiless ? undefined : given.body,
        });
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
        expect(answer.status).not.toBe(500);
        expect(answer.text).not.toMatch(/node_modules|\.ts:\d+|prisma|PrismaClient|ECONN|SELECT /i);
        if (given.method === 'HEAD') return;
        const path = given.path.split('?', 1)[0] ?? '';
        const faults = contract.faults({ ...answer, method: given.method, path, body: JSON.parse(answer.text) });
        // The bridge is not counted.
        const isBridge = JSON.stringify(given.headers).includes(BRIDGE_TOKEN);
        expect(faults.filter((fault) => !isBridge || !fault.startsWith('header X-RateLimit'))).toEqual([]);
      }),
      { numRuns: 120, examples: seldom(account.token, mine.token).map((request): [WildRequest] => [request]) },
    );
    const log = harness.log();
    expect(log).not.toContain('unexpected error');
    // The generator must reach the insides, or this proves nothing.
    for (const status of [200, 201, 400, 401, 403, 404, 405, 413, 415])
      expect([status, statuses.get(status) ?? 0]).not.toEqual([status, 0]);
  }, 240_000);

  it('that carry two tokens carry none that anybody has', async () => {
    const { port } = new URL(api.url);
    const answer = await raw(Number(port), [
      'GET /api/instance/list HTTP/1.1',
      'Host: x',
      `token: ${account.token}`,
      'token: nobody',
      'Connection: close',
    ]);
    expect(answer).toMatch(/^HTTP\/1\.1 401 [\s\S]*"invalid_token"/);
  });

  it('that are no HTTP are answered 400 in the form of every other error, and the server lives on', async () => {
    const port = Number(new URL(api.url).port);
    for (const lines of [
      ['NONSENSE'],
      ['GET / HTTP/1.1', 'Host: x', 'Bad Header: x'],
      ['POST /api/instance/new HTTP/1.1', 'Host: x', 'Content-Length: 5', 'Transfer-Encoding: chunked'],
      ['GET / HTTP/1.1', 'Host: x', `X: ${'x'.repeat(20_000)}`],
    ]) {
      const answer = await raw(port, lines);
      expect(answer).toMatch(/^HTTP\/1\.1 400 /);
      expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toMatchObject({ success: false, error: { code: 'invalid_request' } });
    }
    expect((await call(api.url, 'GET', '/healthz')).status).toBe(200);
  });

  it('that end in the middle of their body leave nothing behind', async () => {
    const { port } = new URL(api.url);
    for (let n = 0; n < 10; n += 1) {
      const socket = connect(Number(port), '127.0.0.1');
      socket.write(
        `POST /api/chatwoot/set/mine HTTP/1.1\r\nHost: x\r\ntoken: ${account.token}\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"chatwoot`,
      );
      await new Promise((resolve) => socket.once('ready', () => setTimeout(resolve, 30)));
      socket.destroy();
    }
    await waitFor(async () => (await call(api.url, 'GET', '/readyz')).status === 200);
    expect(harness.log()).not.toContain('unexpected error');
  });
});

function raw(port: number, lines: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`${lines.join('\r\n')}\r\n\r\n`));
    let text = '';
    socket.setTimeout(10_000, () => socket.destroy(new Error('no answer')));
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(text));
  });
}
