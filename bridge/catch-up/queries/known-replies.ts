import type pg from 'pg';
import { z } from 'zod';

const messageRows = z.array(z.object({ chatwoot_message_id: z.number() }));

/** Which of these messages of Chatwoot are known as an agent's reply. */
export async function findKnownReplies(
  pool: pg.Pool,
  integrationId: string,
  messageIds: readonly number[],
): Promise<Set<number>> {
  const { rows } = await pool.query(
    `SELECT DISTINCT chatwoot_message_id FROM bridge_replies WHERE integration_id = $1 AND chatwoot_message_id = ANY ($2::int[])`,
    [integrationId, messageIds],
  );
  return new Set(messageRows.parse(rows).map(({ chatwoot_message_id }) => chatwoot_message_id));
}
