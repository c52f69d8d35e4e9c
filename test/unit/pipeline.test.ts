import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { createCircuitBreaker } from '../../bridge/relay/to-chatwoot/circuit-breaker.ts';
import type { DeadLetter } from '../../bridge/relay/to-chatwoot/dead-letters.ts';
import type { Deliver, Delivered } from '../../bridge/relay/to-chatwoot/delivery.ts';
import type { EarlyEvent } from '../../bridge/relay/to-chatwoot/early-events.ts';
import type { TryOutcome } from '../../bridge/relay/to-chatwoot/keyed-queue.ts';
import { createPipeline, type Pipeline } from '../../bridge/relay/to-chatwoot/pipeline.ts';
import {
  DeliveryFailure,
  EventUnavailable,
  LeaseLost,
  MediaUnavailable,
  OutcomeUnknown,
} from '../../bridge/relay/to-chatwoot/relay-error.ts';
import { dedupeKey } from '../../shared/engines/dedupe-key.ts';
import { WHOLE_LENGTH } from '../../shared/engines/outline.ts';
import { byteBudget } from '../../shared/memory/byte-budget.ts';
import { useVirtualTime } from '../support/virtual-time.ts';
import { parse, wire } from './ryzeapi-events.fixture.ts';

const { pass } = useVirtualTime();

const PAUSES = { firstMs: 1_000, maxMs: 60_000, jitter: 0 };
const URL = 'https://chat.example.com';
const response = (status: number, json: unknown = { error: 'no' }) =>
  ({
    kind: 'response',
    status,
    contentType: 'application/json',
    location: undefined,
    retryAfterSeconds: undefined,
    method: 'POST',
    url: URL,
    body: JSON.stringify(json),
    json,
  }) as const;
const refused = () => new DeliveryFailure({ kind: 'refused', response: response(422) });
const breakdown = () => new DeliveryFailure({ kind: 'unknown', response: response(500), settled: true });
const absent = () => new DeliveryFailure({ kind: 'absent', response: response(404) });
const flood = () => new DeliveryFailure({ kind: 'refused', response: response(422, { error: 'Too many messages' }) });
const away = () =>
  new DeliveryFailure({
    kind: 'not_sent',
    response: { kind: 'failed', sent: false, code: 'ECONNREFUSED', message: 'refused', method: 'POST', url: URL },
  });
const throttled = (retryAfterSeconds: number) =>
  new DeliveryFailure({ kind: 'refused', response: { ...response(429), retryAfterSeconds } });

const jidOf = (chat: string) => `55119999${chat}@s.whatsapp.net`;
/** A message of a chat, as the engine tells it. */
const message = (chat: string, id: string, content = id) => {
  const party = { jid: jidOf(chat), name: 'Maria' };
  return wire({ content }, { id, chat: { ...party, type: 'private' }, sender: party });
};
const UNREADABLE = { event: 5 };

type Step = Error | Delivered;
const stopping: Pipeline[] = [];
afterEach(async () => {
  for (const pipeline of stopping.splice(0)) await pipeline.stop();
});

