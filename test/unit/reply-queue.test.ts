import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { LookBack } from '../../bridge/catch-up/look-back.ts';
import type { IntegrationRow } from '../../bridge/integrations/store.ts';
import { FIRST_ACTION_PART } from '../../bridge/relay/action-parts.ts';
import type { ClaimedReply, SendOutcome } from '../../bridge/relay/to-whatsapp/reply.ts';
import { createReplyQueue } from '../../bridge/relay/to-whatsapp/reply-queue.ts';
import type { ReplyStore } from '../../bridge/relay/to-whatsapp/reply-store.ts';
import { en } from '../../bridge/texts/en.ts';
import { useVirtualTime } from '../support/virtual-time.ts';

const { pass } = useVirtualTime();

const EPOCH = 7;
const TIMING = {
  ...{ holdBackMs: 300, pauses: { firstMs: 1_000, maxMs: 30_000, jitter: 0 }, giveUpMs: 600_000, echoGraceMs: 10_000 },
  ...{ unsaidMs: 15_000, unsaidAgainMs: 1_000 },
};
// The queue reads nothing of it but the language.
const ROW = { language: 'en', accountLocale: null } as IntegrationRow;
const sent = (whatsappId = 'WA1'): SendOutcome => ({ kind: 'sent', whatsappId });
const later = (afterMs?: number): SendOutcome => ({ kind: 'later', reason: 'engine away', afterMs });
const refused = (mayPass?: boolean): SendOutcome => ({
  kind: 'refused',
  reason: 'no such number',
  ...(mayPass ? { mayPass } : {}),
});
const unknown: SendOutcome = { kind: 'unknown' };

let lastId = 0;
const reply = (given: Partial<ClaimedReply> = {}): ClaimedReply => ({
  id: String(++lastId),
  integrationId: 'int_1',
  conversationId: 3,
  chatwootMessageId: 40,
  part: 0,
  chat: '5511988887777',
  payload: {},
  attempts: 1,
  waitedMs: 0,
  epoch: EPOCH,
  ...given,
});

/** A queue over rows that the test holds, and what was done to them. */
function createQueue(waiting: ClaimedReply[], send: (reply: ClaimedReply) => Promise<SendOutcome> | SendOutcome) {
  const done: unknown[][] = [];
  const inFlight = new Set<string>();
  const outcomes: string[] = [];
  const state = {
    isOurs: true,
    orphans: [] as ClaimedReply[],
    dueMs: undefined as number | undefined,
    reports: 0,
    /** Statements that fail before one gets through. */
    failing: 0,
    settles: true,
    lookBack: (async () => 'known') as LookBack,
    /** Something older is stored by now. */
    isPreceded: false,
  };
  const write = async (...statement: unknown[]): Promise<boolean> => {
    if (state.failing > 0) {
      state.failing -= 1;
      throw new Error('the database is away');
    }
    done.push(statement);
    return state.settles;
  };
  const store = {
    async releaseUnknownClaims(_id: string, epoch: number, running: readonly string[]) {
      done.push(['release', epoch, [...running]]);
    },
    async orphans(_id: string, _epoch: number, running: readonly string[]) {
      done.push(['orphans', [...running]]);
      return state.orphans.splice(0);
    },
    async claim(_id: string, epoch: number, busy: readonly number[], limit: number) {
      done.push(['claim', epoch, [...busy], limit]);
      const claimed: ClaimedReply[] = [];
      for (const one of [...waiting]) {
        if (claimed.length === limit || busy.includes(one.conversationId)) continue;
        if (claimed.some(({ conversationId }) => conversationId === one.conversationId)) continue;
        waiting.splice(waiting.indexOf(one), 1);
        claimed.push(one);
      }
      return claimed;
    },
    nextDueMs: async (_id: string, busy: readonly number[]) => {
      done.push(['due', [...busy]]);
      return state.dueMs;
    },
    async isOurs() {
      if (state.failing > 0) {
        state.failing -= 1;
        throw new Error('the database is away');
      }
      return state.isOurs;
    },
    putOff: ({ id }: ClaimedReply, afterMs: number) => write('put off', id, afterMs),
    async yieldToOlder({ id }: ClaimedReply) {
      await write('look for older', id);
      return state.isPreceded;
    },
    postpone: ({ id }: ClaimedReply, reason: string, afterMs: number) => write('postpone', id, reason, afterMs),
    settleSent: (one: ClaimedReply, whatsappId: string | undefined) => write('sent', one.id, whatsappId),
    settleFailed: ({ id }: ClaimedReply, how: string, reason: string) => write(how, id, reason),
    settleFailedAction: ({ id }: ClaimedReply, reason: string) => write('action failed', id, reason),
  };
  const queue = createReplyQueue({
    integrationId: 'int_1',
    epoch: EPOCH,
    acquiredAtMs: performance.now(),
    inFlight,
    row: () => ROW,
    // Of the store the queue uses this much.
    store: store as unknown as ReplyStore,
    send: async (claimed) => send(claimed),
    lookBack: (row, message) => state.lookBack(row, message),
    onReport: () => {
      state.reports += 1;
    },
    onOutcome: (kind) => outcomes.push(kind),
    timing: TIMING,
    logger: pino({ level: 'silent' }),
  });
  /** What became of rows, without the looks for them. */
  const settled = () => done.filter(([what]) => !['release', 'orphans', 'claim', 'due'].includes(String(what)));
  const looks = (what: string) => done.filter(([kind]) => kind === what);
  return { queue, state, inFlight, outcomes, settled, looks };
}

