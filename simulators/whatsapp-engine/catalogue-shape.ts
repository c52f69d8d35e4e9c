import { mediaLocation, specialParts, textOf } from './event-parts.ts';
import { bareJid } from './jids.ts';
import type { Instance, Message } from './rows.ts';

type Json = Record<string, unknown>;

/**
 * `message.exchange` as the documentation's catalogue has it: everything inside `message`, the content an object, phones without a
 * domain, no type but that of the media, and nothing that is empty.
 */
export function catalogueExchange(instance: Instance, message: Message, baseUrl: string): Json {
  const { content, chat, sender } = message;
  const lidOf = (lid: string | null): Json => (lid === null ? {} : { lid });
  const text = textOf(content);
  return {
    id: message.id,
    message: {
      id: message.id,
      direction: message.direction,
      timestamp: message.timestamp,
      chat: {
        jid: bareJid(chat.jid),
        ...lidOf(chat.lid),
        name: chat.name,
        type: chat.type,
        ...(chat.isCommunity ? { isCommunity: true } : {}),
      },
      sender: { jid: bareJid(sender.jid), ...lidOf(sender.lid), name: sender.name },
      content: text === '' ? {} : { text },
      ...(message.source === '' ? {} : { source: message.source }),
      ...(message.replyTo === null ? {} : { reply: { message_id: message.replyTo } }),
      ...catalogueType(message),
      ...(message.media ? { media: catalogueMedia(instance, message, message.media, baseUrl) } : {}),
      ...specialParts(content),
    },
  };
}

/** Texts and media are told by what they contain; for the rest nothing but the type does it. */
function catalogueType({ content, media }: Message): Json {
  if (media || content.type === 'text' || content.type === 'edit') return {};
  return { type: content.type === 'other' ? content.name : content.type };
}

function catalogueMedia(instance: Instance, { content }: Message, media: NonNullable<Message['media']>, baseUrl: string): Json {
  return {
    type: content.type === 'audio' && content.voice ? 'ptt' : media.kind,
    mimetype: media.mimeType,
    ...(media.kind === 'document' ? { filename: media.fileName } : {}),
    ...mediaLocation(instance, media, baseUrl),
  };
}
