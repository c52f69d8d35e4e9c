/** So many looks make a limit: what one of them may count for is bounded, so that no stretch in which nothing ran decides alone. */
const LOOKS = 6;

/**
 * Calls `onOver` once this much time has passed in which this process could have heard an answer, and returns what ends the watch. A timer
 * alone would blame the other side for our own slowness: while the event loop is blocked its answer lies unread, and the timer is due first.
 * So what has arrived is read before each look, and a stretch in which nothing ran counts for little. With `lastSignMs`, the time
 * (of `performance.now()`) at which the other side last showed that it lives, only its silence counts.
 */
export function afterRunning(
  limitMs: number,
  onOver: () => void,
  lastSignMs: () => number = () => Number.NEGATIVE_INFINITY,
): () => void {
  const lookMs = limitMs / LOOKS;
  let waitedMs = 0;
  let sinceMs = performance.now();
  let turn: NodeJS.Immediate | undefined;
  let timer = setTimeout(wait, lookMs);

  function wait(): void {
    turn = setImmediate(look);
  }
  function look(): void {
    const nowMs = performance.now();
    const signMs = lastSignMs();
    if (signMs > sinceMs) waitedMs = 0;
    waitedMs += Math.min(nowMs - Math.max(sinceMs, signMs), 2 * lookMs);
    sinceMs = nowMs;
    if (waitedMs >= limitMs) onOver();
    else timer = setTimeout(wait, Math.min(lookMs, limitMs - waitedMs));
  }

  return () => {
    clearTimeout(timer);
    clearImmediate(turn);
  };
}

/**
 * The promise's value; rejects with `tooLate` once `afterRunning` says that it is over. What becomes of the promise then is nobody's business.
 */
export async function withinRunning<Value>(
  promise: Promise<Value>,
  limitMs: number,
  tooLate: string,
  lastSignMs?: () => number,
): Promise<Value> {
  let stop = (): void => {};
  const expiry = new Promise<never>((_, reject) => {
    stop = afterRunning(limitMs, () => reject(new Error(tooLate)), lastSignMs);
  });
  try {
    return await Promise.race([promise, expiry]);
  } finally {
    stop();
    // Whoever lost the race must not end the process when it rejects later.
    promise.catch(() => {});
  }
}
