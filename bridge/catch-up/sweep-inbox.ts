import type { DatabaseClock } from '../../shared/database/clock.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import type { ListedConversation, Message } from '../chatwoot/answers.ts';
import type { CallBudget, ChatwootAccess, ChatwootClient } from '../chatwoot/client.ts';
import type { Looked } from '../integrations/inbox-watch.ts';
import type { IntegrationSecrets } from '../integrations/secrets.ts';
import type { IntegrationRow } from '../integrations/store.ts';
import { BRIDGE_LIMITS } from '../timeouts.ts';
import type { CatchUpStore } from './catch-up-store.ts';
import { conversationsSince, lastOf, lastWrittenIn } from './conversations-since.ts';
import type { TakeUntold } from './take-untold.ts';

export interface SweepDeps {
  readonly store: Omit<CatchUpStore, 'mark'>;
  readonly secrets: IntegrationSecrets;
  readonly chatwoot: (access: ChatwootAccess, budget: CallBudget) => ChatwootClient;
  readonly clock: DatabaseClock;
  readonly takeUntold: TakeUntold;
  readonly logger: Logger;
}

export interface SweepOptions {
  /** Webhooks may have found nobody, or been lost: what became of messages that were seen before is looked at, too. */
  readonly isSuspect: boolean;
  readonly signal: AbortSignal;
}

export type SweepInbox = (row: IntegrationRow, options: SweepOptions) => Promise<Looked>;

/** Chatwoot shows no more of the latest messages, and no more after one, in one answer. */
const LATEST = 20;
const AFTER = 100;
const MOST_PAGES = 20;
/** A message that has an id already may not be there to be seen yet: Chatwoot ends what takes longer than 15 s. */
const SETTLED_MS = 60_000;
/** What moved longer ago has been seen by an agent. */
const RECENT_MS = 30 * 60_000;
const MOST_RECENT = 50;
/** Conversations that could not be looked at: then it is Chatwoot, and not one of them. */
const ENOUGH_FAILED = 3;
/** One that Chatwoot chokes on must not hold the mark for ever; but nor is trouble of some minutes a reason to give up what was written then. */
const MOST_FAILURES = 6;
const CHOKES_AFTER_MS = 60 * 60_000;

/** Of one conversation, in a sweep that is not finished. */
interface Progress {
  /** Up to which message it was looked through. */
  readonly upTo: number;
  readonly failures: number;
  /** Of `performance.now()`: since when it fails. */
  readonly failingSinceMs: number;
}

const isGivenUp = ({ failures, failingSinceMs }: Progress): boolean =>
  failures >= MOST_FAILURES && performance.now() - failingSinceMs >= CHOKES_AFTER_MS;

