import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Backoff, backoffMs } from '../../../shared/backoff.ts';
import { dedupeKey } from '../../../shared/engines/dedupe-key.ts';
import type { WhatsappEvent } from '../../../shared/engines/event.ts';
import { outlineOf } from '../../../shared/engines/outline.ts';
import type { EngineKind } from '../../../shared/engines/registry.ts';
import { readStored } from '../../../shared/engines/stored.ts';
import type { Logger } from '../../../shared/logging/logger.ts';
import { type Allotment, byteBudget } from '../../../shared/memory/byte-budget.ts';
import type { StreamEvent } from '../../stream/stream-client.ts';
import type { CircuitBreaker } from './circuit-breaker.ts';
import { classifyError, isAmbiguous, type Verdict } from './classify-error.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { Deliver } from './delivery.ts';
import type { EarlyEvents, EventSource } from './early-events.ts';
import type { Health } from './health.ts';
import { identityOf } from './identity.ts';
import { createKeyedQueue, type TryOutcome } from './keyed-queue.ts';
import { LeaseLost } from './relay-error.ts';
import type { FetchWholeEvent } from './whole-event.ts';

export interface Pipeline {
  /** Takes an event; `ack` is called when Chatwoot has it, or it is set aside. One that is already in here is only told once. */
  take(frame: StreamEvent, ack: (sequence: number) => void): void;
  /** Tries again what was set aside and is wanted after all. */
  redrive(): Promise<void>;
  /** Shows what has waited long enough for the message that it is about. */
  takeDue(): Promise<void>;
  /** Begins nothing more; resolves when what is under way has ended. */
  stop(): Promise<void>;
}

/** What an event is read from, as it is held while it waits. */
interface HeldSource extends EventSource {
  /** Where `payload` is only the outline: the whole as JSON text, or undefined once it is no longer needed. */
  readonly whole?: ((allotment: Allotment) => Promise<string | undefined>) | undefined;
}

/** How it ended: Chatwoot has it, or has it without the file, which is to be tried again; or it never will. */
type Settled = 'delivered' | { readonly waitsFor: string } | { readonly deadBecause: string };

interface Item {
  /** By `performance.now()`. */
  readonly takenAtMs: number;
  readonly event: WhatsappEvent;
  readonly source: HeldSource;
  readonly chat: string;
  /** It has waited for the message that it is about. */
  readonly isLate: boolean;
  /** What remains to be done when it is delivered, or set aside. */
  readonly settle: (result: Settled) => Promise<void>;
  /** It was set aside once, or its file was. */
  readonly isAgain: boolean;
  attempts: number;
  refusals: number;
  breakdowns: number;
  lookUp: boolean;
  /** When Chatwoot first broke down over it. */
  brokenSinceMs?: number;
}

/** Chats of one integration that are worked on at the same time. */
const CHATS_AT_A_TIME = 8;
/** Chatwoot says no for good, but a moment later may see it differently. */
const REFUSED_TRIES = 3;
/** Chatwoot breaks down over one message this often, and takes others meanwhile: then it is the message. */
const BREAKDOWN_TRIES = 8;
const DEFECT_TRIES = 3;

