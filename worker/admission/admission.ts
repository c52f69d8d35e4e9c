import type { Logger } from '../../shared/logging/logger.ts';
import type { WorkerTimeouts } from '../timeouts.ts';
import { createLanes, type Lanes, type Passenger } from './lanes.ts';
import { type AdmissionLimits, PER_UNANSWERED_HOST } from './limits.ts';
import { createSilences, type Silence } from './silences.ts';

export interface Candidate extends Passenger {
  readonly accountId: string;
  /** Which Chatwoot: name and port. */
  readonly host: string;
  readonly chatwootBaseUrl: string;
}

/** What a call against a host has shown of it. `silent`: it ran into its time limit. */
export type Sight = 'answered' | 'silent' | 'nothing';

export interface Pass {
  readonly kind: 'admitted';
  /** Says whose it is, where nobody has looked that up. */
  show?(candidate: Candidate): void;
  /** Gives the place to the next one; a second time it does nothing. */
  leave(sight: Sight, tookMs: number): void;
}

export type Verdict =
  | Pass
  /**
   * Enough of its host or its account are under way: it is to ask again after so long, or when it is called. It cannot expect its turn any
   * sooner than after `leastMs`.
   */
  | { readonly kind: 'wait'; readonly delayMs: number; readonly leastMs: number }
  /** Its host is known to hang, and one is being tried there already. */
  | { readonly kind: 'hanging'; readonly silence: Silence };

export interface Admission {
  /**
   * A place without asking whose it is, where so few are under way that there is room for it whoever it is, and nobody waits or hangs: what has
   * little to do need not look before it claims.
   */
  takeUnseen(): Pass | undefined;
  ask(candidate: Candidate): Verdict;
  /** Whether this one was told to wait and will be back: its job is in the queue, nobody has to look. */
  isExpected(activationId: string): boolean;
}

const SWEEP_EVERY_MS = 10_000;

/**
 * Decides which activations may call the bridge now. Waiting holds nothing: a job that has to wait goes back to the queue, and comes back
 * when `call` tells it that its turn has come, the oldest first. A host that has not answered lately gets a few, and more once it has; one
 * that hangs is tried by one at a time, and the others are told, those that wait already by `tell`.
 */
