import { headerToken } from '../../shared/auth/header-token.ts';
import { clientNetwork } from '../../shared/http/client-network.ts';
import { createTurnOrder } from '../../shared/turn-order.ts';
import type { Middleware } from './context.ts';

/**
 * So few that a turn stays short: beside 500 at once the longest was 45 ms of computing, 194 without a door. One by one they would cost more in all,
 * because what is cheaper together (look-ups, writes to a socket) is shared less.
 */
const LET_IN_A_TURN = 2;

/**
 * Of the requests that are there at the same moment it lets in two for each turn of the event loop, before anything is done for them; the others
 * wait, which costs nothing, and those with one token wait behind their own. So hundreds at once do not stand between anybody else and the
 * answers of database and queue. Nobody holds a place: a request that is slow keeps no other one out.
 */
export function createDoor(): Middleware {
  const waiting = createTurnOrder<() => void>();
  let room = LET_IN_A_TURN;

  function letIn(go: () => void): void {
    if (room === LET_IN_A_TURN) setImmediate(nextTurn);
    room -= 1;
    go();
  }
  function nextTurn(): void {
    room = LET_IN_A_TURN;
    while (room > 0) {
      const go = waiting.take();
      if (go === undefined) return;
      letIn(go);
    }
  }

  return (request, response, next) => {
    response.locals.receivedAtMs = Date.now();
    if (room > 0) letIn(next);
    else waiting.add(headerToken(request.headers) ?? clientNetwork(request), next);
  };
}
