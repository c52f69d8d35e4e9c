import type pg from 'pg';
import { createId } from '../../../shared/auth/tokens.ts';
import { cleanText } from '../../../shared/database/clean-text.ts';
import { quotableId, type ReplyKey } from '../source-id.ts';
import { type ClaimedReply, REPLIES_CHANNEL, type Reply, toStored } from './reply.ts';

export interface NewReplies {
  readonly integrationId: string;
  readonly conversationId: number;
  readonly chatwootMessageId: number;
  readonly chat: string;
  /** One for each part; none for a message that has nothing to send. */
  readonly parts: readonly Reply[];
}

export type ReplyStore = ReturnType<typeof createReplyStore>;

/** Only the holder of the integration's lease may send: one that was paused and wakes has an older epoch. */
const HOLDS_LEASE = `EXISTS (SELECT FROM bridge_integrations i WHERE i.id = $1 AND i.lease_epoch = $2 AND i.state = 'active')`;
/** The content of a message that was deleted while it was being sent is gone. */
const UNLESS_DELETED = (state: string): string => `CASE WHEN payload = '{}' THEN 'ignored' ELSE ${state} END::bridge_reply_state`;
const CLAIMED = `id, integration_id, conversation_id, chatwoot_message_id, part, chat, payload, attempts,
  extract(epoch FROM now() - pending_since) * 1000 AS waited_ms, claimed_epoch`;

interface ClaimedRow {
  id: string;
  integration_id: string;
  conversation_id: number;
  chatwoot_message_id: number;
  part: number;
  chat: string;
  payload: unknown;
  attempts: number;
  waited_ms: string;
  claimed_epoch: number;
}

