import { setTimeout as delay } from 'node:timers/promises';

/** A machine that is busy with other things may take as long; how long something may take is for the test to say. */
const DEFAULT_TIMEOUT_MS = 60_000;

/** What is soon true is soon seen; the longer something takes, the less often is looked, since each look may be a query or a request. */
const FIRST_INTERVAL_MS = 10;
const PART_OF_WAITED = 0.1;
const LONGEST_INTERVAL_MS = 250;

/**
 * Polls `condition` until it answers something truthy, and answers that; `intervalMs` is the longest pause between two looks. A condition
 * that throws counts as not yet met; its last error is told when the time is up.
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  {
    timeoutMs = DEFAULT_TIMEOUT_MS,
    intervalMs = LONGEST_INTERVAL_MS,
    describe = 'the condition',
  }: { timeoutMs?: number; intervalMs?: number; describe?: string } = {},
): Promise<NonNullable<T>> {
  const begunAt = Date.now();
  let lastError: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value) return value;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    const waitedMs = Date.now() - begunAt;
    if (waitedMs >= timeoutMs) throw new Error(`${describe} did not come true within ${timeoutMs} ms`, { cause: lastError });
    await delay(Math.min(Math.max(waitedMs * PART_OF_WAITED, FIRST_INTERVAL_MS), intervalMs));
  }
}
