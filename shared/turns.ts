import { jittered } from './backoff.ts';

/** Work that is done again and again, never twice at a time. */
export interface Turns {
  /** Takes the first turn: at once, or after its usual pause where there is one. */
  start(): void;
  /** Takes a turn now; one more where one is under way, which may have begun too early to see what there is to do. */
  wake(): void;
  /** Takes no more turns; resolves when the one under way has ended. */
  stop(): Promise<void>;
}

/**
 * Turns whose work decides when the next one is due. `work` resolves with the pause in milliseconds, or with undefined where only `wake`
 * brings the next turn; its signal aborts at the stop. `onError` says after which pause a turn that failed is taken again; it must not throw.
 */
export function createTurns(deps: {
  work: (signal: AbortSignal) => Promise<number | undefined>;
  onError: (error: unknown) => number | undefined;
}): Turns {
  return turnsBeginningAfter(0, deps);
}

/**
 * Turns in even work: each `everyMs` after the last one has ended, less up to half of that by chance, so that processes which were started
 * together do not do it together. The first comes after such a pause, too.
 */
export function createSweep(deps: {
  everyMs: number;
  work: (signal: AbortSignal) => Promise<unknown>;
  onError: (error: unknown) => void;
}): Turns {
  const pauseMs = () => jittered(deps.everyMs);
  return turnsBeginningAfter(pauseMs(), {
    work: async (signal) => {
      await deps.work(signal);
      return pauseMs();
    },
    onError: (error) => {
      deps.onError(error);
      return pauseMs();
    },
  });
}

function turnsBeginningAfter(firstPauseMs: number, { work, onError }: Parameters<typeof createTurns>[0]): Turns {
  const stopping = new AbortController();
  const { signal } = stopping;
  let underWay: Promise<void> | undefined;
  let again = false;
  let timer: NodeJS.Timeout | undefined;

  async function run(): Promise<void> {
    let pauseMs: number | undefined;
    do {
      again = false;
      pauseMs = await work(signal).catch(onError);
    } while (again && !signal.aborted);
    underWay = undefined;
    if (pauseMs !== undefined && !signal.aborted) timer = setTimeout(wake, pauseMs);
  }

  function wake(): void {
    if (signal.aborted) return;
    if (underWay !== undefined) {
      again = true;
      return;
    }
    clearTimeout(timer);
    // A microtask later, so that work which wakes itself at once finds itself under way.
    underWay = Promise.resolve().then(run);
  }

  return {
    start() {
      if (firstPauseMs > 0) timer = setTimeout(wake, firstPauseMs);
      else wake();
    },
    wake,
    async stop() {
      stopping.abort();
      clearTimeout(timer);
      await underWay;
    },
  };
}
