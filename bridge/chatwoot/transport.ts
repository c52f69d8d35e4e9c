import { maskSecrets } from '../../shared/bridge-client/detail.ts';
import { exchange, type HttpFailure, type HttpResponse, type HttpResponseHead } from '../../shared/http/exchange.ts';
import type { GuardedAgents } from '../../shared/http/guarded-agents.ts';
import type { Multipart } from '../../shared/http/multipart.ts';
import { parseJson } from '../../shared/http/parse-json.ts';

export type ChatwootMethod = 'GET' | 'POST' | 'PATCH' | 'DELETE';

export interface ChatwootRequest {
  readonly method: ChatwootMethod;
  readonly url: string;
  readonly token: string;
  readonly json?: unknown;
  /** In place of `json`: a multipart form, for files. */
  readonly form?: Multipart;
  /** From the end of the request to the first byte of the response. */
  readonly responseTimeoutMs: number;
  /** The exchange as a whole, from the look-up of the name to the last byte. */
  readonly timeoutMs: number;
  readonly maxResponseBytes: number;
  /** On a connection of its own: see GuardedAgents. */
  readonly fresh?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** What came of one request. Holds no token: what Chatwoot (or whoever answers in its place) says is masked before it gets in here. */
export type ChatwootResult = Target & (Received | HttpFailure);
export type ChatwootResponse = Target & Received;
export type ChatwootNoResponse = Target & HttpFailure;

interface Target {
  readonly method: string;
  readonly url: string;
}
interface Received extends HttpResponseHead {
  /** Its beginning, for people: masked, at most 1,000 characters. */
  readonly body: string;
  /** The parsed body; undefined when it is not JSON, not declared as JSON, or larger than it may be. */
  readonly json: unknown;
}

export interface ChatwootTransport {
  /** Never throws, never retries, follows no redirect. */
  request(request: ChatwootRequest): Promise<ChatwootResult>;
}

const CONNECT_TIMEOUT_MS = 5_000;
/** How much of a body is shown to people. */
const SHOWN_LENGTH = 1_000;
// The name of a header may not be rewritten on its way: nginx drops those with an underscore, and Rack reads both the same.
const TOKEN_HEADER = 'api-access-token';

/** HTTP to Chatwoot, through the guard against calls into private networks. */
export function createChatwootTransport({ agents }: { agents: GuardedAgents }): ChatwootTransport {
  return {
    async request({ method, url, token, form, fresh = false, ...request }) {
      if (!URL.canParse(url)) {
        return { method, url, kind: 'failed', sent: false, code: 'ERR_INVALID_URL', message: 'Invalid URL (ERR_INVALID_URL)' };
      }
      const result = await exchange({
        ...request,
        method,
        url,
        headers: { [TOKEN_HEADER]: token },
        body: form === undefined ? undefined : { contentType: form.contentType, content: form.bytes },
        connectTimeoutMs: CONNECT_TIMEOUT_MS,
        route: await agents.route(new URL(url), { fresh }),
      });
      return result.kind === 'response' ? masked({ method, url }, result, token) : { method, url, ...shown(result, token) };
    },
  };
}

function masked(target: Target, { body, cut, ...head }: HttpResponse, token: string): ChatwootResponse {
  return {
    ...target,
    ...head,
    contentType: maskSecrets(head.contentType, [token]),
    location: head.location === undefined ? undefined : maskSecrets(head.location, [token]),
    // Only when it is to be shown, which it mostly is not: to look for a secret in whatever spelling takes a while.
    get body() {
      // Masked before it is cut: half a token must not be left at the end.
      return maskSecrets(body.slice(0, SHOWN_LENGTH * 4), [token]).slice(0, SHOWN_LENGTH);
    },
    json: cut || !/\bjson\b/i.test(head.contentType) ? undefined : jsonOf(head.status, body, token),
  };
}

/** A success may hold what we need and may not show (the secret of an inbox); what a refusal says is shown to people. */
function jsonOf(status: number, body: string, token: string): unknown {
  return parseJson(status < 300 ? body : maskSecrets(body.slice(0, LONGEST_REFUSAL), [token]));
}
const LONGEST_REFUSAL = 65_536;

/** Failures that say all there is to say, without their code. */
const SELF_EXPLAINING: Readonly<Record<string, string | undefined>> = {
  CONNECT_TIMEOUT: 'no connection in time (connect timeout)',
  aborted: 'given up',
  address_forbidden: 'address forbidden: it leads to a private network',
};

function shown(failure: HttpFailure, token: string): HttpFailure {
  const { code } = failure;
  const text = maskSecrets(failure.message, [token]);
  const message = SELF_EXPLAINING[code] ?? (text.includes(code) ? text : `${text} (${code})`);
  return { ...failure, message };
}
