import type pg from 'pg';
import type { IntegrationRow } from '../integrations/store.ts';
import { findKnownReplies } from './queries/known-replies.ts';
import { raiseMark, readMark } from './queries/marks.ts';
import { findRecentConversations } from './queries/recent-conversations.ts';

export type CatchUpStore = ReturnType<typeof createCatchUpStore>;

/** How far was looked, and what was known before. */
export function createCatchUpStore({ pool }: { pool: pg.Pool }) {
  return {
    mark: (integrationId: string): Promise<number | null> => readMark(pool, integrationId),
    raiseMark: ({ id, leaseEpoch }: IntegrationRow, to: number): Promise<void> => raiseMark(pool, id, leaseEpoch, to),
    known: async (integrationId: string, messageIds: readonly number[]): Promise<Set<number>> =>
      messageIds.length === 0 ? new Set() : findKnownReplies(pool, integrationId, messageIds),
    recentConversations: (integrationId: string, withinMs: number, limit: number): Promise<number[]> =>
      findRecentConversations(pool, integrationId, withinMs, limit),
  };
}
