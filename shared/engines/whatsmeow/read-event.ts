import { hashOf } from '../../content-hash.ts';
import type { ParsedEvent } from '../engine.ts';
import type { PhoneState, StatusEvent, WhatsappEvent } from '../event.ts';
import { dateOf, type Fields, fieldsOf, idOf, isFields, isTrue, labelOf, listOf } from '../fields.ts';
import { partyOf } from '../jid.ts';
import { readBase64, usableUrls } from '../media-fields.ts';
import { readContent } from '../whatsapp-proto/content.ts';
import { mended, writeReference } from './file-reference.ts';
import { readChat, readPlace } from './parties.ts';

const fault = (text: string): ParsedEvent => ({ ok: false, fault: text });
const parsed = (event: WhatsappEvent): ParsedEvent => ({ ok: true, event });
const other = (name: string): ParsedEvent => parsed({ kind: 'other', name });

/** Reads one payload of `unpack`. Never throws. What came in a real envelope is never a fault: nobody could mend it. */
export function readEvent(payload: unknown): ParsedEvent {
  if (!isFields(payload)) return fault('body: is neither an event nor a form with one');
  const name = labelOf(payload, 'event');
  if (name === '') return fault('type: is missing');
  if (!isFields(payload.data)) return fault('event: is not an object');
  const { data } = payload;
  switch (name) {
    case 'Message':
    case 'SendMessage':
      return readMessage(name, data, fieldsOf(payload.media));
    case 'UndecryptableMessage':
      return readPlaceholder(name, data);
    case 'ReadReceipt':
    case 'Receipt':
      return readReceipt(name, data, labelOf(payload, 'state'));
    case 'CallOffer':
    case 'CallOfferNotice':
      return readCall(name, data);
    case 'GroupInfo':
    case 'JoinedGroup':
      return readGroup(name, data);
    default:
      return readState(name, data);
  }
}

function readMessage(event: string, data: Fields, media: Fields): ParsedEvent {
  const info = fieldsOf(data.Info);
  // What the phone tells its other devices.
  if (labelOf(info, 'Category').toLowerCase() === 'peer') return other(`${event} peer`);
  // evolution-go tells of what it may not open as of a message without one.
  if (!isFields(data.Message)) return isUnavailable(data) ? readPlaceholder(event, data) : other(`${event} empty`);
  const place = readPlace(data);
  if (place === undefined) return other(`${event} without an address`);
  const message = data.Message;
  const content = readContent(message, {
    file: {
      base64: readBase64(mended(labelOfBase64(media.base64) || labelOfBase64(message.base64))),
      urls: usableUrls([labelOf(media, 'url'), labelOf(message, 'mediaUrl')]),
      reference: writeReference(message),
    },
    fileName: labelOf(media, 'fileName'),
    mimeType: labelOf(media, 'mimeType') || labelOf(message, 'mimetype'),
    context: { stanzaID: labelOf(fieldsOf(data.quoted), 'stanzaID') || undefined },
  });
  switch (content.kind) {
    case 'message':
      return parsed({ ...place, ...content });
    case 'edit':
    case 'revoke':
    case 'reaction':
      return parsed({ ...place, ...content });
    case 'nothing':
      return isRevocation(info, message)
        ? parsed({ kind: 'revoke', ...place, originalId: revokedId(message) })
        : other(`${event} ${content.name}`);
  }
}

const labelOfBase64 = (value: unknown): string => (typeof value === 'string' ? value : '');
const isUnavailable = (data: Fields): boolean => isTrue(data, 'IsUnavailable') || labelOf(data, 'UnavailableType') !== '';

/** By its author, or by an administrator of the group: an enum of the value 0 may be left out. */
const isRevocation = (info: Fields, message: Fields): boolean =>
  ['7', '8'].includes(labelOf(info, 'Edit')) && revokedId(message) !== '';
const revokedId = (message: Fields): string => idOf(fieldsOf(fieldsOf(message.protocolMessage).key), 'ID', 'id');

