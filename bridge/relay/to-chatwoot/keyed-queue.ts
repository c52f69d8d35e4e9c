import { setTimeout as delay } from 'node:timers/promises';

/** How a try at the first in a lane ended: done with it, or another try after so many milliseconds. */
export type TryOutcome = 'done' | { readonly retryAfterMs: number };

export interface KeyedQueue<Item> {
  /**
   * Puts an item behind everything that shares one of these addresses. Addresses that come together are one lane from then on, until it
   * is empty.
   */
  push(addresses: readonly string[], item: Item): void;
  /** Begins no further try; resolves when those under way have ended. */
  stop(): Promise<void>;
}

interface Lane<Item> {
  readonly items: Item[];
  readonly addresses: Set<string>;
}

/**
 * First in, first out, for each chat by itself: one try at a time in a lane, and the first is tried until it is done before anything
 * behind it is. At most `limit` tries at a time in all queue; a lane that pauses takes up no room. `tryFirst` must not throw.
 */
export function createKeyedQueue<Item>(deps: {
  limit: number;
  /** Asked before each try; false ends the lane. */
  mayTry: () => Promise<boolean>;
  /** Does the work when its turn has come among all queues. */
  inTurn: (work: () => Promise<TryOutcome>) => Promise<TryOutcome>;
  tryFirst: (item: Item) => Promise<TryOutcome>;
}): KeyedQueue<Item> {
  const byAddress = new Map<string, Lane<Item>>();
  const running = new Set<Promise<void>>();
  const stopping = new AbortController();
  const waiting: (() => void)[] = [];
  let free = deps.limit;

  async function takeRoom(): Promise<void> {
    if (free > 0) {
      free -= 1;
      return;
    }
    await new Promise<void>((resolve) => waiting.push(resolve));
  }
  function giveRoom(): void {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  }

  async function tryOnce(item: Item): Promise<TryOutcome | 'stopped'> {
    await takeRoom();
    try {
      if (stopping.signal.aborted || !(await deps.mayTry())) return 'stopped';
      return await deps.inTurn(async () => (stopping.signal.aborted ? { retryAfterMs: 0 } : deps.tryFirst(item)));
    } finally {
      giveRoom();
    }
  }

  async function run(lane: Lane<Item>): Promise<void> {
    for (let first = lane.items[0]; first !== undefined && !stopping.signal.aborted; first = lane.items[0]) {
      const outcome = await tryOnce(first);
      if (outcome === 'stopped') return;
      if (outcome === 'done') lane.items.shift();
      else await delay(outcome.retryAfterMs, undefined, { signal: stopping.signal }).catch(() => {});
    }
    for (const address of lane.addresses) byAddress.delete(address);
  }

  function start(lane: Lane<Item>): void {
    const ended: Promise<void> = run(lane).finally(() => running.delete(ended));
    running.add(ended);
  }

  return {
    push(addresses, item) {
      if (stopping.signal.aborted) return;
      const known = addresses.map((address) => byAddress.get(address)).find((lane) => lane !== undefined);
      const lane = known ?? { items: [], addresses: new Set() };
      lane.items.push(item);
      for (const address of addresses) {
        // An address with a lane of its own keeps that until it is empty: what is in it was sent before.
        if (byAddress.has(address)) continue;
        byAddress.set(address, lane);
        lane.addresses.add(address);
      }
      if (known === undefined) start(lane);
    },
    async stop() {
      stopping.abort();
      while (waiting.length > 0) waiting.shift()?.();
      await Promise.all(running);
    },
  };
}
