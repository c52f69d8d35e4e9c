import { PonteError } from '../../errors/ponte-error.ts';
import { exchange, type HttpResponse } from '../../http/exchange.ts';
import { parseJson } from '../../http/parse-json.ts';
import { type Answered, type Asked, ask } from '../ask.ts';
import type { EngineAccess, EngineCall } from '../engine.ts';
import { failureOf, refused, unreachable } from '../engine-errors.ts';
import { type Fields, fieldsOf, isFields, textOf } from '../fields.ts';
import { CONNECT_TIMEOUT_MS, MEBIBYTE } from '../limits.ts';

const PROBE_TIMEOUT_MS = 5_000;

export type Flavour = 'wuzapi' | 'evolution-go';

/** `data` of an answer; wuzapi wraps some of its answers into nothing. */
export type Reply = { readonly ok: true; readonly data: Fields } | Extract<Answered, { readonly ok: false }>;

/** Each looks at its own header. */
const headersOf = ({ access: { token } }: Pick<EngineCall, 'access'>): Record<string, string> => ({ token, apikey: token });

/** Which of the two is there: evolution-go alone has `/server/ok`, which needs no token and does nothing. */
export async function flavourOf(call: EngineCall): Promise<Flavour | PonteError> {
  const { access, timeoutMs } = call;
  const reply = await exchange({
    method: 'GET',
    url: `${access.url}/server/ok`,
    timeoutMs: Math.min(PROBE_TIMEOUT_MS, timeoutMs),
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    maxResponseBytes: MEBIBYTE,
    route: access.route,
  });
  if (reply.kind === 'failed') return failureOf(reply, access, { isRead: true });
  if (reply.status >= 500) return unreachable(access, `HTTP ${reply.status}`, reply.retryAfterSeconds);
  if (reply.status === 429) return new PonteError('engine_rate_limited', {}, { retryAfterSeconds: reply.retryAfterSeconds });
  return reply.status === 200 && isFields(parseJson(reply.body)) ? 'evolution-go' : 'wuzapi';
}

/** One call of either's API. */
export async function callEngine(call: EngineCall, asked: Asked): Promise<Reply> {
  const answer = await ask(call, asked, { headersOf, refusalOf, errorText });
  return answer.ok ? { ok: true, data: dataOf(fieldsOf(parseJson(answer.body))) } : answer;
}

const dataOf = (answer: Fields): Fields => (isFields(answer.data) ? answer.data : answer);

/** There is no session, or WhatsApp's socket is closed: nothing was sent. */
const NOT_CONNECTED =
  /no session|no active session|client disconnected|not connected|not logged in|websocket (?:is )?(?:not|disconnected)|failed to connect client|store doesn't contain a device jid/i;
/** Both say 500 of what can never be sent, too. */
const NEVER =
  /no lid found|not registered on whatsapp|usync|invalid (?:file format|media type|phone number)|server returned error|could not (?:parse|decode)/i;
const NOT_SENT = /failed to (?:upload|fetch|download)/i;

/** An answer as an error; undefined for one that is a success. */
function refusalOf(answer: HttpResponse, access: EngineAccess): PonteError | undefined {
  const { status, retryAfterSeconds } = answer;
  const text = errorText(answer);
  if (status >= 200 && status < 300) {
    const fields = parseJson(answer.body);
    if (!isFields(fields))
      return refused(`HTTP ${status} without JSON, so there is neither wuzapi nor evolution-go at that address`, access);
    return fields.success === false ? refused(text, access) : undefined;
  }
  if (status === 429) return new PonteError('engine_rate_limited', {}, { retryAfterSeconds });
  if (NOT_CONNECTED.test(text)) return new PonteError('engine_not_connected');
  if (status === 401 || status === 403) return refused(`HTTP ${status}: ${text} — verify the token`, access);
  if (status === 503) return unreachable(access, `HTTP 503: ${text}`, retryAfterSeconds);
  if (status >= 500 && NEVER.test(text)) return refused(`${text} — verify the number`, access);
  if (status >= 500 && NOT_SENT.test(text)) return unreachable(access, text);
  if (status >= 500) return new PonteError('engine_outcome_unknown');
  if (status < 400) return refused(`HTTP ${status}, a redirect to ${answer.location ?? 'nowhere'} — verify the address`, access);
  return refused(`HTTP ${status}: ${text}`, access);
}

function errorText({ body, contentType }: HttpResponse): string {
  const fields = parseJson(body);
  const told = isFields(fields) ? textOf(fields, 'error', 'message') : '';
  if (told !== '') return told;
  return /html/i.test(contentType) ? 'an HTML page' : body.slice(0, 300).trim() || 'no reason given';
}
