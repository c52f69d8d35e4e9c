import type { Content, Person } from '../../whatsapp-engine/content.ts';
import { makeMediaFile } from '../../whatsapp-engine/media-files.ts';
import { type Device, newPath, type StoredFile } from './world.ts';

type Json = Record<string, unknown>;

/** What becomes of files that come in. */
export type Downloads =
  /** As it is shipped: downloaded at once, and served below `statics/`. */
  | 'kept'
  /** It tried and could not: nothing of the file is told. */
  | 'failing'
  /** Switched off: WhatsApp's own encrypted copy is told. */
  | 'off';

/** Whose message it is. */
export interface Talk {
  readonly isOurs: boolean;
  readonly person: Person | undefined;
  readonly group: { readonly id: string } | undefined;
  readonly id: string;
  readonly replyTo: string | undefined;
  readonly atMs: number;
}

const digits = (phone: string): string => phone.replace(/\D/g, '');
const phoneJid = ({ phone }: Person): string | undefined => (phone === undefined ? undefined : `${digits(phone)}@s.whatsapp.net`);
const lidJid = ({ lid }: Person): string | undefined => (lid === undefined ? undefined : `${lid.replace(/@.*$/, '')}@lid`);

/** A lid is made a number where that is known. */
const personJid = (person: Person): string => phoneJid(person) ?? lidJid(person) ?? '';

export const chatOf = ({ person, group }: Pick<Talk, 'person' | 'group'>): string =>
  group === undefined ? (person === undefined ? '' : personJid(person)) : `${group.id.replace(/@g\.us$/, '')}@g.us`;

export const ownJid = ({ number }: Device): string => `${digits(number)}@s.whatsapp.net`;

export function fileOf(content: Content, downloads: Downloads): StoredFile | undefined {
  if (!('media' in content)) return undefined;
  const made = makeMediaFile(content.type, { voice: content.type === 'audio' && content.voice });
  const { base64, mimeType: told, fileName } = content.media;
  const mimeType = told ?? (base64 === undefined ? made.mimeType : 'application/octet-stream');
  return {
    bytes: base64 === undefined ? made.bytes : Buffer.from(base64, 'base64'),
    mimeType,
    fileName: fileName ?? made.fileName,
    path: downloads === 'kept' ? newPath(mimeType) : undefined,
  };
}

/** Name and payload of the event that tells of a message. */
export function eventOf(device: Device, talk: Talk, content: Content, file: StoredFile | undefined, downloads: Downloads) {
  const payload: Json = { ...commonOf(device, talk), ...contentOf(content, file, downloads) };
  if (talk.replyTo !== undefined) Object.assign(payload, { replied_to_id: talk.replyTo, quoted_body: 'citado' });
  switch (content.type) {
    case 'reaction':
      return { event: 'message.reaction', payload };
    case 'edit':
      return { event: 'message.edited', payload };
    case 'message_revoke': {
      // As whoever took it back sees it: for him the chat is that with us.
      const seen = talk.isOurs || talk.group !== undefined ? chatOf(talk) : ownJid(device);
      return { event: 'message.revoked', payload: { ...payload, revoked_from_me: true, revoked_chat: seen } };
    }
    default:
      return { event: 'message', payload };
  }
}

function commonOf(device: Device, talk: Talk): Json {
  const { person, isOurs } = talk;
  const from = isOurs || person === undefined ? ownJid(device) : personJid(person);
  const lid = person === undefined ? undefined : lidJid(person);
  const name = isOurs ? device.name : (person?.name ?? '');
  return {
    id: talk.id,
    chat_id: chatOf(talk),
    ...(lid !== undefined && talk.group === undefined ? { chat_lid: lid } : {}),
    from,
    ...(lid !== undefined && !isOurs ? { from_lid: lid } : {}),
    sender_display_name: name || from.replace(/@.*$/, ''),
    ...(name === '' ? {} : { from_name: name }),
    timestamp: new Date(talk.atMs).toISOString().replace(/\.\d+Z$/, 'Z'),
    is_from_me: isOurs,
  };
}

const MEDIA_NAMES = { image: 'image', video: 'video', audio: 'audio', document: 'document', sticker: 'sticker' } as const;

function contentOf(content: Content, file: StoredFile | undefined, downloads: Downloads): Json {
  switch (content.type) {
    case 'text':
      return { body: content.text };
    case 'image':
    case 'video':
    case 'audio':
    case 'document':
    case 'sticker': {
      const caption = 'caption' in content ? (content.caption ?? '') : '';
      const said = caption === '' ? {} : { body: caption };
      if (downloads === 'failing') return said;
      if (downloads === 'off') {
        const url = 'https://mmg.whatsapp.net/v/t62.enc';
        const more = content.type === 'document' ? { filename: file?.fileName } : caption === '' ? {} : { caption };
        return { ...said, [MEDIA_NAMES[content.type]]: { url, ...more } };
      }
      return { ...said, [MEDIA_NAMES[content.type]]: caption === '' ? file?.path : { path: file?.path, caption } };
    }
    case 'location': {
      const { latitude, longitude, name, address } = content;
      return { location: { degreesLatitude: latitude, degreesLongitude: longitude, name, address } };
    }
    case 'contact': {
      const cards = content.contacts.map(({ name, phone }) => ({
        displayName: name,
        vcard: vcardOf(name, phone),
        phone_number: phone,
      }));
      return cards.length === 1 ? { contact: cards[0] } : { contacts_array: cards };
    }
    case 'reaction':
      return { reaction: content.emoji, reacted_message_id: content.messageId };
    case 'edit':
      return { original_message_id: content.messageId, body: content.text };
    case 'message_revoke':
      return { revoked_message_id: content.messageId };
    case 'buttons_response':
      return { body: content.text };
    case 'list_response':
      return { body: content.title };
    // A poll, and whatever else it has no field for.
    case 'other':
      return {};
  }
}

const vcardOf = (name: string, phone: string): string =>
  `BEGIN:VCARD\nVERSION:3.0\nFN:${name}\nTEL;type=CELL;waid=${digits(phone)}:+${digits(phone)}\nEND:VCARD`;
