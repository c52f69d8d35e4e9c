import type { BridgeActivateResponse } from '../../shared/contracts/bridge.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { Inbox } from '../chatwoot/answers.ts';
import type { ChatwootFailure } from '../chatwoot/outcome.ts';
import { upstreamError } from '../chatwoot/upstream-error.ts';
import { type ActivationDeps, type Attempt, answerOf, obstacle, settingsOf, startStreamProbe } from './attempt.ts';
import type { IntegrationRow } from './store.ts';

/**
 * An active integration takes over new settings and keeps its id and its inbox. Changing the inbox with the new token proves that token and
 * its role. Undefined when the inbox is gone from Chatwoot. Throws UpstreamError or PonteError: the integration is as it was then, and the
 * row of `candidate`, which only holds the activation's place meanwhile, is gone.
 */
export async function changeIntegration(
  deps: ActivationDeps,
  attempt: Attempt,
  candidate: IntegrationRow,
  target: IntegrationRow,
): Promise<BridgeActivateResponse | undefined> {
  const inboxId = target.inboxId ?? 0;
  const probe = startStreamProbe(deps, attempt);
  try {
    const found = await attempt.client.inboxes.get(inboxId);
    if (isGone(found.ok ? found.value : found.failure)) return undefined;
    if (!found.ok) throw await upstreamError(found.failure, attempt.client);
    const stream = await probe.result;
    const fault = stream.ok ? obstacle(attempt) : probe.unavailable(stream.reason);
    if (fault !== undefined) throw fault;
    const values = { name: attempt.request.inbox_name, webhookUrl: deps.secrets.webhookUrl(target) };
    const updated = await attempt.client.inboxes.update(inboxId, values);
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
  return row === null ? undefined : answerOf(row, deps.store, attempt.client.elapsedMs());
}

/** Another kind of inbox under our number is somebody else's: the Chatwoot was set up anew. */
function isGone(found: Inbox | ChatwootFailure): boolean {
  if ('kind' in found) return found.kind === 'absent';
  return Boolean(found.channel_type) && found.channel_type !== 'Channel::Api';
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
    inboxName: inbox.name ?? attempt.request.inbox_name,
    ...(inbox.secret ? { webhookSecret: deps.secrets.sealWebhookSecret(inbox.secret, target.id) } : {}),
  });
  if (!changed) throw new PonteError('bridge_busy');
}
