import { type Backoff, backoffMs } from '../../../shared/backoff.ts';

/** Holds everything back while nothing gets through, and then lets one through to see. */
export interface CircuitBreaker {
  /** Resolves when the caller may try; false when it is stopped. Who was let through must say how it went, by one of the next three. */
  pass(): Promise<boolean>;
  /** It got through. */
  succeeded(): void;
  /** Nothing gets through; `afterMs` where it is known for how long. */
  failed(afterMs?: number): void;
  /** It had no need to get through. */
  skipped(): void;
  /** Circumstances changed: the next one may try at once. */
  reset(): void;
  stop(): void;
}

export function createCircuitBreaker(pauses: Backoff): CircuitBreaker {
  const waiting = new Set<() => void>();
  let failures = 0;
  let closedUntilMs = 0;
  let isTrying = false;
  let stopped = false;

  function changed(): void {
    for (const wake of [...waiting]) wake();
  }

  /** Until something changes, or at the latest in `ms`. */
  function changeWithin(ms: number | undefined): Promise<void> {
    return new Promise((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(wake, ms);
      function wake(): void {
        clearTimeout(timer);
        waiting.delete(wake);
        resolve();
      }
      waiting.add(wake);
    });
  }

  function tried(): void {
    isTrying = false;
    changed();
  }

  return {
    async pass() {
      while (!stopped && failures > 0) {
        const leftMs = closedUntilMs - Date.now();
        if (leftMs <= 0 && !isTrying) {
          isTrying = true;
          return true;
        }
        await changeWithin(leftMs > 0 ? leftMs : undefined);
      }
      return !stopped;
    },
    succeeded() {
      failures = 0;
      tried();
    },
    failed(afterMs) {
      // Those that were under way when the first one failed only say the same again.
      if (failures > 0 && !isTrying && Date.now() < closedUntilMs) return;
      failures += 1;
      closedUntilMs = Date.now() + Math.max(afterMs ?? 0, backoffMs(pauses, failures));
      tried();
    },
    skipped() {
      if (failures > 0) tried();
    },
    reset() {
      closedUntilMs = 0;
      changed();
    },
    stop() {
      stopped = true;
      changed();
    },
  };
}
