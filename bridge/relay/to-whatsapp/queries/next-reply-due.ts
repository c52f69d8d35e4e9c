import type pg from 'pg';
import { z } from 'zod';

const dueRow = z.tuple([z.object({ due_ms: z.coerce.number().nullable() })]);

/** In how many milliseconds the next reply is due; undefined when none waits. `busy` are conversations in which this process is sending. */
export async function nextReplyDueMs(pool: pg.Pool, integrationId: string, busy: readonly number[]): Promise<number | undefined> {
  const { rows } = await pool.query({
    name: 'next_reply_due',
    text: `SELECT extract(epoch FROM min(next_attempt_at) - now()) * 1000 AS due_ms FROM (
       SELECT DISTINCT ON (conversation_id) conversation_id, state, next_attempt_at FROM bridge_replies
        WHERE integration_id = $1 AND state IN ('pending', 'sending')
        ORDER BY conversation_id, chatwoot_message_id, part) AS heads
      WHERE state = 'pending' AND conversation_id <> ALL ($2::int[])`,
    values: [integrationId, busy],
  });
  const [{ due_ms }] = dueRow.parse(rows);
  return due_ms === null ? undefined : Math.max(0, due_ms);
}
