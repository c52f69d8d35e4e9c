import type pg from 'pg';
import { z } from 'zod';
import { type DueRetry, REPLIES_CHANNEL } from '../reply.ts';
import { HOLDS_LEASE } from '../reply-sql.ts';

const BATCH = 50;

const askedRow = z.tuple([z.object({ had: z.boolean(), asked: z.boolean() })]);

/**
 * Notes that a message which was there already was touched as a click on "retry" does. `absent`: we never had it. `known`: there is
 * nothing to retry, because it was sent, is under way, or Chatwoot has not even been told that it failed.
 */
export async function askRetry(
  pool: pg.Pool,
  integrationId: string,
  chatwootMessageId: number,
): Promise<'asked' | 'known' | 'absent'> {
  const { rows } = await pool.query(
    `WITH asked AS (
       UPDATE bridge_replies SET retry_requested_at = now()
        WHERE integration_id = $1 AND chatwoot_message_id = $2 AND state IN ('failed', 'unknown') AND NOT EXISTS (
          SELECT FROM bridge_replies WHERE integration_id = $1 AND chatwoot_message_id = $2 AND report = 'failed')
       RETURNING id),
     told AS (SELECT pg_notify('${REPLIES_CHANNEL}', $1) FROM (SELECT FROM asked LIMIT 1) AS one)
     SELECT EXISTS (SELECT FROM bridge_replies WHERE integration_id = $1 AND chatwoot_message_id = $2) AS had,
            EXISTS (SELECT FROM asked) AS asked, (SELECT count(*) FROM told) AS told`,
    [integrationId, chatwootMessageId],
  );
  const [{ had, asked }] = askedRow.parse(rows);
  return asked ? 'asked' : had ? 'known' : 'absent';
}

const retryRows = z.array(
  z
    .object({ conversation_id: z.number(), chatwoot_message_id: z.number(), by: z.enum(['agent', 'operator']) })
    .transform(
      (row): DueRetry => ({ conversationId: row.conversation_id, chatwootMessageId: row.chatwoot_message_id, by: row.by }),
    ),
);

export async function findDueRetries(pool: pg.Pool, integrationId: string): Promise<DueRetry[]> {
  const { rows } = await pool.query(
    `SELECT DISTINCT conversation_id, chatwoot_message_id, 'agent' AS by FROM bridge_replies
      WHERE integration_id = $1 AND retry_requested_at IS NOT NULL
     UNION ALL
     SELECT conversation_id, chatwoot_message_id, 'operator' FROM bridge_dead_letters
      WHERE integration_id = $1 AND state = 'requested' AND direction = 'to_whatsapp' LIMIT ${BATCH}`,
    [integrationId],
  );
  return retryRows.parse(rows);
}

/**
 * Sends again what was not sent of a message, once: whoever asks second finds nothing that failed. An operator's wish is also told to
 * Chatwoot, where the message is shown as failed; after an agent's click it is not.
 */
export async function acceptRetry(
  pool: pg.Pool,
  integrationId: string,
  epoch: number,
  { chatwootMessageId, by }: DueRetry,
): Promise<boolean> {
  const { rowCount } = await pool.query(
    `WITH retried AS (
       UPDATE bridge_replies SET state = 'pending', attempts = 0, error = '', retry_requested_at = NULL, report = $4,
              pending_since = now(), next_attempt_at = now()
        WHERE integration_id = $1 AND chatwoot_message_id = $3 AND state IN ('failed', 'unknown') AND ${HOLDS_LEASE}
        RETURNING id),
     gone AS (
       UPDATE bridge_dead_letters SET state = 'resent', resent_at = now(), payload = '{}'
        WHERE integration_id = $1 AND chatwoot_message_id = $3 AND direction = 'to_whatsapp' AND EXISTS (SELECT FROM retried))
     SELECT FROM retried`,
    [integrationId, epoch, chatwootMessageId, by === 'operator' ? 'sent' : ''],
  );
  return (rowCount ?? 0) > 0;
}
