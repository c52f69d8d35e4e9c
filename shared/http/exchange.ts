import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { setImmediate as turn } from 'node:timers/promises';
import got, { RequestError, TimeoutError } from 'got';
import type { Allotment } from '../memory/byte-budget.ts';
import { concatInTurns } from '../memory/concat-in-turns.ts';
import { wellFormedJson } from '../text/well-formed.ts';
import { parseRetryAfter } from './retry-after.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Every text in it leaves well-formed: see {@link wellFormedJson}. */
  readonly json?: unknown;
  /** In place of `json`: a body of any other type, whole or as a stream. */
  readonly body?: HttpBody | undefined;
  /** For each step until a connection stands: look-up, TCP, TLS. */
  readonly connectTimeoutMs: number;
  /** From the end of the request to the first byte of the response; unset, only the whole is bounded. */
  readonly responseTimeoutMs?: number | undefined;
  /** The exchange as a whole, from the look-up of the name to the last byte. */
  readonly timeoutMs: number;
  /** What comes after these bytes is not read. */
  readonly maxResponseBytes: number;
  /** Unset, on a connection that Node keeps. */
  readonly route?: HttpRoute | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpBody {
  readonly contentType: string;
  readonly content: Buffer | Readable;
}

/** How to connect. `lookup` is set where a name has been resolved already: the connection must go to what was checked. */
export interface HttpRoute {
  readonly agent: { readonly http: http.Agent; readonly https: https.Agent };
  readonly lookup?: LookupFunction;
  /** What the body of the response goes on the account of; the caller gives it back when it is done with the body. */
  readonly allotment?: Allotment;
}

export interface HttpResponseHead {
  readonly kind: 'response';
  readonly status: number;
  readonly contentType: string;
  readonly location: string | undefined;
  readonly retryAfterSeconds: number | undefined;
}

export type HttpResponse<Body = string> = HttpResponseHead & {
  readonly body: Body;
  /** Whether the body was longer than it may be, and was cut. */
  readonly cut: boolean;
};

/** No response, or not the whole of it. */
export interface HttpFailure {
  readonly kind: 'failed';
  /**
   * `false`: the other side did not get the request, or not the whole of it, and cannot have acted on it. `maybe`: the request has left
   * whole, so what it asks for may be done.
   */
  readonly sent: false | 'maybe';
  /**
   * Why: Node's error code (refused, reset, DNS, TLS), or ours: `CONNECT_TIMEOUT` (no connection in time), `timeout` (a connection, but no
   * response in time), `aborted`, `address_forbidden` (the agent guards against it), `UNKNOWN`.
   */
  readonly code: string;
  readonly message: string;
}

export type HttpResult<Body = string> = HttpResponse<Body> | HttpFailure;

/**
 * A connection of its own, for a request that must not be made twice: a kept connection may be closed by the other side in the very moment
 * we use it, and then nobody knows whether it was heard.
 */
export const FRESH_CONNECTION: HttpRoute = {
  agent: { http: new http.Agent({ keepAlive: false }), https: new https.Agent({ keepAlive: false }) },
};

/** One exchange whose response is text: see {@link download}. */
export function exchange(request: HttpRequest): Promise<HttpResult> {
  const headers = { accept: 'application/json', ...request.headers };
  return download({ ...request, headers }, readText);
}

const LARGE_LENGTH = 1_048_576;

/** Decoded as it comes: all at once, fifty megabytes in another alphabet take half a second. Whoever reads a large one has a turn for that. */
async function readText(chunks: AsyncIterable<Buffer>): Promise<string> {
  const decoder = new StringDecoder('utf8');
  const parts: string[] = [];
  for await (const chunk of chunks) parts.push(decoder.write(chunk));
  const text = [...parts, decoder.end()].join('');
  if (text.length > LARGE_LENGTH) await turn();
  return text;
}

/** All of a bounded stream. */
export async function collect(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const collected: Buffer[] = [];
  for await (const chunk of chunks) collected.push(chunk);
  return concatInTurns(collected);
}

/**
 * What every call of Ponte to somebody else is: one exchange, never repeated, never redirected, never decompressed (a body could be a
 * thousand times what is read from the wire), bounded in time at each step and in size. `read` gets the body as it arrives. Throws nothing
 * but what `read` throws of its own, and lets no error of the HTTP library out: those hold the request with its tokens.
 */
export async function download<Body>(
  request: HttpRequest,
  read: (chunks: AsyncIterable<Buffer>) => Promise<Body>,
): Promise<HttpResult<Body>> {
  if (request.signal?.aborted) return { kind: 'failed', sent: false, code: 'aborted', message: 'given up' };
  let opened: Opened;
  try {
    opened = open(request);
  } catch (error) {
    return { kind: 'failed', sent: false, ...reasonOf(error, request, false) };
  }
  const { stream, progress } = opened;
  const transfer: Transfer = { cut: false, failure: undefined };
  let result: { readonly body: Body } | undefined;
  try {
    result = { body: await read(bounded(stream, request.maxResponseBytes, transfer, request.route?.allotment)) };
  } catch (error) {
    if (transfer.failure === undefined) throw error;
  } finally {
    stream.destroy();
    if (request.body !== undefined && !Buffer.isBuffer(request.body.content)) request.body.content.destroy();
  }
  const { response } = stream;
  if (transfer.failure !== undefined) {
    const { isConnected, isComplete } = progress();
    const sent = response !== undefined || (isConnected && isComplete) ? 'maybe' : false;
    return { kind: 'failed', sent, ...reasonOf(transfer.failure.error, request, isConnected) };
  }
  if (result === undefined || response === undefined) {
    return { kind: 'failed', sent: 'maybe', code: 'ECONNRESET', message: 'the connection ended without a response' };
  }
  return { ...headOf(response), ...result, cut: transfer.cut };
}

