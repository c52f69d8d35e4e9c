import type { ActivationError } from '../../shared/activations/error.ts';
import { backoffMs } from '../../shared/backoff.ts';
import type { ErrorCode } from '../../shared/errors/catalogue.ts';
import { wholeMs } from '../../shared/queue/whole-ms.ts';

const PAUSES = { firstMs: 500, maxMs: 8_000 };
/** A try that has less than this is not worth making: the client would learn nothing new, only later. */
const LEAST_TIME_FOR_A_TRY_MS = 2_000;

/**
 * How often one outcome is worth meeting, where it seldom passes within a minute: the client waits all the while. Everything else that
 * is retryable (a rate limit, a busy instance) is tried for as long as the deadline allows.
 */
const MOST_TRIES: Partial<Record<ErrorCode, number>> = {
  chatwoot_unreachable: 3,
  chatwoot_failing: 4,
  bridge_timeout: 2,
  bridge_failing: 4,
  bridge_stream_unavailable: 3,
  activation_expired: 1,
};

/** Said with an outcome that was met until the patience with it was over. */
const RETRY_AFTER_SECONDS: Partial<Record<ErrorCode, number>> = { bridge_unreachable: 10 };

/** What has been tried so far. */
export interface Tries {
  readonly triesMade: number;
  /** How many of them ended as the last one did, and since when. */
  readonly sameOutcome: number;
  readonly sameForMs: number;
  /** Whether the other side had the request and all the time there is to answer it: asking again would only take as long again. */
  readonly wasSilent: boolean;
  /** For how long a bridge that cannot be reached is tried. */
  readonly bridgePatienceMs: number;
  readonly remainingMs: number;
}

/** The pause after so many tries. */
export const pauseMs = (triesMade: number, random: () => number = Math.random): number => backoffMs(PAUSES, triesMade, random);

/**
 * After how many milliseconds a failed try is to be repeated; undefined when it is not: no try can help, enough were made, or
 * the next one would not fit before the deadline. `Retry-After` is honoured.
 */
export function planRetry(
  error: Pick<ActivationError, 'code' | 'retryable' | 'retryAfterSeconds'>,
  { triesMade, sameOutcome, sameForMs, wasSilent, bridgePatienceMs, remainingMs }: Tries,
  random: () => number = Math.random,
): number | undefined {
  if (!error.retryable || wasSilent || sameOutcome >= (MOST_TRIES[error.code] ?? Number.POSITIVE_INFINITY)) return undefined;
  const patienceMs = (error.code === 'bridge_unreachable' ? bridgePatienceMs : Number.POSITIVE_INFINITY) - sameForMs;
  if (patienceMs < PAUSES.firstMs) return undefined;
  // The last try is made when the patience ends, not at the pause before that.
  const delayMs = wholeMs(Math.max(Math.min(pauseMs(triesMade, random), patienceMs), (error.retryAfterSeconds ?? 0) * 1_000));
  return remainingMs - delayMs >= LEAST_TIME_FOR_A_TRY_MS ? delayMs : undefined;
}

/** An error as it ends an activation: with the time after which it makes sense to come back, where that can be told. */
export function lastWord(error: ActivationError): ActivationError {
  const retryAfterSeconds = error.retryAfterSeconds ?? RETRY_AFTER_SECONDS[error.code];
  return retryAfterSeconds === undefined ? error : { ...error, retryAfterSeconds };
}
