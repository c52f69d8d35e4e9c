import type { Chat, EditEvent, RevokeEvent, StatusEvent, WhatsappEvent } from '../../event.ts';
import { type Fields, fieldsOf, idOf, isFields, isTrue, labelOf } from '../../fields.ts';
import { readAddress } from '../../jid.ts';
import { readContent, readProtocolMessage } from '../../whatsapp-proto/content.ts';
import { type ProtoKey, readKey } from '../../whatsapp-proto/key.ts';
import { readEnum, readTime } from '../../whatsapp-proto/values.ts';
import type { Envelope } from './read-event.ts';

const STATUSES = { 0: 'ERROR', 1: 'PENDING', 2: 'SERVER_ACK', 3: 'DELIVERY_ACK', 4: 'READ', 5: 'PLAYED' } as const;
const MEANINGS: Readonly<Record<string, StatusEvent['status']>> = {
  ERROR: 'failed',
  DELIVERY_ACK: 'delivered',
  READ: 'read',
  PLAYED: 'read',
};

/** The key of what was changed: flat in newer versions, an object in older ones, beside ids of the engine's own database. */
const keyOf = (data: Fields): Fields => {
  const inner = fieldsOf(data.key);
  return { ...data, ...inner, id: inner.id ?? data.keyId ?? data.id };
};

/**
 * `messages.update`: what became of a message, or in some versions its new text. DELETED comes for edits, too, and a status that is missing
 * there is SERVER_ACK: both say nothing.
 */
export function readUpdate({ data }: Envelope): WhatsappEvent | undefined {
  const key = keyOf(data);
  const update = fieldsOf(data.update);
  const id = idOf(key, 'id');
  if (id === '') return undefined;
  const changed = changeIn(id, data.message ?? update.message, data.messageStubType ?? update.messageStubType);
  if (changed !== undefined) return change(readKey(key, ''), data, changed);
  const told = labelOf(data, 'status') || labelOf(update, 'status');
  const status = readEnum(data.status ?? update.status, STATUSES) || told;
  // What the owner of the phone has read is nothing about a message of ours.
  const isOurs = key.fromMe === undefined || isTrue(key, 'fromMe');
  return {
    kind: 'status',
    messageIds: [id],
    status: isOurs ? (MEANINGS[status] ?? 'other') : 'other',
    chat: readKey(key, '')?.chat,
    told: isOurs ? status : `${status} of theirs`,
    member: labelOf(key, 'participant') || undefined,
  };
}

/** The new text in an update: as the edit itself, or as what the message has become. */
function changeIn(originalId: string, message: unknown, stub: unknown): Change | undefined {
  if (readEnum(stub, { 1: 'REVOKE' }) === 'REVOKE') return { kind: 'revoke', originalId };
  const content = readContent(message);
  if (content.kind === 'edit' || content.kind === 'revoke') return content;
  if (content.kind !== 'message' || !isFields(fieldsOf(message).editedMessage)) return undefined;
  const { body } = content;
  if (body.type === 'text') return { kind: 'edit', originalId, text: body.text };
  return body.type === 'media' ? { kind: 'edit', originalId, text: body.caption } : undefined;
}

/**
 * `messages.edited` hands the `protocolMessage` itself over, whatever it is about; its key is as whoever edited sees it. That the chat is
 * our own number means that somebody else has edited, and the chat is that of the original.
 */
export function readEdited({ data, own }: Envelope): WhatsappEvent | undefined {
  const content = readProtocolMessage(data);
  if (content.kind !== 'edit' && content.kind !== 'revoke') return undefined;
  const key = readKey(data.key, '');
  return change(key === undefined ? undefined : turned(key, own), data, content);
}

function turned(key: ProtoKey, own: string): ProtoKey {
  const { chat } = key;
  if (chat.type !== 'private' || key.direction === 'incoming') return key;
  const isOwn = chat.number !== undefined && chat.number === readAddress(own, 'number')?.user;
  if (chat.number !== undefined && !isOwn) return key;
  const unknown: Chat = { type: 'unknown', address: isOwn ? '' : chat.address };
  return { ...key, chat: unknown, direction: 'incoming', sender: {} };
}

/** `messages.delete`: flat where a person has deleted, with the message itself around it where the API has. */
export function readDeletion({ data }: Envelope): WhatsappEvent | undefined {
  const key = readKey(keyOf(data), '');
  return key === undefined || key.id === '' ? undefined : change(key, data, { kind: 'revoke', originalId: key.id });
}

type Change =
  | { readonly kind: 'edit'; readonly originalId: string; readonly text: string }
  | { readonly kind: 'revoke'; readonly originalId: string };

/** Versions that tell of one edit in two ways give neither an id of its own: so both are one. */
function change(key: ProtoKey | undefined, data: Fields, content: Change): EditEvent | RevokeEvent | undefined {
  if (key === undefined) return undefined;
  const common = { ...key, id: content.originalId, sentAt: readTime(data.timestampMs), source: '' };
  return content.kind === 'edit' ? { ...common, ...content } : { ...common, ...content };
}
