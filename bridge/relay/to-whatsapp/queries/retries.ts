import type pg from 'pg';
import { z } from 'zod';
import { type DueRetry, type NewReplies, REPLIES_CHANNEL } from '../reply.ts';
import { HOLDS_LEASE, partsJson } from '../reply-sql.ts';

const BATCH = 50;

const askedRow = z.tuple([z.object({ had: z.boolean(), asked: z.boolean() })]);

/**
 * Notes that a message which was there already was touched as a click on "retry" does. What failed of it is from now on what its webhook
 * says: the contact may have got a number since, the integration may be allowed to write to groups. Where nothing of it was sent, it may
 * even have other parts. `absent`: we never had it. `known`: there is nothing to retry, because it was sent, is under way, or Chatwoot has
 * not even been told that it failed.
 */
export async function askRetry(
  pool: pg.Pool,
  { integrationId, conversationId, chatwootMessageId, chat, parts }: NewReplies,
): Promise<'asked' | 'known' | 'absent'> {
  const { rows } = await pool.query(
    `WITH earlier AS (
       SELECT id, part, state, report, reply_count, parts.payload AS news
         FROM (SELECT *, count(*) OVER () AS reply_count FROM bridge_replies
                WHERE integration_id = $1 AND chatwoot_message_id = $2) AS replies
         LEFT JOIN jsonb_array_elements($3::jsonb) WITH ORDINALITY AS parts(payload, number) ON parts.number - 1 = part),
     retriable AS (
       SELECT bool_and(state IN ('failed', 'unknown')) AS whole, min(reply_count) = jsonb_array_length($3::jsonb) AS alike
         FROM earlier HAVING bool_or(state IN ('failed', 'unknown')) AND NOT bool_or(report = 'failed')),
     asked AS (
       UPDATE bridge_replies AS reply SET retry_requested_at = now(),
              payload = CASE WHEN $6 AND (whole OR alike) THEN news ELSE reply.payload END,
              chat = CASE WHEN $6 AND (whole OR alike) THEN $4 ELSE reply.chat END
         FROM earlier, retriable
        WHERE reply.id = earlier.id AND reply.state IN ('failed', 'unknown') AND NOT ($6 AND whole AND news IS NULL)
       RETURNING reply.id),
     fewer AS (
       DELETE FROM bridge_replies WHERE $6 AND state IN ('failed', 'unknown') AND id IN (
         SELECT id FROM earlier, retriable WHERE whole AND news IS NULL)),
     more AS (
       INSERT INTO bridge_replies (integration_id, conversation_id, chatwoot_message_id, part, chat, payload, state, retry_requested_at)
       SELECT $1, $5, $2, parts.number - 1, $4, parts.payload, 'failed', now()
         FROM retriable, jsonb_array_elements($3::jsonb) WITH ORDINALITY AS parts(payload, number)
        WHERE $6 AND whole AND parts.number > (SELECT count(*) FROM earlier)
       ON CONFLICT DO NOTHING),
     told AS (SELECT pg_notify('${REPLIES_CHANNEL}', $1) FROM (SELECT FROM asked LIMIT 1) AS one)
     SELECT EXISTS (SELECT FROM earlier) AS had, EXISTS (SELECT FROM asked) AS asked, (SELECT count(*) FROM told) AS told`,
    [integrationId, chatwootMessageId, partsJson(parts), chat, conversationId, parts.length > 0],
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
  const { rows } = await pool.query({
    name: 'find_due_retries',
    text: `SELECT DISTINCT conversation_id, chatwoot_message_id, 'agent' AS by FROM bridge_replies
      WHERE integration_id = $1 AND retry_requested_at IS NOT NULL
     UNION ALL
     SELECT conversation_id, chatwoot_message_id, 'operator' FROM bridge_dead_letters
      WHERE integration_id = $1 AND state = 'requested' AND direction = 'to_whatsapp' LIMIT ${BATCH}`,
    values: [integrationId],
  });
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
