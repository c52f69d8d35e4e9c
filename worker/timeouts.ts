import { STALL_TIMES } from '../shared/queue/engine.ts';

/** Every time of the worker that something else waits for, in milliseconds. Whoever cannot wait that long passes a table of its own. */
export const WORKER_TIMEOUTS = {
  /** When the job of a worker that died is found. */
  queue: STALL_TIMES,
  reconciler: {
    /** At most; half of it at least. */
    everyMs: 6_000,
    /** The api has a row's job in the queue, or the row ended, within 2.5 s. */
    pendingGraceMs: 3_000,
    /** No try of an activation is silent for longer than its call to the bridge. */
    runningGraceMs: 30_000,
    /** A worker that is just finishing at the deadline gets this long. */
    overdueGraceMs: 5_000,
    removalGraceMs: 10_000,
  },
  stop: {
    /** Running activations get this long; the rest of what orchestrators allow is for handing them over. */
    graceMs: 15_000,
    /** The reconciler's step under way, and afterwards the database's connections. */
    closeMs: 2_000,
  },
};

export type WorkerTimeouts = Readonly<typeof WORKER_TIMEOUTS>;
