import { randomInt } from 'node:crypto';
import getPort, { portNumbers } from 'get-port';

/** Below those that the system gives to outgoing connections: one of these could take a port between its being found free and its use. */
const FIRST = 11_000;
const LAST = 32_000;
const LOOKED_AT = 200;

/** A TCP port of 127.0.0.1 on which nothing listens now, and which this process has not been given before. */
export function freePort(): Promise<number> {
  const from = randomInt(FIRST, LAST - LOOKED_AT);
  return getPort({ host: '127.0.0.1', port: portNumbers(from, from + LOOKED_AT) });
}
