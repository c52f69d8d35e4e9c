import type { Diagnosis } from '../contracts/bridge.ts';
import type { ActivationErrorCode } from '../errors/catalogue.ts';
import { validationHint } from './validation-hint.ts';

/** An answer of Chatwoot to a request for an inbox, as far as it is known. */
export interface ChatwootAnswer {
  readonly status: number;
  readonly body: string;
  readonly location?: string | undefined;
  readonly diagnosis?: Diagnosis | undefined;
}

export interface ChatwootFinding {
  readonly code: ActivationErrorCode;
  /** What to change, for `chatwoot_invalid_request`. */
  readonly hint?: string;
}

// Chatwoot's source has these in English whatever the account's language; all its other texts are translated and prove nothing.
const CONSTANT_TEXTS: ReadonlyMap<string, ActivationErrorCode> = new Map([
  ['Invalid Access Token', 'chatwoot_token_invalid'],
  ['You are not authorized to do this action', 'chatwoot_not_admin'],
  ['You are not authorized to access this account', 'chatwoot_not_member'],
  ['Account is suspended', 'chatwoot_account_suspended'],
  ['Access to this endpoint is not authorized for bots', 'chatwoot_bot_token'],
  ['Bot is not authorized to access this account', 'chatwoot_bot_token'],
  ['API access is not enabled for this account', 'chatwoot_api_disabled'],
  ['Account limit exceeded. Upgrade to a higher plan', 'chatwoot_plan_limit'],
  ['Resource could not be found', 'chatwoot_account_not_found'],
  ['The request took too long to complete. Please try again.', 'chatwoot_busy'],
]);

const DIAGNOSES: Readonly<Record<Diagnosis, ActivationErrorCode>> = {
  token_invalid: 'chatwoot_token_invalid',
  token_dropped: 'chatwoot_token_dropped',
  bot_token: 'chatwoot_bot_token',
  not_member: 'chatwoot_not_member',
  account_suspended: 'chatwoot_account_suspended',
  not_admin: 'chatwoot_not_admin',
  api_disabled: 'chatwoot_api_disabled',
  // Token, membership and role are all right, so something else denies it.
  ok: 'chatwoot_denied',
};

/**
 * What Chatwoot means. Its body comes first and the status second: one 401 stands for a wrong token, an agent's token, a foreign
 * account, a suspended one, a bot, or a token that a proxy dropped.
 */
export function readChatwootAnswer(answer: ChatwootAnswer): ChatwootFinding {
  const { status, diagnosis } = answer;
  const body = parseBody(answer.body);
  if (status >= 400 && status < 500) {
    const constant = CONSTANT_TEXTS.get(body.error ?? '');
    if (constant !== undefined) return { code: constant };
  }
  if (status === 401 || status === 403) return { code: refusal(status, body, diagnosis) };
  if (status === 400 || status === 422) return invalid(status, body, answer.body);
  return { code: byStatus(status, body) };
}

function refusal(status: number, body: Body, diagnosis: Diagnosis | undefined): ActivationErrorCode {
  // devise_token_auth's own answer: `errors`, plural, means that no token arrived.
  if (status === 401 && body.errors) return 'chatwoot_token_dropped';
  if (diagnosis !== undefined) return DIAGNOSES[diagnosis];
  return status === 401 ? 'chatwoot_token_invalid' : 'chatwoot_denied';
}

function invalid(status: number, body: Body, text: string): ChatwootFinding {
  if (status === 422 && /took too long/i.test(body.error ?? '')) return { code: 'chatwoot_busy' };
  if (/plain HTTP request was sent to HTTPS port/i.test(text)) {
    return { code: 'chatwoot_invalid_request', hint: 'use https:// in chatwootBaseUrl' };
  }
  if (!body.isJson) return { code: 'chatwoot_endpoint_not_found' };
  return { code: 'chatwoot_invalid_request', hint: validationHint(body.attributes) };
}

function byStatus(status: number, body: Body): ActivationErrorCode {
  if (status < 300) return 'chatwoot_endpoint_not_found'; // a page, or an API of another make
  if (status < 400) return 'chatwoot_redirect';
  // Rails' own 404 has a numeric `status`; Chatwoot's, for a record it does not have, has not.
  if (status === 404)
    return body.error !== undefined && !body.hasStatus ? 'chatwoot_account_not_found' : 'chatwoot_endpoint_not_found';
  if (status === 402) return 'chatwoot_plan_limit';
  if (status === 408 || status === 425 || status >= 500) return 'chatwoot_failing';
  if (status === 429) return 'chatwoot_rate_limited';
  return 'chatwoot_endpoint_not_found';
}

interface Body {
  readonly isJson: boolean;
  readonly error: string | undefined;
  readonly errors: boolean;
  readonly hasStatus: boolean;
  readonly attributes: readonly string[];
}

function parseBody(text: string): Body {
  const value = parseObject(text);
  const attributes = Array.isArray(value?.attributes) ? value.attributes.filter((name) => typeof name === 'string') : [];
  return {
    isJson: value !== undefined,
    error: typeof value?.error === 'string' ? value.error : undefined,
    errors: value !== undefined && 'errors' in value,
    hasStatus: value !== undefined && 'status' in value,
    attributes,
  };
}

/** The JSON object in `text`; of one that was cut off, its `error` alone. */
function parseObject(text: string): Partial<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    const error = /^\s*\{[^{}]*?"error"\s*:\s*"([^"\\]*)"/.exec(text)?.[1];
    return error === undefined ? undefined : { error };
  }
}
