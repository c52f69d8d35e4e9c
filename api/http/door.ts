import { headerToken } from '../../shared/auth/header-token.ts';
import { clientNetwork } from '../../shared/http/client-network.ts';
import type { Middleware } from './context.ts';
import { createTurnOrder } from './turn-order.ts';

/**
 * Of the requests that are there at the same moment it lets in one for each turn of the event loop, before anything is done for them; the others
 * wait, which costs nothing, and those with one token wait behind their own. So hundreds at once do not stand between anybody else and the
 * answers of database and queue. Nobody holds a place: a request that is slow keeps no other one out.
 */
export function createDoor(): Middleware {
  const waiting = createTurnOrder<() => void>();
  let wasPassed = false;

  function letIn(go: () => void): void {
    wasPassed = true;
    setImmediate(nextTurn);
    go();
  }
  function nextTurn(): void {
    wasPassed = false;
    const go = waiting.take();
    if (go !== undefined) letIn(go);
  }

  return (request, response, next) => {
    response.locals.receivedAtMs = Date.now();
    if (wasPassed) waiting.add(headerToken(request.headers) ?? clientNetwork(request), next);
    else letIn(next);
  };
}
