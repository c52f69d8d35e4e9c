import type { JobsOptions } from 'bullmq';

export const ACTIVATION_QUEUE = 'activations';
export const REMOVAL_QUEUE = 'removals';

/** Finished jobs stay long enough for an operator to look at them; what is true about them is in PostgreSQL anyway. */
const KEEP = { age: 24 * 3_600, count: 5_000 };

/*
 * One activation within 60 s: the tries are limited by the deadline in its row, not by their number, which only has to be larger
 * than what can fit. The worker's backoff strategy says how long to pause.
 */
export const activationJobOptions: JobsOptions = {
  attempts: 200,
  backoff: { type: 'custom' },
  removeOnComplete: KEEP,
  removeOnFail: KEEP,
  stackTraceLimit: 1,
  sizeLimit: 1_024,
};

/** A removal goes on for days. Its row counts the tries and says when it is dead; the queue only has to let it. */
export const removalJobOptions: JobsOptions = {
  attempts: 200,
  backoff: { type: 'custom' },
  removeOnComplete: KEEP,
  removeOnFail: { age: 30 * 24 * 3_600 },
  stackTraceLimit: 1,
  sizeLimit: 1_024,
};