export function createAdmission(deps: {
  limits: AdmissionLimits;
  timeouts: WorkerTimeouts['admission'];
  /** Has the jobs of these activations run now; never throws. */
  call: (activationIds: readonly string[]) => void;
  /** Tells these that their host is known to hang; never throws. */
  tell: (candidates: readonly Candidate[], silence: Silence) => void;
  logger: Logger;
  now?: () => number;
}): Admission {
  const { timeouts, logger, now = () => performance.now() } = deps;
  const leastMs = timeouts.comeBackMs;
  const { perHost, perAccount } = deps.limits;
  const perUnansweredHost = Math.min(perHost, PER_UNANSWERED_HOST);
  /** Each of them may be of any host and any account: until that is known it takes a place in all lanes. */
  let unseen = 0;
  const widthOf = (host: string): number => (silences.hasAnswered(host) ? perHost : perUnansweredHost) - unseen;
  const hosts = createLanes({ width: widthOf, comeBackMs: 2 * leastMs, now });
  const accounts = createLanes({ width: () => perAccount - unseen, comeBackMs: 2 * leastMs, now });
  /** Who waits, and until when it is expected back. */
  const expected = new Map<string, { readonly candidate: Candidate; readonly untilMs: number }>();
  const silences = createSilences({ forMs: timeouts.hangingForMs, now });
  let sweptAtMs = now();

  function sweep(): void {
    if (now() - sweptAtMs < SWEEP_EVERY_MS) return;
    sweptAtMs = now();
    for (const part of [hosts, accounts, silences]) part.sweep();
    for (const [id, { untilMs }] of expected) if (untilMs < now()) expected.delete(id);
  }

  function look(host: string, sight: Sight, tookMs: number): void {
    if (sight === 'answered') silences.answered(host);
    // One that had hardly any time left proves nothing.
    if (sight !== 'silent' || tookMs < timeouts.silentAfterMs) return;
    if (silences.silent(host, tookMs)) logger.warn({ host }, 'a Chatwoot does not answer, one activation at a time tries it');
  }

  function admit({ host, accountId }: Candidate): Pass {
    hosts.enter(host);
    accounts.enter(accountId);
    let isIn = true;
    return {
      kind: 'admitted',
      leave(sight, tookMs) {
        if (!isIn) return;
        isIn = false;
        look(host, sight, tookMs);
        hosts.leave(host);
        accounts.leave(accountId);
        const silence = silences.hanging(host);
        const ofHost = hosts.call(host, { all: silence !== undefined });
        const next = silence === undefined ? ofHost : tellAllButOne(host, ofHost, silence);
        const called = new Set([...next, ...accounts.call(accountId, { all: false })]);
        if (called.size > 0) deps.call([...called]);
      },
    };
  }

  function takeUnseen(): Pass | undefined {
    sweep();
    const underWay = hosts.inFlightOfAll() + unseen;
    if (expected.size > 0 || silences.areAny() || underWay + 1 >= Math.min(perUnansweredHost, perAccount)) return undefined;
    unseen += 1;
    let isUnseen = true;
    let pass: Pass | undefined;
    const end = (): void => {
      if (!isUnseen) return;
      isUnseen = false;
      unseen -= 1;
      if (expected.size === 0) return;
      const called = [hosts, accounts].flatMap((lanes) => lanes.callEach());
      if (called.length > 0) deps.call(called);
    };
    return {
      kind: 'admitted',
      show(candidate) {
        if (!isUnseen) return;
        pass = admit(candidate);
        end();
      },
      leave(sight, tookMs) {
        end();
        pass?.leave(sight, tookMs);
      },
    };
  }

  /** Who waits for a host that hangs is told. Answers who is to try it, where nobody does. */
  function tellAllButOne(host: string, waiting: readonly string[], silence: Silence): readonly string[] {
    const tries = hosts.inFlight(host) > 0 ? 0 : 1;
    const candidates = waiting.slice(tries).flatMap((id) => expected.get(id)?.candidate ?? []);
    for (const { id, accountId } of candidates) {
      hosts.stopWaiting(host, id);
      accounts.stopWaiting(accountId, id);
      expected.delete(id);
    }
    if (candidates.length > 0) deps.tell(candidates, silence);
    return waiting.slice(0, tries);
  }

  /** Puts it into the lane. The more are ahead of it the later it asks again: hundreds that ask all the time would be work of their own. */
  function wait(lanes: Lanes, key: string, candidate: Candidate, turnsAhead: number): Verdict {
    const delayMs = Math.min(turnsAhead * leastMs, timeouts.comeBackAtMostMs);
    const untilMs = now() + delayMs + leastMs;
    lanes.wait(key, candidate, untilMs);
    expected.set(candidate.id, { candidate, untilMs });
    return { kind: 'wait', delayMs, leastMs };
  }

  return {
    takeUnseen,
    ask(candidate) {
      sweep();
      const { host, accountId, id } = candidate;
      expected.delete(id);
      hosts.stopWaiting(host, id);
      accounts.stopWaiting(accountId, id);
      const silence = silences.hanging(host);
      if (silence !== undefined && hosts.inFlight(host) > 0) return { kind: 'hanging', silence };
      const ofAccount = accounts.turnsAhead(accountId, candidate);
      if (ofAccount > 0) return wait(accounts, accountId, candidate, ofAccount);
      const ofHost = silence === undefined ? hosts.turnsAhead(host, candidate) : 0;
      if (ofHost > 0) return wait(hosts, host, candidate, ofHost);
      return admit(candidate);
    },
    isExpected: (activationId) => (expected.get(activationId)?.untilMs ?? 0) > now(),
  };
}
