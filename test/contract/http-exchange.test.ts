import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { collect, download, exchange, FRESH_CONNECTION, type HttpRequest } from '../../shared/http/exchange.ts';
import { createGuardedAgents } from '../../shared/http/guarded-agents.ts';

const TOKEN = 'the-token-of-the-request';
const LIMITS = { connectTimeoutMs: 400, timeoutMs: 400, maxResponseBytes: 1_000 };

const guarded = await createGuardedAgents(false, 'NONE').route(new URL('http://127.0.0.1'), { fresh: true });

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A TCP server's address is an object; only pipes have text.
  return (server.address() as AddressInfo).port;
}

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  const port = await listen(server);
  cleanups.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${port}`;
}

const post = (url: string, options: Partial<HttpRequest> = {}) =>
  exchange({ method: 'POST', url, headers: { token: TOKEN }, json: {}, route: FRESH_CONNECTION, ...LIMITS, ...options });

describe('whether the other side can have acted on a request', () => {
  it.each<[string, RequestListener, object]>([
    ['reads and never answers', (request) => void request.resume(), { sent: 'maybe', code: 'timeout' }],
    [
      'reads and hangs up',
      (request) => void request.resume().on('end', () => request.socket.destroy()),
      { sent: 'maybe', code: 'ECONNRESET' },
    ],
    [
      'breaks off its answer',
      (request, response) => {
        request.resume();
        response.writeHead(200, { 'content-length': '100' }).write('{');
        setTimeout(() => response.destroy(), 20);
      },
      { sent: 'maybe', code: 'ECONNRESET' },
    ],
  ])('it may, where the server %s', async (_, listener, failure) => {
    const result = await post(await serve(listener));
    expect(result).toEqual({ kind: 'failed', message: expect.any(String), ...failure });
    expect(JSON.stringify(result)).not.toContain(TOKEN);
  });

  it.each<[string, () => Promise<string>, Partial<HttpRequest>, string]>([
    [
      'the request did not get through whole',
      () => serve((request) => void request.pause()),
      { json: { large: 'x'.repeat(20_000_000) } },
      'timeout',
    ],
    ['the connection is refused', async () => 'http://127.0.0.1:9/', {}, 'ECONNREFUSED'],
    ['the name does not exist', async () => 'http://nobody.invalid/', { timeoutMs: 5_000, connectTimeoutMs: 5_000 }, 'ENOTFOUND'],
    ['there is no address', async () => 'nobody', {}, 'ERR_INVALID_URL'],
    ['a header cannot be sent', async () => 'http://127.0.0.1:9/', { headers: { token: `${TOKEN}\n` } }, 'ERR_INVALID_CHAR'],
    ['TLS cannot be agreed on', async () => (await serve(() => {})).replace('http', 'https'), {}, 'EPROTO'],
    ['TLS is never answered', async () => `https://127.0.0.1:${await silentPort()}`, {}, 'CONNECT_TIMEOUT'],
    ['an agent forbids the address', () => serve(() => {}), { route: guarded }, 'address_forbidden'],
    ['the caller had given up before', () => serve(() => {}), { signal: AbortSignal.abort() }, 'aborted'],
  ])('it cannot, where %s', async (_, address, options, code) => {
    const result = await post(await address(), options);
    expect(result).toEqual({ kind: 'failed', sent: false, code, message: expect.any(String) });
    expect(JSON.stringify(result)).not.toContain(TOKEN);
  });

  it('it may, where the caller gives up while the server works', async () => {
    const controller = new AbortController();
    const url = await serve((request) => void request.resume().on('end', () => controller.abort()));
    expect(await post(url, { signal: controller.signal })).toMatchObject({ kind: 'failed', sent: 'maybe', code: 'aborted' });
  });
});

describe('an exchange', () => {
  it('follows no redirect, and tells where it would lead', async () => {
    const url = await serve((_request, response) => void response.writeHead(302, { location: '/x', 'retry-after': '7' }).end());
    expect(await post(url)).toMatchObject({ kind: 'response', status: 302, location: '/x', retryAfterSeconds: 7, body: '' });
  });

  it.each([
    ['shorter', 999, 999, false],
    ['as long', 1_000, 1_000, false],
    ['longer', 100_000, 1_000, true],
  ])('reads no more of a body than it may: one that is %s', async (_, length, read, cut) => {
    const url = await serve((_request, response) => void response.end('x'.repeat(length)));
    const result = await post(url);
    expect(result).toMatchObject({ kind: 'response', cut });
    expect(result.kind === 'response' && result.body.length).toBe(read);
  });

  it.each(['POST', 'PATCH', 'PUT', 'DELETE'] as const)('%s needs no body', async (method) => {
    const url = await serve((request, response) => void request.resume().on('end', () => response.end(request.method)));
    expect(await post(url, { method, json: undefined })).toMatchObject({ kind: 'response', body: method });
  });

  it('sends no text that others refuse: neither half of a character nor NUL, wherever it stands', async () => {
    const url = await serve((request, response) => void request.pipe(response));
    const result = await post(url, { json: { 'a\u0000': ['half \ud83d', { deep: '\ude00\u0000' }], whole: '😀' } });
    expect(result).toMatchObject({ kind: 'response', body: '{"a":["half \ufffd",{"deep":"\ufffd"}],"whole":"😀"}' });
  });

  it('sends a stream as it comes, and closes it', async () => {
    const url = await serve((request, response) => {
      response.setHeader('content-type', request.headers['content-type'] ?? '');
      request.pipe(response);
    });
    const content = Readable.from([Buffer.from('one '), Buffer.from('two')]);
    const result = await post(url, { json: undefined, body: { contentType: 'text/plain', content } });
    expect(result).toMatchObject({ kind: 'response', contentType: 'text/plain', body: 'one two' });
    expect(content.destroyed).toBe(true);
  });
});

describe('a download', () => {
  const request = (url: string): HttpRequest => ({ method: 'GET', url, ...LIMITS });

  it('hands the body on as it arrives', async () => {
    const url = await serve((_request, response) => {
      response.write('first');
      arrived = () => response.end('second');
    });
    let arrived = (): unknown => undefined;
    const result = await download(request(url), async (chunks) => {
      const texts: string[] = [];
      for await (const chunk of chunks) {
        texts.push(chunk.toString());
        arrived();
      }
      return texts;
    });
    expect(result).toMatchObject({ kind: 'response', body: ['first', 'second'], cut: false });
  });

  it('is a failure where it breaks off, and whatever the reader makes of that', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('x');
      setTimeout(() => response.destroy(), 20);
    });
    expect(await download(request(url), collect)).toMatchObject({ kind: 'failed', code: 'ECONNRESET' });
    expect(await download(request(url), (chunks) => collect(chunks).catch(() => 'kept'))).toMatchObject({ kind: 'failed' });
  });

  it('throws what its reader throws', async () => {
    const url = await serve((_request, response) => void response.end('x'));
    await expect(download(request(url), () => Promise.reject(new Error('disk full')))).rejects.toThrow('disk full');
  });
});

/** Where connections are taken, and nothing is ever said. */
async function silentPort(): Promise<number> {
  const server = createTcpServer((socket) => {
    socket.on('error', () => {});
    cleanups.push(async () => socket.destroy());
  });
  const port = await listen(server);
  cleanups.push(async () => server.close());
  return port;
}
