import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { type Candidate, createAdmission, type Pass, type Sight, type Verdict } from '../../worker/admission/admission.ts';
import { admissionLimits } from '../../worker/admission/limits.ts';
import { WORKER_TIMEOUTS } from '../../worker/timeouts.ts';

const { comeBackMs, comeBackAtMostMs, hangingForMs } = WORKER_TIMEOUTS.admission;
const TIME_LIMIT_MS = 20_000;

/** An admission whose clock stands still until it is moved, and which notes whom it called. */
function scene(limits = { perHost: 2, perAccount: 3 }) {
  let nowMs = 0;
  let created = 0;
  const called: string[] = [];
  const told: string[] = [];
  const admission = createAdmission({
    limits,
    timeouts: WORKER_TIMEOUTS.admission,
    call: (ids) => called.push(...ids),
    tell: (candidates) => told.push(...candidates.map(({ id }) => id)),
    logger: pino({ level: 'silent' }),
    now: () => nowMs,
  });
  return {
    called,
    told,
    pass: (ms: number) => (nowMs += ms),
    ask: (candidate: Candidate) => admission.ask(candidate),
    takeUnseen: () => admission.takeUnseen(),
    isExpected: ({ id }: Candidate) => admission.isExpected(id),
    /** Each younger than the one before. */
    candidate: (host = 'silent', accountId = 'A'): Candidate => {
      created += 1;
      return {
        id: `act_${String(created).padStart(4, '0')}`,
        accountId,
        host,
        chatwootBaseUrl: `https://${host}`,
        createdAtMs: created,
      };
    },
  };
}

const kinds = (verdicts: readonly Verdict[]): string[] => verdicts.map(({ kind }) => kind);
const WIDE = { perHost: 20, perAccount: 50 };
function leave(verdict: Verdict | undefined, sight: Sight): void {
  expect(verdict?.kind).toBe('admitted');
  (verdict as Pass).leave(sight, TIME_LIMIT_MS);
}

describe('which activation may call the bridge', () => {
  it('only so many against one host, whoever they belong to; other hosts do not notice', () => {
    const { ask, candidate } = scene();
    expect(kinds([ask(candidate('h', 'A')), ask(candidate('h', 'B')), ask(candidate('h', 'C'))])).toEqual([
      'admitted',
      'admitted',
      'wait',
    ]);
    expect(ask(candidate('other', 'C')).kind).toBe('admitted');
  });

  it('only so many of one account, whichever hosts they go to; other accounts do not notice', () => {
    const { ask, candidate } = scene();
    const verdicts = ['a', 'b', 'c', 'd'].map((host) => ask(candidate(host, 'A')));
    expect(kinds(verdicts)).toEqual(['admitted', 'admitted', 'admitted', 'wait']);
    expect(ask(candidate('d', 'B')).kind).toBe('admitted');
  });

  it('calls the oldest that waits as soon as there is room, and keeps the place for it', () => {
    const { ask, candidate, called } = scene();
    const [first] = [ask(candidate()), ask(candidate())];
    const [old, young, newcomer] = [candidate(), candidate(), candidate()];
    ask(young);
    ask(old);
    leave(first, 'answered');
    expect(called).toEqual([old.id]);
    expect(kinds([ask(newcomer), ask(young), ask(old)])).toEqual(['wait', 'wait', 'admitted']);
  });

  it('does not keep a place for one that never comes back', () => {
    const { ask, candidate, pass } = scene();
    const [first] = [ask(candidate()), ask(candidate())];
    ask(candidate());
    leave(first, 'answered');
    pass(2 * comeBackMs + 1);
    expect(ask(candidate()).kind).toBe('admitted');
  });

  it('lets one ask again the later the more are ahead of it, though hundreds wait: it is called when its turn has come', () => {
    const { ask, candidate } = scene({ perHost: 20, perAccount: 1_000 });
    leave(ask(candidate()), 'answered');
    const verdicts = Array.from({ length: 500 }, () => ask(candidate()));
    const delaysMs = verdicts.flatMap((verdict) => (verdict.kind === 'wait' ? [verdict.delayMs] : []));
    expect(delaysMs).toHaveLength(480);
    expect(delaysMs[0]).toBe(comeBackMs);
    expect(delaysMs).toEqual(delaysMs.toSorted((left, right) => left - right));
    expect(delaysMs.at(-1)).toBe(comeBackAtMostMs);
    // If all asked as often as the first, that would be 240 a second.
    expect(delaysMs.reduce((sum, delayMs) => sum + 1_000 / delayMs, 0)).toBeLessThan(65);
  });

  it('few against a host that has not answered lately; once it has, as many as to any, the oldest first', () => {
    const { ask, candidate, called, pass } = scene({ perHost: 20, perAccount: 1_000 });
    const waiting = Array.from({ length: 30 }, () => candidate());
    const verdicts = waiting.map(ask);
    expect(kinds(verdicts)).toEqual([...Array(4).fill('admitted'), ...Array(26).fill('wait')]);
    leave(verdicts[0], 'answered');
    const ids = waiting.map(({ id }) => id);
    expect(called).toEqual(ids.slice(4, 21));
    expect(kinds(waiting.slice(4, 21).map(ask))).toEqual(Array(17).fill('admitted'));
    for (const verdict of verdicts.slice(1, 4)) leave(verdict, 'nothing');
    // It may have begun to hang since.
    pass(hangingForMs + 1);
    expect(ask(candidate()).kind).toBe('wait');
  });

  it('few again against a host as soon as it has let one wait for nothing', () => {
    const { ask, candidate } = scene({ perHost: 20, perAccount: 1_000 });
    const both = [ask(candidate()), ask(candidate())];
    leave(both[0], 'answered');
    leave(both[1], 'silent');
    expect(kinds(Array.from({ length: 5 }, () => ask(candidate())))).toEqual([...Array(4).fill('admitted'), 'wait']);
  });

  it('knows who will be back, and no longer than it is to be expected', () => {
    const { ask, candidate, pass, isExpected } = scene();
    const [first, second, waiting] = [candidate(), candidate(), candidate()];
    expect(kinds([first, second, waiting].map(ask))).toEqual(['admitted', 'admitted', 'wait']);
    expect([first, second, waiting].map(isExpected)).toEqual([false, false, true]);
    pass(2 * comeBackMs + 1);
    expect(isExpected(waiting)).toBe(false);
  });

  it('a place that is left twice is free once', () => {
    const { ask, candidate } = scene();
    const [first] = [ask(candidate()), ask(candidate())];
    leave(first, 'answered');
    leave(first, 'answered');
    expect(kinds([ask(candidate()), ask(candidate())])).toEqual(['admitted', 'wait']);
  });
});

