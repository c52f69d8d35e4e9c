import { setTimeout as delay } from 'node:timers/promises';
import { WHOLE_LENGTH } from '../../shared/engines/outline.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import { createTurns } from '../../shared/turns.ts';
import type { EventSource, WaitingEvent } from './event-source.ts';
import type { ClaimedEvent } from './queries/claim-events.ts';

/** Where events go: one connection to a bridge. */
export interface EventSink {
  sendEvent(event: ClaimedEvent): void;
  /** Bytes that the network has not taken yet. */
  bufferedBytes(): number;
}

export interface EventPump {
  /** There may be something to send. */
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
  source: EventSource;
  sink: EventSink;
  outlines: boolean;
  logger: Logger;
}): EventPump {
  const { instanceId, source, sink, outlines, logger } = deps;
  const underWay = new Map<number, WaitingEvent>();
  const acknowledged = new Set<number>();

  async function writeAcknowledgements(): Promise<void> {
    const sequences = [...acknowledged];
    if (sequences.length === 0) return;
    await source.acknowledge(instanceId, sequences);
    for (const sequence of sequences) {
      acknowledged.delete(sequence);
      underWay.delete(sequence);
    }
  }

  /** Answers whether there may be more. */
  async function sendSome(signal: AbortSignal): Promise<boolean> {
    const room = WINDOW_EVENTS - underWay.size;
    if (room <= 0) return false;
    const without = { sequences: [...underWay.keys()], chats: saturated(underWay) };
    const waiting = await source.waiting(instanceId, without, room);
    const chosen = choose(outlines ? waiting.map(asOutline) : waiting, underWay);
    if (chosen.length === 0 || signal.aborted) return false;
    for (const event of chosen) underWay.set(event.sequence, event);
    const claimed = await source
      .claim(
        instanceId,
        chosen.map(({ sequence }) => sequence),
        outlines,
      )
      .catch((error: unknown) => {
        for (const { sequence } of chosen) underWay.delete(sequence);
        throw error;
      });
    const sent = new Set(claimed.map(({ sequence }) => sequence));
    for (const { sequence } of chosen) if (!sent.has(sequence)) underWay.delete(sequence);
    for (const event of claimed) await send(event, signal);
    return !signal.aborted;
  }

  async function send(event: ClaimedEvent, signal: AbortSignal): Promise<void> {
    while (sink.bufferedBytes() > BUFFER_BYTES && !signal.aborted) await delay(BUFFER_POLL_MS);
    if (!signal.aborted) sink.sendEvent(event);
  }

  const turns = createTurns({
    work: async (signal) => {
      await writeAcknowledgements();
      while (!signal.aborted && (await sendSome(signal)));
      return undefined;
    },
    onError: (error) => {
      logger.warn({ reason: String(error) }, 'events could not be read or acknowledged, trying again');
      return RETRY_MS;
    },
  });

  return {
    wake: turns.wake,
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

const asOutline = (event: WaitingEvent): WaitingEvent => (event.hasOutline ? { ...event, bytes: WHOLE_LENGTH } : event);

const countByChat = (events: Iterable<WaitingEvent>): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const { chat } of events) counts.set(chat, (counts.get(chat) ?? 0) + 1);
  return counts;
};

const saturated = (underWay: ReadonlyMap<number, WaitingEvent>): string[] =>
  [...countByChat(underWay.values())].filter(([, count]) => count >= WINDOW_CHAT_EVENTS).map(([chat]) => chat);

/**
 * Those of the waiting ones that fit into the window. Stops at the first that is too large for what is left, instead of passing over it:
 * its chat would get out of order. One that is larger than the whole window goes alone.
 */
function choose(waiting: readonly WaitingEvent[], underWay: ReadonlyMap<number, WaitingEvent>): WaitingEvent[] {
  const counts = countByChat(underWay.values());
  let bytes = [...underWay.values()].reduce((sum, event) => sum + event.bytes, 0);
  const chosen: WaitingEvent[] = [];
  for (const event of waiting) {
    const count = counts.get(event.chat) ?? 0;
    if (count >= WINDOW_CHAT_EVENTS) continue;
    if (bytes + event.bytes > WINDOW_BYTES && bytes > 0) break;
    bytes += event.bytes;
    counts.set(event.chat, count + 1);
    chosen.push(event);
  }
  return chosen;
}
