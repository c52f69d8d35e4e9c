import { UnrecoverableError } from 'bullmq';
import type { ErrorCode } from '../shared/errors/catalogue.ts';
import { RetryLater } from '../shared/queue/retry-later.ts';

interface Reason {
  readonly code: ErrorCode;
  readonly httpStatus: number;
  readonly retryable: boolean;
}

/** What the queue and its UI show of a failed job: a code to look up. The whole story is in the row, behind authentication. */
const envelope = ({ code, httpStatus, retryable }: Reason, more: Record<string, unknown> = {}): string =>
  JSON.stringify({ v: 1, code, httpStatus, retryable, ...more });

/** Has the job run again after `delayMs`. */
export const tryAgain = (reason: Reason, delayMs: number): RetryLater =>
  new RetryLater(envelope(reason, { retryInMs: delayMs }), delayMs);

/** Ends the job as failed. */
export function giveUp(reason: Reason): UnrecoverableError {
  const error = new UnrecoverableError(envelope(reason));
  error.stack = error.message;
  return error;
}

/** Whether it is one of `giveUp`: the row was settled before it was thrown. What BullMQ gives up itself has another message. */
export const isGivenUp = (error: Error): boolean => error instanceof UnrecoverableError && error.message.startsWith('{"v":1,');

/** Whether a processor threw this on purpose; anything else is a defect. */
export const isDeliberate = (error: unknown): boolean => error instanceof RetryLater || error instanceof UnrecoverableError;
