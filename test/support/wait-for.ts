import { setTimeout as delay } from 'node:timers/promises';

/** A machine that is busy with other things may take as long; how long something may take is for the test to say. */
const DEFAULT_TIMEOUT_MS = 60_000;

/** What is soon true is soon seen; what takes longer is looked at less often, since each look may be a query or a request. */
const FIRST_INTERVAL_MS = 10;

/**
 * Polls `condition` until it answers something truthy, and answers that; `intervalMs` is the longest pause between two looks. A condition that throws counts as not yet met; its last
 * error is told when the time is up.
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  {
    timeoutMs = DEFAULT_TIMEOUT_MS,
    intervalMs = 50,
    describe = 'the condition',
  }: { timeoutMs?: number; intervalMs?: number; describe?: string } = {},
): Promise<NonNullable<T>> {
  const deadline = Date.now() + timeoutMs;
  let lastError: unknown;
  for (let pauseMs = FIRST_INTERVAL_MS; ; pauseMs = Math.min(pauseMs * 2, intervalMs)) {
    try {
      const value = await condition();
      if (value) return value;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    if (Date.now() >= deadline) throw new Error(`${describe} did not come true within ${timeoutMs} ms`, { cause: lastError });
    await delay(pauseMs);
  }
}