/** One reply, tried once. */
async function once(
  one: ClaimedReply,
  outcome: SendOutcome,
  prepare: (state: ReturnType<typeof createQueue>['state']) => void = () => {},
) {
  const made = createQueue([one], () => outcome);
  prepare(made.state);
  made.queue.wake();
  await pass(TIMING.echoGraceMs);
  return made;
}

describe('what becomes of a reply', () => {
  it('that was sent is written down, with its id in WhatsApp, and then it is no longer under way', async () => {
    const one = reply();
    const { settled, inFlight, outcomes, state } = await once(one, sent('WA9'));
    expect(settled()).toEqual([['sent', one.id, 'WA9']]);
    expect([...inFlight]).toEqual([]);
    expect(outcomes).toEqual(['sent']);
    expect(state.reports).toBe(0);
  });

  it('goes back behind what was written before it, where looking has found that, and is sent where there is none', async () => {
    const one = reply();
    const look = (isPreceded: boolean) => (state: ReturnType<typeof createQueue>['state']) => {
      state.lookBack = async () => 'looked';
      state.isPreceded = isPreceded;
    };
    const behind = await once(one, sent(), look(true));
    expect(behind.settled()).toEqual([['look for older', one.id]]);
    expect([...behind.inFlight]).toEqual([]);
    expect((await once(one, sent('WA9'), look(false))).settled()).toEqual([
      ['look for older', one.id],
      ['sent', one.id, 'WA9'],
    ]);
  });

  it('counts as under way while it is sent, also after it was looked for what was written before it', async () => {
    const one = reply();
    const { queue, state, inFlight } = createQueue([one], () => new Promise(() => {}));
    state.lookBack = async () => 'looked';
    queue.wake();
    await pass(0);
    expect([...inFlight]).toEqual([one.id]);
  });

  it('is put off while Chatwoot does not say what was written before it, and no longer counts as under way', async () => {
    const one = reply();
    const { settled, inFlight, outcomes } = await once(one, sent(), (state) => {
      state.lookBack = async () => 'unsaid';
    });
    expect(settled()).toEqual([['put off', one.id, TIMING.unsaidAgainMs]]);
    expect([...inFlight]).toEqual([]);
    expect(outcomes).toEqual([]);
  });

  it.each(['looked', 'unsaid'] as const)('does not leave where nobody knows whether it was put back (%s)', async (lookedBack) => {
    const { settled, inFlight } = await once(reply(), sent(), (state) => {
      state.lookBack = async () => lookedBack;
      state.failing = 1;
    });
    expect(settled()).toEqual([]);
    expect([...inFlight]).toEqual([]);
  });

  it('waits a while where it cannot be looked for what was written before it, then leaves; its later parts leave without looking', async () => {
    const broken = (state: ReturnType<typeof createQueue>['state']) => {
      state.lookBack = () => Promise.reject(new Error('the database is away'));
    };
    const one = reply({ waitedMs: TIMING.unsaidMs - 1 });
    expect((await once(one, sent(), broken)).settled()).toEqual([['put off', one.id, TIMING.unsaidAgainMs]]);
    const old = reply({ waitedMs: TIMING.unsaidMs });
    expect((await once(old, sent('WA9'), broken)).settled()).toEqual([['sent', old.id, 'WA9']]);
    const second = reply({ part: 1 });
    const made = await once(second, sent('WA10'), (state) => {
      state.lookBack = async () => 'unsaid';
    });
    expect(made.settled()).toEqual([['sent', second.id, 'WA10']]);
  });

  it.each([
    ['a pause at first', 1, undefined, 1_000],
    ['twice as long each time', 4, undefined, 8_000],
    ['its longest', 40, undefined, 30_000],
    ['what the engine asks for, where that is longer', 1, 5_000, 5_000],
    ['its own pause, where the engine asks for less', 4, 5_000, 8_000],
    ['a minute at most, whatever the engine asks for', 1, 3_600_000, 60_000],
  ])('that could not be sent for the moment waits for %s', async (_name, attempts, afterMs, pauseMs) => {
    const one = reply({ attempts });
    const { settled, state } = await once(one, later(afterMs));
    expect(settled()).toEqual([['postpone', one.id, 'engine away', pauseMs]]);
    expect(state.reports).toBe(0);
  });

  it('that could not be sent for ten minutes fails with the reason, and Chatwoot is told', async () => {
    const one = reply({ waitedMs: TIMING.giveUpMs });
    const { settled, state } = await once(one, later());
    expect(settled()).toEqual([['failed', one.id, 'engine away']]);
    expect(state.reports).toBe(1);
    const younger = reply({ waitedMs: TIMING.giveUpMs - 1 });
    expect((await once(younger, later())).settled()).toEqual([['postpone', younger.id, 'engine away', 1_000]]);
  });

  it('that the engine refuses fails at once', async () => {
    const one = reply();
    const { settled, state } = await once(one, refused());
    expect(settled()).toEqual([['failed', one.id, 'no such number']]);
    expect(state.reports).toBe(1);
  });

  it('whose file the engine could not fetch is tried four times', async () => {
    const third = reply({ attempts: 3 });
    const { settled, state } = await once(third, refused(true));
    expect(settled()).toEqual([['postpone', third.id, 'no such number', 4_000]]);
    expect(state.reports).toBe(0);
    const fourth = reply({ attempts: 4 });
    expect((await once(fourth, refused(true))).settled()).toEqual([['failed', fourth.id, 'no such number']]);
  });

  it('of which nobody knows is left to its echo for a while, and then told as that', async () => {
    const one = reply();
    const { queue, settled, inFlight, state } = createQueue([one], () => unknown);
    queue.wake();
    await pass(TIMING.echoGraceMs - 1);
    expect(settled()).toEqual([]);
    expect([...inFlight]).toEqual([one.id]);
    await pass(1);
    expect(settled()).toEqual([['unknown', one.id, en.replyReasons.outcomeUnknown]]);
    expect(state.reports).toBe(1);
  });

  it('that somebody else has settled is not told a second time', async () => {
    const { state } = await once(reply(), refused(), (state) => (state.settles = false));
    expect(state.reports).toBe(0);
  });

  it('that a defect ended is told as one of which nobody knows', async () => {
    const one = reply();
    const { queue, settled, inFlight } = createQueue([one], () => {
      throw new Error('a defect');
    });
    queue.wake();
    await pass(0);
    expect(settled()).toEqual([['unknown', one.id, en.replyReasons.outcomeUnknown]]);
    expect([...inFlight]).toEqual([]);
  });
});

