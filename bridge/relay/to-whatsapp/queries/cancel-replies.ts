import type pg from 'pg';
import { FIRST_ACTION_PART } from '../../action-parts.ts';

/**
 * The agent deleted the message: what has not left yet does not leave. What is being sent cannot be called back, but loses its content,
 * so that there is no other try.
 */
export async function cancelReplies(pool: pg.Pool, integrationId: string, chatwootMessageId: number): Promise<number> {
  const { rowCount } = await pool.query(
    `WITH cancelled AS (
       UPDATE bridge_replies SET state = CASE WHEN state = 'sending' THEN state ELSE 'ignored' END, payload = '{}', report = '',
              retry_requested_at = NULL
        WHERE integration_id = $1 AND chatwoot_message_id = $2 AND part < ${FIRST_ACTION_PART}
          AND state NOT IN ('sent', 'ignored') RETURNING id),
     gone AS (
       DELETE FROM bridge_dead_letters WHERE integration_id = $1 AND chatwoot_message_id = $2 AND direction = 'to_whatsapp')
     SELECT FROM cancelled`,
    [integrationId, chatwootMessageId],
  );
  return rowCount ?? 0;
}
