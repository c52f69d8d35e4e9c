import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { reportStatus } from './message-record.ts';
import { isBlank } from './params.ts';
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
  /** Loses the next `times` jobs, of one event or of any: what happened is stored, and nobody is told. */
  lose(times: number, event?: DomainEvent['name']): void;
  /**
   * Keeps jobs back until `release`: those of events, whose payload is then built from the records of then; or those of deliveries, whose
   * payload, address and secret stand.
   */
  hold(stage: 'events' | 'deliveries'): void;
  release(): void;
  /** Jobs that are kept back. */
  readonly held: number;
  /** Jobs waiting or running. */
  readonly pending: number;
  /** Resolves once nothing is waiting or running; rejects after `deadlineMs`. */
  idle(deadlineMs?: number): Promise<void>;
}

type Job = { readonly event: DomainEvent } | { readonly delivery: Delivery };

/** Chatwoot's default number of job threads. */
const CONCURRENCY = 10;
const KEPT = 2000;
const SHUFFLE_MS = 60;

/** A delivery as it was enqueued: address and secret are those of then, however late it runs. */
interface Delivery {
  readonly event: DomainEvent['name'];
  readonly inboxId: number;
  readonly messageId: number | null;
  readonly address: string;
  readonly secret: string;
  readonly body: string;
}

/** The job of an event: builds the payload from the records as they are now. Null where nothing is enqueued, as without an address. */
function prepare(world: World, event: DomainEvent): Delivery | null {
  const inbox = world.tables.inboxes.get(event.inboxId);
  if (event.name.startsWith('conversation_typing') && !world.features.typingWebhooks) return null;
  if (!inbox || isBlank(inbox.webhookUrl) || inbox.channelType !== 'Channel::Api') return null;
  const payload = webhookPayload(world, event);
  if (payload === null) return null;
  return {
    event: event.name,
    inboxId: inbox.id,
    messageId: 'messageId' in event ? event.messageId : null,
    address: inbox.webhookUrl ?? '',
    secret: inbox.secret,
    body: railsJson(payload),
  };
}

/** The job of a delivery: sends it, and marks the message where that failed. */
function createSender(world: World, log: (line: string) => void) {
  const send = createWebhookClient(world);
  const deliveries: WebhookDelivery[] = [];
  async function deliver(delivery: Delivery, signal: AbortSignal): Promise<void> {
    const { event, inboxId, messageId } = delivery;
    const at = Date.now();
    const result = await send(delivery.address, delivery.secret, delivery.body, signal);
    if (signal.aborted) return;
    deliveries.push({ event, inboxId, messageId, at, durationMs: Date.now() - at, ...result });
    if (deliveries.length > KEPT) deliveries.splice(0, deliveries.length - KEPT);
    if (result.error === null) return;
    log(`webhook ${event} of inbox ${inboxId} failed: ${result.error}`);
    const message = messageId === null ? undefined : world.tables.messages.get(messageId);
    if (message && world.features.failureMarking) reportStatus(world, message, 'failed', result.error);
  }
  return { deliver, deliveries };
}

/** Jobs that vanish inside the job queue: the next so many, of one event or of any. */
function createLosses() {
  const losses: { event: DomainEvent['name'] | undefined; left: number }[] = [];
  return {
    add: (times: number, event?: DomainEvent['name']) => void losses.push({ event, left: times }),
    takes(name: DomainEvent['name']): boolean {
      const loss = losses.find(({ event, left }) => left > 0 && (event ?? name) === name);
      if (loss) loss.left--;
      return loss !== undefined;
    },
  };
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
 * The job queue behind webhooks: a job for the event, which enqueues one for the delivery. They run beside each other, so the order of arrival
 * is not the order of events. A delivery is tried once; if it fails, a message event marks its message as failed, which is the next event.
 */
export function createWebhookDispatcher(world: World, log: (line: string) => void) {
  const { deliver, deliveries } = createSender(world, log);
  const losses = createLosses();
  let stopping = new AbortController();
  let held: Job[] = [];
  let holds: 'events' | 'deliveries' | null = null;

  async function run(job: Job): Promise<void> {
    const { signal } = stopping;
    try {
      if ('delivery' in job) {
        if (state.shuffle) await delay(randomInt(SHUFFLE_MS), undefined, { signal });
        await deliver(job.delivery, signal);
        return;
      }
      const delivery = losses.takes(job.event.name) ? null : prepare(world, job.event);
      if (delivery) add({ delivery });
    } catch (error) {
      if (!signal.aborted) log(`webhook job failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  const pool = createJobPool(run, () => state.shuffle);
  function add(job: Job): void {
    if (stopping.signal.aborted) return;
    if (holds === ('delivery' in job ? 'deliveries' : 'events')) held.push(job);
    else pool.add(job);
  }
  function release(): void {
    holds = null;
    const released = held;
    held = [];
    released.forEach(add);
  }

  const pending = () => pool.pending() + held.length;
  const state: WebhookState = {
    shuffle: false,
    deliveries,
    lose: losses.add,
    hold(stage) {
      holds = stage;
    },
    release,
    get held() {
      return held.length;
    },
    get pending() {
      return pending();
    },
    idle: (deadlineMs = 10_000) => untilIdle(pending, deadlineMs),
  };

  return {
    state,
    publish: (event: DomainEvent): void => add({ event }),
    start(): void {
      if (stopping.signal.aborted) stopping = new AbortController();
    },
    /** Drops what waits and cuts what runs. */
    async stop(): Promise<void> {
      pool.dropWaiting();
      held = [];
      stopping.abort();
      await untilIdle(pending, 10_000);
    },
  };
}
