import { createId } from '../../shared/auth/tokens.ts';
import type { Prisma, PrismaClient } from '../../shared/database/database.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import { expire } from '../activation/end-activation.ts';
import type { Instance } from '../auth/guards.ts';
import { API_LIMITS } from '../timeouts.ts';

/** What the bridge has to take down; its row is written. */
export interface PendingRemoval {
  readonly id: string;
  readonly bridgeIntegrationId: string;
}

/** An activation that nobody finished in time must not keep anyone from deleting. */
export async function expireOverdue(prisma: PrismaClient, instance: Instance): Promise<void> {
  const overdue = await prisma.activation.findMany({
    where: { instanceId: instance.id, state: { in: ['pending', 'running'] }, deadlineAt: { lte: new Date() } },
    select: { id: true },
  });
  for (const { id } of overdue) await expire(prisma, instance, id);
}

/**
 * Deleting under a running activation would leave what that is about to make: throws PonteError `activation_running`. The lock keeps a
 * new one from beginning until the transaction ends: its row refers to the instance, so PostgreSQL makes the insert wait.
 */
export async function lockIdle(tx: Prisma.TransactionClient, instanceId: string): Promise<void> {
  await tx.$queryRaw`SELECT id FROM instances WHERE id = ${instanceId} FOR UPDATE`;
  const running = await tx.activation.findFirst({
    where: { instanceId, state: { in: ['pending', 'running'] } },
    select: { id: true },
  });
  if (running) throw new PonteError('activation_running', { activationId: running.id });
}

/**
 * Deletes the integration of an instance and writes down that the bridge has to remove it, in the caller's transaction: whatever dies
 * afterwards, the inbox is taken down. Answers undefined when there is none.
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
  const { id } = await tx.removal.create({
    data: {
      id: createId('rem'),
      instanceId: instance.id,
      instanceName: instance.name,
      accountId: instance.accountId,
      bridgeIntegrationId: row.bridgeIntegrationId,
      reason,
      nextAttemptAt: new Date(Date.now() + API_LIMITS.removalOursForMs),
    },
  });
  return { id, bridgeIntegrationId: row.bridgeIntegrationId };
}
