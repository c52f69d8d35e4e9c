import type pg from 'pg';
import { z } from 'zod';

export interface DatabaseClock {
  /**
   * What time it is by the database, in milliseconds since 1970. Measured at most once a minute, and in between counted on; `fresh` where
   * much depends on it. Rejects only when the database has never been asked with success.
   */
  nowMs(options?: { fresh?: boolean }): Promise<number>;
}

const MEASURE_EVERY_MS = 60_000;
/** A measurement that is younger counts as fresh. */
const FRESH_MS = 5_000;

const timeRow = z.tuple([z.object({ ms: z.coerce.number() })]);

/** What time it is by the database, in milliseconds since 1970. */
export async function readDatabaseTime(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query('SELECT extract(epoch FROM clock_timestamp()) * 1000 AS ms');
  const [{ ms }] = timeRow.parse(rows);
  return ms;
}

/** The one clock that all processes share: that of a process may be minutes off, or be set while it runs. */
export function createDatabaseClock({ pool }: { pool: pg.Pool }): DatabaseClock {
  /** Counted by `performance.now`, which nobody sets. */
  let measured: { readonly startMs: number; readonly atMs: number } | undefined;
  let measuring: Promise<number> | undefined;

  async function measure(): Promise<number> {
    const beforeMs = performance.now();
    const ms = await readDatabaseTime(pool);
    const atMs = performance.now();
    measured = { startMs: ms - (beforeMs + atMs) / 2, atMs };
    return measured.startMs;
  }

  function measureOnce(): Promise<number> {
    measuring ??= measure().finally(() => {
      measuring = undefined;
    });
    return measuring;
  }

  return {
    async nowMs({ fresh = false } = {}) {
      if (measured === undefined) return (await measureOnce()) + performance.now();
      const ageMs = performance.now() - measured.atMs;
      const { startMs } = measured;
      const lastKnown = () => startMs;
      if (fresh && ageMs > FRESH_MS) return (await measureOnce().catch(lastKnown)) + performance.now();
      if (ageMs > MEASURE_EVERY_MS) void measureOnce().catch(lastKnown);
      return startMs + performance.now();
    },
  };
}
