import type pg from 'pg';
import { FIRST_ACTION_PART } from '../../action-parts.ts';
import { REPLIES_CHANNEL } from '../reply.ts';

/**
 * An agent deleted a message that is in WhatsApp: each part of it is to be deleted there, too. Not what stands in Chatwoot only, such as a
 * note about a message (`#`). Twice does no harm.
 */
export async function revokeSent(pool: pg.Pool, integrationId: string, chatwootMessageId: number): Promise<number> {
  const { rowCount } = await pool.query(
    `WITH sent AS (
       SELECT message.whatsapp_id, message.chat, message.conversation_id,
              coalesce(reply.part, row_number() OVER (ORDER BY message.created_at, message.whatsapp_id) - 1) AS part
         FROM bridge_messages message
         LEFT JOIN bridge_replies reply ON reply.integration_id = $1 AND reply.chatwoot_message_id = $2
                                       AND reply.whatsapp_id = message.whatsapp_id
        WHERE message.integration_id = $1 AND message.chatwoot_message_id = $2 AND message.whatsapp_id NOT LIKE '%#%'),
     stored AS (
       INSERT INTO bridge_replies (integration_id, conversation_id, chatwoot_message_id, part, chat, payload)
       SELECT $1, conversation_id, $2, ${FIRST_ACTION_PART} + part, chat,
              jsonb_build_object('number', chat, 'part', jsonb_build_object('kind', 'revoke', 'whatsappId', whatsapp_id))
         FROM sent
       ON CONFLICT DO NOTHING RETURNING id),
     told AS (SELECT pg_notify('${REPLIES_CHANNEL}', $1) FROM (SELECT FROM stored LIMIT 1) AS one)
     SELECT id, (SELECT count(*) FROM told) FROM stored`,
    [integrationId, chatwootMessageId],
  );
  return rowCount ?? 0;
}
