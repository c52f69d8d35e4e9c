import type { ActivationError } from '../../shared/activations/error.ts';
import type { ErrorCode } from '../../shared/errors/catalogue.ts';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 8_000;
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

/** A pause that doubles from 0.5 s to 8 s with the number of tries made, of which a random half is left out. */
export function pauseMs(triesMade: number, random: () => number = Math.random): number {
  const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (triesMade - 1));
  return Math.round(longest * (0.5 + random() / 2));
}

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
