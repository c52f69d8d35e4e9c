import type pg from 'pg';
import { REPLIES_CHANNEL } from './reply.ts';
import { type NewReplies, partsJson } from './reply-store.ts';

/** What Chatwoot has to be told of a message. */
export interface DueReport {
  readonly conversationId: number;
  readonly chatwootMessageId: number;
  readonly status: 'failed' | 'sent';
  /** How far WhatsApp has got with a message that was sent after all: ticks that Chatwoot shows already must not go back. */
  readonly tick: 'sent' | 'delivered' | 'read';
  /** Why it failed, and what to do. */
  readonly reason: string;
}

/** Somebody wants a failed message sent again: the agent, which Chatwoot has to confirm, or the operator. */
export interface DueRetry {
  readonly conversationId: number;
  readonly chatwootMessageId: number;
  readonly by: 'agent' | 'operator';
}

export type ReportStore = ReturnType<typeof createReportStore>;

const BATCH = 50;
const HOLDS_LEASE = `EXISTS (SELECT FROM bridge_integrations i WHERE i.id = $1 AND i.lease_epoch = $2 AND i.state = 'active')`;
/** Of message $2 of integration $1 all that was not sent. */
const UNSENT = `integration_id = $1 AND chatwoot_message_id = $2 AND state IN ('failed', 'unknown')`;
const DEAD_LETTER = `integration_id = $1 AND chatwoot_message_id = $2 AND direction = 'to_whatsapp'`;

interface ReportRow {
  conversation_id: number;
  chatwoot_message_id: number;
  report: 'failed' | 'sent';
  error: string;
  tick: 'sent' | 'delivered' | 'read';
}
interface RetryRow {
  conversation_id: number;
  chatwoot_message_id: number;
  by: 'agent' | 'operator';
}

