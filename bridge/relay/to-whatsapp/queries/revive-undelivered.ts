import type pg from 'pg';
import { type NewReplies, REPLIES_CHANNEL } from '../reply.ts';
import { partsJson } from '../reply-sql.ts';

/**
 * Asks for a retry of a message of which WhatsApp has said since that it could not deliver it. Its content was not kept; the webhook brings
 * it again. Each undelivered part counts once.
 */
export async function reviveUndelivered(
  pool: pg.Pool,
  { integrationId, chatwootMessageId, chat, parts }: NewReplies,
): Promise<boolean> {
  const { rowCount } = await pool.query(
    `WITH undelivered AS (
       UPDATE bridge_messages SET status = 'retried'
        WHERE integration_id = $1 AND chatwoot_message_id = $2 AND direction = 'to_whatsapp' AND status = 'failed'
        RETURNING whatsapp_id),
     revived AS (
       UPDATE bridge_replies SET state = 'failed', chat = $4, payload = parts.payload, whatsapp_id = NULL, sent_at = NULL, retry_requested_at = now()
         FROM undelivered, jsonb_array_elements($3::jsonb) WITH ORDINALITY AS parts(payload, number)
        WHERE integration_id = $1 AND chatwoot_message_id = $2 AND bridge_replies.whatsapp_id = undelivered.whatsapp_id
          AND part = parts.number - 1 AND state = 'sent'
        RETURNING id)
     SELECT pg_notify('${REPLIES_CHANNEL}', $1) FROM (SELECT FROM revived LIMIT 1) AS one`,
    [integrationId, chatwootMessageId, partsJson(parts), chat],
  );
  return (rowCount ?? 0) > 0;
}