/** The rows of replies, and every change of their state: each is one statement that names the state it starts from. */
export function createReplyStore({ pool, holdBackMs }: { pool: pg.Pool; holdBackMs: number }) {
  return {
    /**
     * Stores a message once, however often it comes, and wakes whoever sends. Answers whether it was new. It is due only after `holdBackMs`:
     * webhooks of one conversation overtake each other, and an older message has so long to arrive.
     */
    async insert(replies: NewReplies): Promise<boolean> {
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
    },

    /**
     * Takes what is due: of each conversation the oldest message that is not sent yet, unless that one waits or is being sent. `busy` are
     * conversations in which this process is sending.
     */
    async claim(integrationId: string, epoch: number, busy: readonly number[], limit: number): Promise<ClaimedReply[]> {
      const { rows } = await pool.query<ClaimedRow>(
        `WITH heads AS (
           SELECT DISTINCT ON (conversation_id) id, conversation_id, state, next_attempt_at FROM bridge_replies
            WHERE integration_id = $1 AND state IN ('pending', 'sending')
            ORDER BY conversation_id, chatwoot_message_id, part)
         UPDATE bridge_replies SET state = 'sending', claimed_epoch = $2, claimed_at = now(), attempts = attempts + 1
          WHERE state = 'pending' AND ${HOLDS_LEASE} AND id IN (
            SELECT id FROM heads WHERE state = 'pending' AND next_attempt_at <= now() AND conversation_id <> ALL ($3::int[])
             ORDER BY next_attempt_at, id LIMIT $4)
         RETURNING ${CLAIMED}`,
        [integrationId, epoch, busy, limit],
      );
      return rows.map(toClaimed);
    },

    /**
     * Puts back what was claimed under this lease without us learning it, because the database's answer got lost: nobody sends it. Not what
     * this process is sending (`running`), or has sent without being able to say so yet.
     */
    async releaseUnknownClaims(integrationId: string, epoch: number, running: readonly string[]): Promise<void> {
      await pool.query(
        `UPDATE bridge_replies SET state = ${UNLESS_DELETED("'pending'")}
          WHERE integration_id = $1 AND state = 'sending' AND claimed_epoch = $2 AND id <> ALL ($3::bigint[]) AND ${HOLDS_LEASE}`,
        [integrationId, epoch, running],
      );
    },

    /** In how many milliseconds the next reply is due; undefined when none waits. */
    async nextDueMs(integrationId: string, busy: readonly number[]): Promise<number | undefined> {
      const { rows } = await pool.query<{ due_ms: string | null }>(
        `SELECT extract(epoch FROM min(next_attempt_at) - now()) * 1000 AS due_ms FROM (
           SELECT DISTINCT ON (conversation_id) conversation_id, state, next_attempt_at FROM bridge_replies
            WHERE integration_id = $1 AND state IN ('pending', 'sending')
            ORDER BY conversation_id, chatwoot_message_id, part) AS heads
          WHERE state = 'pending' AND conversation_id <> ALL ($2::int[])`,
        [integrationId, busy],
      );
      const due = rows[0]?.due_ms;
      return due === null || due === undefined ? undefined : Math.max(0, Number(due));
    },

    /** Puts a claimed reply back, to be sent after `afterMs`; not one that was deleted meanwhile. False when it is no longer ours. */
    async postpone(reply: ClaimedReply, reason: string, afterMs: number): Promise<boolean> {
      const { rowCount } = await pool.query(
        `UPDATE bridge_replies SET state = ${UNLESS_DELETED("'pending'")}, error = $3, next_attempt_at = now() + $4 * interval '1 millisecond'
          WHERE id = $1 AND state = 'sending' AND claimed_epoch = $2`,
        [reply.id, reply.epoch, reason, Math.round(afterMs)],
      );
      return (rowCount ?? 0) > 0;
    },

    /** Whether a claimed reply is still ours, right before it leaves. */
    async isOurs({ id, integrationId, epoch }: ClaimedReply): Promise<boolean> {
      const { rowCount } = await pool.query(
        `SELECT FROM bridge_replies WHERE id = $3 AND state = 'sending' AND claimed_epoch = $2 AND ${HOLDS_LEASE}`,
        [integrationId, epoch, id],
      );
      return (rowCount ?? 0) > 0;
    },

    /** It was sent: the content is not kept any longer, and its id in WhatsApp is known from now on. True whoever says so, and when. */
    async settleSent(key: ReplyKey, whatsappId: string | undefined): Promise<boolean> {
      const { rowCount } = await pool.query(SETTLE_SENT, [
        key.integrationId,
        key.chatwootMessageId,
        key.part,
        whatsappId ?? null,
      ]);
      return (rowCount ?? 0) > 0;
    },

    /**
     * It failed, and with it what is left of its message; Chatwoot is to be told, and the operator can find it. `unknown` when it may
     * have been sent all the same. False when it is no longer ours.
     */
    async settleFailed(reply: ClaimedReply, state: 'failed' | 'unknown', reason: string): Promise<boolean> {
      const { rowCount } = await pool.query(SETTLE_FAILED, [
        reply.integrationId,
        reply.chatwootMessageId,
        reply.part,
        state,
        reason,
        createId('dlt'),
        reply.id,
        reply.epoch,
      ]);
      return (rowCount ?? 0) > 0;
    },

    /** What an earlier holder of the lease was sending when it lost it; not what this process is sending itself (`running`), under that lease. */
    async orphans(integrationId: string, epoch: number, running: readonly string[]): Promise<ClaimedReply[]> {
      const { rows } = await pool.query<ClaimedRow>(
        `SELECT ${CLAIMED} FROM bridge_replies
          WHERE integration_id = $1 AND state = 'sending' AND claimed_epoch <> $2 AND id <> ALL ($3::bigint[]) AND ${HOLDS_LEASE}`,
        [integrationId, epoch, running],
      );
      return rows.map(toClaimed);
    },

    /** The id in WhatsApp of a message in Chatwoot. Of one with several parts that of the first. */
    async whatsappIdOf(integrationId: string, chatwootMessageId: number): Promise<string | undefined> {
      const { rows } = await pool.query<{ whatsapp_id: string }>(
        `SELECT whatsapp_id FROM bridge_messages WHERE integration_id = $1 AND chatwoot_message_id = $2 ORDER BY created_at, whatsapp_id LIMIT 1`,
        [integrationId, chatwootMessageId],
      );
      const id = rows[0]?.whatsapp_id;
      return id === undefined ? undefined : quotableId(id);
    },

    /** Which of these integrations have something to send, to tell or to ask. */
    async busyOf(integrationIds: readonly string[]): Promise<string[]> {
      if (integrationIds.length === 0) return [];
      const { rows } = await pool.query<{ id: string }>(
        `SELECT asked.id FROM unnest($1::text[]) AS asked(id)
          WHERE EXISTS (SELECT FROM bridge_replies r WHERE r.integration_id = asked.id AND r.state IN ('pending', 'sending'))
             OR EXISTS (SELECT FROM bridge_replies r WHERE r.integration_id = asked.id
                  AND (r.report <> '' OR r.retry_requested_at IS NOT NULL))
             OR EXISTS (SELECT FROM bridge_dead_letters d WHERE d.integration_id = asked.id
                  AND d.direction = 'to_whatsapp' AND d.state = 'requested')`,
        [integrationIds],
      );
      return rows.map(({ id }) => id);
    },

    /** Forgets what was settled before that moment, and what was set aside of it. */
    async removeExpired(before: Date): Promise<number> {
      const { rowCount } = await pool.query(
        `WITH gone AS (
           DELETE FROM bridge_replies WHERE received_at < $1 AND pending_since < $1 AND state NOT IN ('pending', 'sending')
           RETURNING integration_id, chatwoot_message_id),
         letters AS (
           DELETE FROM bridge_dead_letters l USING gone WHERE l.direction = 'to_whatsapp'
              AND l.integration_id = gone.integration_id AND l.chatwoot_message_id = gone.chatwoot_message_id)
         SELECT FROM gone`,
        [before],
      );
      return rowCount ?? 0;
    },
  };
}

