import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../../shared/logging/logger.ts';
import { createTurns } from '../../shared/turns.ts';
import type { Acknowledged } from './queries/acknowledge-events.ts';
import type { Claimed, ClaimedEvent, Room } from './queries/claim-events.ts';

/** Where events go: one connection to a bridge. */
export interface EventSink {
  sendEvent(event: ClaimedEvent): void;
  /** Bytes that the network has not taken yet. */
  bufferedBytes(): number;
}

export interface EventPump {
  /** There is something to send, or may be. */
  wake(): void;
  acknowledge(sequence: number): void;
  /** Resolves when nothing is asked of the database any more; acknowledgements that came in are written before. */
  stop(): Promise<void>;
}

/** How much may be on its way to one bridge without having been acknowledged: both sides hold it for as long. */
const WINDOW_EVENTS = 128;
const WINDOW_BYTES = 1_048_576;
/** How much of that one chat may have: a chat that Chatwoot does not take must leave room for the others. */
const WINDOW_CHAT_EVENTS = 16;
const BUFFER_BYTES = 4 * 1_048_576;
const BUFFER_POLL_MS = 20;
const RETRY_MS = 500;

/**
 * Sends the unacknowledged events of one instance, in order within each chat, as many as the window takes, and notes which are
 * acknowledged. A failing database only makes it wait.
 */
export function createEventPump(deps: {
  instanceId: string;
  claim: (room: Room) => Promise<Claimed>;
  acknowledge: (acknowledged: Acknowledged) => Promise<void>;
  sink: EventSink;
  outlines: boolean;
  logger: Logger;
}): EventPump {
  const { instanceId, sink, outlines, logger } = deps;
  const underWay = new Map<number, Pick<ClaimedEvent, 'chat' | 'bytes'>>();
  const acknowledged = new Set<number>();
  /** False while nothing waits that is not under way: whoever stores an event says so, and acknowledgements bring none. */
  let mayWait = true;

  async function writeAcknowledgements(): Promise<void> {
    const sequences = [...acknowledged];
    if (sequences.length === 0) return;
    await deps.acknowledge({ instanceId, sequences });
    for (const sequence of sequences) {
      acknowledged.delete(sequence);
      underWay.delete(sequence);
    }
  }

  /** Answers whether there may be more. */
  async function sendSome(signal: AbortSignal): Promise<boolean> {
    const events = WINDOW_EVENTS - underWay.size;
    if (events <= 0) return false;
    const except = [...underWay.keys()];
    const bytes = WINDOW_BYTES - [...underWay.values()].reduce((sum, event) => sum + event.bytes, 0);
    const room = {
      instanceId,
      except,
      underWay: countByChat(underWay.values()),
      eventsOfChat: WINDOW_CHAT_EVENTS,
      bytes,
      outlines,
    };
    mayWait = false;
    const claimed = await deps.claim({ ...room, events }).catch((error: unknown) => {
      mayWait = true;
      throw error;
    });
    mayWait ||= !claimed.isAll;
    for (const { sequence, chat, bytes } of claimed.events) underWay.set(sequence, { chat, bytes });
    for (const event of claimed.events) await send(event, signal);
    return claimed.events.length > 0;
  }

  async function send(event: ClaimedEvent, signal: AbortSignal): Promise<void> {
    while (sink.bufferedBytes() > BUFFER_BYTES && !signal.aborted) await delay(BUFFER_POLL_MS);
    if (!signal.aborted) sink.sendEvent(event);
  }

  const turns = createTurns({
    work: async (signal) => {
      await writeAcknowledgements();
      while (!signal.aborted && mayWait && (await sendSome(signal)));
      return undefined;
    },
    onError: (error) => {
      logger.warn({ reason: String(error) }, 'events could not be read or acknowledged, trying again');
      return RETRY_MS;
    },
  });

  return {
    wake() {
      mayWait = true;
      turns.wake();
    },
    acknowledge(sequence) {
      acknowledged.add(sequence);
      turns.wake();
    },
    async stop() {
      await turns.stop();
      // Lost ones cost no more than that the event is sent again.
      await writeAcknowledgements().catch(() => {});
    },
  };
}

const countByChat = (events: Iterable<Pick<ClaimedEvent, 'chat'>>): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const { chat } of events) counts.set(chat, (counts.get(chat) ?? 0) + 1);
  return counts;
};
