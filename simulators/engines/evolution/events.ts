import type { Message } from '../../whatsapp-engine/rows.ts';
import { type Json, type Layout, protoOf } from './proto.ts';
import type { EvolutionInstance } from './world.ts';

export interface Told {
  readonly event: string;
  readonly data: unknown;
}

const ownJid = ({ number }: EvolutionInstance): string => `${number}@s.whatsapp.net`;
const seconds = (timestamp: string): number => Math.floor(Date.parse(timestamp) / 1_000);

/**
 * The key of a message. 2.2 knows nothing beside the address that WhatsApp uses; 2.3 has the other one beside it; 2.4 exchanges the two.
 */
export function keyOf(message: Message, layout: Layout): Json {
  const { chat, sender, id } = message;
  const fromMe = message.direction === 'outgoing';
  if (chat.type === 'group') {
    const participant = layout === '2.4' ? sender.jid : (sender.lid ?? sender.jid);
    const alternative = layout === '2.2' || participant === sender.jid ? {} : { participantAlt: sender.jid };
    return { remoteJid: chat.jid, fromMe, id, ...(fromMe ? {} : { participant, ...alternative }) };
  }
  const phone = chat.jid;
  if (chat.lid === null || chat.lid === phone || layout === '2.2') return { remoteJid: chat.lid ?? phone, fromMe, id };
  return layout === '2.3'
    ? { remoteJid: chat.lid, remoteJidAlt: phone, fromMe, id, participant: '', addressingMode: 'lid' }
    : { remoteJid: phone, remoteJidAlt: chat.lid, fromMe, id, participant: '', addressingMode: 'pn' };
}

/** A message as `messages.upsert`, `send.message` and the answer to a sending have it. */
export function messageData(instance: EvolutionInstance, message: Message, layout: Layout, status: string): Json {
  const { messageType, message: proto } = protoOf(message, layout, { jid: ownJid(instance) });
  const quote = message.replyTo === null ? {} : { stanzaId: message.replyTo, quotedMessage: { conversation: '…' } };
  return {
    key: keyOf(message, layout),
    pushName: message.direction === 'outgoing' ? 'Você' : message.sender.name,
    status,
    message: proto,
    contextInfo: layout === '2.2' ? undefined : { ...quote, mentionedJid: [], groupMentions: [] },
    messageType,
    messageTimestamp: seconds(message.timestamp),
    instanceId: instance.id,
    source: 'android',
  };
}

/** What the engine tells of a message that somebody else wrote, or the owner on the phone. */
export function messageTold(instance: EvolutionInstance, message: Message, layout: Layout): Told[] {
  const { content } = message;
  if (content.type === 'edit') return editTold(instance, message, layout, content);
  if (content.type === 'message_revoke') return revocationTold(instance, message, layout, content.messageId);
  return [{ event: 'messages.upsert', data: messageData(instance, message, layout, 'DELIVERY_ACK') }];
}

/** As whoever changed it sees it: for a customer we are the other side. */
const theirKey = (instance: EvolutionInstance, message: Message, id: string, layout: Layout): Json => ({
  remoteJid:
    message.direction === 'outgoing' || message.chat.type === 'group' ? keyOf(message, layout).remoteJid : ownJid(instance),
  fromMe: true,
  id,
});

function editTold(
  instance: EvolutionInstance,
  message: Message,
  layout: Layout,
  { messageId, text }: { messageId: string; text: string },
): Told[] {
  if (layout === '2.2') {
    const key = { ...keyOf(message, layout), id: messageId };
    const editedMessage = { message: { conversation: text } };
    return [{ event: 'messages.update', data: [{ key, status: 'SERVER_ACK', message: { editedMessage } }] }];
  }
  const data = {
    key: theirKey(instance, message, messageId, layout),
    type: 'MESSAGE_EDIT',
    editedMessage: { conversation: text },
    timestampMs: String(Date.parse(message.timestamp)),
  };
  return [{ event: 'messages.edited', data }];
}

/** Told twice, from two sides. */
function revocationTold(instance: EvolutionInstance, message: Message, layout: Layout, id: string): Told[] {
  const { remoteJid, fromMe, participant } = keyOf(message, layout);
  const deleted = { event: 'messages.delete', data: { remoteJid, fromMe, id, participant, status: 'DELETED' } };
  if (layout === '2.2') return [deleted];
  const revoked = { key: theirKey(instance, message, id, layout), type: 'REVOKE' };
  return [{ event: 'messages.edited', data: revoked }, deleted];
}

const NUMBERS: Readonly<Record<string, number>> = { ERROR: 0, SERVER_ACK: 2, DELIVERY_ACK: 3, READ: 4 };

export function statusTold(instance: EvolutionInstance, message: Message, status: string, layout: Layout): Told {
  const key = keyOf(message, layout);
  if (layout === '2.2') return { event: 'messages.update', data: [{ key, status: NUMBERS[status] ?? 2, messageId: 'cmf' }] };
  const { remoteJid, fromMe, participant = null } = key;
  const data = {
    keyId: message.id,
    remoteJid,
    fromMe,
    participant,
    status,
    instanceId: instance.id,
    messageId: `cmf${message.id}`,
  };
  return { event: 'messages.update', data };
}
