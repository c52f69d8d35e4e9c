import type { Content } from './content.ts';
import type { Instance, Message } from './rows.ts';

type Json = Record<string, unknown>;

/** A message's text for the reader: also where the type is no text, because clients show it. */
export function textOf(content: Content): string {
  switch (content.type) {
    case 'text':
    case 'edit':
    case 'buttons_response':
      return content.text;
    case 'list_response':
      return content.title;
    case 'image':
    case 'video':
    case 'document':
      return content.caption ?? '';
    case 'reaction':
      return content.emoji;
    default:
      return '';
  }
}

/** The parts that only some types have, under the names of both shapes. */
export function specialParts(content: Content): Json {
  switch (content.type) {
    case 'location': {
      const { latitude, longitude, name, address } = content;
      return { location: { latitude, longitude, name, address } };
    }
    case 'contact':
      return contactParts(content.contacts);
    case 'reaction':
      return { reaction: { emoji: content.emoji, message_id: content.messageId } };
    case 'edit':
      return { isEdit: true, edit: { original_id: content.messageId, text: content.text } };
    case 'message_revoke':
      return { revoke: { original_id: content.messageId } };
    case 'buttons_response':
      return { interactive: { id: content.id, title: content.text } };
    case 'list_response':
      return { interactive: { id: content.id, title: content.title, description: content.description ?? '' } };
    case 'other':
      return content.fields;
    default:
      return {};
  }
}

function contactParts(contacts: { name: string; phone: string }[]): Json {
  const cards = contacts.map(({ name, phone }) => {
    const digits = phone.replace(/\D/g, '');
    const vcard = `BEGIN:VCARD\nVERSION:3.0\nFN:${name}\nTEL;type=CELL;waid=${digits}:+${digits}\nEND:VCARD`;
    return { name, phone: digits, vcard };
  });
  return cards.length === 1 ? { contact: cards[0] } : { contact: {}, contacts: cards };
}

/** The parts of media that say where the file is. */
export function mediaLocation(instance: Instance, media: NonNullable<Message['media']>, baseUrl: string): Json {
  const { mediaBase64, mediaUrl } = instance.settings;
  const plain = `${baseUrl}/media/${media.key}/${encodeURIComponent(media.fileName)}`;
  const encrypted = `${baseUrl}/media/${media.key}.enc`;
  return {
    ...(mediaUrl === 'none' ? {} : { url: mediaUrl === 'plain' ? plain : encrypted }),
    ...(mediaUrl === 's3' ? { s3Url: plain } : {}),
    ...(mediaBase64 ? { base64: media.base64 } : {}),
  };
}