/** A pipeline of which the test says how each try ends, by the id of the message; everything else is delivered. */
function createRelay(
  script: Readonly<Record<string, Step[] | ((attempt: number) => Step | Promise<Step>)>> = {},
  ready = Promise.resolve(),
  inTurn: (work: () => Promise<TryOutcome>) => Promise<TryOutcome> = (work) => work(),
) {
  const tried: string[] = [];
  const delivered: string[] = [];
  const tries: Parameters<Deliver>[1][] = [];
  const acks: number[] = [];
  const letters: Record<string, unknown>[] = [];
  const log: { level: number; msg: string }[] = [];
  const faults = new Map<string, string>();
  const told: unknown[][] = [];
  const state = {
    requested: [] as DeadLetter[],
    payloads: new Map<string, string>(),
    due: [] as EarlyEvent[],
    /** So often setting aside fails. */
    failing: 0,
    wholes: new Map<number, string>(),
    health: { delivered: 0, stopped: 0 },
    heldBytes: 0,
  };
  const breaker = createCircuitBreaker(PAUSES);
  const pipeline = createPipeline({
    integrationId: 'int_1',
    inTurn,
    chatwootUrl: () => URL,
    async deliver(event, attempt) {
      const id = 'id' in event ? event.id : event.kind;
      tried.push(id);
      tries.push(attempt);
      attempt.allotment.tryMore(1_000);
      state.heldBytes = Math.max(state.heldBytes, byteBudget.heldBytes());
      const steps = script[id];
      const step = typeof steps === 'function' ? await steps(attempt.attempt) : steps?.shift();
      if (step instanceof Error) throw step;
      delivered.push(id);
      return step ?? 'done';
    },
    deadLetters: {
      async add(letter) {
        if (state.failing-- > 0) throw new Error('the database is away');
        letters.push({ ...letter });
      },
      requested: async () => state.requested,
      payloadOf: async (id) => state.payloads.get(id),
      delivered: async (id) => void told.push(['delivered', id]),
      failedAgain: async (id, letter) => void told.push(['failed again', id, letter]),
    },
    early: { due: async () => state.due, drop: async ({ key }) => void told.push(['dropped', key]) },
    health: {
      fault: (source, reason) => void faults.set(source, reason),
      mended: (source) => void faults.delete(source),
      notice: () => {},
      delivered: () => {
        state.health.delivered += 1;
      },
      rewrite: () => {},
      setPhone: async () => {},
      stop: async () => {
        state.health.stopped += 1;
      },
    },
    breaker,
    wholeEvent: async (sequence, allotment) => {
      await allotment.begin();
      return state.wholes.get(sequence);
    },
    ready,
    pauses: PAUSES,
    logger: pino({ level: 'debug' }, { write: (line) => void log.push(JSON.parse(line)) }),
  });
  stopping.push(pipeline);
  let sequence = 0;
  const frame = (event: unknown) => {
    sequence += 1;
    return { type: 'event', sequence, redelivered: false, outline: false, engineKind: 'ryzeapi', event } as const;
  };
  const ack = (acked: number): void => void acks.push(acked);
  const take = (event: unknown, more: object = {}) => pipeline.take({ ...frame(event), ...more }, ack);
  return { pipeline, take, frame, ack, tried, delivered, tries, acks, letters, log, faults, told, state, breaker };
}

