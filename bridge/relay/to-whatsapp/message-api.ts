import { bridgeErrorSchema, IDEMPOTENCY_KEY_HEADER } from '../../../shared/contracts/bridge.ts';
import type { OutgoingFile, OutgoingMessage } from '../../../shared/engines/engine.ts';
import { readSent } from '../../../shared/engines/ryzeapi/message-answer.ts';
import { requestOf } from '../../../shared/engines/ryzeapi/message-request.ts';
import { sendPath } from '../../../shared/engines/ryzeapi/paths.ts';
import type { ErrorCode } from '../../../shared/errors/catalogue.ts';
import { exchange, FRESH_CONNECTION, type HttpResult } from '../../../shared/http/exchange.ts';
import { parseJson } from '../../../shared/http/parse-json.ts';
import { BRIDGE_LIMITS } from '../../timeouts.ts';
import { type ReplyKey, replyKey, replySource } from '../source-id.ts';
import type { Part } from './parts.ts';
import type { Reply, SendOutcome } from './reply.ts';

export interface Sending {
  /** Where the api is, and the id of the instance there. */
  readonly ryzeapiUrl: string;
  readonly instanceId: string;
  readonly key: ReplyKey;
  readonly reply: Reply;
  /** Id in WhatsApp of the message it quotes. */
  readonly quotedId: string | undefined;
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
  'too_many_large_requests',
  'shutting_down',
  // Another BRIDGE_TOKEN than ours: for as long as a change of it is under way.
  'invalid_token',
]);
/** The api broke down, or the engine did: before or after the message left. */
const UNKNOWN: ReadonlySet<string> = new Set<ErrorCode>(['engine_outcome_unknown', 'internal']);

/** Has the api send a message, with BRIDGE_TOKEN. What the api offers is RyzeAPI's message API, whichever engine is behind it. */
export function createMessageApi({ bridgeToken }: { bridgeToken: string }): MessageApi {
  return {
    async send({ ryzeapiUrl, instanceId, key, reply: { recipient, part }, quotedId }) {
      if (part.kind === 'impossible') return { kind: 'refused', reason: part.reason };
      const message: OutgoingMessage = { ...contentOf(part), recipient, quotedId, source: replySource(key) };
      const answer = await exchange({
        method: 'POST',
        url: `${ryzeapiUrl}${sendPath(part.kind, instanceId)}`,
        headers: { authorization: `Bearer ${bridgeToken}`, [IDEMPOTENCY_KEY_HEADER]: replyKey(key) },
        json: requestOf(message),
        timeoutMs: TIMEOUT_MS[part.kind],
        connectTimeoutMs: CONNECT_TIMEOUT_MS,
        maxResponseBytes: MAX_RESPONSE_BYTES,
        route: FRESH_CONNECTION,
      });
      return outcomeOf(answer);
    },
  };
}

function contentOf(part: Exclude<Part, { kind: 'impossible' }>) {
  if (part.kind === 'text') return { kind: 'text', text: part.text } as const;
  const { type, url, caption, mimeType, fileName, isVoice } = part;
  const file: OutgoingFile = {
    type,
    content: { kind: 'url', url },
    mimeType: mimeType || undefined,
    fileName,
    // Left out, engines take every audio for a voice message.
    isVoice: type === 'audio' ? isVoice : undefined,
  };
  return { kind: 'media', file, caption: caption || undefined } as const;
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
    const sent = readSent(json);
    return sent === undefined ? { kind: 'unknown' } : { kind: 'sent', ...sent };
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
