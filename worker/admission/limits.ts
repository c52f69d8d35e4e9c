/**
 * How many activations are under way at a time in one worker process: far below what it can keep in flight (WORKER_CONCURRENCY), so that no
 * host and no account can take what the others need. Each worker process has its own; several together allow as many times more.
 */
const ADMISSION_LIMITS = {
  /** Against one Chatwoot, and at most this share of all. */
  perHost: { most: 20, share: 1 / 4 },
  /** Of one account, whichever Chatwoots, and at most this share of all. */
  perAccount: { most: 50, share: 1 / 2 },
} as const;

/** Of these, against a Chatwoot that has not answered lately: hundreds at once against one that hangs are to cost others as little as a few. */
export const PER_UNANSWERED_HOST = 4;

export interface AdmissionLimits {
  readonly perHost: number;
  readonly perAccount: number;
}

/** Those of a worker that runs so many at a time. */
export function admissionLimits(concurrency: number): AdmissionLimits {
  const of = ({ most, share }: { most: number; share: number }) => Math.max(1, Math.min(most, Math.floor(concurrency * share)));
  return { perHost: of(ADMISSION_LIMITS.perHost), perAccount: of(ADMISSION_LIMITS.perAccount) };
}
