import { setImmediate as turn } from 'node:timers/promises';

/** What is copied in one turn of the event loop. */
const SLICE_BYTES = 4 * 1_048_576;

/** `Buffer.concat` for what may be dozens of megabytes: to have so much memory for the first time takes longer than to copy it, and others go on meanwhile. */
export async function concatInTurns(parts: readonly Buffer[]): Promise<Buffer> {
  const bytes = parts.reduce((sum, part) => sum + part.length, 0);
  if (bytes <= SLICE_BYTES) return Buffer.concat(parts);
  const whole = Buffer.allocUnsafe(bytes);
  let at = 0;
  let copied = 0;
  for (const part of parts) {
    for (let from = 0; from < part.length; ) {
      const taken = part.copy(whole, at, from, from + SLICE_BYTES - copied);
      from += taken;
      at += taken;
      copied += taken;
      if (copied < SLICE_BYTES) continue;
      await turn();
      copied = 0;
    }
  }
  return whole;
}
