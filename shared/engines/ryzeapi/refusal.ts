import { PonteError } from '../../errors/ponte-error.ts';
import type { HttpResponse } from '../../http/exchange.ts';
import { parseJson } from '../../http/parse-json.ts';
import { cutTo } from '../../text/cut.ts';
import { wellFormed } from '../../text/well-formed.ts';
import type { EngineAccess } from '../engine.ts';
import { refused, unreachable } from '../engine-errors.ts';

/** The engine's answer as an error; undefined for one that is a success. */
export function refusalOf(answer: HttpResponse, access: EngineAccess): PonteError | undefined {
  const { status } = answer;
  const fields = jsonFields(answer.body);
  const text = textOf(answer, fields);
  if (status >= 200 && status < 300) {
    if (/html/i.test(answer.contentType))
      return refused(`HTTP ${status} with an HTML page, so there is no WhatsApp API at engineUrl`, access);
    if (fields === undefined) return new PonteError('engine_outcome_unknown');
    return fields.success === false ? refused(text, access) : undefined;
  }
  const { retryAfterSeconds } = answer;
  if (status === 429) return new PonteError('engine_rate_limited', {}, { retryAfterSeconds });
  if ((status === 503 || status === 400) && /not connected/i.test(text)) {
    return new PonteError('engine_not_connected', {}, { retryAfterSeconds });
  }
  if (status === 503) return unreachable(access, `HTTP 503: ${text}`, retryAfterSeconds);
  // A proxy that lost the engine, or an engine that broke down, says nothing about the message.
  if (status === 502 || status === 504 || (status >= 500 && fields === undefined))
    return new PonteError('engine_outcome_unknown');
  if (status === 401 || status === 403) return refused(`HTTP ${status}: ${text} — verify engineToken`, access);
  if (status < 400) return refused(`HTTP ${status}, a redirect to ${answer.location ?? 'nowhere'} — verify engineUrl`, access);
  return refused(`HTTP ${status}: ${text}`, access);
}

/** `{"success":false,"error":{"message"}}` is RyzeAPI's form; others put their text a level higher. */
function textOf(answer: HttpResponse, fields: Record<string, unknown> | undefined): string {
  const { error, message } = fields ?? {};
  const inner = typeof error === 'object' && error !== null && 'message' in error ? error.message : error;
  for (const text of [inner, message]) if (typeof text === 'string' && text.trim() !== '') return wellFormed(text);
  return /html/i.test(answer.contentType) ? 'an HTML page' : cutTo(answer.body, 500).trim() || 'an empty answer';
}

/** The body as a JSON object; undefined when it is none. */
export function jsonFields(body: string): Record<string, unknown> | undefined {
  const value = parseJson(body);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}