function readPlaceholder(event: string, data: Fields): ParsedEvent {
  const place = readPlace(data);
  if (place === undefined) return other(`${event} without an address`);
  return parsed({ kind: 'message', ...place, body: { type: 'placeholder' }, forwarded: false });
}

const STATES: Readonly<Record<string, StatusEvent['status']>> = { read: 'read', delivered: 'delivered', readself: 'other' };
/** whatsmeow's own word, in versions that tell nothing else. */
const TYPES: Readonly<Record<string, StatusEvent['status']>> = {
  '': 'delivered',
  read: 'read',
  played: 'read',
  'server-error': 'failed',
};

function readReceipt(event: string, data: Fields, state: string): ParsedEvent {
  const ids = (Array.isArray(data.MessageIDs) ? data.MessageIDs : []).map((id: unknown) => idOf({ id }, 'id'));
  const messageIds = [...new Set(ids.filter((id) => id !== ''))];
  if (messageIds.length === 0) return other(`${event} of nothing`);
  const type = labelOf(data, 'Type').toLowerCase();
  const told = state.toLowerCase() || type || 'delivered';
  const meaning = state === '' ? TYPES[type] : STATES[told];
  return parsed({
    kind: 'status',
    messageIds,
    // From our own devices: that one of them has it tells nothing of the customer.
    status: isTrue(data, 'IsFromMe') ? 'other' : (meaning ?? 'other'),
    chat: readChat(data),
    told,
    member: isTrue(data, 'IsGroup') || labelOf(data, 'Chat').endsWith('@g.us') ? labelOf(data, 'Sender') || undefined : undefined,
  });
}

function readCall(event: string, data: Fields): ParsedEvent {
  const { number, lid } = partyOf([labelOf(data, 'CallCreator', 'From'), labelOf(data, 'CallCreatorAlt'), labelOf(data, 'From')]);
  const address = number ?? lid;
  if (address === undefined) return other(`${event} without an address`);
  const video =
    labelOf(data, 'Media') === 'video' || listOf(fieldsOf(data.Data).Content).some((node) => labelOf(node, 'Tag') === 'video');
  const id = idOf(data, 'CallID') || hashOf(data);
  return parsed({ kind: 'call', id, chat: { type: 'private', address, number, lid }, direction: 'incoming', video });
}

function readGroup(event: string, data: Fields): ParsedEvent {
  const chat = readChat({ Chat: data.JID });
  const name = labelOf(fieldsOf(data.Name), 'Name') || labelOf(data, 'Name');
  return chat === undefined ? other(event) : parsed({ kind: 'group', chat: { ...chat, name: name || undefined } });
}

const PHONE_STATES = new Map<string, PhoneState | undefined>([
  ['Connected', 'connected'],
  ['KeepAliveRestored', 'connected'],
  ['Disconnected', 'disconnected'],
  ['LoggedOut', 'logged_out'],
  ['StreamReplaced', 'stream_replaced'],
  ['TemporaryBan', 'temp_banned'],
  ['ClientOutdated', 'client_outdated'],
  ['ConnectFailure', 'connect_failure'],
  ['StreamError', 'stream_error'],
  ['CATRefreshError', 'cat_refresh_error'],
  ['KeepAliveTimeout', 'keepalive_timeout'],
  ['QR', 'qr_ready'],
  ['QRCode', 'qr_ready'],
  ['QRTimeout', 'disconnected'],
  ['QRScannedWithoutMultidevice', 'qr_scanned_no_multidevice'],
  ['PairError', 'pair_error'],
  // It connects right after.
  ['PairSuccess', undefined],
]);

function readState(event: string, data: Fields): ParsedEvent {
  if (!PHONE_STATES.has(event)) return other(event);
  const at = dateOf(data, 'Timestamp')?.toISOString() ?? '';
  return parsed({ kind: 'state', state: event.toLowerCase(), phone: PHONE_STATES.get(event), at });
}
