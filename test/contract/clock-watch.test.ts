import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createClockWatch } from '../../shared/database/clock-watch.ts';
import { createPool } from '../../shared/database/database.ts';
import { createTestDatabase } from '../support/database.ts';
import { waitFor } from '../support/wait-for.ts';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let pool: ReturnType<typeof createPool>;
beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool({ url: database.url });
});
afterAll(async () => {
  await pool?.end();
  await database?.drop();
});

/** What a process says whose clock is so far off, once it has looked. */
async function said(offMs: number, firstAnswerAfterMs = 0): Promise<{ fault: string | undefined; lines: unknown[] }> {
  const lines: string[] = [];
  let looks = 0;
  let reads = 0;
  const watch = createClockWatch({
    pool,
    logger: pino({}, { write: (line: string) => lines.push(line) }),
    nowMs: () => {
      reads += 1;
      looks = Math.floor(reads / 2);
      return Date.now() + offMs + (reads % 2 === 0 ? firstAnswerAfterMs : 0);
    },
  });
  watch.start();
  await waitFor(() => looks === 1);
  watch.stop();
  watch.start();
  await waitFor(() => looks === 2);
  // What follows the reading of the clock is done in the same turn.
  watch.stop();
  return { fault: watch.fault(), lines: lines.map((line) => JSON.parse(line)) };
}

it.each([
  [-400_000, "400 s behind the database's"],
  [7_400, "7 s ahead of the database's"],
])('a clock that is %i ms off is named, and logged once however often it is looked at', async (offMs, words) => {
  const { fault, lines } = await said(offMs);
  expect(fault).toBe(words);
  expect(lines).toEqual([expect.objectContaining({ level: 40 })]);
});

it.each([0, 3_000, -3_000])('a clock that is %i ms off is right', async (offMs) => {
  expect(await said(offMs)).toEqual({ fault: undefined, lines: [] });
});

it('an answer of the database that was long under way is no fault of the clock', async () => {
  expect(await said(-3_000, 30_000)).toEqual({ fault: undefined, lines: [] });
});
