import { bridgeErrorSchema, IDEMPOTENCY_KEY_HEADER } from '../../../shared/contracts/bridge.ts';
import type { OutgoingAction } from '../../../shared/engines/action.ts';
import type { OutgoingFile, OutgoingMessage } from '../../../shared/engines/engine.ts';
import { actionRequestOf } from '../../../shared/engines/ryzeapi/action-request.ts';
import { readSent } from '../../../shared/engines/ryzeapi/message-answer.ts';
import { requestOf } from '../../../shared/engines/ryzeapi/message-request.ts';
import { apisActionPath, sendPath } from '../../../shared/engines/ryzeapi/paths.ts';
import type { ErrorCode } from '../../../shared/errors/catalogue.ts';
import { exchange, FRESH_CONNECTION, type HttpResult } from '../../../shared/http/exchange.ts';
import { parseJson } from '../../../shared/http/parse-json.ts';
import { apiErrorText } from '../../texts/api-error.ts';
import type { Texts } from '../../texts/texts.ts';
import { BRIDGE_LIMITS } from '../../timeouts.ts';
import { type ReplyKey, replyKey, replySource } from '../source-id.ts';
import type { Part } from './parts.ts';
import type { Reply, SendOutcome } from './reply.ts';

export interface Sending {
  /** Where the api is, and the id of the instance there. */
  readonly ryzeapiUrl: string;
  readonly instanceId: string;
  readonly key: ReplyKey;
  readonly reply: Reply & {
    /** Whom its text mentions: digits, or JIDs of a @lid. */
    readonly mentions?: readonly string[];
  };
  /** Id in WhatsApp of the message it quotes. */
  readonly quotedId: string | undefined;
  /** In which the agent reads why it was not sent. */
  readonly texts: Texts;
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
    async send({ ryzeapiUrl, instanceId, key, reply: { recipient, part, mentions }, quotedId, texts }) {
      if (part.kind === 'impossible') return { kind: 'refused', reason: part.reason };
      const post = async (path: string, json: unknown, timeoutMs: number) => {
        const answer = await exchange({
          method: 'POST',
          url: `${ryzeapiUrl}${path}`,
          headers: { authorization: `Bearer ${bridgeToken}`, [IDEMPOTENCY_KEY_HEADER]: replyKey(key) },
          json,
          timeoutMs,
          connectTimeoutMs: CONNECT_TIMEOUT_MS,
          maxResponseBytes: MAX_RESPONSE_BYTES,
          route: FRESH_CONNECTION,
        });
        return outcomeOf(answer, texts);
      };
      if (part.kind === 'revoke') {
        const action: OutgoingAction = { kind: 'revoke', recipient, messageId: part.whatsappId, isOurs: true };
        const outcome = await post(apisActionPath(instanceId), actionRequestOf(action), TIMEOUT_MS.text);
        // What the answer calls the message is no message of its own.
        return outcome.kind === 'sent' ? { kind: 'sent', whatsappId: undefined } : outcome;
      }
      const message: OutgoingMessage = { ...contentOf(part), recipient, quotedId, source: replySource(key), mentions };
      const outcome = await post(sendPath(part.kind, instanceId), requestOf(message), TIMEOUT_MS[part.kind]);
      return outcome.kind === 'refused' ? { ...outcome, mayPass: outcome.mayPass === true && part.kind === 'media' } : outcome;
    },
  };
}

function contentOf(part: Extract<Part, { kind: 'text' | 'media' }>) {
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

/** What engines say in whatever words of a file they could not fetch; not of one that is too large, or that they do not like. */
const FETCHING =
  /HTTP (?:404|5\d\d)|download|fetch|retriev|not found|unreachable|refused connection|connection refused|no such host|dial tcp|time(?:d )?-?out|status(?: code)?:? (?:404|5\d\d)/i;
const NOT_FETCHING = /HTTP (?:401|403|413|415)|too large|exceeds/i;

const isOfFetching = ({ code, message }: { code?: string | undefined; message: string }): boolean =>
  code === 'engine_refused' && FETCHING.test(message) && !NOT_FETCHING.test(message);

function outcomeOf(answer: HttpResult, texts: Texts): SendOutcome {
  if (answer.kind === 'failed') {
    if (answer.sent !== false) return { kind: 'unknown' };
    return { kind: 'later', reason: texts.apiUnreachable(answer.message), afterMs: undefined };
  }
  const json = parseJson(answer.body);
  if (answer.status >= 200 && answer.status < 300) {
    // A page of some web server is no success, and the message went nowhere.
    if (/html/i.test(answer.contentType)) return { kind: 'refused', reason: texts.replyReasons.noApi };
    const sent = readSent(json);
    return sent === undefined ? { kind: 'unknown' } : { kind: 'sent', ...sent };
  }
  const error = bridgeErrorSchema.safeParse(json).data?.error;
  const reason = error === undefined ? texts.apiStatus(answer.status) : apiErrorText(texts, error.code, error.message);
  const afterMs = answer.retryAfterSeconds === undefined ? undefined : answer.retryAfterSeconds * 1_000;
  if (error?.code !== undefined) {
    if (LATER.has(error.code)) return { kind: 'later', reason, afterMs };
    return UNKNOWN.has(error.code) ? { kind: 'unknown' } : { kind: 'refused', reason, mayPass: isOfFetching(error) };
  }
  // No error of the api: a proxy before it, or a RyzeAPI in its place.
  if (answer.status === 429 || answer.status === 503) return { kind: 'later', reason, afterMs };
  return answer.status >= 500 ? { kind: 'unknown' } : { kind: 'refused', reason };
}
