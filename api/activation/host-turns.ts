import type { ActivationError } from '../../shared/activations/error.ts';
import { createTurnOrder, type TurnOrder } from '../../shared/turn-order.ts';
import type { Completion } from './completion-waiter.ts';

/** Against a Chatwoot of which nothing is known: what two workers call at a time where it has not answered lately. */
const WIDTH_AT_FIRST = 8;
/** Against one that answers it grows to this: more than several workers call at a time. */
const WIDEST = 128;

/** A place among those whose job is in the queue. */
export interface Place {
  /** Gives it to the next one; a second time it does nothing. `completion`: what it came to, where that is known. */
  leave(completion?: Completion): void;
}

/** One that waits for its turn to get a job. */
export interface Held {
  readonly accountId: string;
  /** Writes its row, the first time it is called. Never rejects. */
  written(): Promise<unknown>;
  /** Its turn has come, or it goes without. */
  go(place?: Place): void;
}

export interface HostTurns<Waiter extends Held> {
  /** A place, where there is room and nobody waits for it. */
  take(chatwootBaseUrl: string): Place | undefined;
  /** Waits for a place, and goes without one after `HELD_AT_MOST_MS`. */
  hold(chatwootBaseUrl: string, held: Waiter): void;
  /** From now on everybody goes at once, those that wait as well. */
  stop(): void;
}

/** Longer than it takes until a Chatwoot is known to hang; what is left of its minute is the worker's. */
export const HELD_AT_MOST_MS = 27_000;
/** Nobody waits for their rows: hundreds at once would fill database and process, and others would wait for those. */
export const WRITE_EVERY_MS = 20;

interface Waiting<Waiter> {
  readonly held: Waiter;
  readonly timer: NodeJS.Timeout;
}
interface Host<Waiter> {
  underWay: number;
  width: number;
  readonly order: TurnOrder<Waiting<Waiter>>;
  readonly waiting: Set<Waiting<Waiter>>;
}

/**
 * Lets so many of this process's activations against one Chatwoot have their job in the queue at a time, a few at first and more the more of them
 * have succeeded; the others wait here, their accounts take turns, and their rows are written one after the other. What a worker would only put
 * back, hundreds of times, it does not get. `tell` is called with those that wait when one of their Chatwoot was told that it hangs.
 */
export function createHostTurns<Waiter extends Held>(deps: {
  tell: (held: readonly Waiter[], error: ActivationError) => void;
}): HostTurns<Waiter> {
  const hosts = new Map<string, Host<Waiter>>();
  const unwritten = createTurnOrder<() => boolean>();
  let writing: NodeJS.Timeout | undefined;
  let stopped = false;

  function hostOf(url: string): Host<Waiter> {
    const host = hosts.get(url) ?? { underWay: 0, width: WIDTH_AT_FIRST, order: createTurnOrder(), waiting: new Set() };
    hosts.set(url, host);
    return host;
  }

  function enter(url: string, host: Host<Waiter>): Place {
    host.underWay += 1;
    let isIn = true;
    return {
      leave(completion) {
        if (!isIn) return;
        isIn = false;
        host.underWay -= 1;
        look(host, completion);
        callNext(url, host);
      },
    };
  }

  function look(host: Host<Waiter>, completion: Completion | undefined): void {
    if (completion?.kind !== 'settled') return;
    const { outcome } = completion;
    if (outcome.state === 'succeeded') host.width = Math.min(host.width + 1, WIDEST);
    else if (outcome.error.hostHangs) {
      host.width = WIDTH_AT_FIRST;
      const told = [...host.waiting].filter((one) => forget(host, one));
      if (told.length > 0)
        deps.tell(
          told.map(({ held }) => held),
          outcome.error,
        );
    }
  }

  function callNext(url: string, host: Host<Waiter>): void {
    while (host.waiting.size > 0 && (stopped || host.underWay < host.width)) {
      const next = host.order.take();
      if (next === undefined) break;
      // One that has gone already is still in the order.
      if (forget(host, next)) next.held.go(enter(url, host));
    }
    if (host.underWay === 0 && host.waiting.size === 0) hosts.delete(url);
  }

  function forget(host: Host<Waiter>, one: Waiting<Waiter>): boolean {
    clearTimeout(one.timer);
    return host.waiting.delete(one);
  }

  /** One row at a time, of those that still wait. */
  function writeNext(): void {
    let write = unwritten.take();
    while (write !== undefined && !write()) write = unwritten.take();
    if (write !== undefined) return;
    clearInterval(writing);
    writing = undefined;
  }

  return {
    take(url) {
      const host = hostOf(url);
      return stopped || (host.waiting.size === 0 && host.underWay < host.width) ? enter(url, host) : undefined;
    },
    hold(url, held) {
      const host = hostOf(url);
      const leaveWaiting = (): void => {
        if (forget(host, waiting)) held.go(enter(url, host));
      };
      const waiting: Waiting<Waiter> = { held, timer: setTimeout(leaveWaiting, HELD_AT_MOST_MS) };
      host.waiting.add(waiting);
      host.order.add(held.accountId, waiting);
      unwritten.add(held.accountId, () => {
        const isWaiting = host.waiting.has(waiting);
        if (isWaiting) void held.written();
        return isWaiting;
      });
      writing ??= setInterval(writeNext, WRITE_EVERY_MS);
    },
    stop() {
      stopped = true;
      for (const [url, host] of hosts) callNext(url, host);
    },
  };
}