/** What Chatwoot does not know yet of the fate of its messages, and what people have decided about them. */
export function createReportStore(pool: pg.Pool) {
  const count = async (sql: string, values: unknown[]): Promise<number> => (await pool.query(sql, values)).rowCount ?? 0;

  return {
    /**
     * Notes that a message which was there already was touched as a click on "retry" does. `absent`: we never had it. `known`: there is
     * nothing to retry, because it was sent, is under way, or Chatwoot has not even been told that it failed.
     */
    async askRetry(integrationId: string, chatwootMessageId: number): Promise<'asked' | 'known' | 'absent'> {
      const { rows } = await pool.query<{ had: boolean; asked: boolean }>(
        `WITH asked AS (
           UPDATE bridge_replies SET retry_requested_at = now() WHERE ${UNSENT} AND NOT EXISTS (
             SELECT FROM bridge_replies WHERE integration_id = $1 AND chatwoot_message_id = $2 AND report = 'failed')
           RETURNING id),
         told AS (SELECT pg_notify('${REPLIES_CHANNEL}', $1) FROM (SELECT FROM asked LIMIT 1) AS one)
         SELECT EXISTS (SELECT FROM bridge_replies WHERE integration_id = $1 AND chatwoot_message_id = $2) AS had,
                EXISTS (SELECT FROM asked) AS asked, (SELECT count(*) FROM told) AS told`,
        [integrationId, chatwootMessageId],
      );
      const { had = false, asked = false } = rows[0] ?? {};
      return asked ? 'asked' : had ? 'known' : 'absent';
    },

    /**
     * As `askRetry`, for a message of which WhatsApp has said since that it could not deliver it. Its content was not kept; the webhook brings
     * it again. Each undelivered part counts once.
     */
    async reviveUndelivered({ integrationId, chatwootMessageId, parts }: NewReplies): Promise<boolean> {
      const revived = await count(
        `WITH undelivered AS (
           UPDATE bridge_messages SET status = 'retried'
            WHERE integration_id = $1 AND chatwoot_message_id = $2 AND direction = 'to_whatsapp' AND status = 'failed'
            RETURNING whatsapp_id),
         revived AS (
           UPDATE bridge_replies SET state = 'failed', payload = parts.payload, whatsapp_id = NULL, sent_at = NULL, retry_requested_at = now()
             FROM undelivered, jsonb_array_elements($3::jsonb) WITH ORDINALITY AS parts(payload, number)
            WHERE integration_id = $1 AND chatwoot_message_id = $2 AND bridge_replies.whatsapp_id = undelivered.whatsapp_id
              AND part = parts.number - 1 AND state = 'sent'
            RETURNING id)
         SELECT pg_notify('${REPLIES_CHANNEL}', $1) FROM (SELECT FROM revived LIMIT 1) AS one`,
        [integrationId, chatwootMessageId, partsJson(parts)],
      );
      return revived > 0;
    },

    async dueRetries(integrationId: string): Promise<DueRetry[]> {
      const { rows } = await pool.query<RetryRow>(
        `SELECT DISTINCT conversation_id, chatwoot_message_id, 'agent' AS by FROM bridge_replies
          WHERE integration_id = $1 AND retry_requested_at IS NOT NULL
         UNION ALL
         SELECT conversation_id, chatwoot_message_id, 'operator' FROM bridge_dead_letters
          WHERE integration_id = $1 AND state = 'requested' AND direction = 'to_whatsapp' LIMIT ${BATCH}`,
        [integrationId],
      );
      return rows.map((row) => ({ conversationId: row.conversation_id, chatwootMessageId: row.chatwoot_message_id, by: row.by }));
    },

    /**
     * Sends again what was not sent of a message, once: whoever asks second finds nothing that failed. An operator's wish is also told to
     * Chatwoot, where the message is shown as failed; after an agent's click it is not.
     */
    async acceptRetry(integrationId: string, epoch: number, { chatwootMessageId, by }: DueRetry): Promise<boolean> {
      const accepted = await count(
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
      return accepted > 0;
    },

    /** It was no click on "retry" after all; or there is nothing any more that an operator could have sent again. */
    refuseRetry: (integrationId: string, epoch: number, { chatwootMessageId, by }: DueRetry): Promise<number> =>
      count(
        by === 'agent'
          ? `UPDATE bridge_replies SET retry_requested_at = NULL
              WHERE integration_id = $1 AND chatwoot_message_id = $3 AND ${HOLDS_LEASE}`
          : `UPDATE bridge_dead_letters SET state = 'dead', reason = 'it has been sent meanwhile, or is no longer stored'
              WHERE integration_id = $1 AND chatwoot_message_id = $3 AND direction = 'to_whatsapp' AND state = 'requested'
                AND ${HOLDS_LEASE}`,
        [integrationId, epoch, chatwootMessageId],
      ),

    /**
     * The agent deleted the message: what has not left yet does not leave. What is being sent cannot be called back, but loses its content,
     * so that there is no other try.
     */
    cancel: (integrationId: string, chatwootMessageId: number): Promise<number> =>
      count(
        `WITH cancelled AS (
           UPDATE bridge_replies SET state = CASE WHEN state = 'sending' THEN state ELSE 'ignored' END, payload = '{}', report = '',
                  retry_requested_at = NULL
            WHERE integration_id = $1 AND chatwoot_message_id = $2 AND state NOT IN ('sent', 'ignored') RETURNING id),
         gone AS (DELETE FROM bridge_dead_letters WHERE ${DEAD_LETTER})
         SELECT FROM cancelled`,
        [integrationId, chatwootMessageId],
      ),

    /** Those that were tried least come first: one that Chatwoot chokes on must not keep it from hearing of the others. */
    async dueReports(integrationId: string): Promise<DueReport[]> {
      const { rows } = await pool.query<ReportRow>(
        `SELECT due.*, coalesce((SELECT m.status FROM bridge_messages m WHERE m.integration_id = $1
                AND m.chatwoot_message_id = due.chatwoot_message_id AND m.status IN ('delivered', 'read')
                ORDER BY m.status DESC LIMIT 1), 'sent') AS tick FROM (
           SELECT DISTINCT ON (chatwoot_message_id) conversation_id, chatwoot_message_id, report, error, report_attempts
             FROM bridge_replies WHERE integration_id = $1 AND report <> '' ORDER BY chatwoot_message_id, part) AS due
          ORDER BY report_attempts, chatwoot_message_id LIMIT ${BATCH}`,
        [integrationId],
      );
      return rows.map((row) => ({
        conversationId: row.conversation_id,
        chatwootMessageId: row.chatwoot_message_id,
        status: row.report,
        tick: row.tick,
        reason: row.error,
      }));
    },

    noteAttempt: (integrationId: string, { chatwootMessageId }: DueReport): Promise<number> =>
      count(
        `UPDATE bridge_replies SET report_attempts = report_attempts + 1 WHERE integration_id = $1 AND chatwoot_message_id = $2`,
        [integrationId, chatwootMessageId],
      ),

    /** Chatwoot knows, or never will. Something else may have to be told by now; that stays. */
    endReport: (integrationId: string, { chatwootMessageId, status }: DueReport): Promise<number> =>
      count(`UPDATE bridge_replies SET report = '' WHERE integration_id = $1 AND chatwoot_message_id = $2 AND report = $3`, [
        integrationId,
        chatwootMessageId,
        status,
      ]),
  };
}
