import { hashOf } from '../../content-hash.ts';
import type { ParsedEvent } from '../engine.ts';
import type { Chat, MessageEvent, Party, StatusEvent, WhatsappEvent } from '../event.ts';
import { dateOf, type Fields, fieldsOf, idOf, isFields, isTrue, labelOf, listOf } from '../fields.ts';
import { groupChat, partyOf, privateChat } from './address.ts';
import { readAd, readBody, readText } from './read-body.ts';
import { reasonOf } from './reasons.ts';
import { sourceOf } from './source.ts';

const fault = (text: string): ParsedEvent => ({ ok: false, fault: text });
const parsed = (event: WhatsappEvent): ParsedEvent => ({ ok: true, event });
const other = (name: string): ParsedEvent => parsed({ kind: 'other', name });

/**
 * Reads one payload of `unpack`. Never throws. What came in a real delivery is never a fault: the whole batch would be refused with it, and
 * sent again for a week.
 */
export function readEvent(payload: unknown): ParsedEvent {
  if (!isFields(payload)) return fault('body: is not a JSON object');
  switch (payload.part) {
    case 'message':
      return readMessage(fieldsOf(payload.message), fieldsOf(payload.contact), 'incoming');
    case 'echo':
      return readMessage(fieldsOf(payload.message), fieldsOf(payload.contact), 'outgoing');
    case 'status':
      return readStatus(fieldsOf(payload.status));
    case 'change':
      return other(labelOf(payload, 'field') || 'unknown');
    default:
      return fault('entry: is not a list, so this is no delivery of the Cloud API');
  }
}

type Common = Omit<MessageEvent, 'kind' | 'body' | 'replyTo' | 'quotedText' | 'forwarded'>;

// What says nothing to anybody: that a chat was opened, that a key changed.
const SILENT = new Set(['request_welcome', 'ephemeral', 'customer_identity_changed']);

function readMessage(message: Fields, contact: Fields, direction: 'incoming' | 'outgoing'): ParsedEvent {
  const type = labelOf(message, 'type').toLowerCase();
  if (SILENT.has(type) || SILENT.has(labelOf(fieldsOf(message.system), 'type').toLowerCase())) return other(`messages ${type}`);
  const common = readCommon(message, contact, direction);
  if (common === undefined) return other(`messages ${type} without an address`);
  switch (type) {
    case 'edit': {
      const edit = fieldsOf(message.edit);
      const originalId = idOf(edit, 'original_message_id');
      return originalId === ''
        ? other('messages edit of nothing')
        : parsed({ kind: 'edit', ...common, originalId, text: readText(fieldsOf(edit.message)) });
    }
    case 'revoke': {
      const originalId = idOf(fieldsOf(message.revoke), 'original_message_id');
      return originalId === '' ? other('messages revoke of nothing') : parsed({ kind: 'revoke', ...common, originalId });
    }
    case 'reaction': {
      const reaction = fieldsOf(message.reaction);
      return parsed({
        kind: 'reaction',
        ...common,
        originalId: idOf(reaction, 'message_id'),
        // Taken back, it is empty or not there at all.
        emoji: labelOf(reaction, 'emoji').slice(0, 50),
      });
    }
    default: {
      const context = fieldsOf(message.context);
      return parsed({
        kind: 'message',
        ...common,
        body: readBody(message, type),
        replyTo: idOf(context, 'id') || undefined,
        forwarded: isTrue(context, 'forwarded', 'frequently_forwarded'),
        ad: readAd(fieldsOf(message.referral)),
      });
    }
  }
}

/** What every message has; undefined where it has no address. */
function readCommon(message: Fields, contact: Fields, direction: 'incoming' | 'outgoing'): Common | undefined {
  const id = idOf(message, 'id') || hashOf(message);
  const isOutgoing = direction === 'outgoing';
  const owner: Party = {};
  const partner = isOutgoing
    ? partyOf(labelOf(message, 'to'), labelOf(message, 'to_user_id') || labelOf(contact, 'user_id'), fieldsOf(contact.profile))
    : partyOf(
        movedTo(message) ?? (labelOf(message, 'from') || labelOf(contact, 'wa_id')),
        labelOf(message, 'from_user_id') || labelOf(contact, 'user_id'),
        fieldsOf(contact.profile),
      );
  const groupId = idOf(message, 'group_id');
  const chat: Chat | undefined = groupId === '' ? privateChat(partner) : groupChat(groupId);
  if (chat === undefined) return undefined;
  const sentAt = dateOf(message, 'timestamp');
  return { id, direction, sentAt, chat, sender: isOutgoing ? owner : partner, source: '' };
}

/**
 * The new number of somebody who changed it, where the user id that stays tells that it is the same person: so his contact is found. Without
 * one the old number's conversation is told, and the next message comes from the new one.
 */
function movedTo(message: Fields): string | undefined {
  const system = fieldsOf(message.system);
  const userId = labelOf(message, 'from_user_id') || labelOf(system, 'user_id');
  return userId === '' ? undefined : labelOf(system, 'wa_id', 'new_wa_id') || undefined;
}

const STATUSES: Readonly<Record<string, StatusEvent['status']>> = {
  delivered: 'delivered',
  read: 'read',
  played: 'read',
  failed: 'failed',
};

function readStatus(status: Fields): ParsedEvent {
  const id = idOf(status, 'id');
  if (id === '') return other('statuses without an id');
  const told = labelOf(status, 'status').toLowerCase();
  const isGroup = labelOf(status, 'recipient_type') === 'group';
  const [error] = listOf(status.errors);
  return parsed({
    kind: 'status',
    messageIds: [id],
    status: STATUSES[told] ?? 'other',
    chat: isGroup
      ? groupChat(idOf(status, 'recipient_id'))
      : privateChat(partyOf(labelOf(status, 'recipient_id'), labelOf(status, 'recipient_user_id'))),
    told,
    member: isGroup ? labelOf(status, 'recipient_participant_id', 'recipient_participant_user_id') || undefined : undefined,
    source: sourceOf(labelOf(status, 'biz_opaque_callback_data')),
    reason: told === 'failed' && error !== undefined ? reasonOf(error).text : undefined,
  });
}
