import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { Inbox } from '../chatwoot/answers.ts';
import type { ChatwootClient } from '../chatwoot/client.ts';
import { upstreamError } from '../chatwoot/upstream-error.ts';
import { BRIDGE_LIMITS } from '../timeouts.ts';
import { giveInboxBack } from './give-inbox-back.ts';
import type { IntegrationSecrets } from './secrets.ts';
import type { IntegrationRow } from './store.ts';

/** Those inboxes that call this integration's webhook, the oldest first. */
export function inboxesOf(row: IntegrationRow, inboxes: readonly Inbox[], secrets: IntegrationSecrets): Inbox[] {
  return inboxes.filter((inbox) => secrets.isWebhookUrl(row, inbox.webhook_url)).sort((left, right) => left.id - right.id);
}

/** Deletes an inbox; one that Chatwoot does not have any more is deleted. Throws UpstreamError. */
export async function deleteInbox(client: ChatwootClient, inboxId: number): Promise<void> {
  const outcome = await client.inboxes.delete(inboxId);
  if (!outcome.ok && outcome.failure.kind !== 'absent') throw await upstreamError(outcome.failure, client);
}

/**
 * Deletes every inbox that was ever made for an integration; one that it has taken over it gives back: the one that is known, and whatever else is found by the webhook's address. Where
 * a request's outcome is unknown, it returns only when none can appear any more, which is so `certainAfterMs` after it was sent. Throws
 * UpstreamError, or PonteError `bridge_failing` with the time after which to ask again.
 */
export async function deleteInboxesOf(
  row: IntegrationRow,
  client: ChatwootClient,
  secrets: IntegrationSecrets,
  { certainAfterMs = BRIDGE_LIMITS.lastInboxMs }: { certainAfterMs?: number } = {},
): Promise<void> {
  if (row.adoptedInboxId !== null) return giveInboxBack(row, client, secrets);
  if (row.inboxId !== null) await deleteInbox(client, row.inboxId);
  await deleteStrayInboxes(row, client, secrets);
  if (row.createSentAt === null) return;
  const ageMs = Date.now() - row.createSentAt.getTime();
  if (ageMs >= certainAfterMs) return;
  const waitMs = (ageMs < BRIDGE_LIMITS.lateInboxMs ? BRIDGE_LIMITS.lateInboxMs : certainAfterMs) - ageMs;
  const detail = 'Chatwoot may still be making an inbox that was asked for a moment ago; it is deleted when that is certain';
  throw new PonteError('bridge_failing', { detail }, { retryAfterSeconds: Math.ceil(waitMs / 1_000) });
}

/** Deletes the inboxes that call this integration's webhook without being its own. Throws UpstreamError. */
export async function deleteStrayInboxes(
  row: IntegrationRow,
  client: ChatwootClient,
  secrets: IntegrationSecrets,
): Promise<number> {
  const listed = await client.inboxes.list();
  if (!listed.ok) {
    if (listed.failure.kind === 'absent') return 0; // the whole account is gone
    throw await upstreamError(listed.failure, client);
  }
  const strays = inboxesOf(row, listed.value, secrets).filter(({ id }) => id !== row.inboxId && id !== row.adoptedInboxId);
  for (const { id } of strays) await deleteInbox(client, id);
  return strays.length;
}
