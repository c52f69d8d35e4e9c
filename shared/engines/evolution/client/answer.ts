import { PonteError } from '../../../errors/ponte-error.ts';
import type { HttpResponse, HttpResult } from '../../../http/exchange.ts';
import { parseJson } from '../../../http/parse-json.ts';
import type { EngineCall, EngineFailure, SendOutcome } from '../../engine.ts';
import { failureOf, refused, unreachable } from '../../engine-errors.ts';
import { fieldsOf, idOf, labelOf, textOf } from '../../fields.ts';
import { readTime } from '../../whatsapp-proto/values.ts';
import { textOf as errorText, isDefect, refusalOf } from './refusal.ts';
import { request } from './request.ts';

export const failed = (error: PonteError): EngineFailure => ({ kind: 'failed', error });

/**
 * What came of a request that does something. Where the engine broke down, its connection is asked for: an instance that is not connected
 * has sent nothing.
 */
export async function outcomeOf(call: EngineCall, reply: HttpResult): Promise<HttpResponse | EngineFailure> {
  if (reply.kind === 'failed') return failed(failureOf(reply, call.access));
  if (isDefect(reply) && (await stateOf(call)) !== 'open') return failed(new PonteError('engine_not_connected'));
  const refusal = refusalOf(reply, call.access);
  return refusal === undefined ? reply : failed(refusal);
}

const STATE_TIMEOUT_MS = 5_000;

async function stateOf(call: EngineCall): Promise<string | undefined> {
  const reply = await request({ ...call, timeoutMs: STATE_TIMEOUT_MS }, { method: 'GET', path: '/instance/connectionState' });
  // Not to know is not to know that nothing was sent.
  if (reply.kind === 'failed' || reply.status !== 200) return 'open';
  return labelOf(fieldsOf(fieldsOf(parseJson(reply.body)).instance), 'state');
}

/** What came of a request that only reads: whether the engine heard it does not matter. */
export function readingOf(call: EngineCall, reply: HttpResult): HttpResponse | EngineFailure {
  if (reply.kind === 'failed') return failed(failureOf(reply, call.access, { isRead: true }));
  const refusal = refusalOf(reply, call.access);
  if (refusal === undefined) return reply;
  const isUnknown = refusal.code === 'engine_outcome_unknown';
  const detail = `HTTP ${reply.status}: ${errorText(reply, fieldsOf(parseJson(reply.body)))}`;
  return failed(isUnknown ? unreachable(call.access, detail) : refusal);
}

/** The message that was sent, in the form of the public API. Without an id it was not: on some roads errors come as a success. */
export function sentOf(call: EngineCall, reply: HttpResponse): SendOutcome {
  const fields = fieldsOf(parseJson(reply.body));
  const key = fieldsOf(fields.key);
  const messageId = idOf(key, 'id');
  if (messageId === '') {
    const told = errorText(reply, fields);
    return failed(/"error"|"message"/.test(reply.body) ? refused(told, call.access) : new PonteError('engine_outcome_unknown'));
  }
  const data = {
    messageId,
    direction: 'outgoing',
    status: textOf(fields, 'status'),
    timestamp: readTime(fields.messageTimestamp)?.toISOString(),
    chat: { jid: labelOf(key, 'remoteJid') },
  };
  return { kind: 'sent', answer: { success: true, message: 'Message sent successfully', status: 'sent', data } };
}
