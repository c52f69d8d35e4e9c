import { parseJson } from '../../http/parse-json.ts';
import { readContactCard } from '../contact-card.ts';
import type { Ad, ContactCard, Media, MediaKind, MessageBody } from '../event.ts';
import { type Fields, fieldsOf, idOf, isFields, isTrue, labelOf, listOf, numberOf, textOf } from '../fields.ts';
import { mimeTypeOf } from '../media-fields.ts';

/** What a message says, by its type. Never nothing: the last resort names the type. */
export function readBody(message: Fields, type: string): MessageBody {
  const content = fieldsOf(message[type]);
  switch (type) {
    case 'text':
      return { type: 'text', text: withProduct(blankTextOf(content), message) };
    case 'image':
    case 'video':
    case 'sticker':
    case 'document':
    case 'audio':
    case 'voice':
      return { type: 'media', media: readMedia(content, type), caption: textOf(content, 'caption') };
    case 'location':
      return readLocation(content) ?? unsupported(type, textOf(content, 'name', 'address'));
    case 'contacts': {
      const contacts = listOf(message.contacts).slice(0, LISTED).map(readContact);
      return contacts.length === 0 ? unsupported(type) : { type: 'contacts', contacts };
    }
    case 'button':
      return { type: 'choice', text: textOf(content, 'text', 'payload') };
    case 'interactive':
      return readAnswer(content);
    case 'order':
      return { type: 'text', text: readOrder(content) };
    case 'system':
      return { type: 'text', text: `ℹ️ ${textOf(content, 'body') || labelOf(content, 'type') || 'WhatsApp'}` };
    default:
      // `unsupported` says in itself what it is.
      return unsupported(
        labelOf(fieldsOf(message.unsupported), 'type') || type || 'unknown',
        textOf(content, 'text', 'body', 'caption'),
      );
  }
}

const unsupported = (name: string, text = ''): MessageBody => ({ type: 'unsupported', name, text });

/** The text that an edit gives a message: its text, or its caption. */
export function readText(message: Fields): string {
  const content = fieldsOf(message[labelOf(message, 'type')]);
  return textOf(content, 'body', 'caption', 'text');
}

/** A text of blanks is one, too. */
const blankTextOf = (content: Fields): string =>
  textOf(content, 'body') || (typeof content.body === 'string' ? content.body : '');

/** A question about a product of the catalogue names it in its context only. */
function withProduct(text: string, message: Fields): string {
  const product = labelOf(fieldsOf(fieldsOf(message.context).referred_product), 'product_retailer_id');
  return product === '' ? text : `🛍️ ${product}\n${text}`;
}

const KINDS: Readonly<Record<string, MediaKind>> = {
  image: 'image',
  video: 'video',
  sticker: 'sticker',
  audio: 'audio',
  voice: 'voice',
};

function readMedia(content: Fields, type: string): Media {
  const kind = type === 'audio' && isTrue(content, 'voice') ? 'voice' : (KINDS[type] ?? 'document');
  return {
    kind,
    mimeType: mimeTypeOf(labelOf(content, 'mime_type')),
    fileName: labelOf(content, 'filename'),
    // Its address opens with our token only.
    urls: [],
    reference: idOf(content, 'id') || undefined,
  };
}

function readLocation(content: Fields): MessageBody | undefined {
  const latitude = numberOf(content, 'latitude');
  const longitude = numberOf(content, 'longitude');
  if (latitude === undefined || longitude === undefined || Math.abs(latitude) > 90 || Math.abs(longitude) > 180) return undefined;
  return {
    type: 'location',
    location: { latitude, longitude, name: labelOf(content, 'name'), address: labelOf(content, 'address') },
  };
}

const LISTED = 50;

function readContact(card: Fields): ContactCard {
  const name = labelOf(fieldsOf(card.name), 'formatted_name', 'first_name') || labelOf(fieldsOf(card.org), 'company');
  return readContactCard({ phones: card.phones, displayName: name });
}

function readAnswer(content: Fields): MessageBody {
  const button = fieldsOf(content.button_reply);
  const row = fieldsOf(content.list_reply);
  const flow = fieldsOf(content.nfm_reply);
  const title = textOf(button, 'title') || textOf(row, 'title') || labelOf(button, 'id') || labelOf(row, 'id');
  if (title !== '') return { type: 'choice', text: [title, textOf(row, 'description')].filter((line) => line !== '').join('\n') };
  const lines = [labelOf(flow, 'body', 'name'), ...formLines(textOf(flow, 'response_json'))].filter((line) => line !== '');
  if (lines.length > 0) return { type: 'choice', text: lines.join('\n') };
  return unsupported(labelOf(content, 'type') || 'interactive');
}

/** What was filled into a form, a line each. */
function formLines(json: string): string[] {
  const form = parseJson(json);
  if (!isFields(form)) return [];
  return Object.entries(form)
    .filter(([name]) => name !== 'flow_token')
    .slice(0, LISTED)
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`);
}

function readOrder(content: Fields): string {
  const items = listOf(content.product_items).slice(0, LISTED).map(readItem);
  return ['🛒 Order', ...items, textOf(content, 'text')].filter((line) => line !== '').join('\n');
}

function readItem(item: Fields): string {
  const price = [labelOf(item, 'item_price'), labelOf(item, 'currency')].filter((part) => part !== '').join(' ');
  const amount = `${labelOf(item, 'quantity') || '1'} × ${labelOf(item, 'product_retailer_id') || '?'}`;
  return price === '' ? amount : `${amount} — ${price}`;
}

/** The ad of Facebook or Instagram that led here. */
export function readAd(referral: Fields): Ad | undefined {
  const ad: Ad = {
    title: labelOf(referral, 'headline'),
    body: textOf(referral, 'body'),
    url: labelOf(referral, 'source_url'),
    sourceId: idOf(referral, 'source_id'),
    sourceType: labelOf(referral, 'source_type'),
    clickId: labelOf(referral, 'ctwa_clid'),
  };
  return Object.values(ad).every((value) => value === '') ? undefined : ad;
}
