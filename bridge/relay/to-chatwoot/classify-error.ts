import type { Diagnosis } from '../../../shared/contracts/bridge.ts';
import { isDatabaseUnavailable } from '../../../shared/database/database.ts';
import { PonteError } from '../../../shared/errors/ponte-error.ts';
import { readConstantText } from '../../chatwoot/diagnosis.ts';
import type { ChatwootFailure } from '../../chatwoot/outcome.ts';
import type { ChatwootNoResponse, ChatwootResponse } from '../../chatwoot/transport.ts';
import { AccountGone, DeliveryFailure, EventUnavailable, InboxGone, MediaUnavailable, OutcomeUnknown } from './relay-error.ts';

/** What a failed try to deliver an event means. */
export type Verdict =
  /** Nothing of this integration gets through: all its chats wait until something does. `reason` goes into its `last_error`. */
  | { readonly kind: 'outage'; readonly reason: string; readonly afterMs?: number | undefined }
  /** Only this chat has to wait: at least `afterMs`, and no longer than `withinMs`. */
  | { readonly kind: 'wait'; readonly reason: string; readonly afterMs?: number; readonly withinMs?: number }
  /** Chatwoot broke down over this message, which may be the message's own fault, and may have stored it. */
  | { readonly kind: 'breakdown'; readonly reason: string }
  /** Chatwoot will never take this message as it is. */
  | { readonly kind: 'refused'; readonly reason: string };

/** Chatwoot counts messages a minute; to look more often than this would not make it sooner. */
const FLOOD_PAUSE_MS = 10_000;
const THROTTLE_PAUSE_MS = 15_000;
const IN_DOUBT = 'Chatwoot may have taken a message without saying so — it is looked for, and sent again only if it is not there';
const WAITING = 'messages wait and are delivered by themselves';

/** Judges an error of a delivery; undefined when it is none that is known, and so a defect. `url` is the base address of Chatwoot. */
export function classifyError(error: unknown, url: string): Verdict | undefined {
  if (error instanceof DeliveryFailure) return ofChatwoot(error.failure, url);
  if (error instanceof OutcomeUnknown) return { kind: 'wait', reason: IN_DOUBT, withinMs: error.endsInMs };
  if (error instanceof AccountGone) {
    const reason =
      'the account was deleted in Chatwoot — activate again with another chatwootAccountId; messages wait until then';
    return { kind: 'outage', reason };
  }
  if (error instanceof InboxGone) {
    return {
      kind: 'outage',
      reason: `the inbox was deleted in Chatwoot — activate again to make a new one; messages wait until then`,
    };
  }
  // A secret that cannot be decrypted.
  if (error instanceof PonteError) return { kind: 'outage', reason: error.message };
  if (error instanceof MediaUnavailable || error instanceof EventUnavailable) return { kind: 'wait', reason: error.message };
  if (isDatabaseUnavailable(error))
    return { kind: 'outage', reason: `the database of the bridge is unavailable — ${WAITING} when it is back` };
  return undefined;
}

function ofChatwoot({ kind, response }: ChatwootFailure, url: string): Verdict {
  if (response.kind === 'failed') {
    // What is wrong beyond this one request shows when it is looked for.
    return kind === 'unknown' && response.method !== 'GET' ? { kind: 'wait', reason: IN_DOUBT } : ofSilence(response, url);
  }
  const { status, retryAfterSeconds } = response;
  const answer = `HTTP ${status}${shownError(response)}`;
  if (kind === 'absent') return { kind: 'wait', reason: 'what belongs to this chat is being deleted in Chatwoot' };
  if (kind === 'no_api' || status === 404) {
    return {
      kind: 'outage',
      reason: `${url} does not answer as Chatwoot does (HTTP ${status}) — verify chatwootBaseUrl; ${WAITING} then`,
    };
  }
  if (status === 429) {
    const afterMs = (retryAfterSeconds ?? THROTTLE_PAUSE_MS / 1_000) * 1_000;
    return { kind: 'outage', reason: `Chatwoot limits our requests — ${WAITING} as it allows`, afterMs };
  }
  if (status === 401 || status === 402 || status === 403) {
    const diagnosis = readConstantText(response);
    const reason =
      (diagnosis && DENIALS[diagnosis]) ??
      `Chatwoot denies access (${answer}) — the token must be that of an administrator of the account; messages wait until then`;
    return { kind: 'outage', reason };
  }
  if (status >= 300 && status < 400) {
    return {
      kind: 'outage',
      reason: `${url} redirects — activate again with the final address of Chatwoot; messages wait until then`,
    };
  }
  if (status === 422 && /Too many messages/.test(response.body)) {
    return {
      kind: 'wait',
      reason: 'Chatwoot takes 200 messages a minute in a conversation; the rest follows',
      afterMs: FLOOD_PAUSE_MS,
    };
  }
  if (kind === 'unknown' && /took too long/i.test(response.body)) return { kind: 'wait', reason: 'Chatwoot took too long' };
  if (status === 500 || (kind === 'unknown' && status === 422))
    return { kind: 'breakdown', reason: `Chatwoot is failing (${answer})` };
  if (kind === 'unknown' || status < 200)
    return { kind: 'outage', reason: `Chatwoot is failing (${answer}) — ${WAITING} when it is back` };
  return { kind: 'refused', reason: `Chatwoot refuses the message (${answer})` };
}

/** What Chatwoot says in words of its own that are always the same. */
const DENIALS: Readonly<Partial<Record<Diagnosis, string>>> = {
  token_invalid: 'Chatwoot rejects the API token — activate again with a valid chatwootApiToken; messages wait until then',
  account_suspended: 'the Chatwoot account is suspended — have it reactivated there; messages wait until then',
  api_disabled: 'the plan of the Chatwoot account has no API access — change the plan there; messages wait until then',
};

function ofSilence(response: ChatwootNoResponse, url: string): Verdict {
  if (response.code === 'address_forbidden') {
    return {
      kind: 'outage',
      reason: `${url} leads to a private address — set CHATWOOT_ALLOW_PRIVATE_NETWORK for it; messages wait until then`,
    };
  }
  return { kind: 'outage', reason: `Chatwoot is unreachable at ${url} (${response.message}) — ${WAITING} when it is back` };
}

/** What Chatwoot says in its own words; nothing of a web page. */
function shownError(response: ChatwootResponse): string {
  const json = response.json;
  if (typeof json !== 'object' || json === null) return '';
  const text = 'error' in json ? json.error : 'message' in json ? json.message : undefined;
  return typeof text === 'string' ? `: ${text.slice(0, 300)}` : '';
}

/** Whether the call may have had its effect all the same, so that it must be looked up before it is repeated. */
export function isAmbiguous(error: unknown): boolean {
  if (!(error instanceof DeliveryFailure)) return true;
  return error.failure.kind === 'unknown' || error.failure.kind === 'no_api';
}
