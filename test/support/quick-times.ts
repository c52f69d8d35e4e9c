import { BRIDGE_TIMEOUTS, type BridgeTimeouts } from '../../bridge/timeouts.ts';
import { WORKER_TIMEOUTS, type WorkerTimeouts } from '../../worker/timeouts.ts';

// What these times decide is the same at any length. The contract tests of the queue hold the real ones of a lock, those of the bridge's
// streams the real ones of leases, and the unit test of the time budget all others.

/** Locks, and looks after what was lost, at a pace that a test can wait for and a busy machine can keep. */
export const QUICK_WORKER: WorkerTimeouts = {
  ...WORKER_TIMEOUTS,
  queue: { lockMs: 5_000, checkMs: 1_000 },
  engines: { everyMs: 500, askEveryMs: 1_000, lookAgainMs: 2_000 },
  reconciler: { ...WORKER_TIMEOUTS.reconciler, everyMs: 1_000 },
  notifications: { ...WORKER_TIMEOUTS.notifications, everyMs: 500, claimMs: 15_000 },
  stop: { ...WORKER_TIMEOUTS.stop, graceMs: 4_000 },
};

/** Pauses that a test can wait for. */
export const QUICK_BRIDGE: BridgeTimeouts = {
  ...BRIDGE_TIMEOUTS,
  leases: { validityMs: 4_000, renewalMs: 1_000, lookMs: 2_000 },
  locks: { validityMs: 3_000, renewalMs: 1_000 },
  takesEffectWithinMs: 3_000,
  pollEveryMs: 1_000,
  statusLastingMs: 1_000,
  streamPauses: { firstMs: 100, maxMs: 1_000 },
  relayPauses: { firstMs: 100, maxMs: 1_000 },
  replies: { ...BRIDGE_TIMEOUTS.replies, pauses: { firstMs: 100, maxMs: 500 }, echoGraceMs: 4_000 },
};
