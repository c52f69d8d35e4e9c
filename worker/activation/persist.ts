import { setTimeout as delay } from 'node:timers/promises';
import { backoffMs } from '../../shared/backoff.ts';
import { isDatabaseUnavailable, isWriteConflict, refusalCode } from '../../shared/database/database.ts';

const PAUSES = { firstMs: 100, maxMs: 2_000 };

/** Whether the same write can succeed a moment later. */
export const isPassing = (error: unknown): boolean => isDatabaseUnavailable(error) || isWriteConflict(error);

/**
 * Repeats a write while the database is away, until `untilMs` (of `performance.now()`) or until `signal` aborts. It is always made
 * once. Throws what the last try threw.
 */
export async function persist<Value>(write: () => Promise<Value>, untilMs: number, signal: AbortSignal): Promise<Value> {
  for (let tries = 1; ; tries += 1) {
    const pauseMs = backoffMs(PAUSES, tries);
    try {
      return await write();
    } catch (error) {
      if (!isPassing(error) || signal.aborted || performance.now() + pauseMs > untilMs) throw error;
    }
    await delay(pauseMs, undefined, { signal }).catch(() => {});
  }
}

/** What may be told of a failed write: what kind it was, and nothing of what was to be written. */
export function describeWriteFailure(error: unknown): string {
  if (isDatabaseUnavailable(error)) return 'the database is unavailable';
  const code = refusalCode(error);
  if (code !== undefined) return `the database refused it (${code})`;
  return `unexpected failure (${error instanceof Error ? error.name : typeof error})`;
}
