import { syncBuiltinESMExports } from 'node:module';
import promises from 'node:timers/promises';
import { afterEach, beforeEach, vi } from 'vitest';

const real = promises.setTimeout;

/** As that of `node:timers/promises`, but by the timers that vitest moves. */
function virtual<T>(ms?: number, value?: T, { signal }: { signal?: AbortSignal } = {}): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', giveUp);
      resolve(value as T);
    }, ms);
    if (signal?.aborted) giveUp();
    else signal?.addEventListener('abort', giveUp);
  });
}

/**
 * In every test of this file time passes only by `pass`, in no time: pauses of hours can be held exactly, on a machine that is as busy as
 * it likes. vitest's own leaves out the timers that are promises.
 */
export function useVirtualTime(): { pass(ms: number): Promise<void> } {
  beforeEach(() => {
    vi.useFakeTimers();
    // No process is at the beginning of its time.
    vi.advanceTimersByTime(3_600_000);
    promises.setTimeout = virtual as typeof real;
    syncBuiltinESMExports();
  });
  afterEach(() => {
    vi.useRealTimers();
    promises.setTimeout = real;
    syncBuiltinESMExports();
  });
  return { pass: async (ms) => void (await vi.advanceTimersByTimeAsync(ms)) };
}
