/**
 * Lets only so much work be under way at a time, and the accounts take turns: who comes with hundreds waits behind its own. A place is held for
 * `holdMs` at most: work that waits for somebody who is away goes on without one.
 */
export function createFairTurns({
  width,
  holdMs,
}: {
  width: number;
  holdMs: number;
}): <Result>(accountId: string, work: () => Promise<Result>) => Promise<Result> {
  /** Who waits, by account; the account whose turn is next is the first. */
  const waiting = new Map<string, (() => void)[]>();
  let underWay = 0;

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
      clearTimeout(timer);
      if (isHeld) next();
      isHeld = false;
    };
    const timer = setTimeout(leave, holdMs);
    try {
      return await work();
    } finally {
      leave();
    }
  };
}
