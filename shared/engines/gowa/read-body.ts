import { readContactCard } from '../contact-card.ts';
import type { Location, MediaKind, MessageBody } from '../event.ts';
import { type Fields, fieldsOf, isFields, labelOf, listOf, numberOf, textOf } from '../fields.ts';
import { writeReference } from './file-reference.ts';

const MEDIA: readonly (readonly [name: string, kind: MediaKind])[] = [
  ['image', 'image'],
  ['video', 'video'],
  ['video_note', 'video_note'],
  ['audio', 'audio'],
  ['document', 'document'],
  ['sticker', 'sticker'],
];
const CONTACTS_SHOWN = 50;

/** What a message says, by what stands beside its text. `chat` is where its file is asked for. */
export function readBody(fields: Fields, chat: string): MessageBody {
  const text = textOf(fields, 'body', 'text');
  for (const [name, kind] of MEDIA) {
    const media = fields[name];
    if (media !== undefined && media !== null && media !== '') return readMedia(media, kind, { text, chat });
  }
  const location = readLocation(fields.location, false) ?? readLocation(fields.live_location, true);
  if (location !== undefined) return location;
  const cards = [...listOf(fields.contact), ...listOf(fields.contacts_array)].slice(0, CONTACTS_SHOWN).map(readContactCard);
  const contacts = cards.filter(({ name, phones }) => name !== '' || phones.length > 0);
  if (contacts.length > 0) return { type: 'contacts', contacts };
  if (text !== '') return { type: 'text', text };
  if (typeof fields.body === 'string' && fields.body !== '') return { type: 'text', text: fields.body };
  // What a business sends with buttons comes put into words.
  const interactive = textOf(fields, 'interactive');
  if (interactive !== '') return { type: 'text', text: interactive };
  for (const name of ['list', 'order'] as const) {
    if (isFields(fields[name])) return { type: 'unsupported', name, text: anyText(fields[name]) };
  }
  // A file that GOWA could not download, a poll, what it could not decrypt: of all of them it tells nothing.
  return { type: 'placeholder' };
}

/** A path, `{path, caption}`, or, where GOWA does not download by itself, WhatsApp's own encrypted copy with `caption` and `filename`. */
function readMedia(media: unknown, kind: MediaKind, beside: { text: string; chat: string }): MessageBody {
  const fields = fieldsOf(media);
  const path = typeof media === 'string' ? media : textOf(fields, 'path');
  return {
    type: 'media',
    caption: textOf(fields, 'caption') || beside.text,
    media: {
      // It names a recording like any audio; phones record in Ogg.
      kind: kind === 'audio' && /\.(ogg|oga|opus)$/i.test(path) ? 'voice' : kind,
      mimeType: labelOf(fields, 'mime_type', 'mimetype').toLowerCase(),
      fileName: labelOf(fields, 'filename', 'file_name') || (kind === 'document' ? nameIn(path) : ''),
      urls: [],
      reference: writeReference({ path, chat: beside.chat }),
    },
  };
}

/** What its sender called it GOWA does not tell where it downloads by itself; the end of the path says at least of what type it is. */
const nameIn = (path: string): string => labelOf({ name: path.replace(/^.*\//, '').replace(/^\d+-/, '') }, 'name');

function readLocation(value: unknown, isLive: boolean): MessageBody | undefined {
  const fields = fieldsOf(value);
  const latitude = numberOf(fields, 'degreesLatitude', 'latitude');
  const longitude = numberOf(fields, 'degreesLongitude', 'longitude');
  if (latitude === undefined || longitude === undefined || Math.abs(latitude) > 90 || Math.abs(longitude) > 180) return undefined;
  const location: Location = {
    latitude,
    longitude,
    name: labelOf(fields, 'name', 'caption'),
    address: labelOf(fields, 'address'),
  };
  return { type: 'location', location: isLive ? { ...location, isLive } : location };
}

const anyText = (value: unknown): string => textOf(fieldsOf(value), 'title', 'description', 'orderTitle', 'message');