describe('messages on their way into Chatwoot', () => {
  it('are tried when it is their turn, and not at all once the pipeline has stopped', async () => {
    const turns: (() => void)[] = [];
    const relay = createRelay({}, undefined, async (work) => {
      await new Promise<void>((go) => turns.push(go));
      return work();
    });
    relay.take(message('1', 'a1'));
    relay.take(message('2', 'b1'));
    await pass(10_000);
    expect(relay.tried).toEqual([]);
    turns[1]?.();
    await pass(0);
    expect(relay.delivered).toEqual(['b1']);
    const stopped = relay.pipeline.stop();
    turns[0]?.();
    await stopped;
    expect(relay.tried).toEqual(['b1']);
    expect(relay.acks).toEqual([2]);
  });

  it('keep the order of their chat while the first cannot be delivered, and other chats pass', async () => {
    const relay = createRelay({ a1: [new MediaUnavailable('x'), new MediaUnavailable('x')] });
    relay.take(message('1', 'a1'));
    relay.take(message('1', 'a2'));
    relay.take(message('2', 'b1'));
    await pass(0);
    expect(relay.delivered).toEqual(['b1']);
    expect(relay.acks).toEqual([3]);
    await pass(999);
    expect(relay.tried).toEqual(['a1', 'b1']);
    await pass(1);
    expect(relay.tried).toEqual(['a1', 'b1', 'a1']);
    await pass(1_999);
    expect(relay.tried).toHaveLength(3);
    await pass(1);
    expect(relay.delivered).toEqual(['b1', 'a1', 'a2']);
    expect(relay.acks).toEqual([3, 1, 2]);
  });

  it('are acknowledged when Chatwoot has them, not before', async () => {
    const relay = createRelay({ a1: [new MediaUnavailable('x')] });
    relay.take(message('1', 'a1'));
    await pass(999);
    expect(relay.acks).toEqual([]);
    await pass(1);
    expect(relay.acks).toEqual([1]);
  });

  it('that are told again while they wait are delivered once, and afterwards may be told again', async () => {
    const relay = createRelay({ a1: [new MediaUnavailable('x')] });
    const told = relay.frame(message('1', 'a1'));
    relay.pipeline.take(told, relay.ack);
    relay.pipeline.take(told, relay.ack);
    await pass(1_000);
    expect(relay.delivered).toEqual(['a1']);
    expect(relay.acks).toEqual([1]);
    relay.pipeline.take(told, relay.ack);
    await pass(0);
    expect(relay.delivered).toEqual(['a1', 'a1']);
  });

  it('wait for what has to be ready', async () => {
    let isReady = (): void => {};
    const relay = createRelay({}, new Promise((resolve) => (isReady = resolve)));
    relay.take(message('1', 'a1'));
    await pass(10_000);
    expect(relay.tried).toEqual([]);
    isReady();
    await pass(0);
    expect(relay.delivered).toEqual(['a1']);
  });

  it('are worked on in eight chats at a time', async () => {
    const ends: (() => void)[] = [];
    const slow = () => new Promise<Step>((resolve) => ends.push(() => resolve('done')));
    const chats = Array.from({ length: 10 }, (_, index) => String(10 + index));
    const relay = createRelay(Object.fromEntries(chats.map((chat) => [`m${chat}`, slow])));
    for (const chat of chats) relay.take(message(chat, `m${chat}`));
    await pass(0);
    expect(relay.tried).toHaveLength(8);
    ends[0]?.();
    await pass(0);
    expect(relay.tried).toHaveLength(9);
    for (const end of ends) end();
    await pass(0);
    for (const end of ends) end();
  });

  it('are tried with what is known of them: how often, whether they may be there, and what they were read from', async () => {
    const relay = createRelay({ a1: [absent(), new MediaUnavailable('x'), absent()] });
    const event = message('1', 'a1');
    const takenAtMs = performance.now();
    relay.take(event);
    await pass(60_000);
    const source = { engineKind: 'ryzeapi', payload: event, whole: undefined };
    expect(relay.tries.map(({ allotment: _, ...attempt }) => attempt)).toEqual([
      { attempt: 1, lookUp: false, isLate: false, isAgain: false, source, takenAtMs },
      // Chatwoot has said that it did nothing.
      { attempt: 2, lookUp: false, isLate: false, isAgain: false, source, takenAtMs },
      // Of this one nobody knows how far it had got, and that stays so.
      { attempt: 3, lookUp: true, isLate: false, isAgain: false, source, takenAtMs },
      { attempt: 4, lookUp: true, isLate: false, isAgain: false, source, takenAtMs },
    ]);
    const again = createRelay();
    again.take(event, { redelivered: true });
    await pass(0);
    expect(again.tries[0]?.lookUp).toBe(true);
  });

  it('hold nothing of the memory for files once a try has ended, however it ended', async () => {
    const before = byteBudget.heldBytes();
    const relay = createRelay({ a1: [new MediaUnavailable('x')] });
    relay.take(message('1', 'a1'));
    await pass(0);
    expect(relay.state.heldBytes).toBeGreaterThan(before);
    expect(byteBudget.heldBytes()).toBe(before);
    await pass(1_000);
    expect(relay.delivered).toEqual(['a1']);
    expect(byteBudget.heldBytes()).toBe(before);
  });

  it('are passed over where they cannot be read, and hold nothing up', async () => {
    const relay = createRelay();
    const unreadable = relay.frame(UNREADABLE);
    relay.pipeline.take(unreadable, relay.ack);
    relay.take(message('1', 'a1'));
    expect(relay.acks).toEqual([1]);
    await pass(0);
    expect(relay.delivered).toEqual(['a1']);
    expect(relay.log.some(({ level }) => level === pino.levels.values.error)).toBe(true);
    relay.pipeline.take(unreadable, relay.ack);
    expect(relay.acks).toEqual([1, 2, 1]);
  });

  it('are not begun after the stop', async () => {
    const relay = createRelay();
    await relay.pipeline.stop();
    relay.take(message('1', 'a1'));
    await pass(60_000);
    expect(relay.tried).toEqual([]);
    expect(relay.state.health.stopped).toBe(1);
    expect(await relay.breaker.pass()).toBe(false);
  });
});

