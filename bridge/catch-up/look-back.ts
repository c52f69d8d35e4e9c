import type { Logger } from '../../shared/logging/logger.ts';
import type { CallBudget, ChatwootAccess, ChatwootClient } from '../chatwoot/client.ts';
import type { IntegrationSecrets } from '../integrations/secrets.ts';
import type { IntegrationRow } from '../integrations/store.ts';
import { BRIDGE_LIMITS, type BridgeTimeouts } from '../timeouts.ts';
import type { CatchUpStore } from './catch-up-store.ts';
import type { TakeUntold } from './take-untold.ts';

/**
 * Looks, before a message leaves, for what was written before it in its conversation and nobody has told of yet. `looked`: by now all of that
 * is stored; `known`: it was before, or there is nothing to ask for; `unsaid`: Chatwoot does not say it for the moment, and the message waits.
 * Throws what the database throws.
 */
export type LookBack = (row: IntegrationRow, message: LookedAt) => Promise<LookedBack>;
interface LookedAt {
  readonly conversationId: number;
  readonly chatwootMessageId: number;
}
export type LookedBack = 'looked' | 'known' | 'unsaid';

/** Of all integrations; the least recently used are forgotten, and looked at anew. */
const MOST_CONVERSATIONS = 20_000;
/** A Chatwoot that has not answered for long is not asked before each message; and without an order to be had, none waits for it. */
const QUIET_MS = 30_000;
/** What the log says of a message that may overtake one that was written before it. */
export const LEFT_UNSEEN = 'Chatwoot has not said for a while what was written before a reply: it leaves all the same';

export function createLookBack(deps: {
  store: Pick<CatchUpStore, 'mark'>;
  secrets: IntegrationSecrets;
  chatwoot: (access: ChatwootAccess, budget: CallBudget) => ChatwootClient;
  takeUntold: TakeUntold;
  timing: Pick<BridgeTimeouts['replies'], 'unsaidMs' | 'unsaidAgainMs'>;
  signal: AbortSignal;
  logger: Logger;
}): LookBack {
  const { unsaidMs, unsaidAgainMs } = deps.timing;
  /** By integration and conversation: up to which message nothing is missing. */
  const seen = new Map<string, number>();
  /** By integration, of `performance.now()`: since when Chatwoot does not say, and when it is asked again. */
  const unsaid = new Map<string, { sinceMs: number; quietUntilMs: number }>();

  /** What holds while it does not say: who is away for long holds up nothing. */
  const untilSaid = (sinceMs: number) => (performance.now() - sinceMs < unsaidMs ? 'unsaid' : 'out of order');

  function noteUnsaid(id: string): 'unsaid' | 'out of order' {
    const nowMs = performance.now();
    const before = unsaid.get(id);
    // One that was not asked for so long may have been well meanwhile.
    const isOngoing = before !== undefined && nowMs - before.quietUntilMs < unsaidMs;
    const sinceMs = isOngoing ? before.sinceMs : nowMs;
    const lookedBack = untilSaid(sinceMs);
    unsaid.set(id, { sinceMs, quietUntilMs: nowMs + (lookedBack === 'out of order' ? QUIET_MS : unsaidAgainMs) });
    return lookedBack;
  }

  function remember(key: string, upTo: number): void {
    seen.delete(key);
    seen.set(key, upTo);
    const [oldest] = seen.keys();
    if (seen.size > MOST_CONVERSATIONS && oldest !== undefined) seen.delete(oldest);
  }

  return async function lookBack(row, message) {
    const lookedBack = await look(row, message);
    if (lookedBack !== 'out of order') return lookedBack;
    const { conversationId, chatwootMessageId } = message;
    deps.logger.warn({ integrationId: row.id, conversationId, chatwootMessageId }, LEFT_UNSEEN);
    return 'known';
  };

  async function look(row: IntegrationRow, message: LookedAt): Promise<LookedBack | 'out of order'> {
    const { conversationId, chatwootMessageId } = message;
    const key = `${row.id}:${row.leaseEpoch}:${conversationId}`;
    const upTo = seen.get(key);
    if (upTo !== undefined && upTo >= chatwootMessageId) return 'known';
    const before = unsaid.get(row.id);
    if (before !== undefined && before.quietUntilMs > performance.now()) return untilSaid(before.sinceMs);
    const mark = await deps.store.mark(row.id);
    if (mark === null || row.inboxId === null) return 'known';
    const access = deps.secrets.accessOf(row);
    const client = deps.chatwoot(access, { endsAtMs: Date.now() + BRIDGE_LIMITS.lookBackMs, signal: deps.signal });
    const range = upTo === undefined ? { before: chatwootMessageId + 1 } : { after: Math.max(upTo, mark) };
    const page = await client.messages.page(conversationId, range);
    // A conversation that is gone has no order any more.
    if (!page.ok) return page.failure.kind === 'absent' ? 'known' : noteUnsaid(row.id);
    unsaid.delete(row.id);
    const { contact, messages } = page.value;
    // The address of a survey is told only with its conversation: a look at the inbox finds it.
    const wanted = messages.filter(({ id, content_type: type }) => id > mark && type !== 'input_csat');
    const place = { inboxId: row.inboxId, conversationId, contact, chatwootBaseUrl: row.chatwootBaseUrl };
    // By the message that is about to leave: what is not much older than that leaves, too, whatever Chatwoot's clock is.
    const leaving = messages.find(({ id }) => id === chatwootMessageId)?.created_at;
    await deps.takeUntold(row, wanted, place, leaving == null ? Date.now() : leaving * 1_000);
    remember(key, Math.max(chatwootMessageId, ...messages.map(({ id }) => id)));
    return 'looked';
  }
}
