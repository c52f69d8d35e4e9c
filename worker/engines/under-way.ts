/** Work that was begun and goes on beside the turns that begin it. */
export interface UnderWay {
  readonly size: number;
  /** `work` must not reject. */
  begin(work: Promise<void>): Promise<void>;
  /** Resolves when all of it has ended. */
  settled(): Promise<unknown>;
}

export function createUnderWay(): UnderWay {
  const works = new Set<Promise<void>>();
  return {
    get size() {
      return works.size;
    },
    begin(work) {
      const running: Promise<void> = work.finally(() => works.delete(running));
      works.add(running);
      return running;
    },
    settled: () => Promise.all(works),
  };
}