describe('a host that hangs', () => {
  function hanging() {
    const here = scene({ perHost: 4, perAccount: 50 });
    const verdicts = [1, 2, 3, 4].map(() => here.ask(here.candidate()));
    for (const verdict of verdicts.slice(0, 3)) leave(verdict, 'silent');
    return { ...here, last: verdicts[3] };
  }

  it('is known after three in a row: who waits is told, all but the one that is to try it', () => {
    const here = scene({ perHost: 3, perAccount: 50 });
    const verdicts = [1, 2, 3].map(() => here.ask(here.candidate()));
    const waiting = Array.from({ length: 6 }, () => here.candidate());
    expect(kinds(waiting.toReversed().map(here.ask))).toEqual(waiting.map(() => 'wait'));
    for (const verdict of verdicts) leave(verdict, 'silent');
    const ids = waiting.map(({ id }) => id);
    // The first two had been called when there was room, before it was known.
    expect(here.called).toEqual(ids.slice(0, 3));
    expect(here.told).toEqual(ids.slice(3));
    expect(waiting.map(here.isExpected)).toEqual([true, true, true, false, false, false]);
    const [trial, told] = waiting.slice(0, 2).map(here.ask);
    expect(trial?.kind).toBe('admitted');
    expect(told).toMatchObject({ kind: 'hanging', silence: { inARow: 3, leastMs: TIME_LIMIT_MS } });
    leave(trial, 'silent');
    expect(kinds([here.ask(here.candidate()), here.ask(here.candidate())])).toEqual(['admitted', 'hanging']);
  });

  it('has all who wait told while others are under way there', () => {
    const here = scene({ perHost: 4, perAccount: 50 });
    const verdicts = [1, 2, 3, 4].map(() => here.ask(here.candidate()));
    const waiting = Array.from({ length: 6 }, () => here.candidate());
    expect(kinds(waiting.map(here.ask))).toEqual(waiting.map(() => 'wait'));
    for (const verdict of verdicts.slice(0, 3)) leave(verdict, 'silent');
    const ids = waiting.map(({ id }) => id);
    expect(here.called).toEqual(ids.slice(0, 2));
    expect(here.told).toEqual(ids.slice(2));
  });

  it('is as good as any other once it has answered', () => {
    const { ask, candidate, last } = hanging();
    expect(ask(candidate()).kind).toBe('hanging');
    leave(last, 'answered');
    expect(kinds([ask(candidate()), ask(candidate())])).toEqual(['admitted', 'admitted']);
  });

  it('is given the benefit of the doubt after a while', () => {
    const { ask, candidate, pass } = hanging();
    pass(hangingForMs + 1);
    expect(kinds([ask(candidate()), ask(candidate())])).toEqual(['admitted', 'admitted']);
  });

  it('is not known from calls that ended for another reason, or that an answer came between', () => {
    const { ask, candidate } = scene({ perHost: 9, perAccount: 50 });
    for (const sight of ['silent', 'silent', 'answered', 'silent', 'nothing', 'silent'] as const) leave(ask(candidate()), sight);
    expect(kinds([ask(candidate()), ask(candidate())])).toEqual(['admitted', 'admitted']);
  });

  it('holds up nobody who goes elsewhere', () => {
    const { ask, candidate } = hanging();
    expect(kinds([ask(candidate('well')), ask(candidate('well', 'B'))])).toEqual(['admitted', 'admitted']);
  });
});

