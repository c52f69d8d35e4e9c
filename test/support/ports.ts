import { randomInt } from 'node:crypto';
import getPort, { portNumbers } from 'get-port';

/** Below those that the system gives to outgoing connections: one of these could take a port between its being found free and its use. */
const FIRST = 11_000;
const LAST = 32_000;
/** Each worker of a run has ports of its own: between its being found free and its use, another one could find it free as well. */
const WORKERS = 16;
const EACH = Math.floor((LAST - FIRST) / WORKERS);
const worker = Number(process.env.VITEST_POOL_ID ?? 0) % WORKERS;

/** A TCP port of 127.0.0.1 on which nothing listens now, and which this process has not been given before. */
export function freePort(): Promise<number> {
  const first = FIRST + worker * EACH;
  const from = first + randomInt(EACH);
  return getPort({ host: '127.0.0.1', port: [...portNumbers(from, first + EACH - 1), ...portNumbers(first, from)] });
}
