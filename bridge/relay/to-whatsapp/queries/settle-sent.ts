import type pg from 'pg';
import { FIRST_ACTION_PART } from '../../action-parts.ts';
import type { ReplyKey } from '../../source-id.ts';

/**
 * It was sent: the content is not kept any longer, and its id in WhatsApp is known from now on. True whoever says so, and when. A failure
 * that Chatwoot shows is taken back there once nothing of the message is left unsent. An answer from there belongs into that conversation.
 * What was deleted while it was being sent is to be deleted in WhatsApp.
 */
export async function settleSent(pool: pg.Pool, key: ReplyKey, whatsappId: string | undefined): Promise<boolean> {
  const { rowCount } = await pool.query(
    `WITH settled AS (
       UPDATE bridge_replies AS reply SET state = 'sent', payload = '{}', error = '', sent_at = now(), retry_requested_at = NULL,
              whatsapp_id = coalesce($4, reply.whatsapp_id),
              report = CASE WHEN before.state IN ('failed', 'unknown') AND NOT EXISTS (
                SELECT FROM bridge_replies AS other WHERE other.integration_id = $1 AND other.chatwoot_message_id = $2
                   AND other.part <> $3 AND other.state IN ('failed', 'unknown')) THEN 'sent' ELSE reply.report END
         FROM (SELECT id, state, payload = '{}' AS emptied FROM bridge_replies
                WHERE integration_id = $1 AND chatwoot_message_id = $2 AND part = $3
                  AND (state <> 'sent' OR (whatsapp_id IS NULL AND $4::text IS NOT NULL)) FOR UPDATE) AS before
        WHERE reply.id = before.id
        RETURNING reply.integration_id, reply.whatsapp_id, reply.chat, reply.conversation_id, reply.chatwoot_message_id, reply.report, reply.part,
                  before.state IN ('sending', 'ignored') AND before.emptied AS deleted),
     mapped AS (
       INSERT INTO bridge_messages (integration_id, whatsapp_id, direction, chat, conversation_id, chatwoot_message_id)
       SELECT integration_id, whatsapp_id, 'to_whatsapp', chat, conversation_id, chatwoot_message_id FROM settled
        WHERE whatsapp_id IS NOT NULL
       ON CONFLICT DO NOTHING),
     addressed AS (
       INSERT INTO bridge_conversation_addresses (integration_id, conversation_id, address, reply_to)
       SELECT integration_id, conversation_id, chat, chat FROM settled WHERE chat <> ''
       ON CONFLICT DO NOTHING),
     found AS (
       DELETE FROM bridge_dead_letters WHERE integration_id = $1 AND chatwoot_message_id = $2 AND direction = 'to_whatsapp'
          AND EXISTS (SELECT FROM settled WHERE report = 'sent')),
     revoked AS (
       INSERT INTO bridge_replies (integration_id, conversation_id, chatwoot_message_id, part, chat, payload)
       SELECT integration_id, conversation_id, chatwoot_message_id, ${FIRST_ACTION_PART} + part, chat,
              jsonb_build_object('number', chat, 'part', jsonb_build_object('kind', 'revoke', 'whatsappId', whatsapp_id))
         FROM settled WHERE deleted AND whatsapp_id IS NOT NULL AND part < ${FIRST_ACTION_PART}
       ON CONFLICT DO NOTHING),
     seen AS (
       UPDATE bridge_integrations SET last_to_whatsapp_at = now() WHERE id = $1 AND EXISTS (SELECT FROM settled))
     SELECT FROM settled`,
    [key.integrationId, key.chatwootMessageId, key.part, whatsappId ?? null],
  );
  return (rowCount ?? 0) > 0;
}
