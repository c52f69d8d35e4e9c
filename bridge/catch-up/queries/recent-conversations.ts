import type pg from 'pg';
import { z } from 'zod';

const conversationRows = z.array(z.object({ conversation_id: z.number() }));

/** In which conversations something was relayed within `withinMs`, the latest first. */
export async function findRecentConversations(
  pool: pg.Pool,
  integrationId: string,
  withinMs: number,
  limit: number,
): Promise<number[]> {
  const { rows } = await pool.query(
    `SELECT conversation_id FROM (
       SELECT conversation_id, created_at AS at FROM bridge_messages
        WHERE integration_id = $1 AND created_at > now() - $2 * interval '1 millisecond'
       UNION ALL
       SELECT conversation_id, received_at FROM bridge_replies
        WHERE integration_id = $1 AND received_at > now() - $2 * interval '1 millisecond') AS moved
      WHERE EXISTS (SELECT FROM bridge_integrations WHERE id = $1
              AND greatest(last_to_chatwoot_at, last_to_whatsapp_at) > now() - $2 * interval '1 millisecond')
      GROUP BY conversation_id ORDER BY max(at) DESC LIMIT $3`,
    [integrationId, withinMs, limit],
  );
  return conversationRows.parse(rows).map(({ conversation_id }) => conversation_id);
}