/** Looks through what was written in an inbox since the last look, for what no webhook told of. */
export function createSweepInbox(deps: SweepDeps): SweepInbox {
  const { store, takeUntold } = deps;
  /** By integration and conversation. */
  const progress = new Map<string, Map<number, Progress>>();
  /** Of rows as they are run here, up to which message was looked since they were read: only who runs an integration raises it. */
  const marks = new WeakMap<IntegrationRow, number>();

  return async function sweepInbox(row, { isSuspect, signal }) {
    if (row.inboxId === null) return 'done';
    const access = deps.secrets.accessOf(row);
    const endsAtMs = Date.now() + BRIDGE_LIMITS.catchUpMs;
    const client = deps.chatwoot(access, { endsAtMs, signal });
    const mark = marks.get(row) ?? row.caughtUpTo;
    const listed = await conversationsSince(client, row.inboxId, mark);
    if (listed === undefined) return 'failed';
    const newest = Math.max(0, ...listed.map((conversation) => lastOf(conversation)?.id ?? 0));
    if (mark === null) {
      await raiseMark(row, newest);
      return 'done';
    }
    // In most inboxes nothing has happened, and the database is asked nothing.
    if (!isSuspect && newest <= mark) {
      progress.delete(row.id);
      return 'done';
    }
    const nowMs = await deps.clock.nowMs({ fresh: true });
    const looked = progress.get(row.id) ?? new Map<number, Progress>();
    progress.set(row.id, looked);
    let failed = 0;
    const failuresOf = ({ conversationId }: { conversationId: number }) => looked.get(conversationId)?.failures ?? 0;
    // Those that have failed come last: a few that Chatwoot chokes on keep nobody from the others.
    const places = (await placesOf(row, listed, mark, isSuspect)).toSorted((one, other) => failuresOf(one) - failuresOf(other));
    for (const place of places) {
      const before = looked.get(place.conversationId) ?? { upTo: 0, failures: 0, failingSinceMs: performance.now() };
      const last = place.listed === undefined ? 0 : lastWrittenIn(place.listed);
      if (isGivenUp(before) || (last > 0 && before.upTo >= last)) continue;
      if (signal.aborted || Date.now() >= endsAtMs) return 'unfinished';
      const isLooked = await lookThrough(row, client, place, { mark, nowMs });
      if (isLooked) {
        looked.set(place.conversationId, { upTo: last, failures: 0, failingSinceMs: performance.now() });
        continue;
      }
      looked.set(place.conversationId, { ...before, failures: before.failures + 1 });
      failed += 1;
      if (failed === ENOUGH_FAILED) break;
    }
    // What failed is looked at again with the next look; the mark stays before it.
    if (failed > 0) return 'failed';
    progress.delete(row.id);
    const settled = listed.flatMap((conversation) => lastOf(conversation) ?? []);
    const ids = settled.filter(({ created_at }) => created_at * 1_000 < nowMs - SETTLED_MS).map(({ id }) => id);
    const next = Math.max(0, ...ids);
    if (next > mark) await raiseMark(row, next);
    return 'done';
  };

  async function raiseMark(row: IntegrationRow, to: number): Promise<void> {
    await store.raiseMark(row, to);
    marks.set(row, to);
  }

  async function placesOf(
    row: IntegrationRow,
    listed: readonly ListedConversation[],
    mark: number,
    isSuspect: boolean,
  ): Promise<{ conversationId: number; listed?: ListedConversation }[]> {
    const moved = listed.filter((conversation) => lastWrittenIn(conversation) > mark);
    const recent = isSuspect ? await store.recentConversations(row.id, RECENT_MS, MOST_RECENT) : [];
    const others = recent.filter((id) => !moved.some((conversation) => conversation.id === id));
    return [
      ...moved.map((conversation) => ({ conversationId: conversation.id, listed: conversation })),
      ...others.map((conversationId) => ({ conversationId })),
    ];
  }

  /** False where Chatwoot does not answer. */
  async function lookThrough(
    row: IntegrationRow,
    { messages }: ChatwootClient,
    { conversationId, listed }: { conversationId: number; listed?: ListedConversation },
    { mark, nowMs }: { mark: number; nowMs: number },
  ): Promise<boolean> {
    const latest = await messages.page(conversationId, {});
    // It was deleted meanwhile, or its contact was.
    if (!latest.ok) return latest.failure.kind === 'absent';
    const { contact } = latest.value;
    const found = new Map<number, Message>(latest.value.messages.map((message) => [message.id, message]));
    const oldest = Math.min(...found.keys());
    let after = mark;
    for (let page = 0; found.size >= LATEST && after + 1 < oldest && page < MOST_PAGES; page += 1) {
      const earlier = await messages.page(conversationId, { after });
      if (!earlier.ok) return earlier.failure.kind === 'absent';
      for (const message of earlier.value.messages) found.set(message.id, message);
      if (earlier.value.messages.length < AFTER) break;
      after = Math.max(after + 1, ...earlier.value.messages.map(({ id }) => id));
    }
    // Of what was there before the mark only what has become of it counts.
    const wanted = [...found.values()].filter(
      ({ id, status, content_attributes: attributes }) => id > mark || status === 'failed' || attributes?.deleted === true,
    );
    const place = { inboxId: row.inboxId ?? 0, conversationId, contact, listed, chatwootBaseUrl: row.chatwootBaseUrl };
    await takeUntold(row, wanted, place, nowMs);
    return true;
  }
}
