import { hashOf } from '../../../content-hash.ts';
import { cutTo } from '../../../text/cut.ts';
import type { Chat, EditEvent, MessageEvent, Party, ReactionEvent, RevokeEvent, WhatsappEvent } from '../../event.ts';
import { dateOf, type Fields, fieldsOf, idOf, isFields, isTrue, labelOf, referenceOf, textOf } from '../../fields.ts';
import { createBeside, readChat, readParty } from './address.ts';
import { contentText, messageType, readBody } from './parse-body.ts';
import { readAd, readMentions } from './parse-context.ts';

// One emoji with all that may be joined to it, and some room.
const EMOJI_LENGTH = 50;

type Common = Omit<MessageEvent, 'kind' | 'body' | 'replyTo' | 'quotedText' | 'forwarded' | 'mentions' | 'ad'>;

// What phones tell each other and no person wrote; and what only goes before messages of its own (albums), or is told as a call.
const TECHNICAL = new Set([
  'album',
  'protocol',
  'bcall',
  'call',
  'e2e_notification',
  'enc_comment',
  'enc_reaction',
  'fast_ratchet_key_sender_key_distribution',
  'gp2',
  'initial_security_notification_setting_sync',
  'message_context_info',
  'message_history_bundle',
  'message_history_notice',
  'notification',
  'notification_template',
  'peer_data_operation_request',
  'peer_data_operation_request_response',
  'pinned',
  'poll_result_snapshot',
  'scheduled_call_edit',
  'secret_encrypted',
  'stub',
  'system',
  'sender_key_distribution',
  'ephemeral_setting',
  'history_sync',
  'app_state_sync',
  'device_sent',
  'pin_in_chat',
  'keep_in_chat',
]);
/** However a log of calls is spelled. */
const CALL_LOG = /^(?:scheduled_)?call_?log/;
const EDITS = new Set(['edit', 'edited', 'message_edit', 'message_edited']);
const REVOCATIONS = new Set([
  'message_revoke',
  'message_revoked',
  'revoke',
  'revoked',
  'message_delete',
  'message_deleted',
  'deleted',
]);

/** The data of a `message.exchange`; undefined where it holds no address of a chat. */
export function parseMessage(data: Fields): WhatsappEvent | undefined {
  const fields = merged(data);
  const common = readCommon(data, fields);
  if (common === undefined) return undefined;
  const type = messageType(fields);
  if (TECHNICAL.has(type) || CALL_LOG.test(type)) return { kind: 'other', name: `message.exchange ${type}` };
  if (REVOCATIONS.has(type)) return readRevocation(fields, common);
  if (type === 'reaction' || textOf(fieldsOf(fields.reaction), 'emoji') !== '') return readReaction(fields, common);
  if (isEdit(fields, type)) return readEdit(fields, common);
  const context = fieldsOf(fields.context);
  const body = readBody(fields, type);
  // A vote that is encrypted to the phone.
  if (body === undefined) return { kind: 'other', name: `message.exchange ${type}` };
  const ad = common.direction === 'incoming' ? readAd(fields) : undefined;
  return {
    kind: 'message',
    ...common,
    // A customer who opened the chat by an ad may have written nothing.
    body: ad !== undefined && body.type === 'unsupported' && body.text === '' ? { type: 'text', text: '' } : body,
    mentions: readMentions(fields),
    ad,
    replyTo: referenceOf(fields.reply) || referenceOf(fields.context) || referenceOf(fields.quoted) || undefined,
    quotedText: [fields.reply, fields.quoted].map(quotedTextOf).find((text) => text !== ''),
    forwarded: isTrue(context, 'isForwarded', 'forwarded', 'is_forwarded') || isTrue(fields, 'isForwarded', 'forwarded'),
  };
}

const quotedTextOf = (quoted: unknown): string => textOf(fieldsOf(quoted), 'text', 'content', 'body', 'message');

/** One object of both: the documentation puts everything into `data.message`, the wire half of it into `data`. */
function merged(data: Fields): Fields {
  if (typeof data.message === 'string') return { ...data, content: data.content ?? data.message };
  const told = Object.entries(fieldsOf(data.message)).filter(
    ([, value]) => value !== undefined && value !== null && value !== '',
  );
  return { ...data, ...Object.fromEntries(told) };
}

const besideSender = createBeside('sender', 'participant');
const besideRecipient = createBeside('recipient');
const besideChat = createBeside('chat', 'remotejid');

function readCommon(data: Fields, fields: Fields): Common | undefined {
  const key = fieldsOf(fields.key);
  const isOutgoing =
    /^out/i.test(labelOf(fields, 'direction')) || isTrue(fields, 'fromMe', 'isFromMe', 'from_me') || isTrue(key, 'fromMe');
  const sender = readParty(fields.sender ?? key.participant, besideSender(fields, key));
  const partner = isOutgoing ? readParty(fields.recipient, besideRecipient(fields, key)) : sender;
  const chat = readChat(fields.chat ?? key.remoteJid, partner, besideChat(fields, key));
  if (chat === undefined) return undefined;
  return {
    id: idOf(fields, 'id', 'messageId', 'message_id') || idOf(key, 'id') || hashOf(data),
    direction: isOutgoing ? 'outgoing' : 'incoming',
    sentAt: dateOf(fields, 'timestamp', 'messageTimestamp', 'sentAt', 'date'),
    chat: isOutgoing ? withoutOwnName(chat, sender) : chat,
    sender,
    source: labelOf(fields, 'source'),
  };
}

/** The name on an outgoing message may be that of the phone's owner, which must not become the contact's. */
const withoutOwnName = (chat: Chat, owner: Party): Chat =>
  chat.type === 'private' && chat.name === owner.name ? { ...chat, name: undefined } : chat;

function readRevocation(fields: Fields, common: Common): RevokeEvent {
  const told = [fields.revoke, fields.revoked, fields.revocation, fields.edit, fields.context, fields.reply].map(referenceOf);
  const content = typeof fields.content === 'string' && /^[\w.:-]{8,}$/.test(fields.content) ? fields.content : '';
  return { kind: 'revoke', ...common, originalId: told.find((id) => id !== '') ?? (content || common.id) };
}

function readReaction(fields: Fields, common: Common): ReactionEvent {
  const { reaction } = fields;
  const emoji = typeof reaction === 'string' ? reaction : textOf(fieldsOf(reaction), 'emoji', 'text', 'reaction', 'value');
  const target = isFields(reaction) ? referenceOf(reaction) : '';
  return {
    kind: 'reaction',
    ...common,
    originalId: target || referenceOf(fields.reply) || referenceOf(fields.context),
    emoji: cutTo(labelOf({ emoji: emoji || contentText(fields) }, 'emoji'), EMOJI_LENGTH),
  };
}

const isEdit = (fields: Fields, type: string): boolean =>
  EDITS.has(type) || isTrue(fields, 'isEdit', 'is_edit') || (isFields(fields.edit) && Object.keys(fields.edit).length > 0);

function readEdit(fields: Fields, common: Common): EditEvent {
  const edit = fieldsOf(fields.edit);
  const text =
    textOf(edit, 'text', 'content', 'newText', 'new_text', 'body', 'caption') || contentText(edit) || contentText(fields);
  return { kind: 'edit', ...common, originalId: referenceOf(edit) || referenceOf(fields.context) || common.id, text };
}
