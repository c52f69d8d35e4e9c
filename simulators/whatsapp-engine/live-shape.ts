import { mediaLocation, specialParts, textOf } from './event-parts.ts';
import type { Instance, Message } from './rows.ts';

type Json = Record<string, unknown>;

/**
 * `message.exchange` as it is on the wire: chat and sender beside `message`, whose content is a plain string, addresses with their
 * domain, and every optional part present but empty.
 */
export function liveExchange(instance: Instance, message: Message, baseUrl: string): Json {
  const { content, chat, sender } = message;
  const type = content.type === 'other' ? content.name : content.type === 'edit' ? 'text' : content.type;
  return {
    id: message.id,
    direction: message.direction,
    timestamp: message.timestamp,
    chat: {
      jid: chat.jid,
      ...(chat.lid === null ? {} : { lid: chat.lid }),
      name: chat.name,
      type: chat.type,
      ...(chat.isCommunity ? { isCommunity: true } : {}),
    },
    sender: { jid: sender.jid, ...(sender.lid === null ? {} : { lid: sender.lid }), name: sender.name },
    recipient: message.direction === 'outgoing' ? { jid: chat.jid } : {},
    message: {
      type,
      content: textOf(content),
      source: message.source,
      isEdit: false,
      edit: null,
      context: null,
      media: liveMedia(instance, message, baseUrl),
      location: {},
      contact: {},
      reaction: {},
      interactive: {},
      ...(message.replyTo === null ? {} : { reply: { message_id: message.replyTo } }),
      ...specialParts(content),
    },
  };
}

function liveMedia(instance: Instance, { content, media }: Message, baseUrl: string): Json | null {
  if (!media) return null;
  return {
    type: media.kind,
    mimeType: media.mimeType,
    fileName: media.kind === 'document' ? media.fileName : '',
    caption: textOf(content),
    isVoiceNote: content.type === 'audio' && content.voice,
    ...mediaLocation(instance, media, baseUrl),
  };
}
