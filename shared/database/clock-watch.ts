import type pg from 'pg';
import type { Logger } from '../logging/logger.ts';
import { readDatabaseTime } from './clock.ts';

/** Compares this process's clock with the database's, once a minute. */
export interface ClockWatch {
  start(): void;
  stop(): void;
  /** By how much this process's clock is off, in words; undefined while it is right, or not yet known. */
  fault(): string | undefined;
}

const LOOK_EVERY_MS = 60_000;
/** What a clock that is kept by the network is never off by. */
const TOLERATED_MS = 5_000;

/**
 * Nothing of Ponte depends on it: deadlines are the database's, and between processes travel remaining milliseconds. Yet log lines, tokens of
 * others and certificates do, so it is said: once in the log, at warn, and in `/readyz` for as long as it lasts.
 */
export function createClockWatch(deps: { pool: pg.Pool; logger: Logger; nowMs?: () => number }): ClockWatch {
  const { pool, logger, nowMs = Date.now } = deps;
  let fault: string | undefined;
  let timer: NodeJS.Timeout | undefined;

  async function look(): Promise<void> {
    const beforeMs = nowMs();
    const databaseMs = await readDatabaseTime(pool);
    // An answer may have been under way for long: whatever the time was between these two is right.
    const aheadMs = Math.max(beforeMs - databaseMs, Math.min(0, nowMs() - databaseMs));
    const found = Math.abs(aheadMs) > TOLERATED_MS ? shown(aheadMs) : undefined;
    if (found !== undefined && fault === undefined) {
      logger.warn({ aheadMs: Math.round(aheadMs) }, `the clock of this process is ${found}: set it, for example by NTP`);
    }
    if (found === undefined && fault !== undefined) logger.info('the clock of this process is right again');
    fault = found;
  }
  // Without the database there is nothing to compare with; that it is away is said elsewhere.
  const tryToLook = (): void => void look().catch(() => {});

  return {
    start() {
      tryToLook();
      timer = setInterval(tryToLook, LOOK_EVERY_MS);
      timer.unref();
    },
    stop: () => clearInterval(timer),
    fault: () => fault,
  };
}

const shown = (aheadMs: number): string =>
  `${Math.round(Math.abs(aheadMs) / 1_000)} s ${aheadMs > 0 ? 'ahead of' : 'behind'} the database's`;
