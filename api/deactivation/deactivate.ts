import { expireActivation } from '../../shared/activations/abandon.ts';
import { findUnfinished } from '../../shared/activations/find.ts';
import { claimedFor, newRemoval } from '../../shared/activations/removals.ts';
import type { Prisma, PrismaClient } from '../../shared/database/database.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import { wishForRestoration } from '../../shared/instances/webhook-wish.ts';
import type { Instance } from '../auth/caller.ts';
import { API_LIMITS } from '../timeouts.ts';

/** What the bridge has to remove; its row is written. */
export interface PendingRemoval {
  readonly id: string;
  readonly bridgeIntegrationId: string;
}

/** An activation that nobody finished in time must not keep anyone from deleting. */
export async function expireOverdue(prisma: PrismaClient, instance: Instance): Promise<void> {
  const unfinished = await findUnfinished(prisma, instance.id);
  if (unfinished?.isOverdue) await expireActivation(prisma, unfinished.id);
}

/**
 * Deleting under a running activation would leave what that is about to make: throws PonteError `activation_running`. The lock keeps a
 * new one from beginning until the transaction ends: its row refers to the instance, so PostgreSQL makes the insert wait.
 */
export async function lockIdle(tx: Prisma.TransactionClient, instanceId: string): Promise<void> {
  await tx.$executeRaw`SELECT id FROM instances WHERE id = ${instanceId} FOR UPDATE`;
  const running = await findUnfinished(tx, instanceId);
  if (running) throw new PonteError('activation_running', { activationId: running.id });
}

/**
 * Deletes the integration of an instance and writes down that the bridge has to remove it, in the caller's transaction: whatever dies
 * afterwards, the inbox is removed, and the engine told to deliver where it did before. Answers undefined when there is none.
 */
export async function dropIntegration(
  tx: Prisma.TransactionClient,
  instance: Instance,
  reason: 'deactivated' | 'instance_deleted',
): Promise<PendingRemoval | undefined> {
  const row = await tx.chatwootIntegration.findUnique({
    where: { instanceId: instance.id },
    select: { bridgeIntegrationId: true },
  });
  if (!row) return undefined;
  await tx.chatwootIntegration.delete({ where: { instanceId: instance.id } });
  await wishForRestoration(tx, instance.id);
  const owner = { instanceId: instance.id, instanceName: instance.name, accountId: instance.accountId };
  const removal = { ...newRemoval(owner, row, reason), ...claimedFor(API_LIMITS.removalOursForMs) };
  await tx.removal.create({ data: removal });
  return { id: removal.id, ...row };
}
