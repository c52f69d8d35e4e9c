import getPort from 'get-port';

/** A TCP port of 127.0.0.1 on which nothing listens now, and which this process has not been given before. */
export function freePort(): Promise<number> {
  return getPort({ host: '127.0.0.1' });
}
