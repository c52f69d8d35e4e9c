import { readContactCard } from '../contact-card.ts';
import type { Media, MediaKind, MessageBody } from '../event.ts';
import { type Fields, fieldsOf, idOf, isFields, isTrue, labelOf, numberOf, textOf } from '../fields.ts';
import { mimeTypeOf } from '../media-fields.ts';
import { type ProtoContent, readContent } from '../whatsapp-proto/content.ts';
import { readFile } from './file-reference.ts';
import { bareId } from './ids.ts';

/** WhatsApp's own form of the message, which NOWEB and GOWS hand over; undefined for WEBJS, and where nothing was handed over. */
export const protoOf = (data: Fields): Fields | undefined =>
  [data.message, data.Message].find((message): message is Fields => isFields(message) && Object.keys(message).length > 0);

/** What a message says: by WhatsApp's own form where there is one, because WAHA's fields leave out what is wrapped; else by those. */
export function readMessageContent(payload: Fields): ProtoContent {
  const proto = protoOf(fieldsOf(payload._data));
  const told = fieldsOf(payload.media);
  const content =
    proto === undefined
      ? undefined
      : readContent(proto, { file: readFile(payload), fileName: labelOf(told, 'filename'), mimeType: labelOf(told, 'mimetype') });
  if (content === undefined) return readPlain(payload);
  if (content.kind !== 'message' || content.body.type !== 'unsupported') return content;
  return { ...content, body: { ...content.body, text: content.body.text || textOf(payload, 'body') } };
}

// What WEBJS calls what no person wrote.
const SILENT = new Set([
  'e2e_notification',
  'notification',
  'notification_template',
  'gp2',
  'protocol',
  'ciphertext',
  'pinned_message',
]);

function readPlain(payload: Fields): ProtoContent {
  const data = fieldsOf(payload._data);
  const type = labelOf(data, 'type').toLowerCase();
  if (SILENT.has(type)) return { kind: 'nothing', name: type };
  const body = readBody(payload, data, type);
  if (body === undefined) return { kind: 'nothing', name: type || 'empty' };
  const replyTo = labelOf(fieldsOf(payload.replyTo), 'id') || labelOf(data, 'quotedStanzaID');
  return {
    kind: 'message',
    body,
    replyTo: replyTo === '' ? undefined : bareId(replyTo),
    quotedText: textOf(fieldsOf(payload.replyTo), 'body') || undefined,
    forwarded: isTrue(data, 'isForwarded'),
    mentions: undefined,
    ad: undefined,
  };
}

function readBody(payload: Fields, data: Fields, type: string): MessageBody | undefined {
  const text = textOf(payload, 'body');
  const location = readLocation(fieldsOf(payload.location));
  if (location !== undefined) return location;
  const contacts = (Array.isArray(payload.vCards) ? payload.vCards : [])
    .slice(0, CARDS)
    .map((vcard: unknown) => readContactCard({ vcard }))
    .filter(({ name, phones }) => name !== '' || phones.length > 0);
  if (contacts.length > 0) return { type: 'contacts', contacts };
  if (isTrue(payload, 'hasMedia')) return { type: 'media', media: readMedia(payload, data, type), caption: text };
  if (type.startsWith('poll')) {
    const options = (Array.isArray(data.pollOptions) ? data.pollOptions : []).map((option) => labelOf(fieldsOf(option), 'name'));
    return { type: 'poll', question: labelOf(data, 'pollName') || text, options: options.filter((option) => option !== '') };
  }
  if (type.endsWith('_response')) return { type: 'choice', text: text || idOf(data, 'selectedButtonId') };
  if (text !== '') return { type: 'text', text };
  if (typeof payload.body === 'string' && payload.body !== '') return { type: 'text', text: payload.body };
  return type === '' || type === 'chat' ? undefined : { type: 'unsupported', name: type, text: '' };
}

const CARDS = 50;
const KINDS: Readonly<Record<string, MediaKind>> = {
  image: 'image',
  video: 'video',
  ptv: 'video_note',
  audio: 'audio',
  ptt: 'voice',
  sticker: 'sticker',
  document: 'document',
};

function readMedia(payload: Fields, data: Fields, type: string): Media {
  const media = fieldsOf(payload.media);
  const mimeType = mimeTypeOf(labelOf(media, 'mimetype') || labelOf(data, 'mimetype'));
  const family = mimeType.split('/', 1)[0];
  const byType = family === 'image' || family === 'video' || family === 'audio' ? family : 'document';
  return {
    kind: KINDS[type] ?? byType,
    mimeType,
    fileName: labelOf(media, 'filename') || labelOf(data, 'filename'),
    ...readFile(payload),
  };
}

function readLocation(location: Fields): MessageBody | undefined {
  const latitude = numberOf(location, 'latitude');
  const longitude = numberOf(location, 'longitude');
  if (latitude === undefined || longitude === undefined || Math.abs(latitude) > 90 || Math.abs(longitude) > 180) return undefined;
  const place = {
    latitude,
    longitude,
    name: labelOf(location, 'name', 'title', 'description'),
    address: labelOf(location, 'address'),
  };
  return { type: 'location', location: isTrue(location, 'live') ? { ...place, isLive: true } : place };
}
