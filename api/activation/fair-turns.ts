import { afterRunning } from '../../shared/running-time.ts';

/**
 * Lets only so much work be under way at a time, and the accounts take turns: who comes with hundreds waits behind its own. Where nothing at all
 * has been done for `silentMs`, whoever it waits for is away: work goes on without a place then, so that the next ones hear of it in time.
 */
export function createFairTurns({
  width,
  silentMs,
}: {
  width: number;
  silentMs: number;
}): <Result>(accountId: string, work: () => Promise<Result>) => Promise<Result> {
  /** Who waits, by account; the account whose turn is next is the first. */
  const waiting = new Map<string, (() => void)[]>();
  let underWay = 0;
  let lastDoneMs = Number.NEGATIVE_INFINITY;

  function next(): void {
    for (const [accountId, queue] of waiting) {
      const go = queue.shift();
      waiting.delete(accountId);
      if (queue.length > 0) waiting.set(accountId, queue);
      if (go === undefined) continue;
      go();
      return;
    }
    underWay -= 1;
  }

  return async (accountId, work) => {
    if (underWay < width) underWay += 1;
    // Whoever ends hands its place over.
    else {
      await new Promise<void>((go) => {
        const queue = waiting.get(accountId);
        if (queue === undefined) waiting.set(accountId, [go]);
        else queue.push(go);
      });
    }
    let isHeld = true;
    const leave = (): void => {
      stop();
      if (isHeld) next();
      isHeld = false;
    };
    const stop = afterRunning(silentMs, leave, () => lastDoneMs);
    try {
      const result = await work();
      lastDoneMs = performance.now();
      return result;
    } finally {
      leave();
    }
  };
}
