import { UnrecoverableError } from 'bullmq';
import { type JobFailure, parseJobFailure, writeJobFailure } from '../shared/activations/job.ts';
import { RetryLater } from '../shared/queue/retry-later.ts';

type Reason = Pick<JobFailure, 'code' | 'httpStatus' | 'retryable'>;

/** Has the job run again after `delayMs`. */
export const tryAgain = (reason: Reason, delayMs: number): RetryLater =>
  new RetryLater(writeJobFailure({ ...reason, retryInMs: delayMs }), delayMs);

/** Ends the job as failed. */
export function giveUp(reason: Reason): UnrecoverableError {
  const error = new UnrecoverableError(writeJobFailure(reason));
  error.stack = error.message;
  return error;
}

/** Whether it is one of `giveUp`: the row was settled before it was thrown. What BullMQ gives up itself has another message. */
export const isGivenUp = (error: Error): boolean =>
  error instanceof UnrecoverableError && parseJobFailure(error.message) !== undefined;

/** Whether a processor threw this on purpose; anything else is a defect. */
export const isDeliberate = (error: unknown): boolean => error instanceof RetryLater || error instanceof UnrecoverableError;
