import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffMs, jittered } from '../../shared/backoff.ts';

const chance = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
const backoff = fc.record(
  {
    firstMs: fc.integer({ min: 0, max: 60_000 }),
    maxMs: fc.integer({ min: 0, max: 3_600_000 }),
    jitter: fc.double({ min: 0, max: 1, noNaN: true }),
  },
  { requiredKeys: ['firstMs', 'maxMs'] },
);

describe('backoffMs', () => {
  it('is never longer than its cap, and never shorter than the jitter allows, after however many failures', () => {
    fc.assert(
      fc.property(backoff, fc.integer({ min: 0, max: 100_000 }), chance, (pauses, failures, random) => {
        const { maxMs, jitter = 0.5 } = pauses;
        const longest = backoffMs(pauses, failures, () => 1);
        const pauseMs = backoffMs(pauses, failures, () => random);
        expect(longest).toBeLessThanOrEqual(maxMs);
        expect(pauseMs).toBeLessThanOrEqual(longest);
        expect(pauseMs).toBeGreaterThanOrEqual(Math.floor(longest * (1 - jitter)));
      }),
    );
  });

  it('begins with the first pause, doubles with each failure, and reaches its cap', () => {
    const pauses = { firstMs: 500, maxMs: 8_000 };
    const longest = [1, 2, 3, 4, 5, 6, 1_000].map((failures) => backoffMs(pauses, failures, () => 1));
    expect(longest).toEqual([500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
  });

  it('never shrinks from one failure to the next, with the same luck', () => {
    fc.assert(
      fc.property(backoff, fc.integer({ min: 1, max: 2_000 }), chance, (pauses, failures, random) => {
        const [before, after] = [failures, failures + 1].map((count) => backoffMs(pauses, count, () => random));
        expect(after).toBeGreaterThanOrEqual(before ?? 0);
      }),
    );
  });

  it('leaves out half of a pause by chance unless told', () => {
    const pauseAt = (random: number, jitter?: number) =>
      backoffMs({ firstMs: 1_000, maxMs: 1_000, ...(jitter === undefined ? {} : { jitter }) }, 1, () => random);
    expect([pauseAt(0), pauseAt(1), pauseAt(0, 0.25), pauseAt(0, 0)]).toEqual([500, 1_000, 750, 1_000]);
  });

  it('brings those that failed together back apart', () => {
    const pauses = Array.from({ length: 50 }, () => backoffMs({ firstMs: 1_000, maxMs: 60_000 }, 4));
    expect(new Set(pauses).size).toBeGreaterThan(20);
  });
});

it('jittered uses the whole range that it is allowed', () => {
  const times = Array.from({ length: 1_000 }, () => jittered(10_000, 0.2));
  expect(Math.min(...times)).toBeLessThan(8_200);
  expect(Math.max(...times)).toBeGreaterThan(9_800);
  expect(times.every((ms) => ms >= 8_000 && ms <= 10_000)).toBe(true);
});
