import got, { RequestError, TimeoutError } from 'got';
import { boundedOptions, parseRetryAfter, readAtMost, UNCOMPRESSED } from '../http/bounded-request.ts';
import type { BridgeFailure } from './outcome.ts';

/** What came back over the wire, before anybody says what it means. `headers` are those of Node: lower case. */
export interface RawAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly location: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly body: string;
  /** Whether the body was cut at MAX_ANSWER_BYTES. */
  readonly cut: boolean;
}

export interface RawRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** No bridge has reason to answer with more; one that does must not fill our memory. */
const MAX_ANSWER_BYTES = 1_048_576;
const CONNECT_TIMEOUT_MS = 2_000;
/** Ours, so that it cannot be taken for a socket that timed out later, when the request was already under way. */
const CONNECT_TIMED_OUT = 'CONNECT_TIMEOUT';

/**
 * One HTTP exchange: no redirect followed, no retry, a bounded time and a bounded answer. Never throws, and lets no error of got out:
 * those hold the whole request with its token.
 */
export async function exchange(request: RawRequest): Promise<RawAnswer | BridgeFailure> {
  if (request.signal?.aborted) return { kind: 'aborted' };
  const stream = got.stream(request.url, {
    method: request.method,
    headers: { ...request.headers, ...UNCOMPRESSED, accept: 'application/json' },
    json: request.json,
    signal: request.signal,
    ...boundedOptions({ connectTimeoutMs: CONNECT_TIMEOUT_MS, timeoutMs: request.timeoutMs }),
  });
  // A DELETE could carry a body, so got keeps the request open until it is told that there is none.
  if (request.method === 'DELETE') stream.end();
  try {
    const { bytes, cut } = await readAtMost(stream, MAX_ANSWER_BYTES);
    const { response } = stream;
    if (response === undefined)
      return { kind: 'network', code: 'NO_RESPONSE', message: 'the connection ended without an answer' };
    return {
      status: response.statusCode,
      contentType: response.headers['content-type'] ?? '',
      location: response.headers.location,
      retryAfterSeconds: parseRetryAfter(response.headers['retry-after']),
      body: bytes.toString('utf8'),
      cut,
    };
  } catch (error) {
    return failureOf(error, request);
  } finally {
    stream.destroy();
  }
}

function failureOf(error: unknown, request: RawRequest): BridgeFailure {
  if (request.signal?.aborted) return { kind: 'aborted' };
  if (error instanceof TimeoutError) {
    if (error.event === 'request') return { kind: 'timeout', timeoutMs: request.timeoutMs };
    // Nothing was sent yet: that is no unknown outcome but a host that does not answer.
    return {
      kind: 'network',
      code: CONNECT_TIMED_OUT,
      message: `no connection within ${CONNECT_TIMEOUT_MS} ms (${error.event})`,
    };
  }
  if (error instanceof RequestError) return { kind: 'network', code: error.code, message: error.message || error.code };
  return { kind: 'network', code: 'UNKNOWN', message: error instanceof Error ? error.name : 'unknown failure' };
}
