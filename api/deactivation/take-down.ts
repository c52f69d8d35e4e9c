import type { BridgeClient } from '../../shared/bridge-client/client.ts';
import type { RemovalJob } from '../../shared/contracts/activation.ts';
import type { PrismaClient } from '../../shared/database/database.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import type { JobQueue } from '../../shared/queue/job-queue.ts';
import { type PendingRemoval, REMOVE_TIMEOUT_MS } from './deactivate.ts';

/** Finishes a removal at once where the bridge can, and leaves it to a worker where not. Never throws. */
export type TakeDown = (
  removal: PendingRemoval,
  call: { bridge: BridgeClient | undefined; requestId: string; log: Logger },
) => Promise<void>;

export function createTakeDown({ prisma, removals }: { prisma: PrismaClient; removals: JobQueue<RemovalJob> }): TakeDown {
  async function finish(removalId: string): Promise<void> {
    await prisma.removal.updateMany({
      where: { id: removalId, state: 'pending' },
      data: { state: 'done', attempts: { increment: 1 }, finishedAt: new Date() },
    });
  }

  async function handOver(removalId: string, lastError: string): Promise<void> {
    await prisma.removal.updateMany({
      where: { id: removalId, state: 'pending' },
      data: { attempts: { increment: 1 }, lastError, nextAttemptAt: new Date() },
    });
    await removals.add(removalId, { v: 1, removalId });
  }

  return async (removal, { bridge, requestId, log }) => {
    const failure = bridge === undefined ? 'not configured' : await failureOf(bridge, removal, requestId);
    if (failure !== undefined) log.warn({ removalId: removal.id, failure }, 'the bridge did not remove it; a worker will');
    try {
      await (failure === undefined ? finish(removal.id) : handOver(removal.id, `bridge: ${failure}`));
    } catch (error) {
      // A worker looks for pending removals by itself, and removing twice does no harm.
      log.warn({ removalId: removal.id, reason: String(error) }, 'what became of a removal could not be recorded');
    }
  };
}

async function failureOf(bridge: BridgeClient, removal: PendingRemoval, requestId: string): Promise<string | undefined> {
  const outcome = await bridge.remove(removal.bridgeIntegrationId, { timeoutMs: REMOVE_TIMEOUT_MS, requestId });
  return outcome.ok ? undefined : outcome.failure.kind;
}
