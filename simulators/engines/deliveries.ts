import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

/** How an engine delivers, and what it does when that fails. */
export interface DeliveryHabits {
  /** Pauses before each further try; the last one counts for all that follow. */
  readonly delaysMs: readonly number[];
  /** After so many tries the event is given up. */
  readonly maxAttempts: number;
  /** Whether a pause that the receiver asks for is kept. */
  readonly honoursRetryAfter: boolean;
  /** A redirect is followed by a GET without a body, as clients do that were not told otherwise: the event is lost, and counts as taken. */
  readonly losesOnRedirect: boolean;
  /** Statuses after which an event is given up at once. */
  readonly finalStatuses?: readonly number[];
  /** Unset, it waits for as long as the connection stays. */
  readonly timeoutMs?: number;
}

export interface EventDelivery {
  readonly url: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Its own pauses and number of tries, where whoever set the webhook chose them. */
  readonly retries?: Pick<DeliveryHabits, 'delaysMs' | 'maxAttempts'> | undefined;
}

export interface Deliveries {
  /** Beside everything else that is on its way: no order is kept. */
  send(delivery: EventDelivery): void;
  /** As of an EngineSimulator. */
  repeat(howFarBack?: number): void;
  pending(): number;
  dropped(): number;
  /** Resolves when nothing is on its way any more; rejects after `deadlineMs`. */
  idle(deadlineMs?: number): Promise<void>;
  start(): void;
  /** What is not taken is tried again after the next start. */
  stop(): Promise<void>;
}

/** So many of the last are kept to be repeated. */
const KEPT = 200;

interface Job {
  readonly delivery: EventDelivery;
  attempts: number;
}

/** The webhooks of an engine: each event by itself, in parallel, tried again until it is taken. */
export function createDeliveries(habits: DeliveryHabits, log: (line: string) => void): Deliveries {
  const jobs = new Set<Job>();
  const running = new Set<Promise<void>>();
  const last: EventDelivery[] = [];
  let dropped = 0;
  let stopping = new AbortController();
  stopping.abort();

  async function work(job: Job, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const outcome = await post(job.delivery, habits, signal);
      if (signal.aborted) return;
      job.attempts += 1;
      if (outcome.taken) return void jobs.delete(job);
      log(`${job.delivery.url}, try ${job.attempts}: ${outcome.why}`);
      const { delaysMs, maxAttempts } = job.delivery.retries ?? habits;
      if (outcome.isFinal || job.attempts >= maxAttempts) {
        dropped += 1;
        return void jobs.delete(job);
      }
      const own = delaysMs[Math.min(job.attempts, delaysMs.length) - 1] ?? 0;
      const asked = habits.honoursRetryAfter ? outcome.retryAfterMs : undefined;
      await delay(asked ?? own, undefined, { signal }).catch(() => undefined);
    }
  }
  function run(job: Job): void {
    const { signal } = stopping;
    if (signal.aborted) return;
    const working = work(job, signal).finally(() => running.delete(working));
    running.add(working);
  }
  function begin(delivery: EventDelivery): void {
    const job = { delivery, attempts: 0 };
    jobs.add(job);
    run(job);
  }
  return {
    send(delivery) {
      last.push(delivery);
      if (last.length > KEPT) last.shift();
      begin(delivery);
    },
    repeat(howFarBack = 0) {
      const delivery = last.at(-1 - Math.floor(howFarBack * last.length));
      if (delivery !== undefined) begin(delivery);
    },
    pending: () => jobs.size,
    dropped: () => dropped,
    async idle(deadlineMs = 10_000) {
      const endsAtMs = Date.now() + deadlineMs;
      while (jobs.size > 0) {
        if (Date.now() > endsAtMs) throw new Error(`${jobs.size} events are still on their way after ${deadlineMs} ms`);
        await delay(5);
      }
    },
    start() {
      stopping = new AbortController();
      // Everything that is on its way listens to it.
      setMaxListeners(0, stopping.signal);
      for (const job of jobs) run(job);
    },
    async stop() {
      stopping.abort();
      await Promise.all(running);
    },
  };
}

type Outcome =
  | { readonly taken: true }
  | { readonly taken: false; readonly isFinal: boolean; readonly why: string; readonly retryAfterMs: number | undefined };

async function post({ url, body, headers }: EventDelivery, habits: DeliveryHabits, stopped: AbortSignal): Promise<Outcome> {
  const { timeoutMs, losesOnRedirect } = habits;
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
      redirect: 'manual',
      signal: timeoutMs === undefined ? stopped : AbortSignal.any([stopped, AbortSignal.timeout(timeoutMs)]),
    });
    // Read to its end, so that the connection is free for the next event.
    await response.arrayBuffer();
    if (response.ok || (losesOnRedirect && response.status >= 300 && response.status < 400)) return { taken: true };
    const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
    const isFinal = habits.finalStatuses?.includes(response.status) ?? false;
    return {
      taken: false,
      isFinal,
      why: `HTTP ${response.status}`,
      retryAfterMs: Number.isFinite(seconds) ? seconds * 1_000 : undefined,
    };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return { taken: false, isFinal: false, why: cause instanceof Error ? cause.message : String(cause), retryAfterMs: undefined };
  }
}
