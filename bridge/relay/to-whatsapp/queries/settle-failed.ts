import type pg from 'pg';
import { createId } from '../../../../shared/auth/tokens.ts';
import { tellSetAside } from '../../../notifications/queries/notifications.ts';
import type { ClaimedReply } from '../reply.ts';
import { isClaimed, unlessDeleted } from '../reply-sql.ts';

/**
 * It failed, and with it what is left of its message, so that what the agent sees as one message is one again when it is tried again.
 * Chatwoot is to be told, and the operator can find it. `unknown` when it may have been sent all the same. False when it is no longer ours.
 */
export async function settleFailed(
  pool: pg.Pool,
  reply: ClaimedReply,
  state: 'failed' | 'unknown',
  reason: string,
): Promise<boolean> {
  const { rowCount } = await pool.query(
    `WITH settled AS (
       UPDATE bridge_replies SET state = ${unlessDeleted('$4')}, error = $5, report_attempts = 0, next_attempt_at = now(),
              report = CASE WHEN payload = '{}' THEN '' ELSE 'failed' END
        WHERE ${isClaimed({ id: '$7', epoch: '$8' })}
        RETURNING chat, conversation_id, payload, attempts),
     behind AS (
       UPDATE bridge_replies SET state = 'failed', error = $5
        WHERE integration_id = $1 AND chatwoot_message_id = $2 AND part > $3 AND state = 'pending' AND EXISTS (SELECT FROM settled)),
     before AS (
       DELETE FROM bridge_dead_letters WHERE integration_id = $1 AND chatwoot_message_id = $2 AND direction = 'to_whatsapp'
          AND EXISTS (SELECT FROM settled)),
     dead AS (
       INSERT INTO bridge_dead_letters (id, integration_id, direction, chat, conversation_id, chatwoot_message_id, payload, reason, attempts)
       SELECT $6, $1, 'to_whatsapp', chat, conversation_id, $2, payload::text, $5, attempts FROM settled WHERE payload <> '{}'
       RETURNING *),
     told AS (${tellSetAside('dead')})
     SELECT FROM settled`,
    [reply.integrationId, reply.chatwootMessageId, reply.part, state, reason, createId('dlt'), reply.id, reply.epoch],
  );
  return (rowCount ?? 0) > 0;
}
