/** Pauses between tries, in milliseconds: each about twice as long as the one before it, none longer than `maxMs`. */
export interface Pauses {
  readonly firstMs: number;
  readonly maxMs: number;
}

/** The pause after so many failures in a row, shortened at random by up to half, so that those who failed together come back apart. */
export const pauseAfter = (failures: number, { firstMs, maxMs }: Pauses): number =>
  Math.min(maxMs, firstMs * 2 ** Math.min(failures - 1, 30)) * (0.5 + Math.random() / 2);
