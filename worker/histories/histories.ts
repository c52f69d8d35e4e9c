import type { PrismaClient } from '../../shared/database/database.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import { createTurns, type Turns } from '../../shared/turns.ts';
import { createUnderWay } from '../../shared/under-way.ts';
import { WORKER_LIMITS, type WorkerTimeouts } from '../timeouts.ts';
import { type ClaimedHistory, claimHistories } from './queries/histories.ts';

/** At a time, in each worker: nobody waits for history. */
const MOST = 4;
const RETRY_MS = 2_000;

/**
 * Brings about imports of history: rows say how far each is, every worker takes what is due, and goes on where the one before it was. `wake`
 * after one was written.
 */
export function createHistoryKeeper(deps: {
  prisma: PrismaClient;
  read: (history: ClaimedHistory) => Promise<void>;
  handOver: (history: ClaimedHistory) => Promise<void>;
  timeouts: WorkerTimeouts['engines'];
  logger: Logger;
}): Turns {
  const { prisma, logger, timeouts } = deps;
  const underWay = createUnderWay();

  function begin(history: ClaimedHistory): void {
    const running = (history.state === 'reading' ? deps.read(history) : deps.handOver(history)).catch((error: unknown) => {
      // Its claim runs out, and somebody takes it again.
      logger.warn({ instanceId: history.instanceId, reason: String(error) }, 'an import of history could not be recorded');
    });
    void underWay.begin(running);
  }

  const turns = createTurns({
    work: async () => {
      const limit = MOST - underWay.size;
      const claimed = limit > 0 ? await claimHistories(prisma, { limit, claimMs: WORKER_LIMITS.engineClaimMs }) : [];
      for (const history of claimed) begin(history);
      // One that is under way is soon due again.
      return claimed.length > 0 || underWay.size > 0 ? Math.min(timeouts.everyMs, SOON_MS) : timeouts.everyMs;
    },
    onError: (error) => {
      logger.warn({ reason: String(error) }, 'no import of history could be looked for, trying again');
      return RETRY_MS;
    },
  });

  return underWay.endingWith(turns);
}

const SOON_MS = 500;
