import type { PrismaClient } from '../../shared/database/database.ts';

/** An event that waits for its turn, without its content. */
export interface WaitingEvent {
  readonly sequence: number;
  readonly chat: string;
  readonly bytes: number;
}

export interface ClaimedEvent {
  readonly sequence: number;
  /** The envelope as JSON text. */
  readonly payload: string;
  /** Whether it was handed to a bridge before: Chatwoot may have it already. */
  readonly redelivered: boolean;
}

/** The unacknowledged events of instances, as streams need them. Sequences are safe integers: 9·10¹⁵ events are out of reach. */
export interface EventSource {
  /** The next ones in order, without those that are under way and without the chats that have had their share. */
  waiting(
    instanceId: string,
    without: { sequences: readonly number[]; chats: readonly string[] },
    limit: number,
  ): Promise<WaitingEvent[]>;
  /** Notes that these are being handed out, and answers them in order. One that was acknowledged meanwhile is left out. */
  claim(instanceId: string, sequences: readonly number[]): Promise<ClaimedEvent[]>;
  /** Chatwoot has these: their contents are not needed any more, and go. */
  acknowledge(instanceId: string, sequences: readonly number[]): Promise<void>;
  /** The bridge needs nothing up to and including `sequence`. */
  acknowledgeUpTo(instanceId: string, sequence: number): Promise<void>;
}

export function createEventSource({ prisma }: { prisma: PrismaClient }): EventSource {
  return {
    async waiting(instanceId, without, limit) {
      const rows = await prisma.$queryRaw<{ sequence: bigint; chat: string; payload_bytes: number }[]>`
        SELECT sequence, chat, payload_bytes FROM engine_events
         WHERE instance_id = ${instanceId} AND acked_at IS NULL
           AND sequence <> ALL (${[...without.sequences]}::bigint[]) AND chat <> ALL (${[...without.chats]}::text[])
         ORDER BY sequence LIMIT ${limit}`;
      return rows.map((row) => ({ sequence: Number(row.sequence), chat: row.chat, bytes: row.payload_bytes }));
    },

    async claim(instanceId, sequences) {
      const rows = await prisma.$queryRaw<{ sequence: bigint; payload: string; redelivered: boolean }[]>`
        WITH before AS (
          SELECT sequence, first_sent_at IS NOT NULL AS redelivered FROM engine_events
           WHERE instance_id = ${instanceId} AND sequence = ANY (${[...sequences]}::bigint[]) AND acked_at IS NULL FOR UPDATE
        )
        UPDATE engine_events e SET first_sent_at = coalesce(e.first_sent_at, now()) FROM before
         WHERE e.instance_id = ${instanceId} AND e.sequence = before.sequence
        RETURNING e.sequence, e.payload, before.redelivered`;
      return rows
        .map(({ sequence, payload, redelivered }) => ({ sequence: Number(sequence), payload, redelivered }))
        .sort((left, right) => left.sequence - right.sequence);
    },

    async acknowledge(instanceId, sequences) {
      await prisma.$executeRaw`
        UPDATE engine_events SET acked_at = now(), payload = NULL
         WHERE instance_id = ${instanceId} AND sequence = ANY (${[...sequences]}::bigint[]) AND acked_at IS NULL`;
    },

    async acknowledgeUpTo(instanceId, sequence) {
      await prisma.$executeRaw`
        UPDATE engine_events SET acked_at = now(), payload = NULL
         WHERE instance_id = ${instanceId} AND sequence <= ${sequence}::bigint AND acked_at IS NULL`;
    },
  };
}
