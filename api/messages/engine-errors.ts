import { cleanDetail, cleanValue } from '../../shared/bridge-client/detail.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { HttpFailure, HttpResponse } from '../../shared/http/exchange.ts';
import type { Engine } from './engine-directory.ts';

/** No answer came: either the engine cannot have acted on the request, or nobody knows. */
export function failureOf(failure: HttpFailure, engine: Engine): PonteError {
  return failure.sent === false ? unreachable(engine, failure.message) : new PonteError('engine_outcome_unknown');
}

/** The engine's answer as an error; undefined for one that is a success. */
export function refusalOf(reply: HttpResponse, engine: Engine): PonteError | undefined {
  const { status } = reply;
  const fields = fieldsOf(reply.body);
  const text = textOf(reply, fields);
  if (status >= 200 && status < 300) {
    if (/html/i.test(reply.contentType))
      return refused(`HTTP ${status} with an HTML page, so there is no WhatsApp API at engineUrl`, engine);
    if (fields === undefined) return new PonteError('engine_outcome_unknown');
    return fields.success === false ? refused(text, engine) : undefined;
  }
  const { retryAfterSeconds } = reply;
  if (status === 429) return new PonteError('engine_rate_limited', {}, { retryAfterSeconds });
  if ((status === 503 || status === 400) && /not connected/i.test(text)) {
    return new PonteError('engine_not_connected', {}, { retryAfterSeconds });
  }
  if (status === 503) return unreachable(engine, `HTTP 503: ${text}`, retryAfterSeconds);
  // A proxy that lost the engine, or an engine that broke down, says nothing about the message.
  if (status === 502 || status === 504 || (status >= 500 && fields === undefined))
    return new PonteError('engine_outcome_unknown');
  if (status === 401 || status === 403) return refused(`HTTP ${status}: ${text} — verify engineToken`, engine);
  if (status < 400) return refused(`HTTP ${status}, a redirect to ${reply.location ?? 'nowhere'} — verify engineUrl`, engine);
  return refused(`HTTP ${status}: ${text}`, engine);
}

export function unreachable(engine: Engine, detail: string, retryAfterSeconds?: number): PonteError {
  const values = { url: cleanValue(engine.url), detail: cleanDetail(detail, [engine.token]) };
  return new PonteError('engine_unreachable', values, { retryAfterSeconds });
}

export const refused = (detail: string, { token }: Engine): PonteError =>
  new PonteError('engine_refused', { detail: cleanDetail(detail, [token]) });

/** `{"success":false,"error":{"message"}}` is RyzeAPI's form; others put their text a level higher. */
function textOf(reply: HttpResponse, fields: Record<string, unknown> | undefined): string {
  const { error, message } = fields ?? {};
  const inner = typeof error === 'object' && error !== null && 'message' in error ? error.message : error;
  for (const text of [inner, message]) if (typeof text === 'string' && text.trim() !== '') return text;
  return /html/i.test(reply.contentType) ? 'an HTML page' : reply.body.slice(0, 500).trim() || 'an empty answer';
}

/** The body as a JSON object; undefined when it is none. */
export function fieldsOf(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
