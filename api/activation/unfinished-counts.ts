import type { Completion } from './completion-waiter.ts';

/** Counts how many activations that this process has begun are unfinished, by account. */
export function createUnfinishedCounts() {
  const counts = new Map<string, number>();

  function end(accountId: string): void {
    const left = (counts.get(accountId) ?? 1) - 1;
    if (left > 0) counts.set(accountId, left);
    else counts.delete(accountId);
  }

  return {
    /** Counts one more, until it has ended: answers how many of its account there were before it. `completion` never rejects. */
    add(accountId: string, completion: Promise<Completion>, deadlineAt: Date): number {
      const before = counts.get(accountId) ?? 0;
      counts.set(accountId, before + 1);
      void completion.then(({ kind }) => {
        // Nobody waits for its end any more, and nobody tells: it may go on until its deadline.
        if (kind === 'cancelled') setTimeout(end, deadlineAt.getTime() - Date.now(), accountId).unref();
        else end(accountId);
      });
      return before;
    },
  };
}
