import type pg from 'pg';

/** Forgets what was settled before that moment, and what was set aside of it. */
export async function removeExpiredReplies(pool: pg.Pool, before: Date): Promise<number> {
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
}
