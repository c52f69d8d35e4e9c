import { IDEMPOTENCY_KEY_HEADER } from '../../contracts/bridge.ts';
import { collect, download, exchange } from '../../http/exchange.ts';
import type { FileCall, FileOutcome, SendCall, SendOutcome } from '../engine.ts';
import { failureOf, refused, unreachable } from '../engine-errors.ts';
import { CONNECT_TIMEOUT_MS, LONGEST_DELAY_SECONDS, MAX_FILE_ANSWER_BYTES, MEBIBYTE } from '../limits.ts';
import { requestOf } from './message-request.ts';
import { enginesFilePath, sendPath } from './paths.ts';
import { jsonFields, refusalOf } from './refusal.ts';

/** `POST /api/message/text|media/:instance` of RyzeAPI; what it answered is passed on as it is. */
export async function send({ access, instance, timeoutMs, message, idempotencyKey }: SendCall): Promise<SendOutcome> {
  const reply = await exchange({
    method: 'POST',
    url: `${access.url}${sendPath(message.kind, instance)}`,
    headers: {
      token: access.token,
      ...(idempotencyKey === undefined ? {} : { [IDEMPOTENCY_KEY_HEADER]: idempotencyKey }),
    },
    json: requestOf(message),
    timeoutMs: timeoutMs + Math.min(message.delaySeconds ?? 0, LONGEST_DELAY_SECONDS) * 1_000,
    maxResponseBytes: MEBIBYTE,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    route: access.route,
  });
  if (reply.kind === 'failed') return { kind: 'failed', error: failureOf(reply, access) };
  const refusal = refusalOf(reply, access);
  if (refusal) return { kind: 'failed', error: refusal };
  return { kind: 'sent', answer: jsonFields(reply.body.replaceAll(access.token, '[redacted]')) ?? {} };
}

const CURLY_BRACKET = 0x7b;

/** `GET /api/chat/base64/:instance` of RyzeAPI. */
export async function fetchFile({ access, instance, timeoutMs, whatsappId }: FileCall): Promise<FileOutcome> {
  const reply = await download(
    {
      method: 'GET',
      url: `${access.url}${enginesFilePath(instance, whatsappId)}`,
      headers: { accept: 'application/json', token: access.token },
      timeoutMs,
      maxResponseBytes: MAX_FILE_ANSWER_BYTES,
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      route: access.route,
    },
    collect,
  );
  // To read is not to change anything: whether the engine heard us does not matter.
  if (reply.kind === 'failed') return { kind: 'failed', error: failureOf(reply, access, { isRead: true }) };
  if (reply.cut) return { kind: 'failed', error: refused('the file is larger than 64 MiB', access) };
  // No error is as long as that, and whoever asked for the file parses it anyway.
  if (reply.status === 200 && reply.body.length > MEBIBYTE && reply.body[0] === CURLY_BRACKET)
    return { kind: 'file', answer: reply.body };
  const refusal = refusalOf({ ...reply, body: reply.body.toString() }, access);
  if (refusal === undefined) return { kind: 'file', answer: reply.body };
  const isUnknown = refusal.code === 'engine_outcome_unknown';
  return { kind: 'failed', error: isUnknown ? unreachable(access, `HTTP ${reply.status}`) : refusal };
}
