import { expireActivation } from '../../shared/activations/abandon.ts';
import { findUnfinished } from '../../shared/activations/find.ts';
import type { Prisma } from '../../shared/database/database.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';

/**
 * Deleting under a running activation would leave what that is about to make: throws PonteError `activation_running`. One that nobody finished
 * in time keeps nobody from it, and ends. The lock keeps a new one from beginning until the transaction ends: its row refers to the instance,
 * so PostgreSQL makes the insert wait.
 */
export async function lockIdle(tx: Prisma.TransactionClient, instanceId: string): Promise<void> {
  await tx.$executeRaw`SELECT id FROM instances WHERE id = ${instanceId} FOR UPDATE`;
  const unfinished = await findUnfinished(tx, instanceId);
  if (unfinished === undefined) return;
  if (!unfinished.isOverdue) throw new PonteError('activation_running', { activationId: unfinished.id });
  await expireActivation(tx, unfinished.id);
}
