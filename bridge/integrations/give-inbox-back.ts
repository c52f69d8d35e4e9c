import type { ChatwootClient } from '../chatwoot/client.ts';
import { upstreamError } from '../chatwoot/upstream-error.ts';
import type { IntegrationSecrets } from './secrets.ts';
import type { IntegrationRow } from './store.ts';

/**
 * Gives an inbox that was taken over back: its webhook leads where it did before. One that leads elsewhere by now is somebody else's, and is
 * left alone. It is never deleted. Throws UpstreamError.
 */
export async function giveInboxBack(row: IntegrationRow, client: ChatwootClient, secrets: IntegrationSecrets): Promise<void> {
  const inboxId = row.adoptedInboxId ?? 0;
  const found = await client.inboxes.get(inboxId);
  if (!found.ok && found.failure.kind === 'absent') return;
  if (!found.ok) throw await upstreamError(found.failure, client);
  if (!secrets.isWebhookUrl(row, found.value.webhook_url)) return;
  const updated = await client.inboxes.update(inboxId, { webhookUrl: secrets.openAdoptedWebhook(row) });
  if (!updated.ok && updated.failure.kind !== 'absent') throw await upstreamError(updated.failure, client);
}
