import http from 'node:http';
import https from 'node:https';
import got, { RequestError, TimeoutError } from 'got';
import { boundedOptions, connectionReason, parseRetryAfter, readAtMost, UNCOMPRESSED } from './bounded-request.ts';

export interface OnceRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly json?: unknown;
  /** The exchange as a whole; connecting has five seconds of it. */
  readonly timeoutMs: number;
  readonly maxAnswerBytes: number;
  readonly signal?: AbortSignal | undefined;
}

/** What came of one request, above all whether it can have had an effect. `code` is Node's, `TIMEOUT` or `ABORTED`. */
export type OnceReply =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly contentType: string;
      readonly location: string | undefined;
      readonly retryAfterSeconds: number | undefined;
      readonly body: string;
      /** Whether the body was longer than it may be, and was cut. */
      readonly cut: boolean;
    }
  /** The other side did not get the request, or not the whole of it: it cannot have acted on it. */
  | { readonly kind: 'not_sent'; readonly code: string; readonly message: string }
  /** The request went out whole, and no answer came back. */
  | { readonly kind: 'unknown'; readonly code: string; readonly message: string };

const CONNECT_TIMEOUT_MS = 5_000;
// A kept connection may be closed by the other side in the very moment we use it, and then nobody knows whether it was heard.
const agent = { http: new http.Agent({ keepAlive: false }), https: new https.Agent({ keepAlive: false }) };

/**
 * One HTTP exchange that is never repeated and never redirected, for requests that must not be made twice. Never throws, and lets no error
 * of the HTTP library out: those hold the request with its tokens.
 */
export async function sendOnce(request: OnceRequest): Promise<OnceReply> {
  if (request.signal?.aborted) return { kind: 'not_sent', code: 'ABORTED', message: 'given up' };
  const stream = got.stream(request.url, {
    method: request.method,
    agent,
    headers: { ...request.headers, ...UNCOMPRESSED, accept: 'application/json', 'user-agent': 'Ponte' },
    json: request.json,
    signal: request.signal,
    ...boundedOptions({ connectTimeoutMs: CONNECT_TIMEOUT_MS, timeoutMs: request.timeoutMs }),
  });
  // Once the last byte of a request has left, what was asked may be done, whatever becomes of the connection.
  let complete = false;
  stream.on('request', (outgoing) => outgoing.once('finish', () => (complete = true)));
  try {
    const { bytes, cut } = await readAtMost(stream, request.maxAnswerBytes);
    const { response } = stream;
    if (response === undefined) return { kind: 'unknown', code: 'ECONNRESET', message: 'the connection ended without an answer' };
    const { headers } = response;
    return {
      kind: 'answer',
      status: response.statusCode,
      contentType: headers['content-type'] ?? '',
      location: headers.location,
      retryAfterSeconds: parseRetryAfter(headers['retry-after']),
      body: bytes.toString('utf8'),
      cut,
    };
  } catch (error) {
    // Under TLS the bytes are only buffered until both sides have agreed on a key.
    const secured = !request.url.startsWith('https:') || stream.timings?.secureConnect !== undefined;
    return { kind: complete && secured ? 'unknown' : 'not_sent', ...reasonOf(error, request) };
  } finally {
    stream.destroy();
  }
}

function reasonOf(error: unknown, { signal, timeoutMs }: OnceRequest): { code: string; message: string } {
  if (signal?.aborted) return { code: 'ABORTED', message: 'given up' };
  if (error instanceof TimeoutError) {
    const message =
      error.event === 'request' ? `no answer within ${timeoutMs} ms` : `no connection within ${CONNECT_TIMEOUT_MS} ms`;
    return { code: 'TIMEOUT', message };
  }
  if (!(error instanceof RequestError)) return { code: 'UNKNOWN', message: 'unknown failure' };
  return { code: error.code, message: connectionReason(error) || error.code };
}
