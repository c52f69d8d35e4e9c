import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSweep, createTurns } from '../../shared/turns.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Work that ends when the test says so, and what it was asked to do. */
function createWork() {
  const ends: ((pauseMs: number | undefined) => void)[] = [];
  let most = 0;
  const turns = createTurns({
    work: () => {
      const ended = new Promise<number | undefined>((resolve) => ends.push(resolve));
      running += 1;
      most = Math.max(most, running);
      return ended.finally(() => {
        running -= 1;
      });
    },
    onError: () => undefined,
  });
  let running = 0;
  return {
    turns,
    begun: () => ends.length,
    most: () => most,
    async end(pauseMs?: number) {
      ends.at(-1)?.(pauseMs);
      await vi.advanceTimersByTimeAsync(0);
    },
  };
}

describe('turns', () => {
  it('come one after the other, after the pause that the last one said', async () => {
    const { turns, begun, end } = createWork();
    turns.start();
    await vi.advanceTimersByTimeAsync(0);
    await end(1_000);
    await vi.advanceTimersByTimeAsync(999);
    expect(begun()).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(begun()).toBe(2);
  });

  it('begin at once, before any timer', async () => {
    const { turns, begun } = createWork();
    turns.start();
    await Promise.resolve();
    await Promise.resolve();
    expect(begun()).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('end with a turn that says no pause, until they are woken', async () => {
    const { turns, begun, end } = createWork();
    turns.start();
    await vi.advanceTimersByTimeAsync(0);
    await end(undefined);
    await vi.advanceTimersByTimeAsync(1e9);
    expect(begun()).toBe(1);
    turns.wake();
    await vi.advanceTimersByTimeAsync(0);
    expect(begun()).toBe(2);
  });

  it('are taken at once when woken in a pause, which is over then', async () => {
    const { turns, begun, end } = createWork();
    turns.start();
    await vi.advanceTimersByTimeAsync(0);
    await end(1_000);
    turns.wake();
    await vi.advanceTimersByTimeAsync(0);
    expect(begun()).toBe(2);
    await end(undefined);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(begun()).toBe(2);
  });

  it('follow once more when woken under way, however often, and never two at a time', async () => {
    const { turns, begun, most, end } = createWork();
    turns.start();
    await vi.advanceTimersByTimeAsync(0);
    for (let times = 0; times < 5; times += 1) turns.wake();
    await end(1_000);
    expect(begun()).toBe(2);
    await end(1_000);
    expect(begun()).toBe(2);
    expect(most()).toBe(1);
  });

  it('that fail are taken again after the pause their error has', async () => {
    let tries = 0;
    const turns = createTurns({
      work: async () => {
        tries += 1;
        throw new Error('away');
      },
      onError: () => 500,
    });
    turns.start();
    await vi.advanceTimersByTimeAsync(1_600);
    expect(tries).toBe(4);
    await turns.stop();
  });

  it('that wake themselves find themselves under way', async () => {
    let count = 0;
    const turns = createTurns({
      work: async () => {
        count += 1;
        if (count < 3) turns.wake();
        return undefined;
      },
      onError: () => undefined,
    });
    turns.start();
    await vi.advanceTimersByTimeAsync(0);
    expect(count).toBe(3);
  });

  it('stop with the end of the one under way, and none follows, woken or not', async () => {
    const { turns, begun, end } = createWork();
    turns.start();
    await vi.advanceTimersByTimeAsync(0);
    turns.wake();
    let stopped = false;
    const stopping = turns.stop().then(() => {
      stopped = true;
    });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(stopped).toBe(false);
    await end(10);
    await stopping;
    turns.wake();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(begun()).toBe(1);
  });

  it('tell the one under way of the stop', async () => {
    const turns = createTurns({
      work: (signal) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve(undefined));
        }),
      onError: () => undefined,
    });
    turns.start();
    await vi.advanceTimersByTimeAsync(0);
    await turns.stop();
  });
});

describe('a sweep', () => {
  it('begins after a pause and goes on over failures, each pause between half and the whole', async () => {
    const at: number[] = [];
    const errors: unknown[] = [];
    const sweep = createSweep({
      everyMs: 1_000,
      work: async () => {
        at.push(Date.now());
        if (at.length % 2 === 0) throw new Error('away');
      },
      onError: (error) => errors.push(error),
    });
    const startedAt = Date.now();
    sweep.start();
    await vi.advanceTimersByTimeAsync(50_000);
    await sweep.stop();
    const pauses = at.map((ms, index) => ms - (at[index - 1] ?? startedAt));
    expect(pauses.length).toBeGreaterThanOrEqual(50);
    expect(pauses.every((ms) => ms >= 500 && ms <= 1_000)).toBe(true);
    expect(new Set(pauses).size).toBeGreaterThan(10);
    expect(errors.length).toBeGreaterThanOrEqual(25);
  });
});