/** What became of the body while it was read. */
interface Transfer {
  cut: boolean;
  failure: { readonly error: unknown } | undefined;
}
type GotStream = ReturnType<typeof got.stream>;
type Opened = ReturnType<typeof open>;

/** What is the same for all is told once: to check it takes the library a quarter of what it costs. */
const client = got.extend({
  headers: {
    'user-agent': 'Ponte',
    // For servers that would compress unasked.
    'accept-encoding': 'identity',
  },
  decompress: false,
  followRedirect: false,
  throwHttpErrors: false,
  retry: { limit: 0 },
});

function open(request: HttpRequest) {
  const { method, url, body, route, connectTimeoutMs } = request;
  const stream = client.stream(url, {
    method,
    agent: route?.agent,
    // Node's own look-up type is one of the two that the option takes; the other is that of a cache we do not use.
    dnsLookup: route?.lookup as never,
    headers: {
      ...(body === undefined ? {} : { 'content-type': body.contentType }),
      ...request.headers,
    },
    json: wellFormedJson(request.json),
    body: body?.content,
    signal: request.signal,
    timeout: {
      lookup: connectTimeoutMs,
      connect: connectTimeoutMs,
      secureConnect: connectTimeoutMs,
      response: request.responseTimeoutMs,
      request: request.timeoutMs,
    },
  });
  // It is reported where the body is read, however late that begins.
  stream.on('error', () => {});
  // Any but a GET could carry a body, so the request stays open until it is told that there is none.
  if (method !== 'GET' && request.json === undefined && body === undefined) stream.end();
  // Once the last byte of a request has left, what was asked may be done, whatever becomes of the connection.
  let isComplete = false;
  stream.on('request', (outgoing) => outgoing.once('finish', () => (isComplete = true)));
  const progress = () => {
    // Under TLS the bytes are only buffered until both sides have agreed on a key.
    const connectedAt = url.startsWith('https:') ? stream.timings?.secureConnect : stream.timings?.connect;
    return { isComplete, isConnected: connectedAt !== undefined };
  };
  return { stream, progress };
}

/** The first `limit` bytes of a body. Keeps the library's own error to itself. */
async function* bounded(
  stream: GotStream,
  limit: number,
  transfer: Transfer,
  allotment?: Allotment,
): AsyncGenerator<Buffer, void> {
  let left = limit;
  const broken = new Promise<void>((resolve) => {
    stream.once('error', () => resolve());
    stream.once('close', () => resolve());
  });
  const chunks: AsyncIterator<Buffer> = stream[Symbol.asyncIterator]();
  for (;;) {
    const next = await chunks.next().catch((error: unknown) => {
      transfer.failure = { error };
    });
    if (next === undefined) throw new Error('the transfer broke off');
    if (next.done) return;
    // While it waits for room nothing more is read, and the time limits of the exchange run on.
    if (allotment !== undefined) await Promise.race([allotment.more(next.value.length), broken]);
    if (next.value.length > left) {
      transfer.cut = true;
      if (left > 0) yield next.value.subarray(0, left);
      return;
    }
    left -= next.value.length;
    yield next.value;
  }
}

function headOf(response: NonNullable<GotStream['response']>): HttpResponseHead {
  const { headers } = response;
  return {
    kind: 'response',
    status: response.statusCode,
    contentType: headers['content-type'] ?? '',
    location: headers.location,
    retryAfterSeconds: parseRetryAfter(headers['retry-after']),
  };
}

const CONNECTING = new Set(['lookup', 'connect', 'secureConnect']);

function reasonOf(error: unknown, request: HttpRequest, isConnected: boolean): { code: string; message: string } {
  if (request.signal?.aborted) return { code: 'aborted', message: 'given up' };
  if (error instanceof TimeoutError) {
    if (!isConnected || CONNECTING.has(error.event)) {
      const ms = Math.min(request.connectTimeoutMs, request.timeoutMs);
      return { code: 'CONNECT_TIMEOUT', message: `no connection within ${ms} ms` };
    }
    const ms = error.event === 'response' ? request.responseTimeoutMs : request.timeoutMs;
    return { code: 'timeout', message: `no answer within ${ms} ms` };
  }
  if (!(error instanceof Error)) return { code: 'UNKNOWN', message: 'unknown failure' };
  // The error of the guard against private networks has no code; what it says of our network is none of the customer's business.
  if (/ is not allowed\. Because/.test(error.message)) {
    return { code: 'address_forbidden', message: 'address forbidden: it leads to a private network' };
  }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'UNKNOWN';
  return { code, message: error instanceof RequestError ? connectionReason(error) || code : code };
}

/** What a failed connection says of itself. Where a name has several addresses the reasons are those of each, and the error is silent. */
function connectionReason({ message, cause }: Error): string {
  const reasons = cause instanceof AggregateError ? cause.errors.map((part) => (part instanceof Error ? part.message : '')) : [];
  return message || reasons.filter((reason) => reason !== '').join('; ');
}
