/** PostgreSQL's code for it. */
const DISK_FULL = '53100';
/** Whoever asks after this hears of it again only if it happened again: a write is what shows it, and room is made by hand. */
const TOLD_FOR_MS = 30_000;

/** The disk of the database was full a moment ago: it can be read, and takes nothing. */
export class DiskFullError extends Error {
  override readonly name = 'DiskFullError';
}

/** What a probe of the database says that did not succeed. */
export const probeFault = (error: unknown): 'disk full' | 'unavailable' =>
  error instanceof DiskFullError ? 'disk full' : 'unavailable';

export interface FullnessWatch {
  /** With the code of every error that the database answers. */
  note(code: string | undefined): void;
  isFull(): boolean;
}

export function createFullnessWatch(now: () => number = () => performance.now()): FullnessWatch {
  let fullAtMs = Number.NEGATIVE_INFINITY;
  return {
    note(code) {
      if (code === DISK_FULL) fullAtMs = now();
    },
    isFull: () => now() - fullAtMs < TOLD_FOR_MS,
  };
}
