import { hashOf } from '../../content-hash.ts';
import { cutTo } from '../../text/cut.ts';
import type { ParsedEvent } from '../engine.ts';
import type { Ad, Chat, Party, StatusEvent, WhatsappEvent } from '../event.ts';
import { dateOf, type Fields, fieldsOf, idOf, isFields, isTrue, labelOf, textOf } from '../fields.ts';
import { addressText, partyOf, personName, readAddress } from '../jid.ts';
import { readBody } from './read-body.ts';

/**
 * Reads an event of GOWA. Never throws. It has none about the phone's connection, and tells a call, a group's change and what its versions
 * bring on top under names of their own: those are `other`.
 */
export function readEvent(payload: unknown): ParsedEvent {
  if (!isFields(payload)) return { ok: false, fault: 'body: is not a JSON object' };
  const name = labelOf(payload, 'event');
  if (name === '') return { ok: false, fault: 'event: is missing' };
  if (!isFields(payload.payload)) return { ok: false, fault: 'payload: is not an object' };
  return { ok: true, event: READERS[name]?.(payload.payload) ?? { kind: 'other', name } };
}

type Reader = (fields: Fields) => WhatsappEvent | undefined;

const READERS: Readonly<Record<string, Reader>> = {
  message: readMessage,
  'message.reaction': readReaction,
  'message.edited': readEdit,
  'message.revoked': readRevocation,
  'message.ack': readReceipt,
  'call.offer': readCall,
};

const isOurs = (fields: Fields): boolean => isTrue(fields, 'is_from_me', 'from_me');

/** In a private chat the other side's addresses are those of the chat; of somebody who writes, `from` tells them as well. */
function chatOf(fields: Fields, ...chatNames: readonly string[]): Chat | undefined {
  const [told = ''] = chatNames.map((name) => labelOf(fields, name)).filter((text) => text !== '');
  const from = [labelOf(fields, 'from'), labelOf(fields, 'from_lid')];
  const address = readAddress(told || (isOurs(fields) ? '' : (from[0] ?? '')), 'number');
  if (address === undefined) return undefined;
  if (address.type !== 'number' && address.type !== 'lid') return { type: address.type, address: addressText(address) };
  const { number, lid } = partyOf([told, labelOf(fields, 'chat_lid'), ...(isOurs(fields) ? [] : from)]);
  const either = number ?? lid;
  if (either === undefined) return undefined;
  const name = isOurs(fields) ? undefined : personName(labelOf(fields, 'from_name'));
  return { type: 'private', address: either, number, lid, name };
}

const senderOf = (fields: Fields): Party =>
  isOurs(fields)
    ? {}
    : partyOf([labelOf(fields, 'from'), labelOf(fields, 'from_lid')], personName(labelOf(fields, 'from_name', 'pushname')));

function commonOf(fields: Fields, ...chatNames: readonly string[]) {
  const chat = chatOf(fields, ...chatNames);
  if (chat === undefined) return undefined;
  return {
    id: idOf(fields, 'id') || hashOf(fields),
    direction: isOurs(fields) ? ('outgoing' as const) : ('incoming' as const),
    sentAt: dateOf(fields, 'timestamp'),
    chat,
    sender: senderOf(fields),
    // What is sent through its API comes back in no event.
    source: '',
  };
}

function readMessage(fields: Fields): WhatsappEvent | undefined {
  const common = commonOf(fields, 'chat_id');
  if (common === undefined) return undefined;
  const body = readBody(fields, common.chat.address);
  // Of what linked devices tell each other, and of what was typed on the phone and it cannot read, nobody has to hear.
  if (body.type === 'placeholder' && common.direction === 'outgoing') return undefined;
  return {
    kind: 'message',
    ...common,
    body,
    ad: readAd(fieldsOf(fields.referral)),
    replyTo: idOf(fields, 'replied_to_id') || undefined,
    quotedText: textOf(fields, 'quoted_body') || undefined,
    forwarded: isTrue(fields, 'forwarded', 'is_forwarded'),
  };
}

/** What previews of links tell as well is an ad only where Meta names one. */
function readAd(referral: Fields): Ad | undefined {
  const sourceId = labelOf(referral, 'source_id');
  const clickId = labelOf(referral, 'ctwa_clid');
  const sourceType = labelOf(referral, 'source_type').toLowerCase();
  if (sourceId === '' && clickId === '' && sourceType !== 'ad') return undefined;
  return {
    title: labelOf(referral, 'ad_title', 'title'),
    body: textOf(referral, 'ad_body', 'body'),
    url: labelOf(referral, 'source_url', 'media_url'),
    sourceId,
    sourceType,
    clickId,
  };
}

function readReaction(fields: Fields): WhatsappEvent | undefined {
  const common = commonOf(fields, 'chat_id');
  const originalId = idOf(fields, 'reacted_message_id');
  if (common === undefined || originalId === '') return undefined;
  return { kind: 'reaction', ...common, originalId, emoji: cutTo(labelOf(fields, 'reaction'), EMOJI_LENGTH) };
}

function readEdit(fields: Fields): WhatsappEvent | undefined {
  const common = commonOf(fields, 'chat_id');
  const originalId = idOf(fields, 'original_message_id');
  if (common === undefined || originalId === '') return undefined;
  return { kind: 'edit', ...common, originalId, text: textOf(fields, 'body') };
}

function readRevocation(fields: Fields): WhatsappEvent | undefined {
  // `revoked_chat` is the chat as whoever took the message back sees it.
  const common = commonOf(fields, 'chat_id', 'revoked_chat');
  const originalId = idOf(fields, 'revoked_message_id');
  if (common === undefined || originalId === '') return undefined;
  return { kind: 'revoke', ...common, originalId };
}

// One emoji with all that may be joined to it, and some room.
const EMOJI_LENGTH = 50;

const MEANINGS: Readonly<Record<string, StatusEvent['status']>> = {
  delivered: 'delivered',
  read: 'read',
  played: 'read',
  'server-error': 'failed',
};

/** `sender`, `read-self` and the like tell what the owner of the phone has done. */
function readReceipt(fields: Fields): WhatsappEvent | undefined {
  const ids = (Array.isArray(fields.ids) ? fields.ids : [fields.ids]).map((id: unknown) => idOf({ id }, 'id'));
  const messageIds = [...new Set(ids.filter((id) => id !== ''))];
  if (messageIds.length === 0) return undefined;
  const told = labelOf(fields, 'receipt_type').toLowerCase();
  const chat = chatOf(fields, 'chat_id');
  return {
    kind: 'status',
    messageIds,
    status: MEANINGS[told] ?? 'other',
    chat,
    told,
    member: chat?.type === 'group' ? labelOf(fields, 'from') || undefined : undefined,
  };
}

function readCall(fields: Fields): WhatsappEvent | undefined {
  const { number, lid } = partyOf([labelOf(fields, 'from'), labelOf(fields, 'from_lid')]);
  const address = number ?? lid;
  if (address === undefined) return undefined;
  const id = idOf(fields, 'call_id') || hashOf(fields);
  // Whether it was one with a picture is not told.
  return { kind: 'call', id, chat: { type: 'private', address, number, lid }, direction: 'incoming', video: false };
}
