import { z } from 'zod';
import { PonteError } from '../../errors/ponte-error.ts';
import { exchange, type HttpBody, type HttpResponse } from '../../http/exchange.ts';
import { parseJson } from '../../http/parse-json.ts';
import type { EngineAccess } from '../engine.ts';
import { failureOf, refused, unreachable } from '../engine-errors.ts';
import { CONNECT_TIMEOUT_MS, MEBIBYTE } from '../limits.ts';
import { reasonOf } from './reasons.ts';

/** Of the Graph API; each lives for two years or more. */
export const GRAPH_VERSION = 'v24.0';

export interface GraphRequest {
  readonly method: 'GET' | 'POST';
  /** Below the version: `106540352242922/messages`. */
  readonly path: string;
  readonly json?: unknown;
  readonly body?: HttpBody;
  readonly timeoutMs: number;
  /** Whether it does not matter that it may have been done: it is only to read, or doing it twice is as once. */
  readonly isHarmless: boolean;
}

export type GraphAnswer = { readonly ok: true; readonly json: unknown } | { readonly ok: false; readonly error: PonteError };

/** Where the Graph API is: an address without a version gets ours. */
const graphUrl = ({ url }: EngineAccess): string => (/\/v\d+(?:\.\d+)?$/.test(url) ? url : `${url}/${GRAPH_VERSION}`);

/** One call of the Graph API. */
export async function callGraph(access: EngineAccess, request: GraphRequest): Promise<GraphAnswer> {
  const reply = await exchange({
    method: request.method,
    url: `${graphUrl(access)}/${request.path}`,
    headers: { authorization: `Bearer ${access.token}` },
    json: request.json,
    body: request.body,
    timeoutMs: request.timeoutMs,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    maxResponseBytes: MEBIBYTE,
    route: access.route,
  });
  const isRead = request.isHarmless;
  if (reply.kind === 'failed') return { ok: false, error: failureOf(reply, access, { isRead }) };
  const error = refusalOf(reply, access);
  if (error === undefined) return { ok: true, json: parseJson(reply.body) };
  const isUnknown = error.code === 'engine_outcome_unknown' && isRead;
  return { ok: false, error: isUnknown ? unreachable(access, `HTTP ${reply.status}`) : error };
}

const errorSchema = z.looseObject({ error: z.looseObject({}) });

/** An answer of the Graph API as an error; undefined for one that is a success. */
function refusalOf(answer: HttpResponse, access: EngineAccess): PonteError | undefined {
  const { status, retryAfterSeconds } = answer;
  const json = parseJson(answer.body);
  const told = errorSchema.safeParse(json).data?.error;
  if (told !== undefined) {
    const { acts, text } = reasonOf(told);
    if (acts === 'slow-down' || status === 429) return new PonteError('engine_rate_limited', {}, { retryAfterSeconds });
    if (acts === 'wait') return unreachable(access, text, retryAfterSeconds);
    // Broken down without a code that says more than that: before or after the message left.
    return status >= 500 && (told.code === undefined || told.code === 1)
      ? new PonteError('engine_outcome_unknown')
      : refused(text, access);
  }
  if (status === 429) return new PonteError('engine_rate_limited', {}, { retryAfterSeconds });
  if (status === 503) return unreachable(access, 'HTTP 503', retryAfterSeconds);
  if (status >= 500) return new PonteError('engine_outcome_unknown');
  if (status >= 300) return refused(`HTTP ${status} — verify the address of the Cloud API`, access);
  if (/html/i.test(answer.contentType)) {
    return refused(`HTTP ${status} with an HTML page, so the Cloud API is not at that address`, access);
  }
  return json === undefined ? new PonteError('engine_outcome_unknown') : undefined;
}
