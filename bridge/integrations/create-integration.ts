import type { BridgeActivateResponse } from '../../shared/contracts/bridge.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import { BRIDGE_LIMITS } from '../timeouts.ts';
import { type ActivationDeps, type Attempt, answerOf, expired, obstacle, startStreamProbe } from './attempt.ts';
import { deleteInboxesOf } from './inbox-deletion.ts';
import { type ObtainedInbox, obtainInbox } from './obtain-inbox.ts';
import { type KeptInbox, lookAtOldInbox } from './old-inbox.ts';
import type { IntegrationRow } from './store.ts';

/**
 * A new integration with a new inbox, from a row in `creating`; `isNoted`: it was made a moment ago, and says already that a request for an inbox
 * leaves. `current` is the one it takes the place of. The stream is tried, and the old inbox looked at, while Chatwoot works; a failure after the
 * inbox exists deletes it again. Throws UpstreamError or PonteError.
 */
export async function createIntegration(
  deps: ActivationDeps,
  attempt: Attempt,
  { row: given, isNoted, current }: { row: IntegrationRow; isNoted: boolean; current: IntegrationRow | undefined },
): Promise<BridgeActivateResponse> {
  const row = await finishUndoing(deps, attempt, given);
  const leaving = current === undefined ? undefined : lookAtOldInbox(deps, attempt, current);
  const probe = startStreamProbe(deps, attempt);
  try {
    const obtained = await obtainInbox(deps, attempt, row, { isNoted });
    const stream = await probe.result;
    const kept = await leaving;
    const fault = stream.ok ? obstacle(attempt) : probe.unavailable(stream.reason);
    if (fault === undefined && stream.ok) return await commit(deps, attempt, row, { ...obtained, kept, latest: stream.latest });
    await undo(deps, attempt, row, obtained);
    throw fault ?? expired(attempt.key);
  } finally {
    probe.cancel();
  }
}

async function commit(
  deps: ActivationDeps,
  attempt: Attempt,
  row: IntegrationRow,
  { inbox, unsure, kept, latest }: ObtainedInbox & { kept: KeptInbox | undefined; latest: number },
): Promise<BridgeActivateResponse> {
  const values = {
    inboxId: inbox.id,
    inboxName: inbox.name ?? attempt.request.inbox_name,
    webhookSecret: inbox.secret ? deps.secrets.sealWebhookSecret(inbox.secret, row.id) : null,
    eventCursor: latest,
    unsure,
  };
  const activated = await deps.store.activate(row, values, { kept, lock: attempt.lock.key });
  if (activated !== undefined) {
    attempt.lock.released();
    return answerOf(activated, attempt, deps.store);
  }
  const now = await deps.store.byId(row.id);
  if (now?.state === 'active' && now.inboxId === inbox.id) return answerOf(now, attempt, deps.store);
  // The lock was lost, and somebody else has brought this activation to another end: that one counts.
  await undo(deps, attempt, row, { inbox, unsure: false }, now);
  throw new PonteError('bridge_busy');
}

/**
 * Deletes the inbox again. Written down first: from then on nobody adopts it, and whoever comes next goes on with deleting it.
 * `owner` is the row as somebody else has left it, which is not ours to write to.
 */
async function undo(
  deps: ActivationDeps,
  attempt: Attempt,
  row: IntegrationRow,
  { inbox, unsure }: ObtainedInbox,
  owner?: IntegrationRow | null,
): Promise<void> {
  const log = attempt.log.child({ integrationId: row.id, inboxId: inbox.id });
  const client = deps.chatwoot(attempt.client.access(), { endsAtMs: Date.now() + BRIDGE_LIMITS.undoMs, signal: attempt.signal });
  try {
    const doomed =
      owner === undefined
        ? await deps.store.update(row.id, { inboxId: inbox.id, ...(unsure ? {} : { createSentAt: null }) })
        : { ...row, inboxId: inbox.id, createSentAt: null };
    await deleteInboxesOf(doomed, client, deps.secrets);
    if (owner === undefined) await deps.store.discard(row.id);
    log.info('the inbox was deleted again, the activation failed');
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown';
    log.warn({ reason }, 'the inbox of a failed activation could not be deleted yet');
  }
}

/** An earlier try has made an inbox that it could not delete again: that comes first. */
async function finishUndoing(deps: ActivationDeps, { client }: Attempt, row: IntegrationRow): Promise<IntegrationRow> {
  if (row.inboxId === null) return row;
  // The client waits: what may still come after that is rarer than it is patient.
  await deleteInboxesOf(row, client, deps.secrets, { certainAfterMs: BRIDGE_LIMITS.lateInboxMs });
  // Chatwoot deletes later, and until then lists it: under a new address the old one cannot be mistaken for ours.
  return deps.store.update(row.id, { inboxId: null, createSentAt: null, ...deps.secrets.newWebhookKey(row.id) });
}
