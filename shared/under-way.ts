import type { Turns } from './turns.ts';

/** Work that was begun and goes on beside the turns that begin it. */
export interface UnderWay {
  readonly size: number;
  /** `work` must not reject. */
  begin(work: Promise<void>): Promise<void>;
  /** Resolves once all of it has ended. */
  ended(): Promise<void>;
  /** The turns that begin it, whose stop waits until all of it has ended. */
  endingWith(turns: Turns): Turns;
}

export function createUnderWay(): UnderWay {
  const works = new Set<Promise<void>>();
  const ended = async (): Promise<void> => void (await Promise.all(works));
  return {
    get size() {
      return works.size;
    },
    begin(work) {
      const running: Promise<void> = work.finally(() => works.delete(running));
      works.add(running);
      return running;
    },
    ended,
    endingWith: (turns) => ({
      ...turns,
      async stop() {
        await turns.stop();
        await ended();
      },
    }),
  };
}
