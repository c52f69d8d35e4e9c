import type pg from 'pg';
import { type NewReplies, REPLIES_CHANNEL } from '../reply.ts';
import { partsJson } from '../reply-sql.ts';

/** Stores a message once, however often it comes, due after `holdBackMs`, and wakes whoever sends. Resolves with whether it was new. */
export async function insertReplies(pool: pg.Pool, replies: NewReplies, holdBackMs: number): Promise<boolean> {
  const { integrationId, conversationId, chatwootMessageId, chat, parts } = replies;
  const { rowCount } = await pool.query(
    `WITH stored AS (
       INSERT INTO bridge_replies (integration_id, conversation_id, chatwoot_message_id, part, chat, payload, state, next_attempt_at)
       SELECT $1, $2, $3, parts.number - 1, $4, parts.payload, $5::bridge_reply_state, now() + $7 * interval '1 millisecond'
         FROM jsonb_array_elements($6::jsonb) WITH ORDINALITY AS parts(payload, number)
       ON CONFLICT DO NOTHING RETURNING id)
     SELECT pg_notify('${REPLIES_CHANNEL}', $1) FROM (SELECT count(*) AS news FROM stored) AS counted WHERE news > 0`,
    [
      integrationId,
      conversationId,
      chatwootMessageId,
      chat,
      parts.length === 0 ? 'ignored' : 'pending',
      partsJson(parts),
      holdBackMs,
    ],
  );
  return (rowCount ?? 0) > 0;
}
