import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { createUnfinishedCounts } from '../../api/activation/unfinished-counts.ts';
import { createTelling } from '../../worker/admission/telling.ts';

const silence = { inARow: 3, leastMs: 20_000 };
const candidate = (n: number) => ({
  id: `act_${n}`,
  accountId: 'A',
  host: 'silent.example.com',
  chatwootBaseUrl: `https://silent.example.com/${n}`,
  createdAtMs: n,
});

it('who waits for a host that hangs is told in groups, each of its own address, and all but those that somebody has tried', async () => {
  const groups: number[] = [];
  const telling = createTelling({
    store: {
      async failUntried(_worker, untried) {
        groups.push(untried.length);
        await delay(1);
        return untried
          .filter(({ id }) => id !== 'act_7')
          .map(({ id }) => ({ id, requestId: null, instanceId: 'ins_1', instance: 'one', queueWaitMs: 1 }));
      },
    },
    metrics: { observeActivation: () => {} },
    workerName: 'w',
    logger: pino({ level: 'silent' }),
  });
  const told = await Promise.all(Array.from({ length: 500 }, (_, n) => telling.tell(candidate(n), silence)));
  expect(Math.max(...groups)).toBeLessThanOrEqual(20);
  expect(groups.length).toBeLessThan(40);
  for (const [n, error] of told.entries()) {
    expect(telling.toldTo(`act_${n}`)).toEqual(error);
    if (n === 7) expect(error).toBeUndefined();
    else
      expect(error).toMatchObject({ code: 'chatwoot_unreachable', message: expect.stringContaining(`silent.example.com/${n} `) });
  }
});

it('an activation counts for its account until it has ended, or could have, where nobody waits for that', async () => {
  const counts = createUnfinishedCounts();
  const inAMinute = new Date(Date.now() + 60_000);
  const never = new Promise<never>(() => {});
  expect([1, 2].map(() => counts.add('A', never, inAMinute))).toEqual([0, 1]);
  expect(counts.add('A', Promise.resolve({ kind: 'timeout' }), inAMinute)).toBe(2);
  await delay(0);
  expect(counts.add('A', Promise.resolve({ kind: 'cancelled' }), inAMinute)).toBe(2);
  await delay(0);
  expect(counts.add('A', Promise.resolve({ kind: 'cancelled' }), new Date())).toBe(3);
  await expect.poll(() => counts.add('B', never, inAMinute)).toBe(0);
  await expect.poll(() => counts.add('A', Promise.resolve({ kind: 'timeout' }), inAMinute)).toBe(3);
});
