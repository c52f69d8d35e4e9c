import { PonteError } from '../../../errors/ponte-error.ts';
import type { HttpResponse } from '../../../http/exchange.ts';
import { parseJson } from '../../../http/parse-json.ts';
import { cutTo } from '../../../text/cut.ts';
import { wellFormed } from '../../../text/well-formed.ts';
import type { EngineAccess } from '../../engine.ts';
import { refused, unreachable } from '../../engine-errors.ts';
import { type Fields, fieldsOf, isFields } from '../../fields.ts';

/** WhatsApp was asked, or was about to be, over a connection that is down. */
const CLOSED = /connection (closed|lost|terminated|failure)|not connected|instance is not open|socket.*(closed|ended)/i;
/** WhatsApp did not answer the engine: what it was asked for may be done. */
const SILENT = /timed? ?out|request time/i;
/** What the engine does with an instance that it knows and has not loaded, or whose phone was never paired. */
const DEFECT = /cannot read propert(y|ies) of (undefined|null)|is not a function|undefined is not/i;

/**
 * The engine's answer as an error; undefined for one that is a success. Evolution says with one status what is over for good and what is
 * not, so that the text decides.
 */
export function refusalOf(answer: HttpResponse, access: EngineAccess): PonteError | undefined {
  const { status, retryAfterSeconds } = answer;
  const json = parseJson(answer.body);
  const fields = fieldsOf(json);
  const text = textOf(answer, fields);
  if (status >= 200 && status < 300) {
    if (/html/i.test(answer.contentType))
      return refused(`HTTP ${status} with an HTML page, so there is no Evolution API at engineUrl`, access);
    return fields.error === true ? refused(text, access) : undefined;
  }
  if (status === 429) return new PonteError('engine_rate_limited', {}, { retryAfterSeconds });
  if (fields.code === 'LICENSE_REQUIRED')
    return unreachable(access, 'this Evolution API has no licence — activate it in its manager', retryAfterSeconds);
  if (status === 401) return refused(`HTTP 401: ${text} — verify engineToken`, access);
  if (isNotOnWhatsapp(fields)) return refused('this number is not on WhatsApp', access);
  if (status < 400) return refused(`HTTP ${status}, a redirect to ${answer.location ?? 'nowhere'} — verify engineUrl`, access);
  if (CLOSED.test(text)) return new PonteError('engine_not_connected', {}, { retryAfterSeconds });
  if (status === 503) return unreachable(access, `HTTP 503: ${text}`, retryAfterSeconds);
  // An engine, or a proxy before it, that broke down says nothing about the message.
  if (status >= 500 || SILENT.test(text)) return new PonteError('engine_outcome_unknown');
  if (status === 404 && /instance does not exist/i.test(text))
    return refused(`HTTP 404: ${text} — verify the instance’s name there`, access);
  if (status === 404) return refused(`HTTP 404: ${text} — verify engineUrl`, access);
  return refused(`HTTP ${status}: ${text}`, access);
}

/** Whether the engine broke down in a way that says nothing about WhatsApp: only the state of the connection tells what that means. */
export const isDefect = (answer: HttpResponse): boolean =>
  answer.status === 500 && DEFECT.test(textOf(answer, fieldsOf(parseJson(answer.body))));

/** `response.message` is a list of numbers that were looked up, of which none exists. */
function isNotOnWhatsapp(fields: Fields): boolean {
  const { message } = fieldsOf(fields.response);
  const listed = Array.isArray(message) ? message.flat(3) : [message];
  return listed.some((entry) => isFields(entry) && entry.exists === false);
}

/** The text of an error: `response.message`, a text, a list, or lists in a list; or `message` itself. */
export function textOf(answer: HttpResponse, fields: Fields): string {
  for (const value of [fieldsOf(fields.response).message, fields.message, fields.error]) {
    const texts = (Array.isArray(value) ? value.flat(3) : [value])
      .map((part) => (isFields(part) ? (part.message ?? JSON.stringify(part)) : part))
      .filter((part) => typeof part === 'string' && part.trim() !== '');
    if (texts.length > 0) return wellFormed(cutTo(texts.join('; '), 500));
  }
  return /html/i.test(answer.contentType) ? 'an HTML page' : cutTo(answer.body, 500).trim() || 'an empty answer';
}
