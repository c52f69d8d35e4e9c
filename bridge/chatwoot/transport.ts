import got, { RequestError, TimeoutError } from 'got';
import { maskSecrets } from '../../shared/bridge-client/detail.ts';
import {
  boundedOptions,
  connectionReason,
  parseRetryAfter,
  readAtMost,
  UNCOMPRESSED,
} from '../../shared/http/bounded-request.ts';
import { parseJson } from '../../shared/http/parse-json.ts';
import type { ChatwootAgents } from './agents.ts';
import type { Multipart } from './multipart.ts';

export interface ChatwootRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly token: string;
  readonly json?: unknown;
  /** In place of `json`: a multipart form, for files. */
  readonly form?: Multipart;
  /** From the end of the request to the first byte of the answer. */
  readonly responseTimeoutMs: number;
  /** The exchange as a whole, from the look-up of the name to the last byte. */
  readonly timeoutMs: number;
  readonly maxAnswerBytes: number;
  /** On a connection of its own: see ChatwootAgents. */
  readonly fresh?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** What came of one request. Holds no token: what Chatwoot (or whoever answers in its place) says is masked before it gets in here. */
export type ChatwootReply = { readonly method: string; readonly url: string } & (
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly contentType: string;
      readonly location: string | undefined;
      readonly retryAfterSeconds: number | undefined;
      /** Its beginning, for people: masked, at most 1,000 characters. */
      readonly body: string;
      /** The parsed body; undefined when it is not JSON, not declared as JSON, or larger than it may be. */
      readonly json: unknown;
    }
  | {
      readonly kind: 'none';
      /** Node's error code, CONNECT_TIMEOUT, `timeout`, `aborted` or `address_forbidden`. */
      readonly network: string;
      readonly message: string;
      /** Whether the request may have reached the other side. */
      readonly sent: boolean;
    }
);

export interface ChatwootTransport {
  /** Never throws, never retries, follows no redirect. */
  request(request: ChatwootRequest): Promise<ChatwootReply>;
}

const CONNECT_TIMEOUT_MS = 5_000;
/** How much of a body is shown to people. */
const SHOWN_LENGTH = 1_000;
// The name of a header may not be rewritten on its way: nginx drops those with an underscore, and Rack reads both the same.
const TOKEN_HEADER = 'api-access-token';

/**
 * HTTP to Chatwoot, and the only file that sees the HTTP library: its errors hold the whole request with its token, so none leaves it.
 */
export function createChatwootTransport({ agents }: { agents: ChatwootAgents }): ChatwootTransport {
  return {
    async request(request) {
      const head = { method: request.method, url: request.url };
      try {
        return { ...head, ...(await exchange(request, agents)) };
      } catch (error) {
        return { ...head, ...failureOf(error, request) };
      }
    },
  };
}

type Answer = Extract<ChatwootReply, { kind: 'answer' }>;
type NoAnswer = Extract<ChatwootReply, { kind: 'none' }>;
/** A reply without what is known of it beforehand. */
type Tail<Reply> = Reply extends unknown ? Omit<Reply, 'method' | 'url'> : never;

async function exchange(request: ChatwootRequest, agents: ChatwootAgents): Promise<Tail<ChatwootReply>> {
  const route = await agents.route(new URL(request.url), { fresh: request.fresh ?? false });
  const stream = got.stream(request.url, {
    method: request.method,
    agent: route.agent,
    // Node's own look-up type is one of the two that the option takes; the other is that of a cache we do not use.
    dnsLookup: route.lookup as never,
    headers: {
      [TOKEN_HEADER]: request.token,
      accept: 'application/json',
      ...UNCOMPRESSED,
      'user-agent': 'Ponte',
      ...(request.form === undefined ? {} : { 'content-type': request.form.contentType }),
    },
    json: request.json,
    body: request.form?.bytes,
    signal: request.signal,
    ...boundedOptions({ ...request, connectTimeoutMs: CONNECT_TIMEOUT_MS }),
  });
  // A DELETE could carry a body, so the request stays open until it is told that there is none.
  if (request.method === 'DELETE') stream.end();
  try {
    const { bytes, cut } = await readAtMost(stream, request.maxAnswerBytes);
    const { response } = stream;
    if (response === undefined) return { kind: 'none', network: 'ECONNRESET', message: 'the connection ended', sent: true };
    return answerOf(response, { text: bytes.toString('utf8'), cut }, request.token);
  } finally {
    stream.destroy();
  }
}

function answerOf(
  response: { statusCode: number; headers: NodeJS.Dict<string | string[]> },
  body: { text: string; cut: boolean },
  token: string,
): Tail<Answer> {
  const header = (name: string): string | undefined => {
    const value = response.headers[name];
    return Array.isArray(value) ? value[0] : value;
  };
  const contentType = header('content-type') ?? '';
  const location = header('location');
  return {
    kind: 'answer',
    status: response.statusCode,
    contentType: maskSecrets(contentType, [token]),
    location: location === undefined ? undefined : maskSecrets(location, [token]),
    retryAfterSeconds: parseRetryAfter(header('retry-after')),
    // Masked before it is cut: half a token must not be left at the end.
    body: maskSecrets(body.text.slice(0, SHOWN_LENGTH * 4), [token]).slice(0, SHOWN_LENGTH),
    json: body.cut || !/\bjson\b/i.test(contentType) ? undefined : parseJson(body.text),
  };
}

function failureOf(error: unknown, request: ChatwootRequest): Tail<NoAnswer> {
  const timings = error instanceof RequestError ? error.timings : undefined;
  const isTls = request.url.startsWith('https:');
  const sent = (isTls ? timings?.secureConnect : timings?.connect) !== undefined;
  if (request.signal?.aborted) return { kind: 'none', network: 'aborted', message: 'given up', sent };
  if (error instanceof TimeoutError) {
    const message = sent
      ? `no answer within ${request.responseTimeoutMs} ms (timeout)`
      : 'no connection in time (connect timeout)';
    return { kind: 'none', network: sent ? 'timeout' : 'CONNECT_TIMEOUT', message, sent };
  }
  if (!(error instanceof Error)) return { kind: 'none', network: 'UNKNOWN', message: 'unknown failure', sent };
  // The guard's error has no code; what it says of our network is none of the customer's business.
  if (/ is not allowed\. Because/.test(error.message)) {
    const message = 'address forbidden: it leads to a private network';
    return { kind: 'none', network: 'address_forbidden', message, sent: false };
  }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'UNKNOWN';
  const text = maskSecrets(connectionReason(error), [request.token]);
  return { kind: 'none', network: code, message: text.includes(code) ? text : `${text} (${code})`.trim(), sent };
}
