import { afterRunning } from './running-time.ts';
import { createTurnOrder } from './turn-order.ts';

/**
 * When work goes on without a place, so that the next may begin: once nothing at all has been done for `silentMs`, because whoever all of it
 * waits for is away; or each after `heldMs` of its own, because it waits for somebody whom the others have nothing to do with.
 */
export type PlaceLimit = { readonly silentMs: number } | { readonly heldMs: number };

/** Lets only so much work be under way at a time, and its owners take turns: who comes with hundreds waits behind its own. */
export function createFairTurns({
  width,
  ...limit
}: {
  width: number;
} & PlaceLimit): <Result>(owner: string, work: () => Promise<Result>) => Promise<Result> {
  const waiting = createTurnOrder<() => void>();
  let underWay = 0;
  let lastDoneMs = Number.NEGATIVE_INFINITY;

  function next(): void {
    const go = waiting.take();
    if (go === undefined) underWay -= 1;
    else go();
  }

  const watch = (leave: () => void): (() => void) =>
    'heldMs' in limit ? afterRunning(limit.heldMs, leave) : afterRunning(limit.silentMs, leave, () => lastDoneMs);

  return async (owner, work) => {
    if (underWay < width) underWay += 1;
    // Whoever ends hands its place over.
    else await new Promise<void>((go) => waiting.add(owner, go));
    let isHeld = true;
    const leave = (): void => {
      stop();
      if (isHeld) next();
      isHeld = false;
    };
    const stop = watch(leave);
    try {
      const result = await work();
      lastDoneMs = performance.now();
      return result;
    } finally {
      leave();
    }
  };
}