describe('the deletion of a message in WhatsApp', () => {
  const deletion = (given: Partial<ClaimedReply> = {}) => reply({ part: FIRST_ACTION_PART, ...given });

  it('is tried again where nobody knows whether it was done: a second time does no harm', async () => {
    const one = deletion({ attempts: 2 });
    const { settled, state } = await once(one, unknown);
    expect(settled()).toEqual([['postpone', one.id, en.replyReasons.outcomeUnknown, 2_000]]);
    expect(state.reports).toBe(0);
  });

  it('is given up after ten minutes, and at once where it is refused; the agent reads that the customer still sees the message', async () => {
    const one = deletion({ waitedMs: TIMING.giveUpMs });
    const old = await once(one, unknown);
    expect(old.settled()).toEqual([['action failed', one.id, en.notDeleted(en.replyReasons.outcomeUnknown)]]);
    expect(old.state.reports).toBe(1);
    const two = deletion();
    const denied = await once(two, refused());
    expect(denied.settled()).toEqual([['action failed', two.id, en.notDeleted('no such number')]]);
    expect(denied.state.reports).toBe(1);
  });

  it('is not told where somebody else has settled it', async () => {
    const { state } = await once(deletion(), refused(), (state) => (state.settles = false));
    expect(state.reports).toBe(0);
  });
});

