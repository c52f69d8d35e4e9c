import { performance } from 'node:perf_hooks';
import { headerToken } from '../../shared/auth/header-token.ts';
import { clientNetwork } from '../../shared/http/client-network.ts';
import { createTurnOrder } from '../../shared/turn-order.ts';
import type { ApiRequest, Middleware } from './context.ts';

/**
 * So few that a turn stays short: beside 500 at once the longest was 45 ms of computing, 194 without a door. One by one they would cost more in all,
 * because what is cheaper together (look-ups, writes to a socket) is shared less.
 */
const LET_IN_A_TURN = 2;
/**
 * One of the patient is let in at such a look, where the process did nothing for so much of the time since the last: of what a machine can do, others
 * come first, and no more than half of an api is the crowd's.
 */
const LOOK_EVERY_MS = 8;
const IDLE_SHARE = 1 / 2;
/** Of a process that is never idle one is let in all the same: 40 a second, more than can wait for a minute. */
const PATIENT_FOR_MS = 25;
/** Others are there who want something of this process, if one came within this time. */
const OTHERS_FOR_MS = 1_000;

type LetIn = () => void;

/**
 * Of the requests that are there at the same moment it lets in two for each turn of the event loop, before anything is done for them; the others
 * wait, which costs nothing, and those with one token wait behind their own. So hundreds at once do not stand between anybody else and the
 * answers of database and queue. Nobody holds a place: a request that is slow keeps no other one out.
 *
 * What takes its time anyway (`isPatient`) is let in, where more than two are there and others are as well, when the process has little to do: hundreds
 * of them take from nobody what he waits for. By themselves they are like all others, which costs less for each.
 */
export function createDoor({
  isPatient,
  patientForMs = PATIENT_FOR_MS,
}: {
  isPatient: (request: ApiRequest) => boolean;
  patientForMs?: number;
}): Middleware {
  const waiting = createTurnOrder<LetIn>();
  const patient = createTurnOrder<LetIn>();
  let room = LET_IN_A_TURN;
  /** Set while some of the patient wait. */
  let looking: NodeJS.Timeout | undefined;
  let lookedAtMs = 0;
  let idleMs = 0;
  let patientSinceMs = 0;
  let othersAtMs = Number.NEGATIVE_INFINITY;

  function letIn(go: LetIn): void {
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

  function lookAgain(): void {
    lookedAtMs = performance.now();
    idleMs = performance.nodeTiming.idleTime;
    looking = setTimeout(look, areOthersThere() ? LOOK_EVERY_MS : 0);
  }
  function look(): void {
    looking = undefined;
    const nowMs = performance.now();
    const isIdle = performance.nodeTiming.idleTime - idleMs >= IDLE_SHARE * (nowMs - lookedAtMs);
    if (isIdle || !areOthersThere() || nowMs - patientSinceMs >= patientForMs) {
      const go = patient.take();
      if (go === undefined) return;
      patientSinceMs = nowMs;
      letIn(go);
    }
    lookAgain();
  }
  function bePatient(owner: string, go: LetIn): void {
    patient.add(owner, go);
    if (looking !== undefined) return;
    patientSinceMs = performance.now();
    lookAgain();
  }

  const areOthersThere = (): boolean => performance.now() - othersAtMs < OTHERS_FOR_MS;
  function mayGiveWay(request: ApiRequest): boolean {
    if (isPatient(request)) return areOthersThere();
    othersAtMs = performance.now();
    return false;
  }

  return (request, response, next) => {
    response.locals.receivedAtMs = Date.now();
    const owner = headerToken(request.headers) ?? clientNetwork(request);
    const givesWay = mayGiveWay(request);
    if (room > 0 && !(givesWay && looking !== undefined)) letIn(next);
    else if (givesWay) bePatient(owner, next);
    else waiting.add(owner, next);
  };
}
