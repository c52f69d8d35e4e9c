/** Lets only so much work be under way at a time, and the accounts take turns: who comes with hundreds waits behind its own. */
export function createFairTurns(width: number): <Result>(accountId: string, work: () => Promise<Result>) => Promise<Result> {
  /** Who waits, by account; the account whose turn is next is the first. */
  const waiting = new Map<string, (() => void)[]>();
  let underWay = 0;

  function next(): void {
    for (const [accountId, [go, ...others]] of waiting) {
      waiting.delete(accountId);
      if (others.length > 0) waiting.set(accountId, others);
      if (go === undefined) continue;
      go();
      return;
    }
    underWay -= 1;
  }

  return async (accountId, work) => {
    if (underWay < width) underWay += 1;
    // Whoever ends hands its place over.
    else await new Promise<void>((go) => waiting.set(accountId, [...(waiting.get(accountId) ?? []), go]));
    try {
      return await work();
    } finally {
      next();
    }
  };
}
