import type pg from 'pg';
import { z } from 'zod';

/** Characters that are read at a time. */
const PART_LENGTH = 4 * 1_048_576;

const partRow = z.array(z.object({ part: z.string().nullable(), length: z.number().nullable(), whole: z.boolean().nullable() }));

/**
 * The payload of an event that waits, as JSON text, part by part; nothing of one that was acknowledged or removed. Throws where that happens
 * in the middle. PostgreSQL counts letters to find a part, which takes it longer than to read it: one that is short is read as it is.
 */
export async function* readStoredEvent(pool: pg.Pool, instanceId: string, sequence: number): AsyncGenerator<string, void> {
  for (let from = 1; ; from += PART_LENGTH) {
    const { rows } = await pool.query(
      `SELECT part, whole, CASE WHEN NOT whole THEN char_length(part) END AS length FROM (
         SELECT octet_length(payload) <= $4 AS whole,
                CASE WHEN octet_length(payload) <= $4 THEN payload ELSE substr(payload, $3, $4) END AS part
         FROM engine_events WHERE instance_id = $1 AND sequence = $2
       ) AS parts`,
      [instanceId, sequence, from, PART_LENGTH],
    );
    const [{ part, length, whole } = { part: null, length: null, whole: null }] = partRow.parse(rows);
    if (part === null) {
      if (from === 1) return;
      throw new Error('the event was acknowledged while it was read');
    }
    yield part;
    if (whole || (length ?? 0) < PART_LENGTH) return;
  }
}
