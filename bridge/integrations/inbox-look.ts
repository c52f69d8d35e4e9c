import type { Logger } from '../../shared/logging/logger.ts';
import type { Inbox } from '../chatwoot/answers.ts';
import type { CallBudget, ChatwootAccess, ChatwootClient } from '../chatwoot/client.ts';
import { BRIDGE_LIMITS } from '../timeouts.ts';
import { isGone } from './find-inbox.ts';
import { GONE, INBOX_FAULTS, lastingFault } from './inbox-fault.ts';
import type { IntegrationSecrets } from './secrets.ts';
import type { IntegrationRow, IntegrationStore } from './store.ts';

export interface InboxLookDeps {
  readonly store: IntegrationStore;
  readonly secrets: IntegrationSecrets;
  readonly chatwoot: (access: ChatwootAccess, budget: CallBudget) => ChatwootClient;
  readonly holdsLease: (id: string) => boolean;
  readonly logger: Logger;
}

/**
 * Looks at the inbox of an integration as it is in Chatwoot, with one request where all is well: what is Ponte's is put right and told, a
 * new name is taken over, and what only its owner can mend becomes the integration's error. What passes by itself is not told here: those
 * who relay messages notice it, too.
 */
export function createInboxLook({ store, secrets, chatwoot, holdsLease, logger }: InboxLookDeps) {
  /** Of rows as they are run here, what was said of their inbox since they were read: only who runs an integration says so. */
  const said = new WeakMap<IntegrationRow, string>();

  /** Resolves with whether that is news. */
  async function say(row: IntegrationRow, fault: string): Promise<boolean> {
    if (fault === '' && !INBOX_FAULTS.includes(said.get(row) ?? row.lastError)) return false;
    const isNews = await store.inboxFault(row, fault);
    said.set(row, fault);
    return isNews;
  }

  async function read(row: IntegrationRow, inbox: Inbox, client: ChatwootClient): Promise<string | undefined> {
    if (isGone(inbox)) return GONE;
    if (inbox.name && inbox.name !== row.inboxName) await store.renamed(row, inbox.name);
    const changed = changesOf(row, inbox);
    if (changed.length === 0 || !holdsLease(row.id)) return '';
    const updated = await client.inboxes.update(inbox.id, { webhookUrl: secrets.webhookUrl(row) });
    if (!updated.ok) return lastingFault(updated.failure, client);
    await store.repaired(row, `${new Date().toISOString()}: ${changed.join('; ')}`);
    logger.warn(
      { integrationId: row.id, inboxId: inbox.id, repaired: changed },
      'put an inbox right that was changed in Chatwoot',
    );
    return '';
  }

  /** What somebody has changed of what is Ponte's. A key that Chatwoot leaves out says nothing. */
  function changesOf(row: IntegrationRow, inbox: Inbox): string[] {
    const changes: string[] = [];
    if (inbox.webhook_url !== undefined && inbox.webhook_url !== secrets.webhookUrl(row)) changes.push(ADDRESS);
    if (inbox.lock_to_single_conversation) changes.push(LOCK);
    return changes;
  }

  /** Resolves with whether the inbox is there and can be used. Throws what the database throws. */
  return async function look(row: IntegrationRow, signal: AbortSignal): Promise<boolean> {
    const access = secrets.accessOf(row);
    const client = chatwoot(access, { endsAtMs: Date.now() + BRIDGE_LIMITS.lookMs, signal });
    const found = await client.inboxes.get(row.inboxId ?? 0);
    const fault = found.ok ? await read(row, found.value, client) : await lastingFault(found.failure, client);
    if (fault === undefined || !(await say(row, fault))) return fault === '';
    if (fault === '') logger.info({ integrationId: row.id }, 'the inbox of an integration can be used again');
    else logger.warn({ integrationId: row.id, reason: fault }, 'the inbox of an integration cannot be used');
    return fault === '';
  };
}

const ADDRESS =
  'the webhook address of the inbox had been changed or emptied in Chatwoot and was put back; replies written meanwhile may not have arrived';
const LOCK =
  '“lock to single conversation” had been switched on in Chatwoot and was switched off again, it overrules reopenResolved';
