import { PonteError } from '../../errors/ponte-error.ts';
import type { HttpResponse } from '../../http/exchange.ts';
import { parseJson } from '../../http/parse-json.ts';
import { type Answered, type Asked, ask } from '../ask.ts';
import type { EngineAccess, EngineCall } from '../engine.ts';
import { refused, unreachable } from '../engine-errors.ts';
import { type Fields, fieldsOf, isFields, textOf } from '../fields.ts';

export type GowaAnswer = { readonly ok: true; readonly results: Fields } | Extract<Answered, { readonly ok: false }>;

export const headersOf = ({ access, instance }: Pick<EngineCall, 'access' | 'instance'>): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(access.token).toString('base64')}`,
  'x-device-id': headerOf(instance),
});

/** GOWA decodes it as a part of a query, so what that would change, or what no header holds, is encoded. */
const headerOf = (device: string): string =>
  /^[\x21-\x24\x26-\x2a\x2c-\x7e]*$/.test(device) ? device : encodeURIComponent(device);

/** One call of GOWA's API about a device. */
export async function callGowa(call: EngineCall, asked: Asked): Promise<GowaAnswer> {
  const answer = await ask(call, asked, { headersOf, refusalOf, errorText });
  return answer.ok ? { ok: true, results: fieldsOf(fieldsOf(parseJson(answer.body)).results) } : answer;
}

/** An answer of GOWA as an error; undefined for one that is a success. Its `code` says more than its status. */
export function refusalOf(answer: HttpResponse<unknown>, access: EngineAccess): PonteError | undefined {
  const { status, retryAfterSeconds } = answer;
  const fields = fieldsOf(typeof answer.body === 'string' ? parseJson(answer.body) : undefined);
  const code = textOf(fields, 'code').toUpperCase();
  const text = errorText(answer);
  if (status >= 200 && status < 300) {
    if (/html/i.test(answer.contentType))
      return refused(`HTTP ${status} with an HTML page, so there is no GOWA at that address`, access);
    return code === '' || code === 'SUCCESS' || code === '200' ? undefined : refused(text, access);
  }
  if (status === 429) return new PonteError('engine_rate_limited', {}, { retryAfterSeconds });
  if (/not logged in|not connected|websocket (is )?(closed|not connected)/i.test(text))
    return new PonteError('engine_not_connected');
  if (status === 503) return unreachable(access, `HTTP 503: ${text}`, retryAfterSeconds);
  // 504 is GOWA's own word for a WhatsApp that did not answer it.
  if (status >= 500) return new PonteError('engine_outcome_unknown');
  if (/not on whatsapp/i.test(text)) return refused(`${text} — verify the number`, access);
  if (code.startsWith('DEVICE') || (status === 404 && /device/i.test(text)))
    return refused(`${text} — make the device in GOWA, or correct its id here`, access);
  if (status === 401 || status === 403) return refused(`HTTP ${status}: ${text} — verify user and password`, access);
  if (status < 400) return refused(`HTTP ${status}, a redirect to ${answer.location ?? 'nowhere'} — verify the address`, access);
  return refused(`HTTP ${status}: ${text}`, access);
}

function errorText({ body, contentType }: HttpResponse<unknown>): string {
  const fields = typeof body === 'string' ? parseJson(body) : undefined;
  const told = isFields(fields) ? textOf(fields, 'message', 'error', 'code') : '';
  if (told !== '') return told;
  if (/html/i.test(contentType)) return 'an HTML page';
  return (typeof body === 'string' ? body.slice(0, 300).trim() : '') || 'no reason given';
}
