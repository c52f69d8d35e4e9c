import type { ApiResponse } from './context.ts';

/** Aborts when the connection has closed: nobody waits for an answer any more, or has had it. */
export function connectionClosed(response: ApiResponse): AbortSignal {
  const closed = new AbortController();
  // With a reason: without one an error is made, with its stack, for each request that is answered.
  response.once('close', () => closed.abort('the connection has closed'));
  return closed.signal;
}
