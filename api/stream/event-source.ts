import type { PrismaClient } from '../../shared/database/database.ts';
import { WHOLE_LENGTH } from '../../shared/engines/outline.ts';
import { acknowledgeEvents, acknowledgeEventsUpTo } from './queries/acknowledge-events.ts';
import { type ClaimedEvent, claimEvents } from './queries/claim-events.ts';
import { findWaitingInstances } from './queries/waiting-instances.ts';

/** An event that waits for its turn, without its content. */
export interface WaitingEvent {
  readonly sequence: number;
  readonly chat: string;
  readonly bytes: number;
  /** Whether there is an outline of it: of a large one that can be told in short. */
  readonly hasOutline: boolean;
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
  claim(instanceId: string, sequences: readonly number[], outlines: boolean): Promise<ClaimedEvent[]>;
  /** Chatwoot has these: their contents are not needed any more, and go. */
  acknowledge(instanceId: string, sequences: readonly number[]): Promise<void>;
  /** The bridge needs nothing up to and including `sequence`. */
  acknowledgeUpTo(instanceId: string, sequence: number): Promise<void>;
  /** Which of these have something that is not acknowledged. */
  waitingOf(instanceIds: readonly string[]): Promise<string[]>;
}

export function createEventSource({ prisma }: { prisma: PrismaClient }): EventSource {
  async function outlinedOf(instanceId: string, sequences: bigint[]): Promise<bigint[]> {
    const where = { instanceId, sequence: { in: sequences }, outline: { not: null } };
    return (await prisma.engineEvent.findMany({ where, select: { sequence: true } })).map(({ sequence }) => sequence);
  }

  return {
    async waiting(instanceId, without, limit) {
      const rows = await prisma.engineEvent.findMany({
        where: {
          instanceId,
          ackedAt: null,
          sequence: { notIn: [...without.sequences] },
          chat: { notIn: [...without.chats] },
        },
        orderBy: { sequence: 'asc' },
        take: limit,
        select: { sequence: true, chat: true, payloadBytes: true },
      });
      const large = rows.filter(({ payloadBytes }) => payloadBytes > WHOLE_LENGTH).map(({ sequence }) => sequence);
      const outlined = new Set(large.length === 0 ? [] : await outlinedOf(instanceId, large));
      return rows.map(({ sequence, chat, payloadBytes }) => ({
        sequence: Number(sequence),
        chat,
        bytes: payloadBytes,
        hasOutline: outlined.has(sequence),
      }));
    },
    claim: (instanceId, sequences, outlines) => claimEvents(prisma, instanceId, sequences, outlines),
    acknowledge: (instanceId, sequences) => acknowledgeEvents(prisma, instanceId, sequences),
    acknowledgeUpTo: (instanceId, sequence) => acknowledgeEventsUpTo(prisma, instanceId, sequence),
    waitingOf: (instanceIds) => findWaitingInstances(prisma, instanceIds),
  };
}
