import { classifyBridgeFailure } from '../../shared/bridge-client/classification.ts';
import type { BridgeFailure } from '../../shared/bridge-client/outcome.ts';
import type { BridgeUpstream } from '../../shared/contracts/bridge.ts';

const settings = { chatwootBaseUrl: 'https://chat.example.com', chatwootAccountId: 5 };
export const bridgeUrl = 'http://bridge:3001';
export const url = 'https://chat.example.com/api/v1/accounts/5/inboxes';
export const classify = (failure: BridgeFailure, secrets: string[] = []) =>
  classifyBridgeFailure(failure, settings, bridgeUrl, secrets);

/** What Ponte's bridge answers when Chatwoot gave this. */
export function ofPonte(upstream: Partial<BridgeUpstream>): BridgeFailure {
  const full = { method: 'POST', url, ...upstream };
  const message = full.status ? `${url} HTTP ${full.status}: ${full.body ?? ''}` : `Post "${url}": ${full.network ?? ''}`;
  return { kind: 'http', status: 502, error: { message, upstream: full }, text: '', retryAfterSeconds: undefined };
}

/** What any other bridge answers: a text, with one of many statuses. */
export const ofOther = (text: string, status = 502): BridgeFailure => ({
  kind: 'http',
  status,
  error: undefined,
  text,
  retryAfterSeconds: undefined,
});
