import { hashOf } from '../../../content-hash.ts';
import { cutTo } from '../../../text/cut.ts';
import type { ParsedEvent } from '../../engine.ts';
import type { PhoneState, StatusEvent, WhatsappEvent } from '../../event.ts';
import { type Fields, fieldsOf, idOf, isFields, isTrue, labelOf, referenceOf } from '../../fields.ts';
import { createBeside, readChat, readParty } from './address.ts';
import { parseMessage } from './parse-message.ts';

const besideChat = createBeside('chat');

const fault = (text: string): ParsedEvent => ({ ok: false, fault: text });
const parsed = (event: WhatsappEvent): ParsedEvent => ({ ok: true, event });
const other = (name: string): ParsedEvent => parsed({ kind: 'other', name });

/**
 * Reads the envelope `{event, data}` of RyzeAPI, in the shape of its documentation and in the one it really sends. Never throws. Says
 * what is missing where nothing can be made of it; an event of a type that is not known is `other`.
 */
export function parseWhatsappEvent(envelope: unknown): ParsedEvent {
  if (!isFields(envelope)) return fault('body: is not a JSON object');
  const name = labelOf(envelope, 'event', 'type', 'eventType');
  if (name === '') return fault('event: is missing');
  if (!isFields(envelope.data)) return fault('data: is not an object');
  const { data } = envelope;
  switch (name.toLowerCase()) {
    case 'message':
    case 'message.exchange':
      return readMessage(data);
    case 'message.status':
      return readStatus(data);
    case 'instance.state':
      return readState(data, name);
    case 'call.update':
      return readCall(data, name);
    case 'group.flow':
      return readGroup(data, name);
    default:
      return other(name);
  }
}

function readMessage(data: Fields): ParsedEvent {
  const event = parseMessage(data);
  return event === undefined ? fault('data.chat: holds no address (jid or lid)') : parsed(event);
}

function readStatus(data: Fields): ParsedEvent {
  const ids = [data.messageIds, data.message_ids, data.ids, data.messageId, data.message_id, data.id].flat();
  const messageIds = [...new Set(ids.map(referenceOf).filter((id) => id !== ''))];
  if (messageIds.length === 0) return fault('data.messageIds: is missing');
  const chat = readChat(data.chat, readParty(data.recipient), besideChat(data));
  return parsed({
    kind: 'status',
    messageIds,
    status: statusOf(data),
    chat,
    told: labelOf(data, 'status'),
    member: memberOf(data.messageSender),
  });
}

/** Documented as text; an object must tell one member from another as well. */
const memberOf = (sender: unknown): string | undefined =>
  typeof sender === 'string' ? sender : sender === undefined || sender === null ? undefined : hashOf(sender);

/** `read_self` and `played_self` say that the owner of the phone has read: nothing about our message. */
function statusOf(data: Fields): StatusEvent['status'] {
  switch (labelOf(data, 'status').toLowerCase()) {
    case 'delivered':
    case 'delivery':
      return 'delivered';
    case 'read':
    case 'played':
      return 'read';
    case 'server_error':
    case 'failed':
    case 'error':
      return 'failed';
    default:
      return 'other';
  }
}

function readState(data: Fields, name: string): ParsedEvent {
  const state = cutTo(labelOf(data, 'state', 'status').toLowerCase(), 100);
  return state === ''
    ? other(name)
    : parsed({ kind: 'state', state, phone: PHONE_STATES.get(state), at: labelOf(data, 'timestamp') });
}

/** The states of RyzeAPI that say something about the phone's connection. */
const PHONE_STATES = new Map<string, PhoneState>([
  ['connected', 'connected'],
  ['keepalive_restored', 'connected'],
  ['pair_success', 'connected'],
  ['disconnected', 'disconnected'],
  ['logged_out', 'logged_out'],
  ['stream_replaced', 'stream_replaced'],
  ['temp_banned', 'temp_banned'],
  ['client_outdated', 'client_outdated'],
  ['connect_failure', 'connect_failure'],
  ['stream_error', 'stream_error'],
  ['cat_refresh_error', 'cat_refresh_error'],
  ['keepalive_timeout', 'keepalive_timeout'],
  ['qr_ready', 'qr_ready'],
  ['pair_error', 'pair_error'],
  ['qr_scanned_no_multidevice', 'qr_scanned_no_multidevice'],
]);

/** What a call event holds is documented nowhere, so every likely name is tried; without a caller there is nothing to tell. */
function readCall(data: Fields, name: string): ParsedEvent {
  const call = { ...data, ...fieldsOf(data.call) };
  const caller = readParty(call.from ?? call.caller ?? call.sender ?? call.creator ?? call.chat);
  const chat = readChat(call.chat, caller);
  if (chat === undefined) return other(name);
  return parsed({
    kind: 'call',
    id: idOf(call, 'callId', 'call_id', 'id') || hashOf(data),
    chat,
    direction:
      isTrue(call, 'fromMe', 'isFromMe', 'from_me') || labelOf(call, 'direction') === 'outgoing' ? 'outgoing' : 'incoming',
    video: isTrue(call, 'isVideo', 'video', 'is_video') || /video/i.test(labelOf(call, 'type', 'media', 'mediaType')),
  });
}

function readGroup(data: Fields, name: string): ParsedEvent {
  const group = fieldsOf(data.chat ?? data.group);
  const jid = labelOf(group, 'jid', 'id') || labelOf(data, 'groupJid', 'group_jid', 'jid', 'group', 'chat');
  const subject = labelOf(data, 'subject', 'newName', 'new_name') || labelOf(group, 'subject', 'name');
  const chat = readChat({ jid, type: 'group', name: subject }, {});
  return chat === undefined ? other(name) : parsed({ kind: 'group', chat });
}
