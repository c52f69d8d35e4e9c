import type pg from 'pg';
import { z } from 'zod';
import { idIn } from '../../database/id-in.ts';
import { isWanted, notedOf } from '../event-steps.ts';
import { STREAM_CHANNEL, wakeNotice } from '../stream-notices.ts';
import type { NewEvent, Stored } from './store-event.ts';

const toldRows = z.array(z.object({ nth: z.number(), isWanted: z.boolean(), isStored: z.boolean() }));

/**
 * Stores events of several instances in one statement, as `storeEvent` does each: in their order, and answers in it. It waits for no instance whose
 * row somebody else holds, as every event of one does for a moment, and a deletion for longer: undefined for its events, which are to be
 * stored one by one, so that those of others do not wait for them.
 */
export async function storeEvents(pool: pg.Pool, events: readonly NewEvent[]): Promise<(Stored | undefined)[]> {
  const { rows } = await pool.query({
    name: 'store_events',
    text: `WITH told AS MATERIALIZED (
       SELECT * FROM unnest((SELECT $1::text[]), (SELECT $2::text[]), (SELECT $3::text[]), (SELECT $4::text[]), (SELECT $5::integer[]),
                            (SELECT $6::text[]), (SELECT $7::text[]), (SELECT $8::boolean[]), (SELECT $9::text[]))
         WITH ORDINALITY
           AS told (instance_id, dedupe_key, chat, payload, payload_bytes, outline, engine_kind, shows_connection, notice, nth)
     ), held AS MATERIALIZED (
       SELECT id, ${isWanted('instances.id')} AS is_wanted FROM instances WHERE ${idIn('id', '$1')} FOR NO KEY UPDATE SKIP LOCKED
     ), fresh AS MATERIALIZED (
       SELECT *, row_number() OVER (PARTITION BY instance_id ORDER BY nth) AS place FROM (
         SELECT DISTINCT ON (instance_id, dedupe_key) told.* FROM told JOIN held ON held.id = told.instance_id
          WHERE held.is_wanted AND NOT EXISTS (
            SELECT FROM engine_events e WHERE e.instance_id = told.instance_id AND e.dedupe_key = told.dedupe_key)
          ORDER BY instance_id, dedupe_key, nth) AS first
     ), next AS (
       UPDATE instances SET ${notedOf({ count: 'more.count', showsConnection: 'more.shows_connection' })}
         FROM (SELECT instance_id, count(*)::integer AS count, bool_or(shows_connection) AS shows_connection
                 FROM fresh GROUP BY instance_id) AS more
        WHERE instances.id = more.instance_id
       RETURNING instances.id, last_sequence - more.count AS before
     ), inserted AS (
       INSERT INTO engine_events (instance_id, sequence, dedupe_key, chat, payload, payload_bytes, outline, engine_kind)
       SELECT instance_id, next.before + place, dedupe_key, chat, payload, payload_bytes, outline, engine_kind
         FROM fresh JOIN next ON next.id = fresh.instance_id
       ON CONFLICT (instance_id, dedupe_key) DO NOTHING
       RETURNING instance_id, dedupe_key
     ), woken AS (
       SELECT pg_notify($10, notice) FROM (
         SELECT DISTINCT notice FROM told WHERE instance_id IN (SELECT instance_id FROM inserted)) AS news
     )
     SELECT told.nth::integer, held.is_wanted AS "isWanted", fresh.nth IS NOT NULL AND inserted.dedupe_key IS NOT NULL AS "isStored",
            (SELECT count(*) FROM woken) AS woken
       FROM told JOIN held ON held.id = told.instance_id LEFT JOIN fresh ON fresh.nth = told.nth
       LEFT JOIN inserted ON inserted.instance_id = told.instance_id AND inserted.dedupe_key = told.dedupe_key`,
    values: [
      ...[events.map(({ instanceId }) => instanceId), events.map(({ dedupeKey }) => dedupeKey), events.map(({ chat }) => chat)],
      ...[events.map(({ payload }) => payload.toString()), events.map(({ payload }) => Buffer.byteLength(payload))],
      ...[events.map(({ outline }) => outline), events.map(({ engineKind }) => engineKind)],
      ...[
        events.map(({ showsConnection }) => showsConnection),
        events.map(({ instanceId }) => wakeNotice(instanceId)),
        STREAM_CHANNEL,
      ],
    ],
  });
  const told = new Map(toldRows.parse(rows).map((row) => [row.nth, row]));
  return events.map((_, index) => {
    const row = told.get(index + 1);
    if (row === undefined) return undefined;
    if (row.isStored) return 'stored';
    return row.isWanted ? 'duplicate' : 'unwanted';
  });
}
