import { performance } from 'node:perf_hooks';
import { createTurnOrder } from '../../shared/turn-order.ts';
import type { ApiRequest, ApiResponse, Middleware } from './context.ts';

/**
 * Of a crowd one is let in at such a look, where the process did nothing for so much of the time since the last: others come first, and no more than
 * half of an api is the crowd's.
 */
const LOOK_EVERY_MS = 8;
const IDLE_SHARE = 1 / 2;
/** So many within that time are no crowd. */
const NO_CROWD = 2;
/** Of a process that is never idle one is let in all the same: 40 a second, more than can wait for a minute. */
const PATIENT_FOR_MS = 25;
/** Others are there who want something of this process, if one came within this time. */
const OTHERS_FOR_MS = 1_000;

/**
 * Has a crowd of those who wait for a Chatwoot anyway give way to others, whose answers are this process's own business: it gets in one by one, its
 * accounts in turns, while the process has little to do. Where nobody else is there nobody waits: many together cost less for each. Runs once the caller is
 * known and within its limit, so that no stranger stands in this line.
 */
export function createGiveWay({ patientForMs = PATIENT_FOR_MS }: { patientForMs?: number } = {}): Middleware {
  const crowd = createTurnOrder<() => void>();
  /** Set while somebody waits. */
  let looking: NodeJS.Timeout | undefined;
  let lookedAtMs = 0;
  let idleMs = 0;
  let letInAtMs = 0;
  let othersAtMs = Number.NEGATIVE_INFINITY;
  let fewLeft = NO_CROWD;

  const areOthersThere = (): boolean => performance.now() - othersAtMs < OTHERS_FOR_MS;

  function lookAgain(): void {
    lookedAtMs = performance.now();
    idleMs = performance.nodeTiming.idleTime;
    looking = setTimeout(look, areOthersThere() ? LOOK_EVERY_MS : 0);
  }
  function look(): void {
    looking = undefined;
    const nowMs = performance.now();
    const isIdle = performance.nodeTiming.idleTime - idleMs >= IDLE_SHARE * (nowMs - lookedAtMs);
    if (isIdle || !areOthersThere() || nowMs - letInAtMs >= patientForMs) {
      const go = crowd.take();
      if (go === undefined) return;
      letInAtMs = nowMs;
      go();
    }
    lookAgain();
  }
  function wait(owner: string, go: () => void): void {
    crowd.add(owner, go);
    if (looking !== undefined) return;
    letInAtMs = performance.now();
    lookAgain();
  }
  function isOneOfFew(): boolean {
    if (fewLeft === NO_CROWD) setTimeout(startCount, LOOK_EVERY_MS).unref();
    fewLeft -= 1;
    return fewLeft >= 0 && looking === undefined;
  }
  function startCount(): void {
    fewLeft = NO_CROWD;
  }

  return (request, response, next) => {
    const owner = accountOf(response);
    if (owner === undefined) return next();
    if (!asksAChatwoot(request)) othersAtMs = performance.now();
    else if (areOthersThere() && !isOneOfFew()) return wait(owner, next);
    next();
  };
}

/** Whether it is answered when some Chatwoot has answered: nothing in this process makes that quick. */
const asksAChatwoot = ({ method, path }: ApiRequest): boolean =>
  method === 'POST' && /^\/(chatwoot\/(set|check|verify)\/|instance\/new\b)/i.test(path);

function accountOf({ locals: { caller } }: ApiResponse): string | undefined {
  return caller !== undefined && 'accountId' in caller ? caller.accountId : undefined;
}
