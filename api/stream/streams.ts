import { randomUUID } from 'node:crypto';
import { STREAM_PROBE_AFTER, type StreamClientFrame } from '../../shared/contracts/stream.ts';
import type { Database } from '../../shared/database/database.ts';
import type { Listener } from '../../shared/database/listener.ts';
import { readNotice, STREAM_CHANNEL } from '../../shared/events/stream-notices.ts';
import { createGathering } from '../../shared/gathering.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import { createSweep } from '../../shared/turns.ts';
import type { StreamConnection } from './connection.ts';
import { createEventPump, type EventPump } from './event-pump.ts';
import { type Acknowledged, acknowledgeEvents, acknowledgeEventsUpTo } from './queries/acknowledge-events.ts';
import { announceStream } from './queries/announce-stream.ts';
import { type Claimed, claimEvents, type Room } from './queries/claim-events.ts';
import { findWaitingInstances } from './queries/waiting-instances.ts';

export interface StreamedInstance {
  readonly id: string;
  readonly name: string;
  readonly lastSequence: bigint;
  readonly engineKind: string;
}

/** A bridge that reads an instance. */
export interface Stream {
  onFrame(frame: StreamClientFrame): void;
  /** The connection is gone. */
  end(): Promise<void>;
}

export interface Streams {
  start(): void;
  /** Greets the bridge and begins to send. Whoever read this instance before, on whichever api, is told to go. */
  open(
    instance: StreamedInstance,
    position: { readonly after: number; readonly outlines: boolean },
    connection: StreamConnection,
  ): Stream;
  stop(): Promise<void>;
}

/** For notifications that got lost. */
const SAFETY_SWEEP_MS = 10_000;
/** Of all streams: each has a few at a time, a thousand of them have many. */
const ACKNOWLEDGED_TOGETHER = { width: 1, most: 100, silentMs: 250 };
/** Each may be answered with all that its window holds. */
const CLAIMED_TOGETHER = { width: 1, most: 10, silentMs: 250 };

interface Reader {
  readonly id: string;
  /** When it was opened, by the clock of the database, in seconds; infinite until that is known. */
  openedAt: number;
  readonly connection: StreamConnection;
  readonly pump: EventPump;
}

/** The streams that end in this process. PostgreSQL carries news between api processes: an event stored by one is sent by another. */
export function createStreams(deps: {
  database: Pick<Database, 'prisma' | 'pool'>;
  listener: Listener;
  logger: Logger;
}): Streams {
  const { logger } = deps;
  const { prisma, pool } = deps.database;
  const acknowledge = createGathering<Acknowledged, void>({
    ...ACKNOWLEDGED_TOGETHER,
    ask: async (acknowledged) => {
      await acknowledgeEvents(pool, acknowledged);
      return [];
    },
  });
  const claim = createGathering<Room, Claimed>({ ...CLAIMED_TOGETHER, ask: (rooms) => claimEvents(pool, rooms) });
  const readers = new Map<string, Set<Reader>>();
  const ending = new Set<Promise<void>>();

  deps.listener.subscribe(STREAM_CHANNEL, {
    onConnected: () => sweep.wake(),
    onNotification: (payload) => {
      const notice = readNotice(payload);
      if (notice === undefined) return;
      if ('wake' in notice) wake(notice.wake);
      else supersede(notice.opened, { id: notice.stream, openedAt: notice.at });
    },
  });

  /** One question for all: a process with thousands of idle streams asks no more often than one with a few. */
  const sweep = createSweep({
    everyMs: SAFETY_SWEEP_MS,
    work: async () => {
      for (const id of await findWaitingInstances(prisma, [...readers.keys()])) wake(id);
    },
    onError: (error) => logger.warn({ reason: String(error) }, 'looking for events that wait failed, trying again'),
  });

  function wake(instanceId: string): void {
    for (const reader of readers.get(instanceId) ?? []) reader.pump.wake();
  }

  function supersede(instanceId: string, by: { id: string; openedAt: number }): void {
    for (const reader of readers.get(instanceId) ?? []) {
      if (reader.id !== by.id && reader.openedAt <= by.openedAt) reader.connection.close('superseded');
    }
  }

  /** Tells every api process, this one too, and begins. */
  async function announce(instanceId: string, reader: Reader, after: number): Promise<void> {
    reader.openedAt = await announceStream(prisma, instanceId, reader.id);
    if (after > 0) await acknowledgeEventsUpTo(pool, instanceId, after);
    reader.pump.wake();
  }

  function add(instanceId: string, reader: Reader): void {
    readers.set(instanceId, (readers.get(instanceId) ?? new Set()).add(reader));
  }
  function remove(instanceId: string, reader: Reader): void {
    const set = readers.get(instanceId);
    set?.delete(reader);
    if (set?.size === 0) readers.delete(instanceId);
  }

  return {
    start: sweep.start,

    open({ id: instanceId, name, lastSequence }, { after, outlines }, connection) {
      const latest = Number(lastSequence);
      connection.sendHello({ type: 'hello', instance: name, latest });
      if (after >= STREAM_PROBE_AFTER) return { onFrame: () => {}, end: () => Promise.resolve() };
      // A position beyond the last event comes from another database: nothing follows from it.
      const from = after <= latest ? after : 0;
      if (from !== after) logger.warn({ instance: name, after, latest }, 'a bridge is ahead of the events, all are sent to it');
      const pump = createEventPump({ instanceId, claim, acknowledge, sink: connection, outlines, logger });
      const reader: Reader = { id: randomUUID(), openedAt: Number.POSITIVE_INFINITY, connection, pump };
      add(instanceId, reader);
      announce(instanceId, reader, from).catch((error: unknown) => {
        logger.warn({ instance: name, reason: String(error) }, 'a stream could not be opened');
        connection.close('failed');
      });
      logger.info({ instance: name }, 'a bridge reads the events');
      return {
        onFrame: ({ sequence }) => pump.acknowledge(sequence),
        async end() {
          remove(instanceId, reader);
          const ended = pump.stop();
          ending.add(ended);
          await ended.finally(() => ending.delete(ended));
        },
      };
    },

    async stop() {
      await sweep.stop();
      await Promise.all([...readers.values()].flatMap((set) => [...set].map((reader) => reader.pump.stop())));
      await Promise.all(ending);
    },
  };
}
