import { createId } from '../auth/tokens.ts';
import type { Prisma, PrismaClient } from '../database/database.ts';

const MAX_ERROR_LENGTH = 1_000;

interface Owner {
  readonly instanceId: string;
  readonly instanceName: string;
  readonly accountId: string;
}

/** What is to go: an integration of the bridge, or whatever an activation may have left there. */
type Target = { readonly bridgeIntegrationId: string } | { readonly activationId: string };

/** The row of a removal that is due at once. It outlives the instance, so it holds what it needs to know of it. */
export const newRemoval = (
  { instanceId, instanceName, accountId }: Owner,
  target: Target,
  reason: 'superseded' | 'activation_failed' | 'instance_deleted',
): Prisma.RemovalCreateManyInput & { id: string } => ({
  id: createId('rem'),
  instanceId,
  instanceName,
  accountId,
  ...target,
  reason,
});

export interface ClaimedRemoval {
  readonly id: string;
  readonly instanceName: string;
  readonly bridgeIntegrationId: string | null;
  readonly activationId: string | null;
  readonly reason: string;
  /** How many tries there have been, this one included. */
  readonly attempts: number;
}

/** The rows of removals. Two workers on one removal do no harm: it is the same request twice. */
export function createRemovalStore({ prisma }: { prisma: PrismaClient }) {
  return {
    /** Whose a removal is that is still to be done, and since when; undefined when there is none of this id. */
    due: (id: string): Promise<{ accountId: string; createdAt: Date } | null> =>
      prisma.removal.findFirst({ where: { id, state: 'pending' }, select: { accountId: true, createdAt: true } }),

    /** Takes a removal that is still to be done, for `claimMs`; undefined when there is none of this id. */
    async claim(id: string, claimMs: number): Promise<ClaimedRemoval | undefined> {
      const [row] = await prisma.removal.updateManyAndReturn({
        where: { id, state: 'pending' },
        data: { attempts: { increment: 1 }, nextAttemptAt: new Date(Date.now() + claimMs) },
        select: { id: true, instanceName: true, bridgeIntegrationId: true, activationId: true, reason: true, attempts: true },
      });
      return row;
    },

    /** Removals that were due `graceMs` ago or earlier and that nobody works on. */
    async findForgotten({ graceMs, limit }: { graceMs: number; limit: number }): Promise<string[]> {
      const rows = await prisma.removal.findMany({
        where: { state: 'pending', nextAttemptAt: { lt: new Date(Date.now() - graceMs) } },
        select: { id: true },
        orderBy: { nextAttemptAt: 'asc' },
        take: limit,
      });
      return rows.map(({ id }) => id);
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
