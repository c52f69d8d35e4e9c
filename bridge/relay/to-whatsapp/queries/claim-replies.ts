import type pg from 'pg';
import { z } from 'zod';
import { stateIn } from '../../../../shared/database/state-in.ts';
import type { ClaimedReply } from '../reply.ts';
import { HOLDS_LEASE, isClaimed, unlessDeleted } from '../reply-sql.ts';

const CLAIMED = `id, integration_id, conversation_id, chatwoot_message_id, part, chat, payload, attempts,
  extract(epoch FROM now() - pending_since) * 1000 AS waited_ms, claimed_epoch`;

const claimedRows = z.array(
  z
    .object({
      id: z.string(),
      integration_id: z.string(),
      conversation_id: z.number(),
      chatwoot_message_id: z.number(),
      part: z.number(),
      chat: z.string(),
      payload: z.unknown(),
      attempts: z.number(),
      waited_ms: z.coerce.number(),
      claimed_epoch: z.number(),
    })
    .transform(
      (row): ClaimedReply => ({
        id: row.id,
        integrationId: row.integration_id,
        conversationId: row.conversation_id,
        chatwootMessageId: row.chatwoot_message_id,
        part: row.part,
        chat: row.chat,
        payload: row.payload,
        attempts: row.attempts,
        waitedMs: row.waited_ms,
        epoch: row.claimed_epoch,
      }),
    ),
);

/**
 * Takes what is due: of each conversation the oldest message that is not sent yet, unless that one waits or is being sent. `busy` are
 * conversations in which this process is sending.
 */
export async function claimReplies(
  pool: pg.Pool,
  integrationId: string,
  epoch: number,
  busy: readonly number[],
  limit: number,
): Promise<ClaimedReply[]> {
  const { rows } = await pool.query({
    name: 'claim_replies',
    text: `WITH heads AS (
       SELECT DISTINCT ON (conversation_id) id, conversation_id, state, next_attempt_at FROM bridge_replies
        WHERE integration_id = $1 AND state IN ('pending', 'sending')
        ORDER BY conversation_id, chatwoot_message_id, part)
     UPDATE bridge_replies SET state = 'sending', claimed_epoch = $2, claimed_at = now(), attempts = attempts + 1
      WHERE ${stateIn('state', 'pending')} AND ${HOLDS_LEASE} AND id IN (
        SELECT id FROM heads WHERE state = 'pending' AND next_attempt_at <= now() AND conversation_id <> ALL ($3::int[])
         ORDER BY next_attempt_at, id LIMIT $4)
     RETURNING ${CLAIMED}`,
    values: [integrationId, epoch, busy, limit],
  });
  return claimedRows.parse(rows);
}

/** What an earlier holder of the lease was sending when it lost it; not what this process is sending itself (`running`), under that lease. */
export async function findOrphanedReplies(
  pool: pg.Pool,
  integrationId: string,
  epoch: number,
  running: readonly string[],
): Promise<ClaimedReply[]> {
  const { rows } = await pool.query({
    name: 'find_orphaned_replies',
    text: `SELECT ${CLAIMED} FROM bridge_replies
      WHERE integration_id = $1 AND state = 'sending' AND claimed_epoch <> $2 AND id <> ALL ($3::bigint[]) AND ${HOLDS_LEASE}`,
    values: [integrationId, epoch, running],
  });
  return claimedRows.parse(rows);
}

/**
 * Puts back what was claimed under this lease without us learning it, because the database's answer got lost: nobody sends it. Not what
 * this process is sending (`running`), or has sent without being able to say so yet.
 */
export async function releaseUnknownClaims(
  pool: pg.Pool,
  integrationId: string,
  epoch: number,
  running: readonly string[],
): Promise<void> {
  await pool.query({
    name: 'release_unknown_claims',
    text: `UPDATE bridge_replies SET state = ${unlessDeleted("'pending'")}
      WHERE integration_id = $1 AND state = 'sending' AND claimed_epoch = $2 AND id <> ALL ($3::bigint[]) AND ${HOLDS_LEASE}`,
    values: [integrationId, epoch, running],
  });
}

/** Puts a claimed reply back, to be sent after `afterMs`; not one that was deleted meanwhile. False when it is no longer ours. */
export async function postponeReply(pool: pg.Pool, reply: ClaimedReply, reason: string, afterMs: number): Promise<boolean> {
  const { rowCount } = await pool.query(
    `UPDATE bridge_replies SET state = ${unlessDeleted("'pending'")}, error = $3, next_attempt_at = now() + $4 * interval '1 millisecond'
      WHERE ${isClaimed({ id: '$1', epoch: '$2' })}`,
    [reply.id, reply.epoch, reason, Math.round(afterMs)],
  );
  return (rowCount ?? 0) > 0;
}

/** Puts a claimed reply back before it was tried, to be looked at after `afterMs`. */
export async function putOffReply(pool: pg.Pool, reply: ClaimedReply, afterMs: number): Promise<void> {
  await pool.query(
    `UPDATE bridge_replies SET state = ${unlessDeleted("'pending'")}, attempts = attempts - 1,
            next_attempt_at = now() + $3 * interval '1 millisecond'
      WHERE ${isClaimed({ id: '$1', epoch: '$2' })}`,
    [reply.id, reply.epoch, Math.round(afterMs)],
  );
}

/** Puts a claimed reply back behind an older message of its conversation, if there is one by now. */
export async function yieldToOlder(pool: pg.Pool, reply: ClaimedReply): Promise<boolean> {
  const { rowCount } = await pool.query(
    `UPDATE bridge_replies SET state = ${unlessDeleted("'pending'")}, attempts = attempts - 1
      WHERE ${isClaimed({ id: '$1', epoch: '$2' })} AND EXISTS (
        SELECT FROM bridge_replies AS older WHERE older.integration_id = $3 AND older.conversation_id = $4
           AND older.chatwoot_message_id < $5 AND older.state = 'pending')`,
    [reply.id, reply.epoch, reply.integrationId, reply.conversationId, reply.chatwootMessageId],
  );
  return (rowCount ?? 0) > 0;
}