describe('the health of an integration', () => {
  it('is well as soon as a message gets through, and says when one did', async () => {
    const relay = createRelay({ a1: [away()] });
    relay.take(message('1', 'a1'));
    await pass(0);
    expect([...relay.faults.keys()]).toEqual(['chatwoot']);
    expect(relay.state.health.delivered).toBe(0);
    await pass(1_000);
    expect([...relay.faults]).toEqual([]);
    expect(relay.state.health.delivered).toBe(1);
  });

  it('is in trouble over one chat while the others go on', async () => {
    const relay = createRelay({ a1: [new MediaUnavailable('the file is away')] });
    relay.take(message('1', 'a1'));
    relay.take(message('2', 'b1'));
    await pass(0);
    expect([...relay.faults.values()]).toEqual(['the file is away']);
    await pass(1_000);
    expect([...relay.faults]).toEqual([]);
  });

  it('is no longer in trouble over Chatwoot once that answers, though it refuses', async () => {
    const relay = createRelay({ a1: [away(), refused(), refused(), refused()] });
    relay.take(message('1', 'a1'));
    await pass(1_000);
    expect(relay.faults.has('chatwoot')).toBe(false);
    expect(relay.faults.size).toBe(1);
    await pass(10_000);
    // Set aside, it holds nothing up.
    expect([...relay.faults]).toEqual([]);
  });

  it('does not change by what nobody needs to see: neither does it prove that Chatwoot can be reached', async () => {
    const relay = createRelay({ a1: [away()], b1: ['nothing to do'] });
    relay.take(message('1', 'a1'));
    await pass(0);
    relay.take(message('2', 'b1'));
    relay.breaker.reset();
    await pass(0);
    expect(relay.state.health.delivered).toBe(relay.delivered.filter((id) => id !== 'b1').length);
    const quiet = createRelay({ b1: ['nothing to do'] });
    quiet.take(message('2', 'b1'));
    await pass(0);
    expect(quiet.acks).toEqual([1]);
    expect(quiet.state.health.delivered).toBe(0);
  });
});

describe('an outage of Chatwoot', () => {
  it('holds back every chat, and ends for all of them as soon as one message gets through', async () => {
    const relay = createRelay({ a1: [away(), away(), away()] });
    relay.take(message('1', 'a1'));
    await pass(0);
    relay.take(message('2', 'b1'));
    relay.take(message('3', 'c1'));
    await pass(999);
    expect(relay.tried).toEqual(['a1']);
    await pass(60_000);
    expect(relay.delivered.toSorted()).toEqual(['a1', 'b1', 'c1']);
  });

  it('lasts as long as Chatwoot says, where it does', async () => {
    const relay = createRelay({ a1: [throttled(40)] });
    relay.take(message('1', 'a1'));
    await pass(39_999);
    expect(relay.tried).toEqual(['a1']);
    await pass(1);
    expect(relay.delivered).toEqual(['a1']);
  });

  it('never makes a message count as refused', async () => {
    const relay = createRelay({ a1: (attempt) => (attempt < 30 ? away() : 'done') });
    relay.take(message('1', 'a1'));
    await pass(3_600_000);
    expect(relay.delivered).toEqual(['a1']);
    expect(relay.letters).toEqual([]);
  });
});