it('the limits of a host and of an account stay far below what a worker runs', () => {
  expect([1, 20, 50, 300, 2_000].map(admissionLimits)).toEqual([
    { perHost: 1, perAccount: 1 },
    { perHost: 5, perAccount: 10 },
    { perHost: 12, perAccount: 25 },
    { perHost: 20, perAccount: 50 },
    { perHost: 20, perAccount: 50 },
  ]);
});

describe('where little is under way', () => {
  it('a few get their place before anybody knows whose they are', () => {
    const { takeUnseen, candidate } = scene(WIDE);
    const passes = [takeUnseen(), takeUnseen(), takeUnseen()];
    expect(passes.every((pass) => pass !== undefined)).toBe(true);
    expect(takeUnseen()).toBeUndefined();
    for (const pass of passes) pass?.show?.(candidate());
    expect(takeUnseen()).toBeUndefined();
    for (const pass of passes) pass?.leave('answered', 1);
    expect(takeUnseen()).toBeDefined();
  });

  it('each takes a place of every host and account until it is known whose it is, so that no limit is passed', () => {
    const { takeUnseen, ask, candidate, called } = scene(WIDE);
    const [one, two] = [takeUnseen(), takeUnseen()];
    expect(kinds([ask(candidate('h')), ask(candidate('h'))])).toEqual(['admitted', 'admitted']);
    const late = candidate('h');
    expect(ask(late).kind).toBe('wait');
    one?.show?.(candidate('h'));
    expect(called).toEqual([]);
    two?.show?.(candidate('other'));
    expect(called).toEqual([late.id]);
    expect(ask(late).kind).toBe('admitted');
    expect(ask(candidate('h')).kind).toBe('wait');
  });

  it('one that leaves without having been seen gives its place to who waits', () => {
    const { takeUnseen, ask, candidate, called } = scene(WIDE);
    const unseen = takeUnseen();
    for (let count = 0; count < 3; count += 1) expect(ask(candidate('h')).kind).toBe('admitted');
    const late = candidate('h');
    expect(ask(late).kind).toBe('wait');
    unseen?.leave('nothing', 0);
    unseen?.leave('nothing', 0);
    expect(called).toEqual([late.id]);
    expect(kinds([ask(late), ask(candidate('h'))])).toEqual(['admitted', 'wait']);
  });

  it('nobody passes one that waits, or tries a host that may hang: then each is looked up', () => {
    const { takeUnseen, ask, candidate } = scene({ perHost: 20, perAccount: 20 });
    const silent = ask(candidate('silent'));
    leave(silent, 'silent');
    expect(takeUnseen()).toBeUndefined();
    const calm = scene(WIDE);
    for (let count = 0; count < 5; count += 1) calm.ask(calm.candidate('h'));
    expect(calm.takeUnseen()).toBeUndefined();
  });

  it('a worker that may run so few that one is all of a host looks each of them up', () => {
    expect(scene({ perHost: 1, perAccount: 2 }).takeUnseen()).toBeUndefined();
  });
});
