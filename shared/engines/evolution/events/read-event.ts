import type { ParsedEvent } from '../../engine.ts';
import type { WhatsappEvent } from '../../event.ts';
import { type Fields, fieldsOf, isFields, labelOf } from '../../fields.ts';
import { readCall } from './call.ts';
import { readDeletion, readEdited, readUpdate } from './change.ts';
import { readGroup } from './group.ts';
import { readMessage } from './message.ts';
import { readConnection, readPairing, readStatusInstance } from './state.ts';

/** An event in its envelope, as `payloadsOf` stores it. */
export interface Envelope {
  /** In lower case, words joined by dots: older versions and other roads write `MESSAGES_UPSERT`. */
  readonly name: string;
  readonly data: Fields;
  /** JID of the phone itself; empty where it is not told. */
  readonly own: string;
  /** The engine's local time dressed as UTC: of no use as a time, but the same in each delivery of an event. */
  readonly at: string;
}

type Reader = (envelope: Envelope) => WhatsappEvent | undefined;

const READERS: Readonly<Record<string, Reader>> = {
  'messages.upsert': readMessage,
  'send.message': readMessage,
  'messages.update': readUpdate,
  'messages.edited': readEdited,
  'send.message.update': readEdited,
  'messages.delete': readDeletion,
  'connection.update': readConnection,
  'qrcode.updated': readPairing,
  'status.instance': readStatusInstance,
  'logout.instance': readStatusInstance,
  'remove.instance': readStatusInstance,
  call: readCall,
  'groups.upsert': readGroup,
  'groups.update': readGroup,
  'group.update': readGroup,
  'group.participants.update': readGroup,
};

/**
 * Reads an event of Evolution API v2, in whichever of its versions' JSON layouts. Never throws. An event of which nothing can be made is
 * `other`: the engine drops an event for good that it is told is wrong.
 */
export function readEvent(payload: unknown): ParsedEvent {
  if (!isFields(payload)) return { ok: false, fault: 'body: is not a JSON object' };
  const told = labelOf(payload, 'event');
  if (told === '') return { ok: false, fault: 'event: is missing' };
  const name = told.toLowerCase().replace(/[\s_-]+/g, '.');
  const envelope = { name, data: fieldsOf(payload.data), own: labelOf(payload, 'sender'), at: labelOf(payload, 'date_time') };
  const read = Object.hasOwn(READERS, name) ? READERS[name] : undefined;
  return { ok: true, event: read?.(envelope) ?? { kind: 'other', name: told } };
}
