import { expect, it, vi } from 'vitest';
import { createFairTurns } from '../../shared/fair-turns.ts';

/** Longer than any of this takes. */
const NEVER_MS = 600_000;

/** Work that ends when it is told to, and notes when it began. */
function scene(width: number, silentMs = NEVER_MS) {
  return sceneOf({ width, silentMs });
}
function sceneOf(limits: Parameters<typeof createFairTurns>[0]) {
  const inTurn = createFairTurns(limits);
  const began: string[] = [];
  const ends: ((failure?: Error) => void)[] = [];
  const work = (accountId: string, name: string) =>
    inTurn(accountId, () => {
      began.push(name);
      return new Promise<string>((resolve, reject) => ends.push((failure) => (failure ? reject(failure) : resolve(name))));
    });
  return { work, began, ends };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

it('one who comes with hundreds waits behind its own, and everybody else for one turn', async () => {
  const { work, began, ends } = scene(2);
  const crowd = Array.from({ length: 300 }, (_, index) => work('loud', `loud ${index}`));
  const others = [work('one', 'one'), work('two', 'two')];
  expect(began).toEqual(['loud 0', 'loud 1']);
  ends[0]?.();
  ends[1]?.();
  await settled();
  expect(began.slice(2)).toEqual(['loud 2', 'one']);
  ends[2]?.();
  ends[3]?.();
  await settled();
  expect(began.slice(4)).toEqual(['two', 'loud 3']);
  for (let index = 4; index < 302; index += 1) {
    ends[index]?.();
    await settled();
  }
  expect(await Promise.all(others)).toEqual(['one', 'two']);
  expect((await Promise.all(crowd)).at(-1)).toBe('loud 299');
});

it('work that is long under way lets the next begin, however much else is done meanwhile', async () => {
  vi.useFakeTimers();
  try {
    const { work, began, ends } = sceneOf({ width: 2, heldMs: 100 });
    const all = [work('a', 'long')];
    for (let n = 0; n < 4; n += 1) {
      const quick = work('b', 'quick');
      ends.at(-1)?.();
      await quick;
      await vi.advanceTimersByTimeAsync(20);
    }
    all.push(work('b', 'second'), work('c', 'third'));
    expect(began.at(-1)).toBe('second');
    await vi.advanceTimersByTimeAsync(60);
    expect(began.at(-1)).toBe('third');
    for (const end of ends) end();
    expect(await Promise.all(all)).toEqual(['long', 'second', 'third']);
  } finally {
    vi.useRealTimers();
  }
});

it('work that fails gives its place to the next one', async () => {
  const { work, began, ends } = scene(1);
  const [first, second] = [work('a', 'first'), work('b', 'second')];
  ends[0]?.(new Error('away'));
  await expect(first).rejects.toThrow('away');
  await settled();
  expect(began).toEqual(['first', 'second']);
  ends[1]?.();
  expect(await second).toBe('second');
  const third = work('a', 'third');
  expect(began.at(-1)).toBe('third');
  ends[2]?.();
  expect(await third).toBe('third');
});

it('work that waits for somebody who is away keeps nobody from a place for long', async () => {
  const { work, began, ends } = scene(1, 1);
  const all = ['first', 'second', 'third'].map((name) => work('a', name));
  await expect.poll(() => began).toEqual(['first', 'second', 'third']);
  // Each place is handed over once, though its holder ends after that.
  const more = work('a', 'fourth');
  for (const end of ends) end();
  await expect.poll(() => ends.length).toBe(4);
  ends[3]?.();
  expect(await Promise.all([...all, more])).toEqual(['first', 'second', 'third', 'fourth']);
});

it('who is slow is not away: as long as something is done, no more than may is under way', async () => {
  vi.useFakeTimers();
  try {
    const { work, began, ends } = scene(2, 600);
    const all = Array.from({ length: 12 }, (_, n) => work('a', String(n)));
    // The first takes for ever, the others half a second each.
    for (let n = 1; n < 11; n += 1) {
      await vi.advanceTimersByTimeAsync(500);
      expect(began).toHaveLength(n + 1);
      ends[n]?.();
      await vi.advanceTimersByTimeAsync(0);
    }
    await vi.advanceTimersByTimeAsync(3_000);
    ends[0]?.();
    ends[11]?.();
    expect(await Promise.all(all)).toHaveLength(12);
  } finally {
    vi.useRealTimers();
  }
});
