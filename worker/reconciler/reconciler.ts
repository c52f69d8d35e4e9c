import { activationError } from '../../shared/activations/error.ts';
import type { ActivationJob, RemovalJob } from '../../shared/activations/job.ts';
import type { RemovalStore } from '../../shared/activations/removals.ts';
import { findOverdue, findSilent } from '../../shared/activations/unfinished.ts';
import type { PrismaClient } from '../../shared/database/database.ts';
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
  removalStore: Pick<RemovalStore, 'findForgotten'>;
  activations: JobQueue<ActivationJob>;
  removals: JobQueue<RemovalJob>;
  enqueueRemovals: (removalIds: readonly string[]) => Promise<void>;
  /** Of an activation that waits for its turn: this worker has just put its job back. */
  isExpected: (activationId: string) => boolean;
  timeouts: WorkerTimeouts['reconciler'];
  logger: Logger;
}): Pick<Turns, 'start' | 'stop'> {
  const { prisma, store, timeouts, logger } = deps;

  async function expireOverdue(): Promise<void> {
    for (const id of await findOverdue(prisma, { graceMs: timeouts.overdueGraceMs, limit: BATCH })) {
      const error = activationError('activation_expired', { activationId: id });
      const write = await store.abandon(id, error, { only: 'overdue' });
      if (write.kind === 'lost') continue;
      logger.warn({ activationId: id, outcome: error.code }, 'activation given up');
      await deps.enqueueRemovals(write.removalIds);
    }
  }

  async function requeueActivations(): Promise<void> {
    const limits = { pendingForMs: timeouts.pendingGraceMs, runningForMs: timeouts.runningGraceMs, limit: BATCH };
    for (const { id, requestId } of await findSilent(prisma, limits)) {
      if (deps.isExpected(id)) continue;
      const added = await deps.activations.ensure(id, { v: 1, activationId: id, requestId: requestId ?? undefined });
      if (added) logger.warn({ activationId: id, requestId }, 'the queue had lost an activation, added again');
    }
  }

  async function requeueRemovals(): Promise<void> {
    for (const id of await deps.removalStore.findForgotten({ graceMs: timeouts.removalGraceMs, limit: BATCH })) {
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
