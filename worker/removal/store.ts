import type { PrismaClient } from '../../shared/database/database.ts';
import { WORKER_LIMITS } from '../timeouts.ts';

/** Tries until a removal is given up: with the pauses between them some two days. */
export const MOST_TRIES = 60;
const MAX_ERROR_LENGTH = 1_000;

export interface ClaimedRemoval {
  readonly id: string;
  readonly instanceName: string;
  readonly bridgeIntegrationId: string | null;
  readonly activationId: string | null;
  readonly reason: string;
  /** How many tries there have been, this one included. */
  readonly attempts: number;
}

/** The rows of removals as the worker reads and writes them. Two workers on one removal do no harm: it is the same request twice. */
export function createRemovalStore({ prisma }: { prisma: PrismaClient }) {
  return {
    /** Takes a removal that is still to be done; undefined when there is none of this id. */
    async claim(id: string): Promise<ClaimedRemoval | undefined> {
      const [row] = await prisma.removal.updateManyAndReturn({
        where: { id, state: 'pending' },
        data: { attempts: { increment: 1 }, nextAttemptAt: new Date(Date.now() + WORKER_LIMITS.removalClaimMs) },
        select: { id: true, instanceName: true, bridgeIntegrationId: true, activationId: true, reason: true, attempts: true },
      });
      return row;
    },

    /** The deactivated integrations of an instance that the bridge may still take for active ones. */
    async unknownToBridge(instanceId: string): Promise<string[]> {
      const rows = await prisma.removal.findMany({
        where: { instanceId, reason: 'deactivated', state: { in: ['pending', 'dead'] }, knownToBridge: false },
        select: { bridgeIntegrationId: true },
      });
      return rows.flatMap(({ bridgeIntegrationId }) => bridgeIntegrationId ?? []);
    },

    async finish(id: string): Promise<void> {
      await prisma.removal.updateMany({
        where: { id, state: 'pending' },
        data: { state: 'done', lastError: '', finishedAt: new Date() },
      });
    },

    /** `knownToBridge`: the bridge itself has answered, so it has begun. */
    async postpone(
      id: string,
      { lastError, delayMs, knownToBridge }: { lastError: string; delayMs: number; knownToBridge: boolean },
    ): Promise<void> {
      await prisma.removal.updateMany({
        where: { id, state: 'pending' },
        data: {
          ...(knownToBridge ? { knownToBridge } : {}),
          lastError: lastError.slice(0, MAX_ERROR_LENGTH),
          nextAttemptAt: new Date(Date.now() + delayMs),
        },
      });
    },

    /** Gives it up; `lastError` says why, and it stays visible as dead. */
    async bury(id: string, lastError: string): Promise<void> {
      await prisma.removal.updateMany({
        where: { id, state: 'pending' },
        data: { state: 'dead', lastError: lastError.slice(0, MAX_ERROR_LENGTH), finishedAt: new Date() },
      });
    },
  };
}

export type RemovalStore = ReturnType<typeof createRemovalStore>;
