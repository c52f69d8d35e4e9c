/** What was seen of a host that is known to hang. */
export interface Silence {
  /** How many activations in a row got no answer. */
  readonly inARow: number;
  /** How long the most impatient of them waited. */
  readonly leastMs: number;
}

interface Seen extends Silence {
  readonly lastAtMs: number;
}

/** So many in a row, and a host is known to hang. */
const HANGS_AFTER = 3;

/**
 * Remembers which hosts have lately answered, and which have let activations run into their time limit, several in a row. Any answer clears a
 * host, and so does time: after `forMs` without another silence it is given the benefit of the doubt.
 */
export function createSilences({ forMs, now }: { forMs: number; now: () => number }) {
  const seen = new Map<string, Seen>();
  const answeredAtMs = new Map<string, number>();

  function current(host: string): Seen | undefined {
    const silence = seen.get(host);
    if (silence === undefined || now() - silence.lastAtMs <= forMs) return silence;
    seen.delete(host);
    return undefined;
  }

  const hanging = (host: string): Silence | undefined => {
    const silence = current(host);
    return silence !== undefined && silence.inARow >= HANGS_AFTER ? silence : undefined;
  };

  return {
    hanging,
    answered(host: string): void {
      seen.delete(host);
      answeredAtMs.set(host, now());
    },
    /** Whether it has within `forMs`, and has not been silent since. */
    hasAnswered: (host: string): boolean => now() - (answeredAtMs.get(host) ?? Number.NEGATIVE_INFINITY) <= forMs,
    /** Answers whether it is known to hang since this one. */
    silent(host: string, tookMs: number): boolean {
      const before = current(host);
      answeredAtMs.delete(host);
      seen.set(host, {
        inARow: (before?.inARow ?? 0) + 1,
        leastMs: Math.min(before?.leastMs ?? tookMs, tookMs),
        lastAtMs: now(),
      });
      return before?.inARow === HANGS_AFTER - 1;
    },
    areAny: (): boolean => seen.size > 0,
    /** Forgets what is long ago. */
    sweep(): void {
      for (const host of seen.keys()) current(host);
      for (const [host, atMs] of answeredAtMs) if (now() - atMs > forMs) answeredAtMs.delete(host);
    },
  };
}
