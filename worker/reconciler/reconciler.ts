import { type ActivationJob, type RemovalJob, toActivationError } from '../../shared/contracts/activation.ts';
import type { PrismaClient } from '../../shared/database/database.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import type { JobQueue } from '../../shared/queue/job-queue.ts';
import { createSweep, type Turns } from '../../shared/turns.ts';
import type { ActivationStore } from '../activation/store.ts';
import type { WorkerTimeouts } from '../timeouts.ts';

const BATCH = 200;

/**
 * Puts right what a crash or a queue that lost its data has left: rows are the truth, jobs only their shadow. Every worker has one, each
 * of its steps holds when several do it at once, and none has an effect the second time.
 */
export function createReconciler(deps: {
  prisma: PrismaClient;
  store: ActivationStore;
  activations: JobQueue<ActivationJob>;
  removals: JobQueue<RemovalJob>;
  enqueueRemovals: (removalIds: readonly string[]) => Promise<void>;
  timeouts: WorkerTimeouts['reconciler'];
  logger: Logger;
}): Pick<Turns, 'start' | 'stop'> {
  const { prisma, store, timeouts, logger } = deps;

  async function expireOverdue(): Promise<void> {
    const overdue = await prisma.activation.findMany({
      where: { state: { in: ['pending', 'running'] }, deadlineAt: { lt: ago(timeouts.overdueGraceMs) } },
      select: { id: true },
      take: BATCH,
    });
    for (const { id } of overdue) {
      const error = toActivationError(new PonteError('activation_expired', { activationId: id }));
      const write = await store.abandon(id, error, { onlyOverdue: true });
      if (write.kind === 'lost') continue;
      logger.warn({ activationId: id, outcome: error.code }, 'activation given up');
      await deps.enqueueRemovals(write.removalIds);
    }
  }

  /** In random order: of more than a batch, those whose job is lost must not wait for the others to finish. */
  async function requeueActivations(): Promise<void> {
    const rows = await prisma.$queryRaw<{ id: string; requestId: string | null }[]>`
      SELECT id, request_id AS "requestId" FROM activations
      WHERE deadline_at > now()
        AND ((state = 'pending' AND created_at < ${ago(timeouts.pendingGraceMs)})
          OR (state = 'running' AND started_at < ${ago(timeouts.runningGraceMs)}))
      ORDER BY random() LIMIT ${BATCH}`;
    for (const { id, requestId } of rows) {
      const added = await deps.activations.ensure(id, { v: 1, activationId: id, requestId: requestId ?? undefined });
      if (added) logger.warn({ activationId: id, requestId }, 'the queue had lost an activation, added again');
    }
  }

  async function requeueRemovals(): Promise<void> {
    const rows = await prisma.removal.findMany({
      where: { state: 'pending', nextAttemptAt: { lt: ago(timeouts.removalGraceMs) } },
      select: { id: true },
      orderBy: { nextAttemptAt: 'asc' },
      take: BATCH,
    });
    for (const { id } of rows) {
      if (await deps.removals.ensure(id, { v: 1, removalId: id })) {
        logger.warn({ removalId: id }, 'the queue did not know of a removal, added again');
      }
    }
  }

  const sweeps = Object.entries({ expireOverdue, requeueActivations, requeueRemovals }).map(([step, work]) =>
    createSweep({
      everyMs: timeouts.everyMs,
      work,
      onError: (problem) =>
        logger.warn(
          { step, reason: problem instanceof Error ? problem.name : String(problem) },
          'could not reconcile, trying again',
        ),
    }),
  );
  return {
    start() {
      for (const sweep of sweeps) sweep.start();
    },
    async stop() {
      await Promise.all(sweeps.map((sweep) => sweep.stop()));
    },
  };
}

const ago = (ms: number): Date => new Date(Date.now() - ms);