/** The way of one integration's events into Chatwoot: in order within each chat, whatever fails, and the chats independent of each other. */
export function createPipeline(deps: {
  integrationId: string;
  /** Base address of Chatwoot, for error texts. */
  chatwootUrl: () => string;
  deliver: Deliver;
  /** Does the work when it is the integration's turn: it has the time of this process and of the database, of which there is little. */
  inTurn: (work: () => Promise<TryOutcome>) => Promise<TryOutcome>;
  deadLetters: DeadLetters;
  early: Pick<EarlyEvents, 'due' | 'drop'>;
  health: Health;
  breaker: CircuitBreaker;
  wholeEvent: FetchWholeEvent;
  /** Nothing is tried before this. */
  ready: Promise<void>;
  pauses: Backoff;
  logger: Logger;
}): Pipeline {
  const { deliver, deadLetters, early, health, breaker, pauses, logger } = deps;
  const taken = new Set<number>();
  const redriven = new Set<string>();
  const due = new Set<string>();
  let lastDeliveredMs = 0;
  const mayTry = () => deps.ready.then(breaker.pass);
  const queue = createKeyedQueue<Item>({ limit: CHATS_AT_A_TIME, mayTry, inTurn: deps.inTurn, tryFirst });

  async function tryFirst(item: Item): Promise<TryOutcome> {
    item.attempts += 1;
    const allotment = byteBudget.open(deps.integrationId);
    try {
      const whole = await wholeOf(item, allotment);
      const { attempts: attempt, takenAtMs, lookUp, isLate, isAgain } = item;
      const delivered =
        whole === undefined
          ? 'nothing to do'
          : await deliver(whole.event, { attempt, takenAtMs, lookUp, source: whole.source, allotment, isLate, isAgain });
      await item.settle(typeof delivered === 'object' ? delivered : 'delivered');
      if (delivered === 'nothing to do') breaker.skipped();
      else succeeded();
      health.mended(item.chat);
      return 'done';
    } catch (error) {
      return afterFailure(item, error);
    } finally {
      allotment.release();
    }
  }

  /** The event itself and what it is read from, where so far only its outline was here; undefined for one that nobody needs any more. */
  async function wholeOf({ event, source }: Item, allotment: Allotment): Promise<WholeEvent | undefined> {
    if (source.whole === undefined) return { event, source };
    const json = await source.whole(allotment);
    if (json === undefined) return undefined;
    await nextTurn();
    return readWhole(source.engineKind, json);
  }

  function succeeded(): void {
    lastDeliveredMs = Date.now();
    breaker.succeeded();
    health.mended('chatwoot');
    health.delivered();
  }

  async function afterFailure(item: Item, error: unknown): Promise<TryOutcome> {
    // The queue is about to be stopped.
    if (error instanceof LeaseLost) return { retryAfterMs: pauses.firstMs };
    item.lookUp ||= isAmbiguous(error);
    const verdict = classifyError(error, deps.chatwootUrl()) ?? defect(item, error);
    logger.debug(
      { integrationId: deps.integrationId, attempts: item.attempts, kind: item.event.kind, reason: verdict.reason },
      'not delivered yet',
    );
    if (verdict.kind === 'outage') {
      health.fault('chatwoot', verdict.reason);
      breaker.failed(verdict.afterMs);
      return { retryAfterMs: 0 };
    }
    // Chatwoot has answered: whatever is wrong concerns this chat alone.
    breaker.succeeded();
    health.mended('chatwoot');
    if (isHopeless(item, verdict)) return setAside(item, verdict.reason);
    health.fault(item.chat, verdict.reason);
    return { retryAfterMs: pauseOf(verdict, backoffMs(pauses, item.attempts)) };
  }

  function pauseOf(verdict: Verdict, pauseMs: number): number {
    if (verdict.kind !== 'wait') return pauseMs;
    return Math.min(
      Math.max(pauseMs, Math.min(verdict.afterMs ?? 0, pauses.maxMs)),
      verdict.withinMs ?? Number.POSITIVE_INFINITY,
    );
  }

  function isHopeless(item: Item, verdict: Verdict): boolean {
    if (verdict.kind === 'refused') {
      item.refusals += 1;
      return item.refusals >= REFUSED_TRIES;
    }
    if (verdict.kind !== 'breakdown') return false;
    item.breakdowns += 1;
    item.brokenSinceMs ??= Date.now();
    return item.breakdowns >= BREAKDOWN_TRIES && lastDeliveredMs > item.brokenSinceMs;
  }

  /** Nothing of the message may get into the log, so neither may an error's own text. */
  function defect(item: Item, error: unknown): Verdict {
    const name = error instanceof Error ? error.name : typeof error;
    const stack =
      error instanceof Error
        ? error.stack
            ?.split('\n')
            .filter((line) => /^\s+at /.test(line))
            .slice(0, 5)
        : [];
    logger.error({ integrationId: deps.integrationId, kind: item.event.kind, error: name, stack }, 'unexpected error');
    const reason = `unexpected error in the bridge (${name}) — the log says where`;
    return item.attempts >= DEFECT_TRIES ? { kind: 'refused', reason } : { kind: 'wait', reason };
  }

  async function setAside(item: Item, reason: string): Promise<TryOutcome> {
    try {
      await item.settle({ deadBecause: reason });
    } catch (error) {
      logger.warn({ integrationId: deps.integrationId, reason: String(error) }, 'a message could not be set aside yet');
      return { retryAfterMs: backoffMs(pauses, item.attempts) };
    }
    health.mended(item.chat);
    logger.warn({ integrationId: deps.integrationId, reason, attempts: item.attempts }, 'a message was set aside');
    return 'done';
  }

  async function addLetter({ event: told, source, chat, attempts }: Item, result: Exclude<Settled, 'delivered'>): Promise<void> {
    const { engineKind } = source;
    const allotment = byteBudget.open(deps.integrationId);
    try {
      const payload = source.whole === undefined ? JSON.stringify(source.payload) : await source.whole(allotment);
      if (payload === undefined) return;
      const { event, source: whole } = source.whole === undefined ? { event: told, source } : readWhole(engineKind, payload);
      // What happened to a message may carry the id of that message.
      const whatsappId = event.kind === 'message' ? event.id : dedupeKey(event, whole.payload);
      await deadLetters.add({ chat, whatsappId, engineKind, payload, attempts, ...reasonOf(result) });
    } finally {
      allotment.release();
    }
  }

  function enqueue(
    source: HeldSource,
    given: Pick<Item, 'lookUp'> & Partial<Pick<Item, 'isAgain' | 'isLate'>>,
    settle: (item: Item) => Item['settle'],
  ): boolean {
    const parsed = readStored(source.engineKind, source.payload);
    if (!parsed.ok) return false;
    const { event } = parsed;
    const addresses = addressesOf(event);
    const beginning = { takenAtMs: performance.now(), isAgain: false, isLate: false, attempts: 0, refusals: 0, breakdowns: 0 };
    const fields = { event, source, chat: addresses[0] ?? '', ...beginning, ...given };
    const item: Item = { ...fields, settle: (result) => settle(item)(result) };
    queue.push(addresses, item);
    return true;
  }

  /** A letter may be as large as any event: held is its outline, here as well. */
  async function letterSource(id: string, engineKind: EngineKind): Promise<HeldSource | undefined> {
    const json = await deadLetters.payloadOf(id);
    if (json === undefined) return undefined;
    const payload: unknown = JSON.parse(json);
    const outline = outlineOf(payload, json);
    if (outline.kind !== 'outline') return { engineKind, payload };
    const whole = async (allotment: Allotment): Promise<string | undefined> => {
      await allotment.more(json.length);
      return deadLetters.payloadOf(id);
    };
    return { engineKind, payload: JSON.parse(outline.json), whole };
  }

  return {
    take({ sequence, event: payload, outline, engineKind, redelivered }, ack) {
      if (taken.has(sequence)) return;
      taken.add(sequence);
      const whole = outline ? (allotment: Allotment) => deps.wholeEvent(sequence, allotment) : undefined;
      const isTaken = enqueue({ engineKind, payload, whole }, { lookUp: redelivered }, (item) => async (result) => {
        if (result !== 'delivered') await addLetter(item, result);
        ack(sequence);
        taken.delete(sequence);
      });
      if (isTaken) return;
      // The api has understood it, so another version of it must have.
      logger.error({ integrationId: deps.integrationId, sequence }, 'an event of the stream cannot be read, it is passed over');
      ack(sequence);
      taken.delete(sequence);
    },

    async redrive() {
      for (const { id, engineKind, attempts } of await deadLetters.requested()) {
        if (redriven.has(id)) continue;
        const source = await letterSource(id, engineKind);
        if (source === undefined) continue;
        redriven.add(id);
        enqueue(source, { lookUp: true, isAgain: true }, (item) => async (result) => {
          if (result === 'delivered') await deadLetters.delivered(id);
          else await deadLetters.failedAgain(id, { ...reasonOf(result), attempts: attempts + item.attempts });
          redriven.delete(id);
        });
      }
    },

    async takeDue() {
      for (const waited of await early.due()) {
        const id = `${waited.originalId} ${waited.key}`;
        if (due.has(id)) continue;
        due.add(id);
        enqueue(waited.source, { lookUp: true, isLate: true }, (item) => async (result) => {
          if (result !== 'delivered') await addLetter(item, result);
          await early.drop(waited);
          due.delete(id);
        });
      }
    },

    async stop() {
      breaker.stop();
      await queue.stop();
      await health.stop();
    },
  };
}

interface WholeEvent {
  readonly event: WhatsappEvent;
  readonly source: EventSource;
}

/** It was read when it was stored. Throws where another version of the api has read it. */
function readWhole(engineKind: EngineKind, json: string): WholeEvent {
  const source: EventSource = { engineKind, payload: JSON.parse(json) };
  const parsed = readStored(engineKind, source.payload);
  if (!parsed.ok) throw new Error('the whole of an event cannot be read');
  return { event: parsed.event, source };
}

/** What belongs into one order. The addresses of a person are one chat, however he is called this time. */
function addressesOf(event: WhatsappEvent): readonly string[] {
  if (!('chat' in event) || event.chat === undefined) return [''];
  return identityOf(event.chat).addresses;
}

const reasonOf = (result: Exclude<Settled, 'delivered'>) =>
  'waitsFor' in result ? { reason: result.waitsFor, isWaiting: true } : { reason: result.deadBecause, isWaiting: false };
