import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { Inbox } from '../chatwoot/answers.ts';
import type { ChatwootClient } from '../chatwoot/client.ts';
import { upstreamError } from '../chatwoot/upstream-error.ts';
import type { ActivationDeps, Attempt } from './attempt.ts';
import { isGone, isSameAccount } from './find-inbox.ts';
import type { IntegrationRow } from './store.ts';

/** Why an inbox that was there before Ponte cannot be taken over. */
const notAdoptable = (inboxId: number, accountId: number, reason: string): PonteError =>
  new PonteError('chatwoot_inbox_not_adoptable', { inboxId: String(inboxId), accountId: String(accountId), reason });

/** An instance that is active keeps the inbox it has. Throws PonteError where another one of that account is asked for. */
export function refuseOtherInbox(current: IntegrationRow, { request, client }: Attempt): void {
  const { adopt_inbox_id: wanted, chatwoot_account_id: accountId } = request;
  if (wanted == null || current.inboxId === wanted || !isSameAccount(current, client.access())) return;
  const reason = `this instance is active with inbox ${current.inboxId} — deactivate it first`;
  throw notAdoptable(wanted, accountId, reason);
}

/** The inbox that a request names, where it can be taken over. Throws PonteError where it cannot, UpstreamError where nobody knows. */
export async function findAdoptable(
  deps: Pick<ActivationDeps, 'store' | 'secrets'>,
  client: ChatwootClient,
  inboxId: number,
  ownId?: string,
): Promise<Inbox> {
  const { accountId } = client.access();
  const found = await client.inboxes.get(inboxId);
  if (!found.ok && found.failure.kind === 'absent') throw notAdoptable(inboxId, accountId, 'that account has no such inbox');
  if (!found.ok) throw await upstreamError(found.failure, client);
  if (isGone(found.value)) {
    const reason = `it is a ${found.value.channel_type ?? 'strange'} inbox, and only one of the kind API can be relayed`;
    throw notAdoptable(inboxId, accountId, reason);
  }
  const keyHash = deps.secrets.webhookKeyHashIn(found.value.webhook_url);
  const owner = keyHash === undefined ? null : await deps.store.byWebhookKey(keyHash);
  if (owner !== null && owner.id !== ownId && (owner.state === 'active' || owner.state === 'creating')) {
    throw notAdoptable(inboxId, accountId, 'another instance of Ponte is active in it — deactivate that first');
  }
  return found.value;
}

/**
 * Takes over an inbox that was there before: its webhook leads to us from now on, everything else of it stays. Where it led is written down
 * first, so that whoever comes after a crash can give it back. Throws PonteError or UpstreamError; the row is gone then, if the inbox is
 * certainly as it was.
 */
export async function adoptInbox(deps: ActivationDeps, attempt: Attempt, row: IntegrationRow, inboxId: number): Promise<Inbox> {
  const { client, log } = attempt;
  const isFirst = row.adoptedWebhookUrl === null;
  let inbox: Inbox;
  try {
    inbox = await findAdoptable(deps, client, inboxId, row.id);
  } catch (error) {
    if (isFirst) await deps.store.discard(row.id);
    throw error;
  }
  if (isFirst) {
    const adoptedWebhookUrl = deps.secrets.sealAdoptedWebhook(inbox.webhook_url ?? '', row.id);
    await deps.store.update(row.id, { adoptedWebhookUrl, adoptedAt: new Date() });
  }
  const updated = await client.inboxes.update(inboxId, { webhookUrl: deps.secrets.webhookUrl(row) });
  if (!updated.ok) {
    const isUntouched = isFirst && updated.failure.kind !== 'unknown' && updated.failure.kind !== 'no_api';
    if (isUntouched) await deps.store.discard(row.id);
    throw await upstreamError(updated.failure, client);
  }
  log.info({ integrationId: row.id, inboxId }, 'took over an inbox that was there before');
  return { ...inbox, ...updated.value, secret: updated.value.secret ?? inbox.secret };
}