describe('the pause after a try that concerns one chat alone', () => {
  /** When a message was tried, by the time that passed. */
  async function triesWith(step: Error, withinMs: number): Promise<number[]> {
    const at: number[] = [];
    const begunAt = Date.now();
    const relay = createRelay({
      a1: (attempt) => {
        at.push(Date.now() - begunAt);
        return attempt > 3 ? 'done' : step;
      },
    });
    relay.take(message('1', 'a1'));
    await pass(withinMs);
    return at;
  }

  it('grows', async () => {
    expect(await triesWith(new EventUnavailable('x'), 60_000)).toEqual([0, 1_000, 3_000, 7_000]);
  });

  it('is as long as the cause lasts at least', async () => {
    expect(await triesWith(flood(), 60_000)).toEqual([0, 10_000, 20_000, 30_000]);
  });

  it('is no longer than an unknown outcome lasts', async () => {
    expect(await triesWith(new OutcomeUnknown(300), 60_000)).toEqual([0, 300, 600, 900]);
  });
});

describe('a message is set aside', () => {
  it('when Chatwoot has refused it three times, with the reason; then it is acknowledged, and its chat goes on', async () => {
    const relay = createRelay({ a1: [refused(), refused(), refused()] });
    const event = message('1', 'a1');
    relay.take(event);
    relay.take(message('1', 'a2'));
    await pass(2_999);
    expect(relay.letters).toEqual([]);
    expect(relay.acks).toEqual([]);
    await pass(1);
    expect(relay.letters).toEqual([
      {
        chat: '551199991',
        whatsappId: 'a1',
        engineKind: 'ryzeapi',
        payload: JSON.stringify(event),
        attempts: 3,
        reason: 'Chatwoot refuses the message (HTTP 422: no)',
        isWaiting: false,
      },
    ]);
    expect(relay.delivered).toEqual(['a2']);
    expect(relay.acks).toEqual([1, 2]);
  });

  it('under the key of what it tells, where that is no message: it may carry the id of one', async () => {
    const relay = createRelay({ a1: [refused(), refused(), refused()] });
    const party = { jid: jidOf('1'), name: 'Maria' };
    const edit = wire(
      { content: 'new', isEdit: true, edit: { originalId: 'WA0' } },
      { id: 'a1', chat: { ...party, type: 'private' }, sender: party },
    );
    const event = parse(edit);
    relay.take(edit);
    await pass(60_000);
    expect(event.kind).not.toBe('message');
    expect(relay.letters.map(({ whatsappId }) => whatsappId)).toEqual([dedupeKey(event, edit)]);
  });

  it('as one that waits, where it is there without its file', async () => {
    const relay = createRelay({ a1: [{ waitsFor: 'its address does not answer' }] });
    relay.take(message('1', 'a1'));
    await pass(0);
    expect(relay.letters).toMatchObject([{ reason: 'its address does not answer', isWaiting: true, attempts: 1 }]);
    expect(relay.acks).toEqual([1]);
    expect(relay.state.health.delivered).toBe(1);
  });

  it('when Chatwoot breaks down over it again and again and takes others meanwhile: then it is the message', async () => {
    const relay = createRelay({ a1: (attempt) => (attempt <= 20 ? breakdown() : 'done') });
    relay.take(message('1', 'a1'));
    await pass(10);
    relay.take(message('2', 'b1'));
    await pass(3_600_000);
    expect(relay.letters).toMatchObject([{ whatsappId: 'a1', attempts: 8 }]);
  });

  it('never where it only has to wait, however often, though others get through', async () => {
    const relay = createRelay({ a1: (attempt) => (attempt <= 20 ? new MediaUnavailable('x') : 'done') });
    relay.take(message('1', 'a1'));
    await pass(10);
    relay.take(message('2', 'b1'));
    await pass(3_600_000);
    expect(relay.letters).toEqual([]);
    expect(relay.delivered).toEqual(['b1', 'a1']);
  });

  it('never while Chatwoot breaks down over everything, though it took others before', async () => {
    const relay = createRelay({ a1: (attempt) => (attempt <= 20 ? breakdown() : 'done') });
    relay.take(message('2', 'b1'));
    await pass(10);
    relay.take(message('1', 'a1'));
    await pass(3_600_000);
    expect(relay.letters).toEqual([]);
    expect(relay.delivered).toEqual(['b1', 'a1']);
  });

  it('when a defect of ours has stopped it five times; neither the letter nor the log repeats the error, which may hold what was written', async () => {
    const relay = createRelay({ a1: () => new TypeError('the words of a customer\n meet me at noon') });
    relay.take(message('1', 'a1'));
    await pass(60_000);
    expect(relay.letters).toMatchObject([
      { attempts: 5, reason: 'unexpected error in the bridge (TypeError) — the log says where', isWaiting: false },
    ]);
    expect(relay.log.filter(({ level }) => level === pino.levels.values.error)).toHaveLength(5);
    expect(JSON.stringify(relay.log)).not.toMatch(/the words of a customer|noon/);
    expect(JSON.stringify(relay.log)).toContain('pipeline.test.ts');
  });

  it('not before that can be written down: until then it is tried again', async () => {
    const relay = createRelay({ a1: [refused(), refused(), refused(), refused()] });
    relay.state.failing = 1;
    relay.take(message('1', 'a1'));
    relay.take(message('1', 'a2'));
    await pass(3_000);
    expect(relay.acks).toEqual([]);
    await pass(3_999);
    expect(relay.tried).toHaveLength(3);
    await pass(1);
    expect(relay.letters).toMatchObject([{ whatsappId: 'a1', attempts: 4 }]);
    expect(relay.acks).toEqual([1, 2]);
  });
});

