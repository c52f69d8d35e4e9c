import { PonteError } from '../errors/ponte-error.ts';
import { exchange, type HttpBody, type HttpResponse } from '../http/exchange.ts';
import type { EngineAccess, EngineCall } from './engine.ts';
import { failureOf, refused, unreachable } from './engine-errors.ts';
import { CONNECT_TIMEOUT_MS, MEBIBYTE } from './limits.ts';

/** One request to the API of an engine. */
export interface Asked {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly json?: unknown;
  readonly body?: HttpBody;
  /** Whether it does not matter that it may have been done: it is only to read, or doing it twice is as once. */
  readonly isHarmless: boolean;
  readonly maxResponseBytes?: number;
}

export type Answered =
  | { readonly ok: true; readonly body: string }
  /** `status` and `text` of an answer; undefined where none came. */
  | { readonly ok: false; readonly error: PonteError; readonly status?: number; readonly text?: string };

/** How the API of an engine is spoken. */
export interface Dialect {
  headersOf(call: Pick<EngineCall, 'access' | 'instance'>): Record<string, string>;
  /** An answer as an error; undefined for one that is a success. */
  refusalOf(answer: HttpResponse, access: EngineAccess): PonteError | undefined;
  /** What an answer says in the engine's own words. */
  errorText(answer: HttpResponse): string;
}

/** One call of an engine's API. Never rejects. */
export async function ask(call: EngineCall, asked: Asked, { headersOf, refusalOf, errorText }: Dialect): Promise<Answered> {
  const { access, timeoutMs } = call;
  const { isHarmless, path, ...request } = asked;
  const reply = await exchange({
    maxResponseBytes: 4 * MEBIBYTE,
    ...request,
    url: `${access.url}${path}`,
    headers: headersOf(call),
    timeoutMs,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    route: access.route,
  });
  if (reply.kind === 'failed') return { ok: false, error: failureOf(reply, access, { isRead: isHarmless }) };
  if (reply.cut) {
    const error = isHarmless ? refused('the answer is larger than it may be', access) : new PonteError('engine_outcome_unknown');
    return { ok: false, error };
  }
  const error = refusalOf(reply, access);
  if (error === undefined) return { ok: true, body: reply.body };
  const { status } = reply;
  const text = errorText(reply);
  const isUnknown = error.code === 'engine_outcome_unknown' && isHarmless;
  return { ok: false, error: isUnknown ? unreachable(access, `HTTP ${status}: ${text}`) : error, status, text };
}
