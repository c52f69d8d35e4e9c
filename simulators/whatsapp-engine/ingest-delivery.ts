import { setTimeout as delay } from 'node:timers/promises';
import type { Delivery, Instance } from './rows.ts';
import type { Store } from './store.ts';

const REQUEST_TIMEOUT_MS = 10_000;
const IDLE_POLL_MS = 5;

export interface RetrySchedule {
  /** Pause before each further try; the last one counts for all that follow. */
  readonly delaysMs: readonly number[];
  /** After so many tries the event is put aside for good. */
  readonly maxAttempts: number;
}

export const defaultRetries: RetrySchedule = { delaysMs: [250, 500, 1_000, 2_000, 5_000, 10_000], maxAttempts: 60 };

export interface DeliveryQueue {
  /** Sends an event to the instance's webhook after everything that was queued for it before. */
  enqueue(instance: Instance, event: string, body: string): void;
  /** Sends an event again that was delivered or put aside. */
  redeliver(id: number): void;
  pending(): number;
  /** Resolves when nothing is on its way any more; rejects after `deadlineMs`. */
  idle(deadlineMs?: number): Promise<void>;
  start(): void;
  stop(): Promise<void>;
}

/** The webhook queue of the engine: one event of an instance at a time, in order, tried again until it is taken with a 2xx. */
export function createDeliveryQueue(store: Store, retries: RetrySchedule, log: (line: string) => void): DeliveryQueue {
  const running = new Map<string, Promise<void>>();
  let stopping = new AbortController();
  stopping.abort();

  const isPending = (delivery: Delivery): boolean => delivery.state === 'pending';
  const pending = (): number => store.deliveries().filter(isPending).length;

  function pump(name: string): void {
    if (stopping.signal.aborted || running.has(name)) return;
    const { signal } = stopping;
    const lane = drain(name, signal).finally(() => {
      running.delete(name);
      // What came in between the last look and now.
      if (!signal.aborted && store.deliveries().some((next) => next.instance === name && isPending(next))) pump(name);
    });
    running.set(name, lane);
  }

  async function drain(name: string, signal: AbortSignal): Promise<void> {
    const queue = store.deliveries().filter((delivery) => delivery.instance === name && isPending(delivery));
    for (const delivery of queue) {
      while (delivery.state === 'pending' && !signal.aborted) await attempt(delivery, signal);
      if (signal.aborted) return;
    }
  }

  async function attempt(delivery: Delivery, signal: AbortSignal): Promise<void> {
    const instance = store.instances.get(delivery.instance);
    if (!instance?.ingestUrl) {
      delivery.state = 'dead';
      delivery.lastError = 'the instance has no webhook';
      store.changed();
      return;
    }
    const result = await post(instance, instance.ingestUrl, delivery.body, signal);
    if (signal.aborted) return;
    delivery.attempts += 1;
    delivery.lastStatus = result.status;
    delivery.lastError = result.error;
    if (result.error === null) delivery.state = 'delivered';
    else if (delivery.attempts >= retries.maxAttempts) delivery.state = 'dead';
    store.changed();
    if (delivery.state === 'delivered') return;
    log(`${delivery.event} of ${delivery.instance}, try ${delivery.attempts}: ${result.error}`);
    const pause = retries.delaysMs[Math.min(delivery.attempts, retries.delaysMs.length) - 1] ?? 0;
    if (delivery.state === 'pending') await delay(pause, undefined, { signal }).catch(() => undefined);
  }

  function enqueue(instance: Instance, event: string, body: string): void {
    const fresh = { attempts: 0, state: 'pending' as const, lastStatus: null, lastError: null, at: Date.now() };
    store.addDelivery({ instance: instance.name, event, body, ...fresh });
    pump(instance.name);
  }

  return {
    enqueue,
    redeliver(id) {
      const delivery = store.deliveries().find((candidate) => candidate.id === id);
      const instance = delivery && store.instances.get(delivery.instance);
      if (!instance) throw new Error(`there is no event ${id}`);
      enqueue(instance, delivery.event, delivery.body);
    },
    pending,
    async idle(deadlineMs = 10_000) {
      const deadline = Date.now() + deadlineMs;
      while (pending() > 0) {
        if (Date.now() > deadline) throw new Error(`${pending()} events are still on their way after ${deadlineMs} ms`);
        await delay(IDLE_POLL_MS);
      }
    },
    start() {
      stopping = new AbortController();
      for (const name of store.instances.keys()) pump(name);
    },
    async stop() {
      stopping.abort();
      await Promise.all(running.values());
    },
  };
}

async function post(
  instance: Instance,
  url: string,
  body: string,
  stopped: AbortSignal,
): Promise<{ status: number | null; error: string | null }> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', token: instance.token },
      body,
      redirect: 'manual',
      signal: AbortSignal.any([stopped, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]),
    });
    // Read to its end, so that the connection is free for the next event.
    await response.arrayBuffer();
    return { status: response.status, error: response.ok ? null : `HTTP ${response.status}` };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return { status: null, error: cause instanceof Error ? cause.message : String(cause) };
  }
}
