import { setTimeout as delay } from 'node:timers/promises';
import { LONGEST_DELAY_SECONDS } from './limits.ts';

/** For one call that shows it, or ends it. */
export const TYPING_TIMEOUT_MS = 3_000;

/** Has it shown that somebody writes, for as long as was asked for. Whether that works matters to nobody. */
export async function showTyping(
  { delaySeconds = 0 }: { readonly delaySeconds?: number | undefined },
  show: (isTyping: boolean) => Promise<unknown>,
): Promise<void> {
  const seconds = Math.min(delaySeconds, LONGEST_DELAY_SECONDS);
  if (seconds <= 0) return;
  await show(true);
  await delay(seconds * 1_000);
  await show(false);
}
