import type { Inbox } from '../chatwoot/answers.ts';
import type { ChatwootAccess, ChatwootClient } from '../chatwoot/client.ts';
import type { ChatwootFailure } from '../chatwoot/outcome.ts';
import { upstreamError } from '../chatwoot/upstream-error.ts';
import { inboxesOf } from './inbox-deletion.ts';
import type { IntegrationSecrets } from './secrets.ts';
import type { IntegrationRow } from './store.ts';

/** Whether an integration is in this account of this Chatwoot, as both were spelled. */
export const isSameAccount = (
  row: Pick<IntegrationRow, 'chatwootBaseUrl' | 'chatwootAccountId'>,
  access: Pick<ChatwootAccess, 'baseUrl' | 'accountId'>,
): boolean => row.chatwootBaseUrl === access.baseUrl && row.chatwootAccountId === access.accountId;

/** Another kind of inbox under our number is somebody else's: the Chatwoot was set up anew. */
export function isGone(found: Inbox | ChatwootFailure): boolean {
  if ('kind' in found) return found.kind === 'absent';
  return Boolean(found.channel_type) && found.channel_type !== 'Channel::Api';
}

/**
 * The inbox of an integration, as an access to Chatwoot that may be another one sees it. The same Chatwoot has many addresses, so under
 * another spelling it is known by the inbox that calls our webhook. Undefined when it is not there. Throws UpstreamError.
 */
export async function findInbox(
  client: ChatwootClient,
  row: IntegrationRow,
  secrets: IntegrationSecrets,
): Promise<Inbox | undefined> {
  if (isSameAccount(row, client.access())) {
    const found = await client.inboxes.get(row.inboxId ?? 0);
    if (isGone(found.ok ? found.value : found.failure)) return undefined;
    if (!found.ok) throw await upstreamError(found.failure, client);
    return found.value;
  }
  const listed = await client.inboxes.list();
  if (!listed.ok) throw await upstreamError(listed.failure, client);
  return inboxesOf(row, listed.value, secrets)[0];
}
