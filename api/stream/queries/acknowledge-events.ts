import type pg from 'pg';

/** Chatwoot has these: their contents are not needed any more, and go. The time is the database's, by which old ones are removed. */
export async function acknowledgeEvents(pool: pg.Pool, instanceId: string, sequences: readonly number[]): Promise<void> {
  await pool.query({
    name: 'acknowledge_events',
    text: `UPDATE engine_events SET acked_at = now(), payload = NULL, outline = NULL
      WHERE instance_id = $1 AND sequence = ANY ($2::bigint[]) AND acked_at IS NULL`,
    values: [instanceId, sequences],
  });
}

/** The bridge needs nothing up to and including `sequence`. */
export async function acknowledgeEventsUpTo(pool: pg.Pool, instanceId: string, sequence: number): Promise<void> {
  await pool.query(
    `UPDATE engine_events SET acked_at = now(), payload = NULL, outline = NULL
      WHERE instance_id = $1 AND sequence <= $2::bigint AND acked_at IS NULL`,
    [instanceId, sequence],
  );
}
