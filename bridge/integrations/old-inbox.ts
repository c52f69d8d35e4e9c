import type { PreviousInbox } from '../../shared/activations/previous-inbox.ts';
import { BRIDGE_LIMITS } from '../timeouts.ts';
import type { ActivationDeps, Attempt } from './attempt.ts';
import { isGone, isSameAccount } from './find-inbox.ts';
import type { IntegrationRow } from './store.ts';

/** What becomes of the inbox that an integration moves away from: it is left there, or there is nothing to leave. */
export interface KeptInbox {
  /** What stays where, and what to do. */
  readonly message: string;
}

/**
 * Looks at the inbox that an activation is about to move away from: nothing of a customer's history is deleted unasked. Undefined where
 * deletion was asked for, and where the inbox is gone already. Never throws: an old Chatwoot that is dead keeps nobody from moving.
 */
export async function lookAtOldInbox(
  deps: ActivationDeps,
  { request, client, endsAtMs, signal, log }: Attempt,
  old: IntegrationRow,
): Promise<KeptInbox | undefined> {
  // One that was there before is given back.
  if (old.adoptedInboxId !== null) return undefined;
  // In the same account a new inbox is only made where the old one is gone.
  if (request.delete_old_inbox || isSameAccount(old, client.access())) return undefined;
  try {
    const access = deps.secrets.accessOf(old);
    const budget = { endsAtMs: Math.min(endsAtMs, Date.now() + BRIDGE_LIMITS.oldInboxMs), signal };
    const found = await deps.chatwoot(access, budget).inboxes.get(old.inboxId ?? 0);
    if (isGone(found.ok ? found.value : found.failure)) return undefined;
    if (found.ok) return { message: STAYS };
    const { response } = found.failure;
    return unreachable(response.kind === 'failed' ? response.message : `HTTP ${response.status}`);
  } catch (error) {
    return unreachable(error instanceof Error ? error.message : 'unknown');
  }

  function unreachable(reason: string): KeptInbox {
    const message = `could not be looked at when the integration moved (${reason}), so it was left as it is — ${LATER}`;
    const where = { baseUrl: old.chatwootBaseUrl, accountId: old.chatwootAccountId, inboxId: old.inboxId };
    log.warn({ integrationId: old.id, ...where, reason }, `an inbox is left in a Chatwoot that cannot be reached — ${LATER}`);
    return { message };
  }
}

const STAYS =
  'stays in Chatwoot with its conversations; replies written there are refused and shown as failed — delete it there when nobody needs it';
const LATER = 'if that Chatwoot comes back, delete the inbox there by hand when nobody needs its conversations';

/** How clients are told of the inbox of an integration that was left, or would be. */
export const previousInboxOf = (old: IntegrationRow, message: string): PreviousInbox => ({
  id: old.inboxId ?? 0,
  name: old.inboxName,
  chatwoot_base_url: old.chatwootBaseUrl,
  chatwoot_account_id: old.chatwootAccountId,
  message,
});
