import type { z } from 'zod';
import { type ChatwootOutcome, readResult } from './outcome.ts';
import type { ChatwootMethod, ChatwootRequest, ChatwootResult, ChatwootTransport } from './transport.ts';

/** Where and as whom Chatwoot is called. */
export interface ChatwootAccess {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly accountId: number;
  readonly token: string;
}

/** Within what the calls of one task must end: a moment in milliseconds since 1970, or a signal. */
export interface CallBudget {
  readonly endsAtMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** What one call may take. */
export interface CallLimits {
  /** From the end of the request to the first byte of the response. */
  readonly responseTimeoutMs: Readonly<Record<ChatwootMethod, number>>;
  /** For looking the name up, connecting and reading the body. */
  readonly overheadMs: number;
  /** The whole of a call that uploads a file. */
  readonly uploadTimeoutMs: number;
  readonly maxResponseBytes: number;
  /** Whether what changes something goes over a connection of its own: see GuardedAgents. */
  readonly freshWrites: boolean;
}

export interface AccountRequest extends Pick<ChatwootRequest, 'method' | 'json' | 'form'> {
  /** Within the account, with a slash at its beginning. */
  readonly path: string;
  /** In place of the limits' own. */
  readonly maxResponseBytes?: number;
  /** For the call as a whole, in place of the limits' own. */
  readonly withinMs?: number | undefined;
}

/** Asks something of an account, and expects an answer in the shape of the schema. Throws nothing but what getting the access throws. */
export type CallAccount = <Schema extends z.ZodType>(
  schema: Schema,
  request: AccountRequest,
) => Promise<ChatwootOutcome<z.output<Schema>>>;

export interface Calls {
  readonly account: CallAccount;
  /** `GET` of something that belongs to the token's user, whichever account. */
  user<Schema extends z.ZodType>(schema: Schema, path: string, timeoutMs: number): Promise<ChatwootOutcome<z.output<Schema>>>;
  /** Time spent in these calls so far. */
  elapsedMs(): number;
}

/** Address of something in an account, as it also stands in error texts. */
export const accountUrl = ({ baseUrl, accountId }: Pick<ChatwootAccess, 'baseUrl' | 'accountId'>, path: string): string =>
  `${baseUrl}/api/v1/accounts/${accountId}${path}`;

const noTimeLeft = (method: ChatwootMethod, url: string): ChatwootResult => {
  return { method, url, kind: 'failed', sent: false, code: 'timeout', message: 'no time was left for it (timeout)' };
};

/** The one way in which Chatwoot is called. `access` is asked at each call: settings change while messages wait. */
export function createCalls(deps: {
  transport: ChatwootTransport;
  access: () => ChatwootAccess;
  limits: CallLimits;
  budget: CallBudget;
}): Calls {
  const { transport, limits, budget } = deps;
  let elapsedMs = 0;

  async function call<Schema extends z.ZodType>(
    schema: Schema,
    request: Pick<ChatwootRequest, 'method' | 'json' | 'form' | 'url' | 'token'> & { readonly maxResponseBytes?: number },
    responseTimeoutMs: number,
    withinMs?: number,
  ): Promise<ChatwootOutcome<z.output<Schema>>> {
    const startedAtMs = Date.now();
    const leftMs = budget.endsAtMs - startedAtMs;
    if (leftMs <= 0) return readResult(noTimeLeft(request.method, request.url), schema);
    const usualMs = request.form === undefined ? responseTimeoutMs + limits.overheadMs : limits.uploadTimeoutMs;
    const timeoutMs = withinMs ?? usualMs;
    const result = await transport.request({
      maxResponseBytes: limits.maxResponseBytes,
      ...request,
      responseTimeoutMs: Math.min(responseTimeoutMs, timeoutMs, leftMs),
      timeoutMs: Math.min(timeoutMs, leftMs),
      fresh: limits.freshWrites && request.method !== 'GET',
      signal: budget.signal,
    });
    elapsedMs += Date.now() - startedAtMs;
    return readResult(result, schema);
  }

  return {
    async account(schema, { path, withinMs, ...request }) {
      const access = deps.access();
      const url = accountUrl(access, path);
      return call(schema, { ...request, url, token: access.token }, limits.responseTimeoutMs[request.method], withinMs);
    },
    async user(schema, path, timeoutMs) {
      const { baseUrl, token } = deps.access();
      return call(schema, { method: 'GET', url: `${baseUrl}${path}`, token }, timeoutMs);
    },
    elapsedMs: () => elapsedMs,
  };
}
