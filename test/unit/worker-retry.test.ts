import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { activationError } from '../../shared/activations/error.ts';
import { errorCatalogue, errorCodes } from '../../shared/errors/catalogue.ts';
import { lastWord, pauseMs, planRetry } from '../../worker/activation/retry.ts';
import { MOST_TRIES, removalPauseMs } from '../../worker/removal/processor.ts';
import { WORKER_TIMEOUTS } from '../../worker/timeouts.ts';

const { bridgePatienceMs } = WORKER_TIMEOUTS;
const error = (code: (typeof errorCodes)[number], retryAfterSeconds?: number) => ({
  code,
  retryable: errorCatalogue[code].retryable,
  retryAfterSeconds,
});

describe('whether and when a failed activation is tried again', () => {
  it.each([
    ['never, if no try can help', error('chatwoot_token_invalid'), 1, 50_000, undefined],
    ['never, for a host that does not exist', error('chatwoot_unknown_host'), 1, 50_000, undefined],
    ['after half a second at first', error('bridge_unreachable'), 1, 50_000, 500],
    ['after twice as long each time', error('bridge_unreachable'), 3, 50_000, 2_000],
    ['after 8 s at most', error('bridge_busy'), 30, 50_000, 8_000],
    ['not after three tries at a Chatwoot that does not answer', error('chatwoot_unreachable'), 3, 50_000, undefined],
    ['not when the next try would not fit', error('bridge_unreachable'), 1, 2_400, undefined],
    ['when Chatwoot says so', error('chatwoot_rate_limited', 20), 1, 50_000, 20_000],
    ['not when that is after the deadline', error('chatwoot_rate_limited', 49), 1, 50_000, undefined],
  ])('%s', (_, failed, triesMade, remainingMs, expected) => {
    const tries = { triesMade, sameOutcome: triesMade, sameForMs: 0, wasSilent: false, bridgePatienceMs, remainingMs };
    expect(planRetry(failed, tries, () => 1)).toBe(expected);
  });

  it('a bridge that took long to come back has not used up the tries of what it says then', () => {
    const plan = (sameOutcome: number) =>
      planRetry(
        error('chatwoot_failing'),
        { triesMade: 6, sameOutcome, sameForMs: 9_000, wasSilent: false, bridgePatienceMs, remainingMs: 30_000 },
        () => 1,
      );
    expect([plan(1), plan(4)]).toEqual([8_000, undefined]);
  });

  it('a Chatwoot that had the request and ran into the time limit is not asked again in the same activation', () => {
    const tries = { triesMade: 1, sameOutcome: 1, sameForMs: 20_000, bridgePatienceMs, remainingMs: 35_000 };
    expect(planRetry(error('chatwoot_unreachable'), { ...tries, wasSilent: true })).toBeUndefined();
    expect(planRetry(error('chatwoot_unreachable'), { ...tries, wasSilent: false })).toBeDefined();
  });

  it('a bridge that cannot be reached is tried for 12 s, the last time at the end of them', () => {
    let [sameForMs, tries] = [0, 1];
    for (;;) {
      const delayMs = planRetry(
        error('bridge_unreachable'),
        { triesMade: tries, sameOutcome: tries, sameForMs, wasSilent: false, bridgePatienceMs, remainingMs: 60_000 - sameForMs },
        () => 1,
      );
      if (delayMs === undefined) break;
      sameForMs += delayMs;
      tries += 1;
    }
    expect({ sameForMs, tries }).toEqual({ sameForMs: 12_000, tries: 6 });
  });

  it('whoever is told that the bridge is down is told when to come back as well', () => {
    const failed = (code: 'bridge_unreachable' | 'chatwoot_failing') => lastWord(activationError(code));
    expect([failed('bridge_unreachable').retryAfterSeconds, failed('chatwoot_failing').retryAfterSeconds]).toEqual([
      10,
      undefined,
    ]);
  });

  it('whatever failed, a planned try begins before the deadline and never before it was asked to', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...errorCodes),
        fc.option(fc.integer({ min: 0, max: 3_600 }), { nil: undefined }),
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: -10_000, max: 600_000 }),
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        (code, retryAfter, triesMade, remainingMs, random) => {
          const delayMs = planRetry(
            error(code, retryAfter),
            { triesMade, sameOutcome: 1, sameForMs: 0, wasSilent: false, bridgePatienceMs, remainingMs },
            () => random,
          );
          if (delayMs === undefined) return;
          expect(delayMs).toBeGreaterThanOrEqual((retryAfter ?? 0) * 1_000);
          expect(delayMs).toBeGreaterThanOrEqual(250);
          expect(remainingMs - delayMs).toBeGreaterThanOrEqual(2_000);
        },
      ),
    );
  });

  it('no two workers wait equally long', () => {
    expect(new Set(Array.from({ length: 50 }, () => pauseMs(4))).size).toBeGreaterThan(20);
  });
});

it('a removal is tried for two days, quickly at first and hourly in the end', () => {
  const pauses = Array.from({ length: MOST_TRIES - 1 }, (_, index) => removalPauseMs(index + 1, () => 0.5));
  expect(pauses[0]).toBeLessThanOrEqual(1_000);
  expect(Math.max(...pauses)).toBeLessThanOrEqual(3_600_000);
  const days = pauses.reduce((sum, pause) => sum + pause, 0) / 86_400_000;
  expect(days).toBeGreaterThan(1.5);
  expect(days).toBeLessThan(3);
});
