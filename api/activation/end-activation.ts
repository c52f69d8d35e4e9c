import { createId } from '../../shared/auth/tokens.ts';
import { ACTIVATION_SETTLED_CHANNEL, toActivationError } from '../../shared/contracts/activation.ts';
import type { PrismaClient } from '../../shared/database/database.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { Instance } from '../auth/guards.ts';

/**
 * Ends an activation that no worker has touched yet, and answers whether that was so. A job that turns up later finds a finished row
 * and does nothing.
 */
export async function failIfPending(prisma: PrismaClient, activationId: string, error: PonteError): Promise<boolean> {
  const ended = await prisma.$executeRaw`
    WITH ended AS (
      UPDATE activations
      SET state = 'failed', error = ${JSON.stringify(toActivationError(error))}::jsonb, chatwoot_token = NULL, finished_at = now()
      WHERE id = ${activationId} AND state = 'pending'
      RETURNING id
    )
    SELECT pg_notify(${ACTIVATION_SETTLED_CHANNEL}, id) FROM ended`;
  return ended > 0;
}

/**
 * Ends an unfinished activation whose deadline has passed, so that it does not stand in the way of the next one. Where a worker had
 * started, something may exist in Chatwoot: its removal is written in the same transaction.
 */
export async function expire(prisma: PrismaClient, instance: Instance, activationId: string): Promise<void> {
  await prisma.$transaction(async (tx) => {
    const error = toActivationError(new PonteError('activation_expired', { activationId }));
    const [ended] = await tx.activation.updateManyAndReturn({
      where: { id: activationId, state: { in: ['pending', 'running'] }, deadlineAt: { lte: new Date() } },
      data: { state: 'failed', error, chatwootToken: null, finishedAt: new Date() },
      select: { attempt: true },
    });
    if (!ended) return;
    if (ended.attempt > 0) {
      await tx.removal.create({
        data: {
          id: createId('rem'),
          instanceId: instance.id,
          instanceName: instance.name,
          accountId: instance.accountId,
          activationId,
          reason: 'activation_failed',
        },
      });
    }
    await tx.$executeRaw`SELECT pg_notify(${ACTIVATION_SETTLED_CHANNEL}, ${activationId})`;
  });
}
