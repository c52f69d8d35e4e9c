import type { PrismaClient } from '../../shared/database/database.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import { createSweep, type Turns } from '../../shared/turns.ts';
import { REMOVAL_BATCH, removeAcknowledgedEvents, removeUnwantedEvents } from './queries/remove-old-events.ts';

const EVERY_MS = 600_000;

/**
 * Removes events that Chatwoot has had for so many days, and those that nobody will fetch any more. Several processes may do it at once.
 */
export function createRetention(deps: { prisma: PrismaClient; keepDays: number; logger: Logger }): Turns {
  const { prisma, keepDays, logger } = deps;

  async function removeExpired(signal: AbortSignal): Promise<void> {
    let removed = 0;
    for (const remove of [() => removeAcknowledgedEvents(prisma, keepDays), () => removeUnwantedEvents(prisma)]) {
      let count = REMOVAL_BATCH;
      while (count === REMOVAL_BATCH && !signal.aborted) {
        count = await remove();
        removed += count;
      }
    }
    if (removed > 0) logger.info({ removed }, 'old events were removed');
  }

  return createSweep({
    everyMs: EVERY_MS,
    work: removeExpired,
    onError: (error) => logger.warn({ reason: String(error) }, 'old events could not be removed, trying again later'),
  });
}
