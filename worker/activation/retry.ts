import type { ActivationError } from '../../shared/activations/error.ts';
import { backoffMs } from '../../shared/backoff.ts';
import type { ErrorCode } from '../../shared/errors/catalogue.ts';

const PAUSES = { firstMs: 500, maxMs: 8_000 };
/** A try that has less than this is not worth making: the client would learn nothing new, only later. */
const LEAST_TIME_FOR_A_TRY_MS = 2_000;

/**
 * How often one outcome is worth meeting, where it seldom passes within a minute: the client waits all the while. Everything else that
 * is retryable (a bridge that restarts, a rate limit, a busy instance) is tried for as long as the deadline allows.
 */
const MOST_TRIES: Partial<Record<ErrorCode, number>> = {
  chatwoot_unreachable: 3,
  chatwoot_failing: 4,
  bridge_timeout: 2,
  bridge_failing: 4,
  bridge_stream_unavailable: 3,
  activation_expired: 1,
};

/** The pause after so many tries. */
export const pauseMs = (triesMade: number, random: () => number = Math.random): number => backoffMs(PAUSES, triesMade, random);

/**
 * After how many milliseconds a failed try is to be repeated; undefined when it is not: no try can help, enough were made, or
 * the next one would not fit before the deadline. `Retry-After` is honoured. `sameOutcome` counts the tries that ended as this one did.
 */
export function planRetry(
  error: Pick<ActivationError, 'code' | 'retryable' | 'retryAfterSeconds'>,
  { triesMade, sameOutcome, remainingMs }: { triesMade: number; sameOutcome: number; remainingMs: number },
  random: () => number = Math.random,
): number | undefined {
  if (!error.retryable || sameOutcome >= (MOST_TRIES[error.code] ?? Number.POSITIVE_INFINITY)) return undefined;
  const delayMs = Math.max(pauseMs(triesMade, random), (error.retryAfterSeconds ?? 0) * 1_000);
  return remainingMs - delayMs >= LEAST_TIME_FOR_A_TRY_MS ? delayMs : undefined;
}
