import type { ActivationError } from '../activations/error.ts';
import type { BridgeError, BridgeUpstream } from '../contracts/bridge.ts';
import { type ActivationErrorCode, isActivationErrorCode } from '../errors/catalogue.ts';
import { PonteError } from '../errors/ponte-error.ts';
import { type ChatwootAnswer, readChatwootAnswer } from './chatwoot-answer.ts';
import { cleanDetail, cleanValue } from './detail.ts';
import { type NetworkCause, networkCause } from './network-cause.ts';
import type { BridgeFailure } from './outcome.ts';
import { readRawText } from './raw-text.ts';

/** What of an activation's settings its error messages name. */
export interface ClassifiedSettings {
  readonly chatwootBaseUrl: string;
  readonly chatwootAccountId: number;
}

/** A code with what it takes to fill its message in, still raw. */
interface Finding {
  readonly code: ActivationErrorCode;
  readonly detail: string;
  readonly hint?: string | undefined;
  readonly location?: string | undefined;
  readonly timeoutMs?: number;
  readonly retryAfterSeconds?: number | null | undefined;
  /** The bridge's own message, complete already. */
  readonly message?: string;
}
type HttpFailure = Extract<BridgeFailure, { kind: 'http' }>;

const MAX_RETRY_AFTER_SECONDS = 3_600;
/** What says something comes early; a bridge that answers a megabyte must not keep us busy with it. */
const MAX_TEXT_LENGTH = 4_000;

/**
 * Turns a failed call to the bridge into what the caller is told. Pure; never throws. The message is one printable line of bounded
 * length in which none of `secrets` (the Chatwoot token first of all) can be read.
 */
export function classifyBridgeFailure(
  failure: BridgeFailure,
  settings: ClassifiedSettings,
  bridgeUrl: string,
  secrets: readonly string[] = [],
): ActivationError {
  const finding = find(failure, settings);
  const detail = cleanDetail(finding.detail, secrets);
  const isChatwoot = finding.code.startsWith('chatwoot_');
  const error = new PonteError(finding.code, {
    url: cleanValue(isChatwoot ? settings.chatwootBaseUrl : bridgeUrl),
    accountId: settings.chatwootAccountId,
    detail: detail === '' ? 'none given' : detail,
    hint: cleanDetail(finding.hint ?? '', secrets),
    location: finding.location === undefined ? 'another address' : cleanDetail(cleanValue(finding.location), secrets),
    seconds: Math.max(1, Math.round((finding.timeoutMs ?? 0) / 1_000)),
  });
  const seconds = finding.retryAfterSeconds;
  return {
    code: finding.code,
    httpStatus: error.httpStatus,
    message: cleanDetail(finding.message ?? '', secrets) || error.message,
    retryable: error.retryable,
    ...(seconds === undefined || seconds === null || !(seconds >= 0)
      ? {}
      : { retryAfterSeconds: Math.min(Math.max(0, Math.ceil(seconds)), MAX_RETRY_AFTER_SECONDS) }),
  };
}

function find(failure: BridgeFailure, settings: ClassifiedSettings): Finding {
  switch (failure.kind) {
    case 'network':
      return { code: 'bridge_unreachable', detail: `${failure.code}: ${failure.message}` };
    case 'timeout':
      return { code: 'bridge_timeout', detail: '', timeoutMs: failure.timeoutMs };
    case 'aborted':
      return { code: 'shutting_down', detail: '' };
    case 'protocol':
      return { code: isRedirect(failure.status) ? 'bridge_wrong_address' : 'bridge_failing', detail: failure.detail };
    case 'http': {
      const found = findHttp(failure, settings);
      return { ...found, retryAfterSeconds: found.retryAfterSeconds ?? failure.retryAfterSeconds };
    }
  }
}

function findHttp(failure: HttpFailure, settings: ClassifiedSettings): Finding {
  const { error } = failure;
  if (error?.upstream) return findUpstream(error.upstream, error.message);
  const text = (error?.message ?? messageIn(failure.text)).slice(0, MAX_TEXT_LENGTH);
  const own = error === undefined ? undefined : ownFinding(error);
  return own ?? findInText(text, failure.status, settings) ?? findByBridgeStatus(failure, text);
}

