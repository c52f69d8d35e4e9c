import type pg from 'pg';
import { z } from 'zod';
import { isWanted, notedOf } from '../event-steps.ts';
import { STREAM_CHANNEL, wakeNotice } from '../stream-notices.ts';

export interface NewEvent {
  readonly instanceId: string;
  readonly dedupeKey: string;
  /** Address of the chat; empty where the event concerns none. */
  readonly chat: string;
  /** The envelope as JSON text, without secrets. */
  readonly payload: string | Buffer;
  /** Of a large one: shared/engines/outline.ts. */
  readonly outline: string | null;
  /** Which of shared/engines reads it. */
  readonly engineKind: string;
  /** Whether it shows that the phone is connected, for as long as nobody has told. */
  readonly showsConnection: boolean;
}

export type Stored = 'stored' | 'duplicate' | 'unwanted';

const storedRow = z.tuple([z.object({ wanted: z.boolean(), sequence: z.string().nullable() })]);

/**
 * Stores an event under the next sequence of its instance and wakes whoever streams them. The row of the instance stays locked until
 * that is committed, so nobody can read a later event before this one. An event of an instance without an integration is `unwanted`:
 * nobody would ever fetch it. Not through Prisma, which holds four copies of a payload that may be megabytes.
 */
export async function storeEvent(pool: pg.Pool, event: NewEvent): Promise<Stored> {
  const { instanceId, dedupeKey, chat, payload, outline, engineKind, showsConnection } = event;
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
  const { rows } = await pool.query({
    name: 'store_event',
    text: `WITH wanted AS (
       SELECT id FROM instances WHERE id = $1 AND ${isWanted('$1')}
     ), next AS (
       UPDATE instances SET ${notedOf({ count: '1', showsConnection: '$10::boolean' })}
        WHERE id = (SELECT id FROM wanted)
          AND NOT EXISTS (SELECT FROM engine_events WHERE instance_id = $1 AND dedupe_key = $2)
       RETURNING last_sequence
     ), inserted AS (
       INSERT INTO engine_events (instance_id, sequence, dedupe_key, chat, payload, payload_bytes, outline, engine_kind)
       SELECT $1, last_sequence, $2, $3, $4::text, $5::integer, $6::text, $7::text FROM next
       ON CONFLICT (instance_id, dedupe_key) DO NOTHING
       RETURNING sequence
     )
     SELECT EXISTS (SELECT FROM wanted) AS wanted, (SELECT sequence FROM inserted)::text AS sequence,
       (SELECT pg_notify($8, $9)::text FROM inserted) AS notified`,
    values: [
      ...[instanceId, dedupeKey, chat, bytes, bytes.length, outline, engineKind],
      ...[STREAM_CHANNEL, wakeNotice(instanceId), showsConnection],
    ],
  });
  const [{ wanted, sequence }] = storedRow.parse(rows);
  if (sequence !== null) return 'stored';
  return wanted ? 'duplicate' : 'unwanted';
}
