import type pg from 'pg';

/**
 * Whether a message of Chatwoot may be one that is just being posted: Chatwoot has it then, and tells what happens to it, before it is known
 * here which one it is. A message that was posted and recorded is none any more.
 */
export async function isBeingPosted(pool: pg.Pool, integrationId: string, chatwootMessageId: number): Promise<boolean> {
  const { rowCount } = await pool.query(
    `SELECT FROM bridge_postings
      WHERE integration_id = $1 AND kind = 'message' AND after_id < $2 AND ends_at > now() LIMIT 1`,
    [integrationId, chatwootMessageId],
  );
  return (rowCount ?? 0) > 0;
}
