import type pg from 'pg';
import { z } from 'zod';
import { WHOLE_LENGTH } from '../../../shared/engines/outline.ts';
import { oneByOne } from '../../../shared/one-by-one.ts';

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

/** What may be handed out of one instance. */
export interface Room {
  readonly instanceId: string;
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

/** In order. `isAll` says that nothing else was waiting. */
export interface Claimed {
  readonly events: readonly ClaimedEvent[];
  readonly isAll: boolean;
}

const ofInstance = z.object({ instanceId: z.string(), waiting: z.number() });
const claimedRows = z.array(
  z.union([
    ofInstance.extend({ sequence: z.null() }).transform(({ instanceId, waiting }) => ({ instanceId, waiting, event: undefined })),
    ofInstance
      .extend({
        sequence: z.coerce.number(),
        chat: z.string(),
        bytes: z.number(),
        payload: z.string(),
        isOutline: z.boolean(),
        redelivered: z.boolean(),
        engineKind: z.string().nullable(),
      })
      .transform(({ instanceId, waiting, ...event }): { instanceId: string; waiting: number; event: ClaimedEvent } => ({
        ...{ instanceId, waiting, event },
      })),
  ]),
);

const fullChats = ({ underWay, eventsOfChat }: Room): string[] =>
  [...underWay].filter(([, count]) => count >= eventsOfChat).map(([chat]) => chat);

/** As the step `asked` reads it. */
function toRow(room: Room): string {
  return JSON.stringify({
    instance_id: room.instanceId,
    under_way: room.except,
    full_chats: fullChats(room),
    chats: [...room.underWay.keys()],
    counts: [...room.underWay.values()],
    events: room.events,
    events_of_chat: room.eventsOfChat,
    bytes: room.bytes,
    outlines: room.outlines,
  });
}

/**
 * The next events that nobody has acknowledged, in order, as many as there is room for, and notes that they are being handed out; of all these
 * instances in one statement. Ends before the first that is too large for what is left, instead of passing over it: its chat
 * would get out of order. One that is larger than all there is room for goes alone.
 */
export const claimEvents = (pool: pg.Pool, rooms: readonly Room[]): Promise<Claimed[]> =>
  oneByOne(
    rooms,
    ({ instanceId }) => instanceId,
    (distinct) => claimOfEach(pool, distinct),
  );

async function claimOfEach(pool: pg.Pool, rooms: readonly Room[]): Promise<Claimed[]> {
  const { rows } = await pool.query({
    name: 'claim_events',
    text: `WITH asked AS MATERIALIZED (
        SELECT asked.* FROM unnest((SELECT $1::jsonb[])) AS room, jsonb_to_record(room) AS asked (
          instance_id text, under_way bigint[], full_chats text[], chats text[], counts integer[], events integer, events_of_chat integer,
          bytes integer, outlines boolean)
      ), waiting AS MATERIALIZED (
        SELECT asked.instance_id, next.* FROM asked, LATERAL (
          SELECT sequence, chat, payload_bytes, outline IS NOT NULL AND asked.outlines AS outlined FROM engine_events
           WHERE instance_id = asked.instance_id AND acked_at IS NULL AND sequence <> ALL (asked.under_way) AND chat <> ALL (asked.full_chats)
           ORDER BY sequence LIMIT asked.events) AS next
      ), placed AS (
        SELECT waiting.instance_id, sequence, asked.events_of_chat, asked.bytes AS room, cardinality(asked.under_way) = 0 AS is_free,
               CASE WHEN outlined THEN ${WHOLE_LENGTH} ELSE payload_bytes END AS bytes,
               row_number() OVER (PARTITION BY waiting.instance_id, chat ORDER BY sequence) + coalesce(
                 (SELECT own.count FROM unnest(asked.chats, asked.counts) AS own(chat, count) WHERE own.chat = waiting.chat), 0) AS place
          FROM waiting JOIN asked USING (instance_id)
      ), summed AS (
        SELECT instance_id, sequence, room, is_free, bytes, sum(bytes) OVER (PARTITION BY instance_id ORDER BY sequence) AS total,
               row_number() OVER (PARTITION BY instance_id ORDER BY sequence) AS number
          FROM placed WHERE place <= events_of_chat
      ), before AS (
        SELECT event.instance_id, event.sequence, summed.bytes, event.first_sent_at IS NOT NULL AS redelivered
          FROM summed JOIN engine_events AS event USING (instance_id, sequence)
         -- Said like this, each is found by its key: the index of what waits would be read from its beginning to its end.
         WHERE coalesce(event.acked_at, 'infinity') = 'infinity' AND (total <= room OR (number = 1 AND is_free))
           FOR UPDATE OF event
      ), claimed AS (
        UPDATE engine_events AS event SET first_sent_at = coalesce(event.first_sent_at, now()) FROM before
         WHERE event.instance_id = before.instance_id AND event.sequence = before.sequence
        RETURNING event.instance_id, event.sequence, event.chat, before.bytes, before.redelivered, event.engine_kind, event.outline,
          event.payload
      )
      SELECT asked.instance_id AS "instanceId", sequence, chat, claimed.bytes, redelivered, engine_kind AS "engineKind",
             asked.outlines AND outline IS NOT NULL AS "isOutline",
             CASE WHEN asked.outlines AND outline IS NOT NULL THEN outline ELSE payload END AS payload,
             (SELECT count(*)::integer FROM waiting WHERE waiting.instance_id = asked.instance_id) AS waiting
        FROM asked LEFT JOIN claimed USING (instance_id)`,
    values: [rooms.map(toRow)],
  });
  const told = claimedRows.parse(rows);
  return rooms.map((room) => {
    const own = told.filter(({ instanceId }) => instanceId === room.instanceId);
    const events = own.flatMap(({ event }) => event ?? []).sort((left, right) => left.sequence - right.sequence);
    const waiting = own[0]?.waiting ?? 0;
    return { events, isAll: fullChats(room).length === 0 && events.length === waiting && waiting < room.events };
  });
}
