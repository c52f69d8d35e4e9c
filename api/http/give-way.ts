import { performance } from 'node:perf_hooks';
import { headerToken } from '../../shared/auth/header-token.ts';
import { clientNetwork } from '../../shared/http/client-network.ts';
import { createTurnOrder, type TurnOrder } from '../../shared/turn-order.ts';
import type { ApiRequest, Middleware } from './context.ts';

/**
 * Of a crowd one is let in at such a look, where the process did nothing for so much of the time since the last: others come first, and the quicker a
 * machine is the more it lets in.
 */
const LOOK_EVERY_MS = 8;
const IDLE_SHARE = 3 / 4;
/** So many within that time are no crowd. */
const NO_CROWD = 2;
/** Of a process that is never idle one is let in all the same: 40 a second, more than can wait for a minute. */
const PATIENT_FOR_MS = 25;
/** Others are there who want something of this process, if one came within this time. */
const OTHERS_FOR_MS = 1_000;
/** More than any crowd that means well: beyond it nobody waits here, so that a flood of strangers keeps nobody for longer than it would without. */
const MOST_WAITING = 1_000;

type LetIn = () => void;

/**
 * Has a crowd of those who wait for a Chatwoot anyway give way to others, whose answers are this process's own business: it gets in one by one while the
 * process has little to do, the networks it comes from in turns, and of each the tokens. Nothing has been done for a request before. Where nobody else is
 * there nobody waits: many together cost less for each.
 */
export function createGiveWay({ patientForMs = PATIENT_FOR_MS }: { patientForMs?: number } = {}): Middleware {
  const crowd = createCrowd();
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
  function wait(request: ApiRequest, go: LetIn): void {
    crowd.add(request, go);
    if (looking !== undefined) return;
    letInAtMs = performance.now();
    lookAgain();
  }
  function isOneOfFew(): boolean {
    if (fewLeft === NO_CROWD) setTimeout(startCount, LOOK_EVERY_MS).unref();
    fewLeft -= 1;
    return (fewLeft >= 0 && looking === undefined) || crowd.size() >= MOST_WAITING;
  }
  function startCount(): void {
    fewLeft = NO_CROWD;
  }

  return (request, _response, next) => {
    if (!asksAChatwoot(request)) othersAtMs = performance.now();
    else if (areOthersThere() && !isOneOfFew()) return wait(request, next);
    next();
  };
}

/** Whether it is answered when some Chatwoot has answered: nothing in this process makes that quick. */
const asksAChatwoot = ({ method, path }: ApiRequest): boolean =>
  method === 'POST' && /^\/api\/(chatwoot\/(set|check|verify)\/|instance\/new\b)/i.test(path);

/** Who waits: the networks take turns, and within each the tokens. */
function createCrowd() {
  const networks = createTurnOrder<string>();
  const within = new Map<string, TurnOrder<LetIn>>();
  return {
    size: networks.size,
    add(request: ApiRequest, go: LetIn): void {
      const network = clientNetwork(request);
      const tokens = within.get(network) ?? createTurnOrder<LetIn>();
      within.set(network, tokens);
      networks.add(network, network);
      tokens.add(headerToken(request.headers) ?? '', go);
    },
    take(): LetIn | undefined {
      const network = networks.take();
      if (network === undefined) return undefined;
      const go = within.get(network)?.take();
      if (within.get(network)?.size() === 0) within.delete(network);
      return go;
    },
  };
}
