export interface Measurement {
  readonly count: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Runs `once` `count` times, `inFlight` of them at a time, and answers how long each took. Any failure ends the measurement. */
export async function measure(count: number, inFlight: number, once: (index: number) => Promise<void>): Promise<Measurement> {
  const tookMs: number[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) {
      const from = performance.now();
      await once(index);
      tookMs.push(performance.now() - from);
    }
  };
  const from = performance.now();
  await Promise.all(Array.from({ length: inFlight }, lane));
  const seconds = (performance.now() - from) / 1_000;
  const sorted = tookMs.toSorted((left, right) => left - right);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { count, perSecond: count / seconds, p50Ms: at(0.5), p99Ms: at(0.99) };
}
