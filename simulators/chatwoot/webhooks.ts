import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { reportStatus } from './message-record.ts';
import { railsJson, webhookPayload } from './webhook-payloads.ts';
import { createWebhookClient } from './webhook-request.ts';
import type { DomainEvent, World } from './world.ts';

/** One delivery that was tried, for tests and for the page; the payload is not kept. */
interface WebhookDelivery {
  event: DomainEvent['name'];
  inboxId: number;
  messageId: number | null;
  at: number;
  durationMs: number;
  status: number | null;
  error: string | null;
}

export interface WebhookState {
  /** Makes jobs wait a random while and overtake each other, as several job processes do. */
  shuffle: boolean;
  /** The last 2000 deliveries. */
  readonly deliveries: readonly WebhookDelivery[];
  /** Jobs waiting or running. */
  readonly pending: number;
  /** Resolves once nothing is waiting or running; rejects after `deadlineMs`. */
  idle(deadlineMs?: number): Promise<void>;
}

/** Chatwoot's default number of job threads. */
const CONCURRENCY = 10;
const KEPT = 2000;
const SHUFFLE_MS = 60;

/** The job itself: builds the payload from the records as they are now, sends it, and marks the message where that failed. */
function createDelivery(world: World, log: (line: string) => void) {
  const send = createWebhookClient(world);
  const deliveries: WebhookDelivery[] = [];
  async function deliver(event: DomainEvent, signal: AbortSignal): Promise<void> {
    const inbox = world.tables.inboxes.get(event.inboxId);
    if (!inbox?.webhookUrl || inbox.channelType !== 'Channel::Api') return;
    const payload = webhookPayload(world, event);
    if (payload === null) return;
    const at = Date.now();
    const result = await send(inbox, inbox.webhookUrl, railsJson(payload), signal);
    if (signal.aborted) return;
    const messageId = 'messageId' in event ? event.messageId : null;
    deliveries.push({ event: event.name, inboxId: inbox.id, messageId, at, durationMs: Date.now() - at, ...result });
    if (deliveries.length > KEPT) deliveries.splice(0, deliveries.length - KEPT);
    if (result.error === null) return;
    log(`webhook ${event.name} of inbox ${inbox.id} failed: ${result.error}`);
    const message = messageId === null ? undefined : world.tables.messages.get(messageId);
    if (message && world.features.failureMarking) reportStatus(world, message, 'failed', result.error);
  }
  return { deliver, deliveries };
}

/** Runs jobs beside each other, ten at a time, in the order they came or, shuffled, in any. `run` must not reject. */
function createJobPool<T>(run: (job: T) => Promise<void>, isShuffled: () => boolean) {
  const waiting: T[] = [];
  let running = 0;
  function pump(): void {
    while (running < CONCURRENCY && waiting.length > 0) {
      const [job] = waiting.splice(isShuffled() ? randomInt(waiting.length) : 0, 1);
      if (job === undefined) return;
      running++;
      void run(job).finally(() => {
        running--;
        pump();
      });
    }
  }
  return {
    add(job: T): void {
      waiting.push(job);
      // After the request that caused it: jobs never run inside it.
      setImmediate(pump);
    },
    pending: () => waiting.length + running,
    dropWaiting: () => void waiting.splice(0),
  };
}

async function untilIdle(pending: () => number, deadlineMs: number): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  while (pending() > 0) {
    if (Date.now() > deadline) throw new Error(`webhooks still pending after ${deadlineMs} ms`);
    await delay(3);
  }
}

/**
 * The job queue behind webhooks: jobs run beside each other, so the order of arrival is not the order of events. A delivery is tried once; if
 * it fails, a message event marks its message as failed, which is the next event.
 */
export function createWebhookDispatcher(world: World, log: (line: string) => void) {
  const { deliver, deliveries } = createDelivery(world, log);
  let stopping = new AbortController();

  async function run(event: DomainEvent): Promise<void> {
    const { signal } = stopping;
    try {
      if (state.shuffle) await delay(randomInt(SHUFFLE_MS), undefined, { signal });
      await deliver(event, signal);
    } catch (error) {
      if (!signal.aborted) log(`webhook job failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  const pool = createJobPool(run, () => state.shuffle);
  const state: WebhookState = {
    shuffle: false,
    deliveries,
    get pending() {
      return pool.pending();
    },
    idle: (deadlineMs = 10_000) => untilIdle(pool.pending, deadlineMs),
  };

  return {
    state,
    publish(event: DomainEvent): void {
      if (!stopping.signal.aborted) pool.add(event);
    },
    start(): void {
      if (stopping.signal.aborted) stopping = new AbortController();
    },
    /** Drops what waits and cuts what runs. */
    async stop(): Promise<void> {
      pool.dropWaiting();
      stopping.abort();
      await untilIdle(pool.pending, 10_000);
    },
  };
}
