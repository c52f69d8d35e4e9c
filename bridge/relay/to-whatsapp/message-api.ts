import { bridgeErrorSchema, IDEMPOTENCY_KEY_HEADER } from '../../../shared/contracts/bridge.ts';
import { type MediaMessage, sentMessageSchema, type TextMessage } from '../../../shared/contracts/messages.ts';
import type { ErrorCode } from '../../../shared/errors/catalogue.ts';
import { exchange, FRESH_CONNECTION, type HttpResult } from '../../../shared/http/exchange.ts';
import { parseJson } from '../../../shared/http/parse-json.ts';
import { BRIDGE_LIMITS } from '../../timeouts.ts';
import { type ReplyKey, replyKey, replySource } from '../source-id.ts';
import type { SendOutcome, StoredReply } from './reply.ts';

export interface Sending {
  /** Where the api is, and the id of the instance there. */
  readonly ryzeapiUrl: string;
  readonly instanceId: string;
  readonly key: ReplyKey;
  readonly reply: StoredReply;
  /** Id in WhatsApp of the message it quotes. */
  readonly replyTo: string | undefined;
}

export interface MessageApi {
  /** Sends once, and says what became of it. Never throws. */
  send(sending: Sending): Promise<SendOutcome>;
}

const TIMEOUT_MS = { text: BRIDGE_LIMITS.sendTextMs, media: BRIDGE_LIMITS.sendMediaMs } as const;
const CONNECT_TIMEOUT_MS = 5_000;
const MAX_RESPONSE_BYTES = 1_048_576;

/** Nothing was sent, and in a while it may be. Codes of the api, and of whatever else may answer in its place. */
const LATER: ReadonlySet<string> = new Set<ErrorCode>([
  'engine_unreachable',
  'engine_not_connected',
  'engine_rate_limited',
  'rate_limited',
  'database_unavailable',
  'shutting_down',
  // Another BRIDGE_TOKEN than ours: for as long as a change of it is under way.
  'invalid_token',
]);
/** The api broke down, or the engine did: before or after the message left. */
const UNKNOWN: ReadonlySet<string> = new Set<ErrorCode>(['engine_outcome_unknown', 'internal']);

/** `POST /api/message/text|media/:instance` of the api, with BRIDGE_TOKEN. */
export function createMessageApi({ bridgeToken }: { bridgeToken: string }): MessageApi {
  return {
    async send({ ryzeapiUrl, instanceId, key, reply, replyTo }) {
      if (reply.part.kind === 'impossible') return { kind: 'refused', reason: reply.part.reason };
      const kind = reply.part.kind;
      const answer = await exchange({
        method: 'POST',
        url: `${ryzeapiUrl}/api/message/${kind}/${encodeURIComponent(instanceId)}`,
        headers: { authorization: `Bearer ${bridgeToken}`, [IDEMPOTENCY_KEY_HEADER]: replyKey(key) },
        json: bodyOf(reply, { source: replySource(key), replyTo }),
        timeoutMs: TIMEOUT_MS[kind],
        connectTimeoutMs: CONNECT_TIMEOUT_MS,
        maxResponseBytes: MAX_RESPONSE_BYTES,
        route: FRESH_CONNECTION,
      });
      return outcomeOf(answer);
    },
  };
}

function bodyOf(
  { number, part }: StoredReply,
  options: { source: string; replyTo: string | undefined },
): TextMessage | MediaMessage {
  if (part.kind !== 'media') return { number, message: part.kind === 'text' ? part.text : part.reason, ...options };
  const { mediaType, mediaUrl, caption, mimeType, fileName, isVoice } = part;
  return {
    number,
    mediaType,
    mediaUrl,
    fileName,
    ...(caption === '' ? {} : { message: caption }),
    ...(mimeType === '' ? {} : { mimeType }),
    // Left out, engines take every audio for a voice message.
    ...(mediaType === 'audio' ? { isVoice } : {}),
    ...options,
  };
}

function outcomeOf(answer: HttpResult): SendOutcome {
  if (answer.kind === 'failed') {
    if (answer.sent !== false) return { kind: 'unknown' };
    return { kind: 'later', reason: `the api is unreachable: ${answer.message}`, afterMs: undefined };
  }
  const json = parseJson(answer.body);
  if (answer.status >= 200 && answer.status < 300) {
    // A page of some web server is no success, and the message went nowhere.
    if (/html/i.test(answer.contentType)) return { kind: 'refused', reason: 'there is no api at BRIDGE_INTERNAL_RYZEAPI_URL' };
    const sent = sentMessageSchema.safeParse(json).data;
    return sent === undefined ? { kind: 'unknown' } : { kind: 'sent', whatsappId: sent.data?.messageId ?? sent.data?.id };
  }
  const error = bridgeErrorSchema.safeParse(json).data?.error;
  const reason = error?.message ?? `the api answered HTTP ${answer.status}`;
  const afterMs = answer.retryAfterSeconds === undefined ? undefined : answer.retryAfterSeconds * 1_000;
  if (error?.code !== undefined) {
    if (LATER.has(error.code)) return { kind: 'later', reason, afterMs };
    return UNKNOWN.has(error.code) ? { kind: 'unknown' } : { kind: 'refused', reason };
  }
  // No error of the api: a proxy before it, or a RyzeAPI in its place.
  if (answer.status === 429 || answer.status === 503) return { kind: 'later', reason, afterMs };
  return answer.status >= 500 ? { kind: 'unknown' } : { kind: 'refused', reason };
}
