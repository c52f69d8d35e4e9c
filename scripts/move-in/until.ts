import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 250;

/** Whether it holds within that time. */
export async function until(patienceMs: number, holds: () => Promise<boolean>): Promise<boolean> {
  const endsAtMs = Date.now() + patienceMs;
  for (;;) {
    if (await holds()) return true;
    if (Date.now() >= endsAtMs) return false;
    await delay(POLL_MS);
  }
}