describe('a bridge that has lost the integration', () => {
  it('says nothing of a message, neither acknowledges nor sets it aside: another one goes on with it', async () => {
    const relay = createRelay({ a1: (attempt) => (attempt < 20 ? new LeaseLost() : 'done') });
    relay.take(message('1', 'a1'));
    await pass(999);
    expect(relay.tried).toHaveLength(1);
    await pass(1);
    expect(relay.tried).toHaveLength(2);
    await pass(10_000);
    expect(relay.acks).toEqual([]);
    expect(relay.letters).toEqual([]);
    expect([...relay.faults]).toEqual([]);
    // Pauses do not grow: it is about to be stopped.
    await pass(8_000);
    expect(relay.delivered).toEqual(['a1']);
    expect(relay.tries.some(({ lookUp }) => lookUp)).toBe(false);
  });
});

describe('a large event', () => {
  const whole = (id: string) => message('1', id, 'x'.repeat(70_000));

  it('is had whole when its turn has come', async () => {
    const relay = createRelay();
    relay.state.wholes.set(1, JSON.stringify(whole('a1')));
    relay.take(message('1', 'a1', ''), { outline: true });
    await pass(0);
    await pass(0);
    expect(relay.delivered).toEqual(['a1']);
    expect(relay.tries[0]?.source).toEqual({ engineKind: 'ryzeapi', payload: whole('a1') });
    expect(relay.acks).toEqual([1]);
  });

  it('that nobody has any more is passed over', async () => {
    const relay = createRelay();
    relay.take(message('1', 'a1', ''), { outline: true });
    await pass(0);
    expect(relay.tried).toEqual([]);
    expect(relay.acks).toEqual([1]);
    expect(relay.state.health.delivered).toBe(0);
  });

  it('is set aside whole', async () => {
    const relay = createRelay({ a1: [refused(), refused(), refused()] });
    const json = JSON.stringify(whole('a1'));
    relay.state.wholes.set(1, json);
    relay.take(message('1', 'a1', ''), { outline: true });
    for (let turn = 0; turn < 10; turn++) await pass(1_000);
    expect(relay.letters).toMatchObject([{ whatsappId: 'a1', payload: json }]);
    expect(byteBudget.heldBytes()).toBe(0);
  });

  it('that is gone when it is to be set aside is not', async () => {
    const relay = createRelay({ a1: [refused(), refused(), refused()] });
    relay.state.wholes.set(1, JSON.stringify(whole('a1')));
    relay.take(message('1', 'a1', ''), { outline: true });
    await pass(0);
    await pass(0);
    await pass(1_000);
    await pass(0);
    // The third try is made, and refused; meanwhile the api forgets it.
    const { wholes } = relay.state;
    const get = wholes.get.bind(wholes);
    wholes.get = (sequence) => (relay.tried.length >= 3 ? undefined : get(sequence));
    for (let turn = 0; turn < 10; turn++) await pass(1_000);
    expect(relay.letters).toEqual([]);
    expect(relay.acks).toEqual([1]);
    expect(relay.log.map(({ msg }) => msg)).not.toContain('a message could not be set aside yet');
  });

  it('is set aside under the key of the whole, not of its outline', async () => {
    const party = { jid: jidOf('1'), name: 'Maria' };
    const edit = (content: string) =>
      wire(
        { content, isEdit: true, edit: { originalId: 'WA0' } },
        { id: 'a1', chat: { ...party, type: 'private' }, sender: party },
      );
    const large = edit('x'.repeat(70_000));
    const relay = createRelay({ a1: [refused(), refused(), refused()] });
    relay.state.wholes.set(1, JSON.stringify(large));
    relay.take(edit(''), { outline: true });
    for (let turn = 0; turn < 10; turn++) await pass(1_000);
    expect(relay.letters.map(({ whatsappId }) => whatsappId)).toEqual([dedupeKey(parse(large), large)]);
  });

  it('whose whole cannot be read is a defect, and is not delivered', async () => {
    const relay = createRelay();
    relay.state.wholes.set(1, JSON.stringify(UNREADABLE));
    relay.take(message('1', 'a1', ''), { outline: true });
    await pass(0);
    await pass(0);
    expect([...relay.faults.values()]).toEqual(['unexpected error in the bridge (Error) — the log says where']);
    expect(relay.acks).toEqual([]);
  });
});

