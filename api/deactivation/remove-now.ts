import type { BridgeClient } from '../../shared/bridge-client/client.ts';
import { isRemovalUnderWay } from '../../shared/bridge-client/effect.ts';
import type { BridgeFailure } from '../../shared/bridge-client/outcome.ts';
import type { RemovalJob } from '../../shared/contracts/activation.ts';
import type { PrismaClient } from '../../shared/database/database.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import type { JobQueue } from '../../shared/queue/job-queue.ts';
import { API_LIMITS } from '../timeouts.ts';
import type { PendingRemoval } from './deactivate.ts';

/** Finishes a removal at once where the bridge can, and leaves it to a worker where not. Never throws. */
export type RemoveNow = (
  removal: PendingRemoval,
  call: { bridge: BridgeClient | undefined; requestId: string; log: Logger },
) => Promise<void>;

export function createRemoveNow({ prisma, removals }: { prisma: PrismaClient; removals: JobQueue<RemovalJob> }): RemoveNow {
  async function finish(removalId: string): Promise<void> {
    await prisma.removal.updateMany({
      where: { id: removalId, state: 'pending' },
      data: { state: 'done', attempts: { increment: 1 }, finishedAt: new Date() },
    });
  }

  async function handOver(removalId: string, failure: BridgeFailure | undefined): Promise<void> {
    await prisma.removal.updateMany({
      where: { id: removalId, state: 'pending' },
      data: {
        attempts: { increment: 1 },
        lastError: `bridge: ${failure?.kind ?? 'not configured'}`,
        knownToBridge: failure !== undefined && isRemovalUnderWay(failure),
        nextAttemptAt: new Date(),
      },
    });
    await removals.add(removalId, { v: 1, removalId });
  }

  return async (removal, { bridge, requestId, log }) => {
    const outcome = await bridge?.remove(removal.bridgeIntegrationId, { timeoutMs: API_LIMITS.removeMs, requestId });
    const failure = outcome === undefined || outcome.ok ? undefined : outcome.failure;
    if (!outcome?.ok) {
      log.warn(
        { removalId: removal.id, failure: failure?.kind ?? 'not configured' },
        'the bridge did not remove it; a worker will',
      );
    }
    try {
      await (outcome?.ok ? finish(removal.id) : handOver(removal.id, failure));
    } catch (error) {
      // A worker looks for pending removals by itself, and removing twice does no harm.
      log.warn({ removalId: removal.id, reason: String(error) }, 'what became of a removal could not be recorded');
    }
  };
}
