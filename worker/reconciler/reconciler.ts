import { setTimeout as delay } from 'node:timers/promises';
import { activationError } from '../../shared/activations/error.ts';
import type { ActivationJob, RemovalJob } from '../../shared/activations/job.ts';
import type { RemovalStore } from '../../shared/activations/removals.ts';
import { findOverdue, findSilent } from '../../shared/activations/unfinished.ts';
import type { PrismaClient } from '../../shared/database/database.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import type { JobQueue } from '../../shared/queue/job-queue.ts';
import type { ActivationStore } from '../activation/store.ts';

export interface Reconciler {
  start(): void;
  stop(): Promise<void>;
}

const EVERY_MS = 5_000;
/** The api has a row's job in the queue, or the row ended, within 2.5 s. */
const PENDING_GRACE_MS = 3_000;
/** No try of an activation is silent for longer than its call to the bridge. */
const RUNNING_GRACE_MS = 30_000;
/** A worker that is just finishing at the deadline gets this long. */
const OVERDUE_GRACE_MS = 5_000;
const REMOVAL_GRACE_MS = 10_000;
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
  logger: Logger;
}): Reconciler {
  const { prisma, store, logger } = deps;
  const stopped = new AbortController();
  let running: Promise<void> | undefined;

  async function expireOverdue(): Promise<void> {
    for (const id of await findOverdue(prisma, { graceMs: OVERDUE_GRACE_MS, limit: BATCH })) {
      const error = activationError('activation_expired', { activationId: id });
      const write = await store.abandon(id, error, { only: 'overdue' });
      if (write.kind === 'lost') continue;
      logger.warn({ activationId: id, outcome: error.code }, 'activation given up');
      await deps.enqueueRemovals(write.removalIds);
    }
  }

  async function requeueActivations(): Promise<void> {
    const limits = { pendingForMs: PENDING_GRACE_MS, runningForMs: RUNNING_GRACE_MS, limit: BATCH };
    for (const { id, requestId } of await findSilent(prisma, limits)) {
      const added = await deps.activations.ensure(id, { v: 1, activationId: id, requestId: requestId ?? undefined });
      if (added) logger.warn({ activationId: id, requestId }, 'the queue had lost an activation, added again');
    }
  }

  async function requeueRemovals(): Promise<void> {
    for (const id of await deps.removalStore.findForgotten({ graceMs: REMOVAL_GRACE_MS, limit: BATCH })) {
      if (await deps.removals.ensure(id, { v: 1, removalId: id })) {
        logger.warn({ removalId: id }, 'the queue did not know of a removal, added again');
      }
    }
  }

  async function loop(): Promise<void> {
    const steps = { expireOverdue, requeueActivations, requeueRemovals };
    while (await pause()) {
      for (const [step, run] of Object.entries(steps)) {
        if (stopped.signal.aborted) return;
        await run().catch((problem: unknown) => {
          logger.warn(
            { step, reason: problem instanceof Error ? problem.name : String(problem) },
            'could not reconcile, trying again',
          );
        });
      }
    }
  }

  /** Jittered, so that workers that were started together do not all look at once; false once stopped. */
  const pause = (): Promise<boolean> =>
    delay(EVERY_MS * (0.8 + Math.random() * 0.4), true, { signal: stopped.signal }).catch(() => false);

  return {
    start() {
      running = loop();
    },
    async stop() {
      stopped.abort();
      await running;
    },
  };
}
