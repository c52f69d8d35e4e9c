import { z } from 'zod';
import type { ParsedEvent } from './engine.ts';
import type { Chat, PhoneState, StateEvent } from './event.ts';
import { isFields } from './fields.ts';
import { type EngineKind, engineOf } from './registry.ts';

// What Ponte itself stores beside what engines deliver. No engine has such payloads.

/** A place without a name: what is to be known of a chat that nobody writes in now. */
const placeSchema = z.object({
  type: z.enum(['private', 'group']),
  address: z.string(),
  number: z.string().optional(),
  lid: z.string().optional(),
});
export type Place = z.infer<typeof placeSchema>;

const noticeSchema = z.discriminatedUnion('ponte', [
  z.object({ ponte: z.literal('state'), state: z.string(), phone: z.string(), at: z.string() }),
  z.object({ ponte: z.literal('history'), payload: z.unknown() }),
  z.object({ ponte: z.literal('history_end'), chat: placeSchema }),
]);
type Notice = z.infer<typeof noticeSchema>;

/** The connection's state, where an engine does not tell of it and was asked. */
export function stateNotice(
  state: string,
  phone: PhoneState,
  at: Date,
): { readonly payload: unknown; readonly event: StateEvent } {
  const event: StateEvent = { kind: 'state', state, phone, at: at.toISOString() };
  return { payload: { ponte: 'state', state, phone, at: event.at } satisfies Notice, event };
}

/** A message that an engine has told as history; `payload` is JSON text. */
export const historyNotice = (payload: string): string => `{"ponte":"history","payload":${payload}}`;

/** All history of a chat is there. */
export const historyEndNotice = (chat: Place): string => JSON.stringify({ ponte: 'history_end', chat } satisfies Notice);

/** Where a message stands, as JSON text; undefined for a chat that is nobody's. */
export function placeOf({ type, address, number, lid }: Chat): Place | undefined {
  return type === 'private' || type === 'group' ? { type, address, number, lid } : undefined;
}
export const readPlace = (json: string): Place => placeSchema.parse(JSON.parse(json));

/** A stored payload: of the engine's, or our own. */
export function readStored(kind: EngineKind, payload: unknown): ParsedEvent {
  // Nearly all are of the engine's.
  const notice = isFields(payload) && 'ponte' in payload ? noticeSchema.safeParse(payload).data : undefined;
  switch (notice?.ponte) {
    case undefined:
      return engineOf(kind).readEvent(payload);
    case 'state': {
      // Whoever shows it knows of words it does not know.
      const event: StateEvent = { kind: 'state', state: notice.state, phone: notice.phone as PhoneState, at: notice.at };
      return { ok: true, event };
    }
    case 'history': {
      const parsed = engineOf(kind).readEvent(notice.payload);
      return parsed.ok && parsed.event.kind === 'message' ? { ok: true, event: { ...parsed.event, isHistory: true } } : parsed;
    }
    case 'history_end':
      return { ok: true, event: { kind: 'history_end', chat: notice.chat } };
  }
}