describe('the outcome of a reply', () => {
  it('is written until the database takes it, for an hour; until then it counts as under way', async () => {
    const one = reply();
    const { queue, state, settled, inFlight } = createQueue([one], () => sent());
    state.failing = 7_199;
    queue.wake();
    await pass(3_599_499);
    expect(settled()).toEqual([]);
    expect([...inFlight]).toEqual([one.id]);
    await pass(1);
    expect(settled()).toEqual([['sent', one.id, 'WA1']]);
    expect([...inFlight]).toEqual([]);
  });

  it('is given up after that, but stays under way: nobody may take it for one that was only claimed', async () => {
    const one = reply();
    const { queue, state, settled, inFlight } = createQueue([one], () => sent());
    state.failing = 7_200;
    queue.wake();
    await pass(4_000_000);
    expect(state.failing).toBe(0);
    expect(settled()).toEqual([]);
    expect([...inFlight]).toEqual([one.id]);
  });
});

describe('a queue of replies', () => {
  it('sends one at a time in a conversation, in order, and in eight conversations at once', async () => {
    const ends = new Map<string, () => void>();
    const replies = [
      reply({ conversationId: 1 }),
      reply({ conversationId: 1 }),
      ...Array.from({ length: 9 }, (_, index) => reply({ conversationId: 2 + index })),
    ];
    const [first, second] = replies;
    const { queue, inFlight } = createQueue([...replies], ({ id }) => new Promise((end) => ends.set(id, () => end(sent()))));
    queue.wake();
    await pass(0);
    expect(ends.size).toBe(8);
    expect(ends.has(second?.id ?? '')).toBe(false);
    expect([...inFlight]).toEqual([...ends.keys()]);
    ends.get(first?.id ?? '')?.();
    await pass(0);
    expect(ends.size).toBe(9);
    expect(ends.has(second?.id ?? '')).toBe(true);
  });

  it('claims nothing while all its lanes are taken, and looks again when one is free, not before', async () => {
    const ends: (() => void)[] = [];
    const replies = Array.from({ length: 8 }, (_, index) => reply({ conversationId: 1 + index }));
    const { queue, looks, state } = createQueue(replies, () => new Promise((end) => ends.push(() => end(sent()))));
    // There is more to send, at once.
    state.dueMs = 0;
    queue.wake();
    await pass(0);
    expect(looks('claim')).toEqual([['claim', EPOCH, [], 8]]);
    expect(looks('due')).toEqual([['due', [1, 2, 3, 4, 5, 6, 7, 8]]]);
    await pass(5_000);
    expect(looks('due')).toHaveLength(1);
    queue.wake();
    await pass(0);
    expect(looks('claim')).toHaveLength(1);
    state.dueMs = undefined;
    ends[0]?.();
    await pass(0);
    expect(looks('claim').at(-1)).toEqual(['claim', EPOCH, [2, 3, 4, 5, 6, 7, 8], 1]);
  });

  it('looks again when the next one is due, with all lanes taken as well', async () => {
    const replies = Array.from({ length: 8 }, (_, index) => reply({ conversationId: 1 + index }));
    const { queue, looks, state } = createQueue(replies, () => new Promise(() => {}));
    state.dueMs = 700;
    queue.wake();
    await pass(699);
    expect(looks('due')).toHaveLength(1);
    await pass(1);
    expect(looks('due')).toHaveLength(2);
  });

  it('looks again at once for what is due at once, while a lane is free', async () => {
    const { queue, looks, state } = createQueue([], () => sent());
    state.dueMs = 0;
    queue.wake();
    await pass(0);
    state.dueMs = undefined;
    await pass(10);
    expect(looks('due').length).toBeGreaterThan(1);
  });

  it('sees what comes behind a reply as soon as that has been sent, unasked', async () => {
    const waiting = [reply()];
    const second = reply();
    const { queue, settled } = createQueue(waiting, () => {
      if (waiting.length === 0 && settled().length === 0) waiting.push(second);
      return sent();
    });
    queue.wake();
    await pass(0);
    expect(settled().map(([, id]) => id)).toContain(second.id);
  });

  it('puts back what it claimed without learning it, but not what it is sending', async () => {
    const one = reply();
    const { queue, looks } = createQueue([one], () => new Promise(() => {}));
    queue.wake();
    await pass(0);
    queue.wake();
    await pass(0);
    expect(looks('release')).toEqual([
      ['release', EPOCH, []],
      ['release', EPOCH, [one.id]],
    ]);
  });

  it('tells what a process that died was sending as unknown, once its echo has had its time, but not what itself is sending', async () => {
    const own = reply();
    const orphan = reply({ conversationId: 9 });
    const { queue, state, settled, looks } = createQueue([own], () => new Promise(() => {}));
    state.orphans = [orphan];
    queue.wake();
    await pass(TIMING.echoGraceMs - 1);
    queue.wake();
    await pass(0);
    expect(looks('orphans')).toEqual([]);
    await pass(1);
    queue.wake();
    await pass(0);
    expect(looks('orphans')).toEqual([['orphans', [own.id]]]);
    expect(settled()).toEqual([['unknown', orphan.id, en.replyReasons.outcomeUnknown]]);
    expect(state.reports).toBe(1);
  });

  it('looks again a second after a look that failed', async () => {
    const one = reply();
    const { queue, state, settled } = createQueue([one], () => sent());
    await pass(TIMING.echoGraceMs);
    state.orphans = [reply()];
    state.failing = 1;
    queue.wake();
    await pass(999);
    expect(settled()).toEqual([]);
    await pass(1);
    expect(settled()).toEqual([['sent', one.id, 'WA1']]);
  });

  it('sends nothing that was claimed too long ago unless it is still its own: the process may have been paused', async () => {
    // The clock jumps between the claim and the sending, as it does for a process that wakes.
    const tried: string[] = [];
    const make = (prepare: (state: ReturnType<typeof createQueue>['state']) => void, pauseMs: number) => {
      const one = reply();
      const made = createQueue([one], ({ id }) => {
        tried.push(id);
        return sent();
      });
      prepare(made.state);
      const clock = performance.now;
      let reads = 0;
      // Read twice in a look without orphans, at its beginning and after the claim; then before each reply leaves.
      performance.now = () => clock.call(performance) + (++reads > 2 ? pauseMs : 0);
      made.queue.wake();
      return pass(0).then(() => {
        performance.now = clock;
        return { ...made, one };
      });
    };

    const lost = await make((state) => (state.isOurs = false), 2_000);
    expect(tried).toEqual([]);
    expect(lost.settled()).toEqual([
      ['postpone', lost.one.id, 'this process was paused, and lost the integration meanwhile', 1_000],
    ]);
    const silent = await make((state) => (state.failing = 1), 2_000);
    expect(tried).toEqual([]);
    expect(silent.settled()).toEqual([
      ['postpone', silent.one.id, 'the database did not answer: Error: the database is away', 1_000],
    ]);
    const kept = await make(() => {}, 2_000);
    expect(tried).toEqual([kept.one.id]);
    const fresh = await make((state) => (state.isOurs = false), 1_999);
    expect(tried).toEqual([kept.one.id, fresh.one.id]);
  });
});

describe('a queue of replies that is stopped', () => {
  it('sends nothing more, and waits for what is being sent', async () => {
    let end: ((outcome: SendOutcome) => void) | undefined;
    const waiting = [reply(), reply()];
    const { queue, settled } = createQueue(waiting, () => new Promise((resolve) => (end = resolve)));
    queue.wake();
    await pass(0);
    let stopped = false;
    void queue.stop(5_000).then(() => (stopped = true));
    await pass(4_000);
    expect(stopped).toBe(false);
    end?.(sent());
    await pass(0);
    expect(stopped).toBe(true);
    expect(settled()).toHaveLength(1);
    expect(waiting).toHaveLength(1);
  });

  it('waits no longer than it may', async () => {
    const { queue } = createQueue([reply()], () => new Promise(() => {}));
    queue.wake();
    await pass(0);
    let stopped = false;
    void queue.stop(5_000).then(() => (stopped = true));
    await pass(4_999);
    expect(stopped).toBe(false);
    await pass(1);
    expect(stopped).toBe(true);
  });
});
