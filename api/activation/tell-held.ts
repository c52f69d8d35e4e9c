import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import type { ActivationError } from '../../shared/activations/error.ts';
import { settleUntried } from '../../shared/activations/queries/settle-untried.ts';
import type { Logger } from '../../shared/logging/logger.ts';

/** As many as are told together, and what others have of this process in between: hundreds of answers at once would stand in their way. */
const TOGETHER = 10;
const PAUSE_MS = 40;

/** One whose row is there, or will be; undefined where it could not be written. */
interface ToBeTold {
  written(): Promise<{ readonly activationId: string } | undefined>;
}

/**
 * Ends activations that have no job yet with what another one of the same Chatwoot was told: it hangs. Answers those that could not be told,
 * because the database is away.
 */
export function createTellHeld(deps: { pool: pg.Pool; processName: string; logger: Logger }) {
  const { pool, processName, logger } = deps;
  return async <Held extends ToBeTold>(held: readonly Held[], error: ActivationError): Promise<readonly Held[]> => {
    for (let told = 0; told < held.length; told += TOGETHER) {
      const rows = await Promise.all(held.slice(told, told + TOGETHER).map((one) => one.written()));
      const untried = rows.flatMap((row) => (row === undefined ? [] : [{ id: row.activationId, error }]));
      try {
        if (untried.length > 0) await settleUntried(pool, processName, untried);
      } catch (problem) {
        logger.warn(
          { count: held.length - told, reason: String(problem) },
          'activations that wait for a Chatwoot could not be told',
        );
        return held.slice(told);
      }
      await delay(PAUSE_MS);
    }
    logger.warn(
      { count: held.length, outcome: error.code, reason: error.message },
      'activations that waited for a Chatwoot were told',
    );
    return [];
  };
}
