import type pg from 'pg';
import { REPLIES_CHANNEL } from '../reply.ts';

/**
 * Chatwoot shows a message as failed, because it got no answer to its webhook in time. What has been sent, or is going to be, is to be shown
 * as such; and so is what came from WhatsApp. Not what failed in truth, or could not be delivered. False where nothing is to be put right.
 */
export async function noteShownFailed(pool: pg.Pool, integrationId: string, chatwootMessageId: number): Promise<boolean> {
  const { rowCount } = await pool.query(
    `WITH replies AS (
       UPDATE bridge_replies SET report = 'sent', report_attempts = 0
        WHERE integration_id = $1 AND chatwoot_message_id = $2 AND state IN ('pending', 'sending', 'sent') AND report = ''
          AND NOT EXISTS (SELECT FROM bridge_replies AS other WHERE other.integration_id = $1 AND other.chatwoot_message_id = $2
                AND other.state IN ('failed', 'unknown'))
          AND NOT EXISTS (SELECT FROM bridge_messages AS m WHERE m.integration_id = $1 AND m.chatwoot_message_id = $2
                AND m.direction = 'to_whatsapp' AND m.status = 'failed')
        RETURNING id),
     messages AS (
       UPDATE bridge_messages SET shown_failed = true
        WHERE integration_id = $1 AND chatwoot_message_id = $2 AND direction = 'to_chatwoot' AND status <> 'failed'
        RETURNING whatsapp_id)
     SELECT pg_notify('${REPLIES_CHANNEL}', $1) FROM (SELECT FROM replies UNION ALL SELECT FROM messages LIMIT 1) AS one`,
    [integrationId, chatwootMessageId],
  );
  return (rowCount ?? 0) > 0;
}
