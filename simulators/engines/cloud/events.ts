import { createHash } from 'node:crypto';
import type { Content, Incoming, Person, Typed } from '../../whatsapp-engine/content.ts';
import { incomingSchema, typedSchema } from '../../whatsapp-engine/content.ts';
import { makeMediaFile } from '../../whatsapp-engine/media-files.ts';
import { newMessageId, type PhoneNumber, type World } from './world.ts';

/** One thing that is told, before it is put into a batch. */
export interface Told {
  readonly number: PhoneNumber;
  readonly field: 'messages' | 'smb_message_echoes';
  readonly list: 'messages' | 'message_echoes' | 'statuses';
  readonly item: Record<string, unknown>;
  readonly contact?: Record<string, unknown>;
}

const seconds = (ms: number): string => String(Math.floor(ms / 1_000));
const userIdOf = ({ lid }: Person): string | undefined => (lid === undefined ? undefined : `BR.${lid.replace(/@.*$/, '')}`);
const groupIdOf = (id: string): string => id.replace(/@g\.us$/, '');
const numberOf = ({ phone }: Person): string | undefined => phone?.replace(/\D/g, '');

/** Somebody writes. With a lid and no phone he hides his number, and is known by his user id only. */
export function incomingTold(world: World, number: PhoneNumber, input: Incoming): { id: string; told: Told } {
  const { from, group, content, replyTo, id = newMessageId(), timestamp } = incomingSchema.parse(input);
  const atMs = timestamp === undefined ? Date.now() : Date.parse(timestamp);
  const who = numberOf(from) ?? userIdOf(from) ?? '';
  number.messages.set(id, { with: who, incoming: true, data: undefined });
  number.lastIncomingMs.set(who, Date.now());
  const item = {
    from: numberOf(from),
    from_user_id: userIdOf(from),
    ...(group === undefined ? {} : { group_id: groupIdOf(group.id) }),
    id,
    timestamp: seconds(atMs),
    ...contentOf(world, number, content),
    ...(replyTo === undefined ? {} : { context: { from: number.number, id: replyTo } }),
  };
  const contact = { profile: { name: from.name }, wa_id: numberOf(from), user_id: userIdOf(from) };
  return { id, told: { number, field: 'messages', list: 'messages', item, contact } };
}

/** The owner of a coexistence number types on the phone. */
export function echoTold(world: World, number: PhoneNumber, input: Typed): { id: string; told: Told } {
  const { to, group, content, replyTo, id = newMessageId() } = typedSchema.parse(input);
  const item = {
    from: number.number,
    to: to === undefined ? undefined : numberOf(to),
    to_user_id: to === undefined ? undefined : userIdOf(to),
    ...(group === undefined ? {} : { group_id: groupIdOf(group.id) }),
    id,
    timestamp: seconds(Date.now()),
    ...contentOf(world, number, content),
    ...(replyTo === undefined ? {} : { context: { id: replyTo } }),
  };
  return { id, told: { number, field: 'smb_message_echoes', list: 'message_echoes', item } };
}

export function statusTold(number: PhoneNumber, id: string, status: string, errors?: readonly unknown[]): Told {
  const message = number.messages.get(id);
  const to = message?.with ?? '';
  const item = {
    id,
    status,
    timestamp: seconds(Date.now()),
    ...(to.includes('.') ? { recipient_user_id: to } : { recipient_id: to }),
    ...(message?.data === undefined ? {} : { biz_opaque_callback_data: message.data }),
    ...(status === 'sent'
      ? { conversation: { id: 'c1', origin: { type: 'service' } }, pricing: { billable: false, category: 'service' } }
      : {}),
    ...(errors === undefined ? {} : { errors }),
  };
  return { number, field: 'messages', list: 'statuses', item };
}

function contentOf(world: World, number: PhoneNumber, content: Content): Record<string, unknown> {
  switch (content.type) {
    case 'text':
      return { type: 'text', text: { body: content.text } };
    case 'image':
    case 'video':
    case 'document':
    case 'sticker':
    case 'audio':
      return mediaOf(world, number, content);
    case 'location': {
      const { type, ...location } = content;
      return { type, location };
    }
    case 'contact':
      return {
        type: 'contacts',
        contacts: content.contacts.map(({ name, phone }) => ({
          name: { formatted_name: name, first_name: name },
          phones: [{ phone, wa_id: phone.replace(/\D/g, ''), type: 'CELL' }],
        })),
      };
    case 'reaction':
      // Taken back, the emoji is not there at all.
      return {
        type: 'reaction',
        reaction: { message_id: content.messageId, ...(content.emoji === '' ? {} : { emoji: content.emoji }) },
      };
    case 'edit':
      return {
        type: 'edit',
        edit: { original_message_id: content.messageId, message: { type: 'text', text: { body: content.text } } },
      };
    case 'message_revoke':
      return { type: 'revoke', revoke: { original_message_id: content.messageId } };
    case 'buttons_response':
      return {
        type: 'interactive',
        interactive: { type: 'button_reply', button_reply: { id: content.id, title: content.text } },
      };
    case 'list_response': {
      const { id, title, description } = content;
      return { type: 'interactive', interactive: { type: 'list_reply', list_reply: { id, title, description } } };
    }
    case 'other':
      return { type: content.name, ...content.fields };
  }
}

function mediaOf(
  world: World,
  number: PhoneNumber,
  content: Content & { type: 'image' | 'video' | 'document' | 'sticker' | 'audio' },
): Record<string, unknown> {
  const isVoice = content.type === 'audio' && content.voice;
  const made = makeMediaFile(content.type, { voice: isVoice });
  const { base64, mimeType, fileName } = content.media;
  const bytes = base64 === undefined ? made.bytes : Buffer.from(base64, 'base64');
  const file = world.addFile(number.name, {
    bytes,
    mimeType: mimeType ?? (base64 === undefined ? made.mimeType : 'application/octet-stream'),
    fileName: fileName ?? made.fileName,
  });
  return {
    type: content.type,
    [content.type]: {
      id: file.id,
      mime_type: file.mimeType,
      sha256: createHash('sha256').update(bytes).digest('base64'),
      ...('caption' in content && content.caption !== undefined ? { caption: content.caption } : {}),
      ...(content.type === 'document' ? { filename: file.fileName } : {}),
      ...(content.type === 'audio' ? { voice: isVoice } : {}),
      ...(content.type === 'sticker' ? { animated: false } : {}),
    },
  };
}
