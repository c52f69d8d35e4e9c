import type pg from 'pg';
import { createId } from '../../../../shared/auth/tokens.ts';
import { PonteError } from '../../../../shared/errors/ponte-error.ts';
import { tellSetAside } from '../../../notifications/queries/notifications.ts';
import { FIRST_ACTION_PART } from '../../action-parts.ts';
import { type NewReplies, REPLIES_CHANNEL } from '../reply.ts';
import { partsJson } from '../reply-sql.ts';

/** Between the end of the statement and that of the transaction. */
const COMMIT_MS = 100;

/**
 * Stores a message once, however often it comes, due after `holdBackMs`, and wakes whoever sends. Resolves with whether it was new. Nothing
 * is stored after `untilMs` (by `performance.now`): Chatwoot has been told by then that it failed.
 */
export async function insertReplies(pool: pg.Pool, replies: NewReplies, holdBackMs: number, untilMs: number): Promise<boolean> {
  const client = await pool.connect();
  try {
    await client.query(`BEGIN; SET LOCAL statement_timeout = ${statementMs(untilMs)}`);
    const isNew = await insert(client, replies, holdBackMs);
    statementMs(untilMs);
    await client.query('COMMIT');
    client.release();
    return isNew;
  } catch (error) {
    // With its connection PostgreSQL gives up the transaction, whatever state it is in.
    client.release(true);
    throw error;
  }
}

function statementMs(untilMs: number): number {
  const leftMs = Math.floor(untilMs - performance.now() - COMMIT_MS);
  if (leftMs <= 0) throw new PonteError('database_unavailable');
  return leftMs;
}

async function insert(client: pg.PoolClient, replies: NewReplies, holdBackMs: number): Promise<boolean> {
  const { integrationId, conversationId, chatwootMessageId, chat, parts, refusal = '' } = replies;
  const state = parts.length === 0 ? 'ignored' : refusal === '' ? 'pending' : 'failed';
  const { rowCount } = await client.query(
    `WITH stored AS (
       INSERT INTO bridge_replies
              (integration_id, conversation_id, chatwoot_message_id, part, chat, payload, state, next_attempt_at, error, report)
       SELECT $1, $2, $3, parts.number - 1, $4, parts.payload, $5::bridge_reply_state, now() + $7 * interval '1 millisecond',
              $8, CASE WHEN $5 = 'failed' AND parts.number = 1 THEN 'failed' ELSE '' END
         FROM jsonb_array_elements($6::jsonb) WITH ORDINALITY AS parts(payload, number)
        WHERE NOT EXISTS (SELECT FROM bridge_replies WHERE integration_id = $1 AND chatwoot_message_id = $3 AND part < ${FIRST_ACTION_PART})
       ON CONFLICT DO NOTHING RETURNING id, part, payload),
     dead AS (
       INSERT INTO bridge_dead_letters (id, integration_id, direction, chat, conversation_id, chatwoot_message_id, payload, reason, attempts)
       SELECT $9, $1, 'to_whatsapp', $4, $2, $3, payload::text, $8, 0 FROM stored WHERE part = 0 AND $5 = 'failed'
       RETURNING *),
     told AS (${tellSetAside('dead')})
     SELECT pg_notify('${REPLIES_CHANNEL}', $1) FROM (SELECT count(*) AS news FROM stored) AS counted WHERE news > 0`,
    [
      integrationId,
      conversationId,
      chatwootMessageId,
      chat,
      state,
      partsJson(parts),
      holdBackMs,
      state === 'failed' ? refusal : '',
      createId('dlt'),
    ],
  );
  return (rowCount ?? 0) > 0;
}
