import { PonteError } from '../../errors/ponte-error.ts';
import type { HttpResponse } from '../../http/exchange.ts';
import { parseJson } from '../../http/parse-json.ts';
import { type Answered, type Asked, ask } from '../ask.ts';
import type { EngineCall } from '../engine.ts';
import { refused, unreachable } from '../engine-errors.ts';
import { type Fields, fieldsOf, isFields, textOf } from '../fields.ts';

export type WahaAnswer = { readonly ok: true; readonly json: unknown } | Extract<Answered, { readonly ok: false }>;

const headersOf = ({ access }: Pick<EngineCall, 'access'>): Record<string, string> => ({ 'x-api-key': access.token });

/** One call of WAHA's API. */
export async function callWaha(call: EngineCall, asked: Asked): Promise<WahaAnswer> {
  const answer = await ask(call, asked, { headersOf, refusalOf, errorText });
  return answer.ok ? { ok: true, json: parseJson(answer.body) } : answer;
}

/** An answer of WAHA as an error; undefined for one that is a success. */
export function refusalOf(answer: HttpResponse<unknown>, access: EngineCall['access']): PonteError | undefined {
  const { status, retryAfterSeconds } = answer;
  const text = errorText(answer);
  if (status >= 200 && status < 300) {
    return /html/i.test(answer.contentType)
      ? refused(`HTTP ${status} with an HTML page, so there is no WAHA at that address`, access)
      : undefined;
  }
  if (status === 429) return new PonteError('engine_rate_limited', {}, { retryAfterSeconds });
  // It waits for the session some seconds before it says so; a socket that is closed is found out at once.
  if (/session status is not as expected|connection closed/i.test(text)) return new PonteError('engine_not_connected');
  if (status === 503) return unreachable(access, `HTTP 503: ${text}`, retryAfterSeconds);
  // A field that it does not like is a 500 as well as a break-down, so a 500 says nothing about the message.
  if (status >= 500 && status !== 501) return new PonteError('engine_outcome_unknown');
  if (status === 501) return refused(`the engine below WAHA cannot do that: ${text}`, access);
  if (status === 401 || status === 403) return refused(`HTTP ${status}: ${text} — verify the API key`, access);
  if (status < 400) return refused(`HTTP ${status}, a redirect to ${answer.location ?? 'nowhere'} — verify the address`, access);
  if (/session .* does not exist|session not found/i.test(text) || (status === 404 && /session/i.test(text))) {
    return refused(`${text} — make the session in WAHA, or correct its name here`, access);
  }
  return refused(`HTTP ${status}: ${text}`, access);
}

/** What WAHA says in its own words. A 500 repeats the whole request beside it, which nobody is to read. */
function errorText({ body, contentType }: HttpResponse<unknown>): string {
  const fields = fieldsOf(typeof body === 'string' ? parseJson(body) : undefined);
  for (const told of [fields, fields.exception, fields.error, fields.response].filter((value): value is Fields =>
    isFields(value),
  )) {
    const { message } = told;
    const text = Array.isArray(message) ? message.filter((line) => typeof line === 'string').join('; ') : textOf(told, 'message');
    if (text !== '') return text;
  }
  return textOf(fields, 'error') || (/html/i.test(contentType) ? 'an HTML page' : 'no reason given');
}
