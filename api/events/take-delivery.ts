import type { PrismaClient } from '../../shared/database/database.ts';
import { dedupeKey } from '../../shared/engines/dedupe-key.ts';
import type { Delivery, Engine, ParsedEvent } from '../../shared/engines/engine.ts';
import type { StateEvent, WhatsappEvent } from '../../shared/engines/event.ts';
import { type Stored, storeEvent } from '../../shared/events/queries/store-event.ts';
import { noteConnection } from '../../shared/instances/queries/note-connection.ts';

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
  readonly text: string;
}

/**
 * Takes what an engine has delivered: each event is stored by itself, and resolves only when all are. All are read before the first is
 * stored; `refuse` may throw then, and has left nothing behind. Rejects when the database is away: whatever is stored already is
 * recognised when it is delivered again.
 */
export async function takeDelivery(
  prisma: PrismaClient,
  { instanceId, engineKind, engine }: Target,
  delivery: Delivery,
  refuse: (fault: string) => void = () => {},
): Promise<Taken> {
  const faults: string[] = [];
  const read = engine.unpack(delivery).flatMap((payload): Read[] => {
    const outcome = readPayload(engine, payload);
    if (typeof outcome !== 'string') return [outcome];
    refuse(outcome);
    faults.push(outcome);
    return [];
  });
  const results = new Set<Stored>();
  for (const { event, payload, text } of read) {
    const result = await storeEvent(prisma, {
      instanceId,
      dedupeKey: dedupeKey(event, payload),
      chat: chatOf(event),
      payload: text,
      engineKind,
      showsConnection: event.kind === 'message',
    });
    results.add(result);
    if (event.kind === 'state' && result !== 'duplicate') await noteState(prisma, instanceId, event);
  }
  const status = (['stored', 'duplicate'] as const).find((result) => results.has(result)) ?? 'unwanted';
  return { status, faults };
}

/** The event and its text; the fault where there is none. */
function readPayload(engine: Engine, payload: unknown): Read | string {
  const parsed: ParsedEvent = engine.readEvent(payload);
  if (!parsed.ok) return parsed.fault;
  try {
    return { event: parsed.event, payload, text: JSON.stringify(payload) };
  } catch (error) {
    // Nested deeper than can be written out again.
    if (error instanceof RangeError) return 'body: is nested too deeply';
    throw error;
  }
}

async function noteState(prisma: PrismaClient, instanceId: string, { phone, state, at }: StateEvent): Promise<void> {
  if (phone === undefined) return;
  const time = new Date(at);
  await noteConnection(prisma, instanceId, { state: phone, told: state, at: Number.isNaN(time.getTime()) ? undefined : time });
}

const chatOf = (event: WhatsappEvent): string => ('chat' in event ? (event.chat?.address ?? '') : '');
