import { setImmediate as turn } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { PrismaClient } from '../../shared/database/database.ts';
import { dedupeKey } from '../../shared/engines/dedupe-key.ts';
import type { Delivery, Engine, ParsedEvent } from '../../shared/engines/engine.ts';
import type { Chat, StateEvent, WhatsappEvent } from '../../shared/engines/event.ts';
import { type Outline, outlineOf } from '../../shared/engines/outline.ts';
import type { Stored } from '../../shared/events/queries/store-event.ts';
import { noteConnection } from '../../shared/instances/queries/note-connection.ts';
import { largeJson, NOTHING_ASIDE, type TextsAside } from '../../shared/text/large-json.ts';
import type { StoreEvent } from './event-store.ts';

const LARGE_BYTES = 1_048_576;

/** Whose a delivery is. */
export interface Target {
  readonly instanceId: string;
  readonly engineKind: string;
  readonly engine: Engine;
}

export interface Taken {
  /** What became of what could be read: `stored` where anything was. */
  readonly status: Stored;
  /** What was wrong with the rest. */
  readonly faults: readonly string[];
}

/** One payload of a delivery, as it is to be stored. */
interface Read {
  readonly event: WhatsappEvent;
  readonly payload: unknown;
  readonly text: Buffer;
  readonly outline: Outline;
}

/**
 * Takes what an engine has delivered: each event is stored by itself, and resolves only when all are. All are read before the first is
 * stored; `refuse` may throw then, and has left nothing behind. Rejects when the database is away: whatever is stored already is
 * recognised when it is delivered again.
 */
export async function takeDelivery(
  { prisma, storeEvent }: { prisma: PrismaClient; storeEvent: StoreEvent },
  { instanceId, engineKind, engine }: Target,
  delivery: Delivery & { readonly aside?: TextsAside },
  refuse: (fault: string) => void = () => {},
): Promise<Taken> {
  const faults: string[] = [];
  const read: Read[] = [];
  for (const payload of engine.unpack(delivery)) {
    const outcome = await readPayload(engine, payload, delivery.aside ?? NOTHING_ASIDE);
    if (typeof outcome === 'string') {
      refuse(outcome);
      faults.push(outcome);
      continue;
    }
    // Whoever would not deliver it again is not to lose it for that.
    if (outcome.outline.kind === 'none') refuse('body: is made of too many values');
    read.push(outcome);
  }
  const results = new Set<Stored>();
  for (const { event, payload, text, outline } of read) {
    const result = await storeEvent({
      instanceId,
      dedupeKey: dedupeKey(event, payload),
      chat: chatOf(event),
      payload: text,
      outline: outline.kind === 'outline' ? outline.json : null,
      engineKind,
      showsConnection: event.kind === 'message',
    });
    results.add(result);
    if (event.kind === 'state' && result !== 'duplicate') await noteState(prisma, instanceId, event);
  }
  const status = (['stored', 'duplicate'] as const).find((result) => results.has(result)) ?? 'unwanted';
  return { status, faults };
}

/** The event and its text; the fault where there is none. Of one that is large, each step has a turn of the event loop for itself. */
async function readPayload(engine: Engine, payload: unknown, aside: TextsAside): Promise<Read | string> {
  const parsed: ParsedEvent = engine.readEvent(payload);
  if (!parsed.ok) return parsed.fault;
  try {
    const text = await largeJson(payload, aside);
    const outline = outlineOf(payload, text, aside);
    if (text.length > LARGE_BYTES) await turn();
    const isFit = outline.kind !== 'outline' || saysTheSame(engine, outline.json, parsed.event);
    return { event: parsed.event, payload, text, outline: isFit ? outline : { kind: 'whole' } };
  } catch (error) {
    // Nested deeper than can be written out again.
    if (error instanceof RangeError) return 'body: is nested too deeply';
    throw error;
  }
}

/** Whether an outline can stand for its event while that waits: otherwise it waits as it is. */
function saysTheSame(engine: Engine, outline: string, event: WhatsappEvent): boolean {
  const parsed = engine.readEvent(JSON.parse(outline));
  return parsed.ok && parsed.event.kind === event.kind && isDeepStrictEqual(chatIn(parsed.event), chatIn(event));
}

async function noteState(prisma: PrismaClient, instanceId: string, { phone, state, at }: StateEvent): Promise<void> {
  if (phone === undefined) return;
  const time = new Date(at);
  await noteConnection(prisma, instanceId, { state: phone, told: state, at: Number.isNaN(time.getTime()) ? undefined : time });
}

const chatIn = (event: WhatsappEvent): Chat | undefined => ('chat' in event ? event.chat : undefined);
const chatOf = (event: WhatsappEvent): string => chatIn(event)?.address ?? '';
