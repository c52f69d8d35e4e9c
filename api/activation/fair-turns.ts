import { afterRunning } from '../../shared/running-time.ts';
import { createTurnOrder } from '../http/turn-order.ts';

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
  const waiting = createTurnOrder<() => void>();
  let underWay = 0;
  let lastDoneMs = Number.NEGATIVE_INFINITY;

  function next(): void {
    const go = waiting.take();
    if (go === undefined) underWay -= 1;
    else go();
  }

  return async (accountId, work) => {
    if (underWay < width) underWay += 1;
    // Whoever ends hands its place over.
    else await new Promise<void>((go) => waiting.add(accountId, go));
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
