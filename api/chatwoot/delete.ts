import { createId } from '../../shared/auth/tokens.ts';
import type { RemovalJob } from '../../shared/contracts/activation.ts';
import type { Prisma, PrismaClient } from '../../shared/database/database.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import type { JobQueue } from '../../shared/queue/job-queue.ts';
import { expire } from '../activation/end-activation.ts';
import type { ChatwootCall, Instance } from '../auth/guards.ts';

const BRIDGE_TIMEOUT_MS = 30_000;
/** Until then the removal is ours; a worker that finds it later may take it. */
const OURS_FOR_MS = BRIDGE_TIMEOUT_MS + 5_000;

interface PendingRemoval {
  readonly id: string;
  readonly bridgeIntegrationId: string;
}

/**
 * `DELETE /api/chatwoot/delete/:instance`. The row goes and its removal comes in one transaction, so whatever dies afterwards, the inbox
 * is taken down: by us, at once, or by the worker, later.
 */
export function createDelete(deps: { prisma: PrismaClient; removals: JobQueue<RemovalJob> }) {
  const { prisma } = deps;

  return async ({ response, instance, bridge }: ChatwootCall): Promise<void> => {
    const { requestId, log } = response.locals;
    const removal = await deactivate(prisma, instance);
    const outcome = await bridge.remove(removal.bridgeIntegrationId, { timeoutMs: BRIDGE_TIMEOUT_MS, requestId });
    if (outcome.ok) {
      await finish(prisma, removal.id, log);
    } else {
      log.warn({ removalId: removal.id, failure: outcome.failure.kind }, 'the bridge did not remove it; a worker will');
      await handOver(deps, removal.id, `bridge: ${outcome.failure.kind}`, log);
    }
    response.json({ message: 'chatwoot integration deactivated' });
  };
}

async function deactivate(prisma: PrismaClient, instance: Instance): Promise<PendingRemoval> {
  await expireOverdue(prisma, instance);
  return prisma.$transaction(async (tx) => {
    await refuseWhileActivating(tx, instance.id);
    const [row] = await tx.chatwootIntegration.findMany({
      where: { instanceId: instance.id },
      select: { bridgeIntegrationId: true },
    });
    if (!row) throw new PonteError('integration_to_delete_not_found');
    await tx.chatwootIntegration.delete({ where: { instanceId: instance.id } });
    const removal = await tx.removal.create({
      data: {
        id: createId('rem'),
        instanceId: instance.id,
        instanceName: instance.name,
        accountId: instance.accountId,
        bridgeIntegrationId: row.bridgeIntegrationId,
        reason: 'deactivated',
        nextAttemptAt: new Date(Date.now() + OURS_FOR_MS),
      },
    });
    return { id: removal.id, bridgeIntegrationId: row.bridgeIntegrationId };
  });
}

/** An activation that nobody finished in time must not keep anyone from deleting. */
async function expireOverdue(prisma: PrismaClient, instance: Instance): Promise<void> {
  const overdue = await prisma.activation.findMany({
    where: { instanceId: instance.id, state: { in: ['pending', 'running'] }, deadlineAt: { lte: new Date() } },
    select: { id: true },
  });
  for (const { id } of overdue) await expire(prisma, instance, id);
}

/**
 * Deleting under a running activation would leave what that is about to make. The lock keeps a new one from beginning until we are
 * done: its row refers to the instance, so PostgreSQL makes the insert wait.
 */
async function refuseWhileActivating(tx: Prisma.TransactionClient, instanceId: string): Promise<void> {
  await tx.$queryRaw`SELECT id FROM instances WHERE id = ${instanceId} FOR UPDATE`;
  const running = await tx.activation.findFirst({
    where: { instanceId, state: { in: ['pending', 'running'] } },
    select: { id: true },
  });
  if (running) throw new PonteError('activation_running', { activationId: running.id });
}

async function finish(prisma: PrismaClient, removalId: string, log: Logger): Promise<void> {
  try {
    await prisma.removal.updateMany({
      where: { id: removalId, state: 'pending' },
      data: { state: 'done', attempts: { increment: 1 }, finishedAt: new Date() },
    });
  } catch (error) {
    log.warn({ removalId, reason: String(error) }, 'a finished removal could not be recorded; a worker repeats it');
  }
}

/** Best effort: a worker looks for pending removals by itself as well. */
async function handOver(
  { prisma, removals }: { prisma: PrismaClient; removals: JobQueue<RemovalJob> },
  removalId: string,
  lastError: string,
  log: Logger,
): Promise<void> {
  try {
    await prisma.removal.updateMany({
      where: { id: removalId, state: 'pending' },
      data: { attempts: { increment: 1 }, lastError, nextAttemptAt: new Date() },
    });
    await removals.add(removalId, { v: 1, removalId });
  } catch (error) {
    log.warn({ removalId, reason: String(error) }, 'a removal could not be handed over; a worker finds it by itself');
  }
}