/** A failure of Chatwoot as Ponte's bridge reports it. */
function findUpstream(upstream: BridgeUpstream, message: string): Finding {
  const { status, url } = upstream;
  const body = upstream.body?.slice(0, MAX_TEXT_LENGTH);
  if (typeof status !== 'number')
    return findNetwork(
      networkCause(upstream.network ?? message.slice(0, MAX_TEXT_LENGTH)) ?? 'no_answer',
      message.slice(0, MAX_TEXT_LENGTH),
    );
  const detail = body === undefined ? message.slice(0, MAX_TEXT_LENGTH) : `${url} HTTP ${status}: ${body}`;
  return findAnswer(
    { status, body: body ?? '', location: upstream.location ?? undefined, diagnosis: upstream.diagnosis ?? undefined },
    detail,
    upstream.retry_after_seconds,
  );
}

const NETWORK_CODES: Readonly<Record<NetworkCause, ActivationErrorCode>> = {
  unknown_host: 'chatwoot_unknown_host',
  tls: 'chatwoot_tls_failed',
  address_forbidden: 'chatwoot_address_forbidden',
  no_answer: 'chatwoot_unreachable',
};
const findNetwork = (cause: NetworkCause, detail: string): Finding => ({ code: NETWORK_CODES[cause], detail });

function findAnswer(answer: ChatwootAnswer, detail: string, retryAfterSeconds: number | null | undefined): Finding {
  return { ...readChatwootAnswer(answer), detail, location: answer.location, retryAfterSeconds };
}

// What Ponte's bridge may say in its own name: its message is one of the catalogue, and complete.
const OWN_CODES: ReadonlySet<string> = new Set<ActivationErrorCode>([
  'bridge_busy',
  'bridge_failing',
  'bridge_stream_unavailable',
  'bridge_unauthorized',
  'activation_expired',
  'database_unavailable',
  'shutting_down',
  'encryption_key_missing',
  'decryption_failed',
]);

function ownFinding({ code = '', message }: BridgeError['error']): Finding | undefined {
  const isOwn = OWN_CODES.has(code) || code.startsWith('chatwoot_');
  return isOwn && isActivationErrorCode(code) ? { code, detail: message, message } : undefined;
}

/**
 * What the text of another bridge says of Chatwoot. One that names another host speaks of that one. After 401 and 403, which are what a
 * bridge answers to a wrong BRIDGE_TOKEN, only a text that names Chatwoot's own address counts.
 */
function findInText(text: string, status: number, settings: ClassifiedSettings): Finding | undefined {
  const raw = readRawText(text);
  if (raw === undefined) return undefined;
  const host = hostOf(raw.url);
  if (host !== undefined && host !== hostOf(settings.chatwootBaseUrl)) return undefined;
  if ((status === 401 || status === 403) && host === undefined) return undefined;
  return raw.kind === 'network' ? findNetwork(raw.cause, raw.detail) : findAnswer(raw, raw.detail, undefined);
}

const findByBridgeStatus = ({ status, error }: HttpFailure, text: string): Finding => ({
  code: bridgeCode(status, error?.code),
  detail: `HTTP ${status}: ${text}`,
});

function bridgeCode(status: number, code: string | undefined): ActivationErrorCode {
  if (status === 401 || status === 403) return 'bridge_unauthorized';
  if (status === 404 || status === 405) return 'bridge_wrong_address';
  if (status === 409 && code === undefined) return 'bridge_busy';
  if (status === 408 || status === 425 || status === 429 || status >= 500) return 'bridge_failing';
  return 'bridge_refused';
}

const isRedirect = (status: number): boolean => status >= 300 && status < 400;

/** The message in the body of another bridge: `{"error":"…"}`, `{"message":"…"}`, or the body itself. */
function messageIn(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'string') return value;
    if (typeof value !== 'object' || value === null) return text;
    const found = ['error', 'message', 'detail'].map((key) => (value as Partial<Record<string, unknown>>)[key]);
    return found.find((part): part is string => typeof part === 'string') ?? text;
  } catch {
    return text;
  }
}

function hostOf(url: string | undefined): string | undefined {
  return url !== undefined && URL.canParse(url) ? new URL(url).hostname || undefined : undefined;
}
