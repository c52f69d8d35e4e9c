import type pg from 'pg';
import { z } from 'zod';
import { WHOLE_LENGTH } from '../../../shared/engines/outline.ts';

export interface ClaimedEvent {
  readonly sequence: number;
  readonly chat: string;
  /** What both sides hold of it while it waits. */
  readonly bytes: number;
  /** The envelope as JSON text, or its outline. */
  readonly payload: string;
  readonly isOutline: boolean;
  /** Whether it was handed to a bridge before: Chatwoot may have it already. */
  readonly redelivered: boolean;
  /** Which engine reads it; null for that of the instance. */
  readonly engineKind: string | null;
}

/** What may be handed out. */
export interface Room {
  /** Those that are under way already. */
  readonly except: readonly number[];
  /** How many of each chat are. */
  readonly underWay: ReadonlyMap<string, number>;
  readonly events: number;
  readonly eventsOfChat: number;
  readonly bytes: number;
  /** Whether they may be told in outlines. */
  readonly outlines: boolean;
}

const claimedSchema = z.object({
  sequence: z.coerce.number(),
  chat: z.string(),
  bytes: z.number(),
  payload: z.string(),
  isOutline: z.boolean(),
  redelivered: z.boolean(),
  engineKind: z.string().nullable(),
});
/** How many waited is said of each that was claimed, and where none was. */
const claimedRows = z.union([
  z.tuple([z.object({ waiting: z.number(), sequence: z.null() })]).transform(([{ waiting }]) => ({ waiting, claimed: [] })),
  z
    .tuple([claimedSchema.extend({ waiting: z.number() })])
    .rest(claimedSchema)
    .transform(([{ waiting, ...first }, ...others]) => ({ waiting, claimed: [first, ...others] })),
]);

/**
 * The next events that nobody has acknowledged, in order, as many as there is room for, and notes that they are being handed out. Ends
 * before the first that is too large for what is left, instead of passing over it: its chat would get out of order. One that is larger than
 * all there is room for goes alone. `isAll` says that nothing else was waiting.
 */
export async function claimEvents(
  pool: pg.Pool,
  instanceId: string,
  { except, underWay, events, eventsOfChat, bytes, outlines }: Room,
): Promise<{ readonly events: ClaimedEvent[]; readonly isAll: boolean }> {
  const full = [...underWay].filter(([, count]) => count >= eventsOfChat).map(([chat]) => chat);
  const { rows } = await pool.query({
    name: 'claim_events',
    text: `WITH waiting AS (
        SELECT sequence, chat, payload_bytes, outline IS NOT NULL AND $9::boolean AS outlined FROM engine_events
         WHERE instance_id = $1 AND acked_at IS NULL AND sequence <> ALL ($2::bigint[]) AND chat <> ALL ($3::text[])
         ORDER BY sequence LIMIT $4
      ), placed AS (
        SELECT sequence, chat, CASE WHEN outlined THEN ${WHOLE_LENGTH} ELSE payload_bytes END AS bytes,
               row_number() OVER (PARTITION BY chat ORDER BY sequence)
                 + coalesce((SELECT own.count FROM unnest($5::text[], $6::int[]) AS own(chat, count) WHERE own.chat = waiting.chat), 0) AS place
          FROM waiting
      ), summed AS (
        SELECT sequence, bytes, sum(bytes) OVER (ORDER BY sequence) AS total, row_number() OVER (ORDER BY sequence) AS number
          FROM placed WHERE place <= $7
      ), before AS (
        SELECT sequence, first_sent_at IS NOT NULL AS redelivered FROM engine_events
         WHERE instance_id = $1 AND acked_at IS NULL
           AND sequence IN (SELECT sequence FROM summed WHERE total <= $8 OR (number = 1 AND cardinality($2::bigint[]) = 0))
           FOR UPDATE
      ), claimed AS (
        UPDATE engine_events AS event SET first_sent_at = coalesce(event.first_sent_at, now()) FROM before JOIN summed USING (sequence)
         WHERE event.instance_id = $1 AND event.sequence = before.sequence
        RETURNING event.sequence, event.chat, summed.bytes, before.redelivered, event.engine_kind AS "engineKind",
          $9::boolean AND event.outline IS NOT NULL AS "isOutline",
          CASE WHEN $9::boolean AND event.outline IS NOT NULL THEN event.outline ELSE event.payload END AS payload
      )
      SELECT counted.waiting, claimed.* FROM (SELECT count(*)::int AS waiting FROM waiting) AS counted LEFT JOIN claimed ON true`,
    values: [...[instanceId, except, full, events, [...underWay.keys()], [...underWay.values()], eventsOfChat, bytes, outlines]],
  });
  const { waiting, claimed } = claimedRows.parse(rows);
  const isAll = full.length === 0 && claimed.length === waiting && waiting < events;
  return { events: claimed.sort((left, right) => left.sequence - right.sequence), isAll };
}
