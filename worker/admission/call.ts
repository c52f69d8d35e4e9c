import type { JobQueue } from '../../shared/queue/job-queue.ts';

/** Hundreds may be called at once, when a host is known to hang; what the others ask of the queue meanwhile is not to stand behind them. */
const CALLED_AT_A_TIME = 2;

/** Has jobs that were put back run now, the first called first. Best effort: whoever is not called comes back by itself. */
export function createCall(queue: Pick<JobQueue<unknown>, 'hurry'>): (ids: readonly string[]) => void {
  const waiting = new Set<string>();
  let calling = 0;

  async function callAll(): Promise<void> {
    calling += 1;
    for (const id of waiting) {
      waiting.delete(id);
      await queue.hurry(id).catch(() => {});
    }
    calling -= 1;
  }

  return (ids) => {
    for (const id of ids) waiting.add(id);
    while (calling < Math.min(CALLED_AT_A_TIME, waiting.size)) void callAll();
  };
}