describe('events of no chat', () => {
  it('are in one order among themselves, and hold up no chat', async () => {
    const relay = createRelay({ state: [new MediaUnavailable('x')] });
    const state = { ponte: 'state', state: 'open', phone: 'connected', at: '2026-04-28T10:30:00Z' };
    relay.take(state);
    relay.take({ ...state, at: '2026-04-28T10:31:00Z' });
    relay.take(message('1', 'a1'));
    await pass(0);
    expect(relay.tried).toEqual(['state', 'a1']);
    await pass(1_000);
    expect(relay.acks).toEqual([3, 1, 2]);
  });

  it('are those as well that could name one, and are set aside under none', async () => {
    const relay = createRelay({ status: [refused(), refused(), refused()] });
    relay.take({ event: 'message.status', data: { messageIds: ['WA0'], status: 'read' } });
    await pass(60_000);
    expect(relay.letters).toMatchObject([{ chat: '', attempts: 3 }]);
    expect(relay.acks).toEqual([1]);
  });
});

describe('what was set aside and is wanted after all', () => {
  const letter = (id: string, attempts = 3): DeadLetter => ({ id, engineKind: 'ryzeapi', attempts });

  it('is looked for, tried once more, and told as delivered', async () => {
    const relay = createRelay();
    relay.state.requested = [letter('l1')];
    relay.state.payloads.set('l1', JSON.stringify(message('1', 'a1')));
    await relay.pipeline.redrive();
    await pass(0);
    expect(relay.told).toEqual([['delivered', 'l1']]);
    expect(relay.tries).toMatchObject([{ attempt: 1, lookUp: true, isAgain: true, isLate: false }]);
    expect(relay.acks).toEqual([]);
  });

  it('is set aside again with all its tries', async () => {
    const relay = createRelay({ a1: [refused(), refused(), refused()], b1: [{ waitsFor: 'the file' }] });
    relay.state.requested = [letter('l1', 3), letter('l2', 1)];
    relay.state.payloads.set('l1', JSON.stringify(message('1', 'a1')));
    relay.state.payloads.set('l2', JSON.stringify(message('2', 'b1')));
    await relay.pipeline.redrive();
    await pass(60_000);
    expect(relay.told).toEqual([
      ['failed again', 'l2', { reason: 'the file', isWaiting: true, attempts: 2 }],
      ['failed again', 'l1', { reason: 'Chatwoot refuses the message (HTTP 422: no)', isWaiting: false, attempts: 6 }],
    ]);
    expect(relay.letters).toEqual([]);
  });

  it('is taken once, however often it is asked for, until that is over', async () => {
    const relay = createRelay({ a1: [new MediaUnavailable('x')] });
    relay.state.requested = [letter('l1')];
    relay.state.payloads.set('l1', JSON.stringify(message('1', 'a1')));
    await relay.pipeline.redrive();
    await relay.pipeline.redrive();
    await pass(1_000);
    expect(relay.delivered).toEqual(['a1']);
    await relay.pipeline.redrive();
    await pass(0);
    expect(relay.delivered).toEqual(['a1', 'a1']);
  });

  it('and is gone holds up none behind it', async () => {
    const relay = createRelay();
    relay.state.requested = [letter('gone'), letter('l2')];
    relay.state.payloads.set('l2', JSON.stringify(message('2', 'b1')));
    await relay.pipeline.redrive();
    await pass(0);
    expect(relay.told).toEqual([['delivered', 'l2']]);
  });

  it('and is large is held as its outline until its turn has come', async () => {
    const relay = createRelay();
    const large = message('1', 'a1', 'x'.repeat(WHOLE_LENGTH));
    relay.state.requested = [letter('l1')];
    relay.state.payloads.set('l1', JSON.stringify(large));
    await relay.pipeline.redrive();
    await pass(0);
    await pass(0);
    expect(relay.tries[0]?.source.payload).toEqual(large);
    expect(relay.state.heldBytes).toBeGreaterThan(WHOLE_LENGTH);
    expect(relay.told).toEqual([['delivered', 'l1']]);
    // Gone meanwhile, there is nothing to do.
    const gone = createRelay();
    gone.state.requested = [letter('l1')];
    gone.state.payloads.set('l1', JSON.stringify(large));
    await gone.pipeline.redrive();
    gone.state.payloads.clear();
    await pass(0);
    expect(gone.tried).toEqual([]);
  });
});

