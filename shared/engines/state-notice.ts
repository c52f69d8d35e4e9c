import { z } from 'zod';
import type { ParsedEvent } from './engine.ts';
import type { PhoneState, StateEvent } from './event.ts';
import { type EngineKind, engineOf } from './registry.ts';

/** Written by Ponte itself where an engine does not tell of the connection, and was asked. No engine has such a payload. */
const noticeSchema = z.object({ ponte: z.literal('state'), state: z.string(), phone: z.string(), at: z.string() });

/** A state that was found, as it is stored beside what engines deliver. */
export function stateNotice(
  state: string,
  phone: PhoneState,
  at: Date,
): { readonly payload: unknown; readonly event: StateEvent } {
  const event: StateEvent = { kind: 'state', state, phone, at: at.toISOString() };
  return { payload: { ponte: 'state', state, phone, at: event.at }, event };
}

/** A stored payload: of the engine's, or our own. */
export function readStored(kind: EngineKind, payload: unknown): ParsedEvent {
  const notice = noticeSchema.safeParse(payload).data;
  if (notice === undefined) return engineOf(kind).readEvent(payload);
  // Whoever shows it knows of words it does not know.
  const event: StateEvent = { kind: 'state', state: notice.state, phone: notice.phone as PhoneState, at: notice.at };
  return { ok: true, event };
}
