/** Pauses between tries: the first one, then each twice as long as the one before it, none longer than `maxMs`. */
export interface Backoff {
  readonly firstMs: number;
  readonly maxMs: number;
  /** The share of a pause that chance may leave out; half of it unless told. */
  readonly jitter?: number;
}

const HALF = 0.5;

/** The pause after so many failures in a row (from 1 on), in milliseconds. */
export function backoffMs({ firstMs, maxMs, jitter }: Backoff, failures: number, random: () => number = Math.random): number {
  // Beyond 2^52 every cap is reached, and somewhat later the numbers would end.
  const doublings = Math.min(Math.max(failures - 1, 0), 52);
  return jittered(Math.min(maxMs, firstMs * 2 ** doublings), jitter, random);
}

/**
 * A time of which chance leaves out up to `share`: those that failed together, or were started together, must not come back together.
 */
export function jittered(ms: number, share = HALF, random: () => number = Math.random): number {
  return Math.round(ms * (1 - share + share * random()));
}
