import type { BridgeActivateResponse } from '../../shared/contracts/bridge.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { Inbox } from '../chatwoot/answers.ts';
import { upstreamError } from '../chatwoot/upstream-error.ts';
import { type ActivationDeps, type Attempt, answerOf, obstacle, settingsOf, startStreamProbe } from './attempt.ts';
import { findInbox, isGone } from './find-inbox.ts';
import type { IntegrationRow } from './store.ts';

/**
 * An active integration takes over new settings and keeps its id and its inbox. Changing the inbox with the new token proves that token and
 * its role. Undefined when the inbox is not in that Chatwoot. Throws UpstreamError or PonteError: the integration is as it was then, and the
 * row of `candidate`, which only holds the activation's place meanwhile, is gone.
 */
export async function changeIntegration(
  deps: ActivationDeps,
  attempt: Attempt,
  candidate: IntegrationRow,
  target: IntegrationRow,
): Promise<BridgeActivateResponse | undefined> {
  const probe = startStreamProbe(deps, attempt);
  try {
    const inbox = await findInbox(attempt.client, target, deps.secrets);
    if (inbox === undefined) return undefined;
    const stream = await probe.result;
    const fault = stream.ok ? obstacle(attempt) : probe.unavailable(stream.reason);
    if (fault !== undefined) throw fault;
    // One that was there before keeps its name.
    const name = target.adoptedInboxId === null ? attempt.request.inbox_name : undefined;
    const values = { name, webhookUrl: deps.secrets.webhookUrl(target) };
    const updated = await attempt.client.inboxes.update(inbox.id, values);
    if (isGone(updated.ok ? updated.value : updated.failure)) return undefined;
    if (!updated.ok) throw await upstreamError(updated.failure, attempt.client);
    await commit(deps, attempt, candidate, target, updated.value);
  } catch (error) {
    await deps.store.discard(candidate.id);
    throw error;
  } finally {
    probe.cancel();
  }
  const row = await deps.store.byId(target.id);
  return row === null ? undefined : answerOf(row, attempt, deps.store);
}

async function commit(
  deps: ActivationDeps,
  attempt: Attempt,
  candidate: IntegrationRow,
  target: IntegrationRow,
  inbox: Inbox,
): Promise<void> {
  const changed = await deps.store.change(candidate, target, {
    ...settingsOf(attempt.request, deps.secrets),
    // The same Chatwoot, perhaps by another of its addresses.
    chatwootBaseUrl: attempt.request.chatwoot_base_url,
    chatwootAccountId: attempt.request.chatwoot_account_id,
    inboxId: inbox.id,
    inboxName: inbox.name ?? attempt.request.inbox_name,
    // Asked for again, it changes hands again: somebody else may be about to post into it.
    ...(target.adoptedInboxId !== null && attempt.request.adopt_inbox_id != null
      ? { adoptedAt: new Date(), caughtUpTo: null }
      : {}),
    ...(inbox.secret ? { webhookSecret: deps.secrets.sealWebhookSecret(inbox.secret, target.id) } : {}),
  });
  if (!changed) throw new PonteError('bridge_busy');
}
