import type pg from 'pg';
import { z } from 'zod';

/** Characters that are read at a time. */
const PART_LENGTH = 4 * 1_048_576;

const partRow = z.array(z.object({ part: z.string().nullable(), length: z.number().nullable() }));

/**
 * The payload of an event that waits, as JSON text, part by part; nothing of one that was acknowledged or removed. Throws where that happens
 * in the middle.
 */
export async function* readStoredEvent(pool: pg.Pool, instanceId: string, sequence: number): AsyncGenerator<string, void> {
  for (let from = 1; ; from += PART_LENGTH) {
    const { rows } = await pool.query(
      `SELECT part, char_length(part) AS length FROM (
         SELECT substr(payload, $3, $4) AS part FROM engine_events WHERE instance_id = $1 AND sequence = $2
       ) AS parts`,
      [instanceId, sequence, from, PART_LENGTH],
    );
    const [{ part, length } = { part: null, length: null }] = partRow.parse(rows);
    if (part === null || length === null) {
      if (from === 1) return;
      throw new Error('the event was acknowledged while it was read');
    }
    yield part;
    if (length < PART_LENGTH) return;
  }
}
