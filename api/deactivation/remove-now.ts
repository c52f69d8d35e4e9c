import type { RemovalJob } from '../../shared/activations/job.ts';
import { createRemovalStore } from '../../shared/activations/removals.ts';
import type { BridgeClient } from '../../shared/bridge-client/client.ts';
import { isRemovalUnderWay } from '../../shared/bridge-client/effect.ts';
import type { BridgeFailure } from '../../shared/bridge-client/outcome.ts';
import type { PrismaClient } from '../../shared/database/database.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import type { JobQueue } from '../../shared/queue/job-queue.ts';
import { API_LIMITS } from '../timeouts.ts';
import type { PendingRemoval } from './queries/drop-integration.ts';

/** Finishes a removal at once where the bridge can, and leaves it to a worker where not. Never throws. */
export type RemoveNow = (
  removal: PendingRemoval,
  call: { bridge: BridgeClient | undefined; requestId: string; log: Logger },
) => Promise<void>;

export function createRemoveNow({ prisma, removals }: { prisma: PrismaClient; removals: JobQueue<RemovalJob> }): RemoveNow {
  const store = createRemovalStore({ prisma });

  async function handOver(removalId: string, failure: BridgeFailure | undefined): Promise<void> {
    await store.postpone(removalId, {
      lastError: `bridge: ${failure?.kind ?? 'not configured'}`,
      delayMs: 0,
      knownToBridge: failure !== undefined && isRemovalUnderWay(failure),
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
      await (outcome?.ok ? store.finish(removal.id) : handOver(removal.id, failure));
    } catch (error) {
      // A worker looks for pending removals by itself, and removing twice does no harm.
      log.warn({ removalId: removal.id, reason: String(error) }, 'what became of a removal could not be recorded');
    }
  };
}
