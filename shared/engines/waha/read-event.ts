import { hashOf } from '../../content-hash.ts';
import { cutTo } from '../../text/cut.ts';
import type { ParsedEvent } from '../engine.ts';
import type { PhoneState, StatusEvent, WhatsappEvent } from '../event.ts';
import { dateOf, type Fields, fieldsOf, idOf, isFields, isTrue, labelOf, listOf, numberOf, textOf } from '../fields.ts';
import { readContent } from '../whatsapp-proto/content.ts';
import { bareId, readName } from './ids.ts';
import { type Place, readChat, readPlace } from './parties.ts';
import { protoOf, readMessageContent } from './read-body.ts';

const fault = (text: string): ParsedEvent => ({ ok: false, fault: text });
const parsed = (event: WhatsappEvent): ParsedEvent => ({ ok: true, event });
const other = (name: string): ParsedEvent => parsed({ kind: 'other', name });

/**
 * Reads one payload of `unpack`. Never throws. What came in a real envelope is never a fault: WAHA would deliver it again and again, and it
 * would never be better.
 */
export function readEvent(envelope: unknown): ParsedEvent {
  if (!isFields(envelope)) return fault('body: is not a JSON object');
  const event = labelOf(envelope, 'event').toLowerCase();
  if (event === '') return fault('event: is missing');
  if (!isFields(envelope.payload)) return fault('payload: is not an object');
  const { payload } = envelope;
  switch (event) {
    case 'message':
    case 'message.any':
      return readMessage(payload, event);
    case 'message.waiting':
      return withPlace(payload, event, (place) => ({
        kind: 'message',
        ...place,
        body: { type: 'placeholder' },
        forwarded: false,
      }));
    case 'message.reaction':
      return withPlace(payload, event, (place) => ({
        kind: 'reaction',
        ...place,
        originalId: bareId(labelOf(fieldsOf(payload.reaction), 'messageId')),
        emoji: cutTo(labelOf(fieldsOf(payload.reaction), 'text'), EMOJI_LENGTH),
      }));
    case 'message.edited':
      return readEdit(payload, event);
    case 'message.revoked':
      return readRevocation(payload, event);
    case 'message.ack':
    case 'message.ack.group':
      return readAck(payload, event);
    case 'poll.vote':
      return readVote(payload, event);
    case 'poll.vote.failed':
      return readFailedVote(payload, event);
    case 'call.received':
      return readCall(payload, event);
    case 'group.v2.join':
    case 'group.v2.update':
      return readGroup(payload, event);
    case 'session.status':
      return readState(payload, envelope, event);
    default:
      return other(event);
  }
}

// One emoji with all that may be joined to it, and some room.
const EMOJI_LENGTH = 50;

type Common = Place & { readonly sentAt: Date | undefined; readonly source: string };

function commonOf(payload: Fields): Common | undefined {
  const place = readPlace(payload);
  // `source` says `api` of what was typed on the phone as well, so it says nothing; what we sent is known by its id.
  return place && { ...place, id: place.id || hashOf(payload), sentAt: dateOf(payload, 'timestamp'), source: '' };
}

function withPlace(payload: Fields, event: string, read: (common: Common) => WhatsappEvent): ParsedEvent {
  const common = commonOf(payload);
  return common === undefined ? other(`${event} without an address`) : parsed(read(common));
}

function readMessage(payload: Fields, event: string): ParsedEvent {
  const common = commonOf(payload);
  if (common === undefined) return other(`${event} without an address`);
  const content = readMessageContent(payload);
  switch (content.kind) {
    case 'message':
      // A vote comes decrypted in an event of its own, under the same id.
      if (content.body.type === 'unsupported' && content.body.name === 'poll vote') return other(`${event} vote`);
      return parsed({ ...common, ...content });
    case 'edit':
      return parsed({ kind: 'edit', ...common, originalId: content.originalId, text: content.text });
    // These two come in events of their own.
    case 'revoke':
    case 'reaction':
      return other(`${event} ${content.kind}`);
    case 'nothing':
      return other(`${event} ${content.name}`);
  }
}

function readEdit(payload: Fields, event: string): ParsedEvent {
  const proto = protoOf(fieldsOf(payload._data));
  const content = proto === undefined ? undefined : readContent(proto);
  const edit = content?.kind === 'edit' ? content : undefined;
  return withPlace(payload, event, (common) => ({
    kind: 'edit',
    ...common,
    // WEBJS leaves it out, and gives the edit the id of the original.
    originalId: bareId(labelOf(payload, 'editedMessageId')) || edit?.originalId || common.id,
    text: textOf(payload, 'body') || (edit?.text ?? ''),
  }));
}

