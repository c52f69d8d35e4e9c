import type { PrismaClient } from '../../shared/database/database.ts';
import { acknowledgeEvents, acknowledgeEventsUpTo } from './queries/acknowledge-events.ts';
import { type ClaimedEvent, claimEvents } from './queries/claim-events.ts';
import { findWaitingInstances } from './queries/waiting-instances.ts';

/** An event that waits for its turn, without its content. */
export interface WaitingEvent {
  readonly sequence: number;
  readonly chat: string;
  readonly bytes: number;
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
      return rows.map((row) => ({ sequence: Number(row.sequence), chat: row.chat, bytes: row.payloadBytes }));
    },
    claim: (instanceId, sequences, outlines) => claimEvents(prisma, instanceId, sequences, outlines),
    acknowledge: (instanceId, sequences) => acknowledgeEvents(prisma, instanceId, sequences),
    acknowledgeUpTo: (instanceId, sequence) => acknowledgeEventsUpTo(prisma, instanceId, sequence),
    waitingOf: (instanceIds) => findWaitingInstances(prisma, instanceIds),
  };
}
