import type pg from 'pg';

/** Events of one instance that Chatwoot has. */
export interface Acknowledged {
  readonly instanceId: string;
  readonly sequences: readonly number[];
}

/**
 * Chatwoot has these: their contents are not needed any more, and go. The time is the database's, by which old ones are removed. Each is found by
 * the key of the table: of those that wait PostgreSQL believes that there are next to none, and would read all of a backlog for each.
 */
export async function acknowledgeEvents(pool: pg.Pool, acknowledged: readonly Acknowledged[]): Promise<void> {
  const events = acknowledged.flatMap(({ instanceId, sequences }) => sequences.map((sequence) => ({ instanceId, sequence })));
  await pool.query({
    name: 'acknowledge_events',
    text: `UPDATE engine_events AS event SET acked_at = coalesce(acked_at, now()), payload = NULL, outline = NULL
      FROM unnest((SELECT $1::text[]), (SELECT $2::bigint[])) AS acknowledged (instance_id, sequence)
      WHERE event.instance_id = acknowledged.instance_id AND event.sequence = acknowledged.sequence`,
    values: [events.map(({ instanceId }) => instanceId), events.map(({ sequence }) => sequence)],
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
