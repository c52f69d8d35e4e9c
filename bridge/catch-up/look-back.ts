import type { CallBudget, ChatwootAccess, ChatwootClient } from '../chatwoot/client.ts';
import type { IntegrationSecrets } from '../integrations/secrets.ts';
import type { IntegrationRow } from '../integrations/store.ts';
import { BRIDGE_LIMITS } from '../timeouts.ts';
import type { CatchUpStore } from './catch-up-store.ts';
import type { TakeUntold } from './take-untold.ts';

/**
 * Looks, before a message leaves, for what was written before it in its conversation and nobody has told of yet. Resolves with whether it
 * looked: by then all of that is stored. Throws what the database throws.
 */
export type LookBack = (row: IntegrationRow, message: { conversationId: number; chatwootMessageId: number }) => Promise<boolean>;

/** Of all integrations; the least recently used are forgotten, and looked at anew. */
const MOST_CONVERSATIONS = 20_000;
/** A Chatwoot that has just not answered is not asked before each message. */
const QUIET_MS = 30_000;

export function createLookBack(deps: {
  store: Pick<CatchUpStore, 'mark'>;
  secrets: IntegrationSecrets;
  chatwoot: (access: ChatwootAccess, budget: CallBudget) => ChatwootClient;
  takeUntold: TakeUntold;
  signal: AbortSignal;
}): LookBack {
  /** By integration and conversation: up to which message nothing is missing. */
  const seen = new Map<string, number>();
  /** By integration, of `performance.now()`. */
  const quietUntil = new Map<string, number>();

  function remember(key: string, upTo: number): void {
    seen.delete(key);
    seen.set(key, upTo);
    const [oldest] = seen.keys();
    if (seen.size > MOST_CONVERSATIONS && oldest !== undefined) seen.delete(oldest);
  }

  return async function lookBack(row, { conversationId, chatwootMessageId }) {
    const key = `${row.id}:${row.leaseEpoch}:${conversationId}`;
    const upTo = seen.get(key);
    if (upTo !== undefined && upTo >= chatwootMessageId) return false;
    if ((quietUntil.get(row.id) ?? 0) > performance.now()) return false;
    const mark = await deps.store.mark(row.id);
    if (mark === null || row.inboxId === null) return false;
    const access = deps.secrets.accessOf(row);
    const client = deps.chatwoot(access, { endsAtMs: Date.now() + BRIDGE_LIMITS.lookBackMs, signal: deps.signal });
    const range = upTo === undefined ? { before: chatwootMessageId + 1 } : { after: Math.max(upTo, mark) };
    const page = await client.messages.page(conversationId, range);
    if (!page.ok) {
      quietUntil.set(row.id, performance.now() + QUIET_MS);
      return false;
    }
    quietUntil.delete(row.id);
    const { contact, messages } = page.value;
    // The address of a survey is told only with its conversation: a look at the inbox finds it.
    const wanted = messages.filter(({ id, content_type: type }) => id > mark && type !== 'input_csat');
    const place = { inboxId: row.inboxId, conversationId, contact, chatwootBaseUrl: row.chatwootBaseUrl };
    // By the message that is about to leave: what is not much older than that leaves, too, whatever Chatwoot's clock is.
    const leaving = messages.find(({ id }) => id === chatwootMessageId)?.created_at;
    await deps.takeUntold(row, wanted, place, leaving == null ? Date.now() : leaving * 1_000);
    remember(key, Math.max(chatwootMessageId, ...messages.map(({ id }) => id)));
    return true;
  };
}