function readRevocation(payload: Fields, event: string): ParsedEvent {
  const after = fieldsOf(payload.after);
  const before = fieldsOf(payload.before);
  const told = labelOf(after, 'id') === '' ? before : after;
  const data = fieldsOf(after._data);
  const content = readContent(protoOf(data));
  const originalId =
    bareId(labelOf(payload, 'revokedMessageId')) ||
    idOf(fieldsOf(data.protocolMessageKey), 'id') ||
    (content.kind === 'revoke' ? content.originalId : '') ||
    bareId(labelOf(before, 'id')) ||
    bareId(labelOf(after, 'id'));
  return originalId === ''
    ? other(`${event} of nothing`)
    : withPlace(told, event, (common) => ({ kind: 'revoke', ...common, originalId }));
}

const ACKS: Readonly<Record<string, StatusEvent['status']>> = { '-1': 'failed', 2: 'delivered', 3: 'read', 4: 'read' };

function readAck(payload: Fields, event: string): ParsedEvent {
  const name = readName(labelOf(payload, 'id'));
  if (name.id === '') return other(`${event} of nothing`);
  const ack = numberOf(payload, 'ack');
  const isGroup = name.chat.endsWith('@g.us') || event === 'message.ack.group';
  // GOWS says null where it does not know. What came in is read by us, which tells nobody anything.
  const isOurs = name.chat === '' ? isTrue(payload, 'fromMe') : name.isOurs;
  return parsed({
    kind: 'status',
    messageIds: [name.id],
    status: ack === undefined || !isOurs ? 'other' : (ACKS[String(ack)] ?? 'other'),
    chat: readChat(name.chat || labelOf(payload, 'from')),
    told: labelOf(payload, 'ackName').toLowerCase() || String(ack ?? 'unknown'),
    member: isGroup ? labelOf(payload, 'participant') || undefined : undefined,
  });
}

function readVote(payload: Fields, event: string): ParsedEvent {
  const vote = fieldsOf(payload.vote);
  const selected = Array.isArray(vote.selectedOptions) ? vote.selectedOptions : [];
  const options = selected.slice(0, 50).map((option: unknown) => labelOf(isFields(option) ? option : { name: option }, 'name'));
  return withPlace(vote, event, (common) => ({
    kind: 'message',
    ...common,
    body: { type: 'vote', question: '', options: options.filter((option) => option !== '') },
    replyTo: bareId(labelOf(fieldsOf(payload.poll), 'id')) || undefined,
    forwarded: false,
  }));
}

const readFailedVote = (payload: Fields, event: string): ParsedEvent =>
  withPlace(fieldsOf(payload.vote), event, (common) => ({
    kind: 'message',
    ...common,
    body: { type: 'unsupported', name: 'poll vote', text: '' },
    replyTo: bareId(labelOf(fieldsOf(payload.poll), 'id')) || undefined,
    forwarded: false,
  }));

function readCall(payload: Fields, event: string): ParsedEvent {
  const chat = readChat(labelOf(payload, 'from'));
  if (chat === undefined) return other(`${event} without an address`);
  const id = idOf(payload, 'id') || hashOf(payload);
  return parsed({ kind: 'call', id, chat, direction: 'incoming', video: isTrue(payload, 'isVideo') });
}

function readGroup(payload: Fields, event: string): ParsedEvent {
  const group = fieldsOf(payload.group);
  const chat = readChat(labelOf(group, 'id'));
  return chat === undefined
    ? other(event)
    : parsed({ kind: 'group', chat: { ...chat, name: labelOf(group, 'subject') || undefined } });
}

/** What WAHA's states say of the phone. While it starts, nobody knows. */
const PHONE_STATES = new Map<string, PhoneState>([
  ['WORKING', 'connected'],
  ['STOPPED', 'disconnected'],
  ['SCAN_QR_CODE', 'qr_ready'],
  ['PASSKEY_REQUIRED', 'qr_ready'],
  ['PASSKEY_CONFIRMATION_REQUIRED', 'qr_ready'],
  ['FAILED', 'connect_failure'],
]);

export const phoneOf = (status: string): PhoneState | undefined => PHONE_STATES.get(status);

function readState(payload: Fields, envelope: Fields, event: string): ParsedEvent {
  const status = cutTo(labelOf(payload, 'status').toUpperCase(), 100);
  if (status === '') return other(event);
  const last = listOf(payload.statuses).findLast((told) => labelOf(told, 'status').toUpperCase() === status);
  const at = dateOf(last ?? {}, 'timestamp') ?? dateOf(envelope, 'timestamp');
  return parsed({ kind: 'state', state: status.toLowerCase(), phone: phoneOf(status), at: at?.toISOString() ?? '' });
}