describe('what waited for a message that has not come', () => {
  const early = (key: string, payload: unknown, originalId = 'WA0'): EarlyEvent => {
    const event = parse(payload);
    // Of what is due only its source is read.
    return { originalId, key, source: { engineKind: 'ryzeapi', payload }, event: event as EarlyEvent['event'] };
  };

  it('is shown when it has waited long enough, and is no longer kept then', async () => {
    const relay = createRelay();
    relay.state.due = [early('k1', message('1', 'a1'))];
    await relay.pipeline.takeDue();
    await pass(0);
    expect(relay.tries).toMatchObject([{ lookUp: true, isLate: true, isAgain: false }]);
    expect(relay.told).toEqual([['dropped', 'k1']]);
    expect(relay.letters).toEqual([]);
  });

  it('is taken once, however often it is due, until that is over', async () => {
    const relay = createRelay({ a1: [new MediaUnavailable('x')] });
    relay.state.due = [early('k1', message('1', 'a1'))];
    await relay.pipeline.takeDue();
    await relay.pipeline.takeDue();
    await pass(1_000);
    expect(relay.delivered).toEqual(['a1']);
    await relay.pipeline.takeDue();
    await pass(0);
    expect(relay.delivered).toEqual(['a1', 'a1']);
  });

  it('is told apart by the message it is about, and by what it is', async () => {
    const relay = createRelay();
    relay.state.due = [early('k1', message('1', 'a1')), early('k2', message('1', 'a2')), early('k1', message('1', 'a3'), 'WA9')];
    await relay.pipeline.takeDue();
    await pass(0);
    expect(relay.delivered).toEqual(['a1', 'a2', 'a3']);
  });

  it('and fails for good is set aside, and then no longer kept', async () => {
    const relay = createRelay({ a1: [refused(), refused(), refused()] });
    relay.state.due = [early('k1', message('1', 'a1'))];
    await relay.pipeline.takeDue();
    await pass(60_000);
    expect(relay.letters).toMatchObject([{ whatsappId: 'a1' }]);
    expect(relay.told).toEqual([['dropped', 'k1']]);
  });
});