/** A failure that Chatwoot shows is taken back there once nothing of the message is left unsent. */
const SETTLE_SENT = `
  WITH settled AS (
    UPDATE bridge_replies AS reply SET state = 'sent', payload = '{}', error = '', sent_at = now(), retry_requested_at = NULL,
           whatsapp_id = coalesce($4, reply.whatsapp_id),
           report = CASE WHEN before.state IN ('failed', 'unknown') AND NOT EXISTS (
             SELECT FROM bridge_replies AS other WHERE other.integration_id = $1 AND other.chatwoot_message_id = $2
                AND other.part <> $3 AND other.state IN ('failed', 'unknown')) THEN 'sent' ELSE reply.report END
      FROM (SELECT id, state FROM bridge_replies
             WHERE integration_id = $1 AND chatwoot_message_id = $2 AND part = $3
               AND (state <> 'sent' OR (whatsapp_id IS NULL AND $4::text IS NOT NULL)) FOR UPDATE) AS before
     WHERE reply.id = before.id
     RETURNING reply.integration_id, reply.whatsapp_id, reply.chat, reply.conversation_id, reply.chatwoot_message_id, reply.report),
  mapped AS (
    INSERT INTO bridge_messages (integration_id, whatsapp_id, direction, chat, conversation_id, chatwoot_message_id)
    SELECT integration_id, whatsapp_id, 'to_whatsapp', chat, conversation_id, chatwoot_message_id FROM settled
     WHERE whatsapp_id IS NOT NULL
    ON CONFLICT DO NOTHING),
  found AS (
    DELETE FROM bridge_dead_letters WHERE integration_id = $1 AND chatwoot_message_id = $2 AND direction = 'to_whatsapp'
       AND EXISTS (SELECT FROM settled WHERE report = 'sent')),
  seen AS (
    UPDATE bridge_integrations SET last_to_whatsapp_at = now() WHERE id = $1 AND EXISTS (SELECT FROM settled))
  SELECT FROM settled`;

/** The parts behind it fail with it: what the agent sees as one message is one again when it is tried again. */
const SETTLE_FAILED = `
  WITH settled AS (
    UPDATE bridge_replies SET state = ${UNLESS_DELETED('$4')}, error = $5, report_attempts = 0, next_attempt_at = now(),
           report = CASE WHEN payload = '{}' THEN '' ELSE 'failed' END
     WHERE id = $7 AND state = 'sending' AND claimed_epoch = $8
     RETURNING chat, conversation_id, payload, attempts),
  behind AS (
    UPDATE bridge_replies SET state = 'failed', error = $5
     WHERE integration_id = $1 AND chatwoot_message_id = $2 AND part > $3 AND state = 'pending' AND EXISTS (SELECT FROM settled)),
  before AS (
    DELETE FROM bridge_dead_letters WHERE integration_id = $1 AND chatwoot_message_id = $2 AND direction = 'to_whatsapp'
       AND EXISTS (SELECT FROM settled)),
  dead AS (
    INSERT INTO bridge_dead_letters (id, integration_id, direction, chat, conversation_id, chatwoot_message_id, payload, reason, attempts)
    SELECT $6, $1, 'to_whatsapp', chat, conversation_id, $2, payload::text, $5, attempts FROM settled WHERE payload <> '{}')
  SELECT FROM settled`;

/** Parts as PostgreSQL takes them. A message that has nothing to send has one that is empty, so that it is known. */
export const partsJson = (parts: readonly Reply[]): string =>
  JSON.stringify(parts.length === 0 ? [{}] : parts.map(toStored), (_, value: unknown) =>
    typeof value === 'string' ? cleanText(value) : value,
  );

const toClaimed = (row: ClaimedRow): ClaimedReply => ({
  id: row.id,
  integrationId: row.integration_id,
  conversationId: row.conversation_id,
  chatwootMessageId: row.chatwoot_message_id,
  part: row.part,
  chat: row.chat,
  payload: row.payload,
  attempts: row.attempts,
  waitedMs: Number(row.waited_ms),
  epoch: row.claimed_epoch,
});
