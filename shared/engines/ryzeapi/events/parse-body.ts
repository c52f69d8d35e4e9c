import { wellFormed } from '../../../text/well-formed.ts';
import { readContactCard } from '../../contact-card.ts';
import type { ContactCard, Location, MessageBody } from '../../event.ts';
import { type Fields, fieldsOf, isFields, isTrue, labelOf, listOf, numberOf, textOf } from '../../fields.ts';
import { readMedia } from './parse-media.ts';

const TEXT_NAMES = ['text', 'body', 'conversation', 'caption', 'message'] as const;
const CHOICE_NAMES = [
  'selectedDisplayText',
  'selected_display_text',
  'displayText',
  'display_text',
  'title',
  'text',
  'body',
  'name',
  'description',
] as const;
const CHOICE = /(button|list|template|interactive|flow).*(response|reply)|^(button|list)s?_?reply$/;
const TEXTS = /^(|text|chat|conversation|extended_text)$/;
const DEPTH = 4;

/** The type of a message as the engine tells it: lower case, words joined by `_`. */
export const messageType = (fields: Fields): string =>
  labelOf(fields, 'type', 'messageType', 'message_type')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[\s.-]+/g, '_')
    .replace(/_message$/, '');

/** The text of a message: `content` is a string on the wire and `{text}` in the documentation. */
export function contentText(fields: Fields): string {
  const { content } = fields;
  return (
    textOf({ content }, 'content') || textOf(fieldsOf(content), ...TEXT_NAMES) || textOf(fields, 'text', 'body', 'conversation')
  );
}

/** A text of blanks is one, too, where the message can be nothing else. */
function blankText(fields: Fields, type: string): string {
  if (!TEXTS.test(type)) return '';
  const content = fieldsOf(fields.content);
  const told = [fields.content, ...TEXT_NAMES.map((name) => content[name]), fields.text, fields.body, fields.conversation];
  return told.map((text) => (typeof text === 'string' ? wellFormed(text) : '')).find((text) => text !== '') ?? '';
}

/**
 * What a message says, by what it holds rather than by what its type is called. The last resort names the type; undefined only for a vote in
 * a poll of which the engine does not tell what was chosen.
 */
export function readBody(fields: Fields, type: string): MessageBody | undefined {
  const text = contentText(fields);
  if (VOTE.test(type)) return readVote(fields);
  if (isPlaceholder(fields, type) && text === '') return { type: 'placeholder' };
  if (CHOICE.test(type)) return { type: 'choice', text: text || choiceText(fields) };
  const location = readLocation(fields, type);
  if (location) return { type: 'location', location };
  const contacts = readContacts(fields);
  if (contacts.length > 0) return { type: 'contacts', contacts };
  const media = readMedia(fields, type);
  // Engines repeat the caption in one place or the other, or in both.
  if (media) return { type: 'media', media: media.media, caption: media.caption || text };
  if (/^poll(_creation)?(_v\d)?$/.test(type) || isFields(fields.poll)) return readPoll(fields, text);
  const written = text || blankText(fields, type);
  if (written !== '') return { type: 'text', text: written };
  return { type: 'unsupported', name: type || 'unknown', text: anyText(fields[type] ?? fields.interactive, DEPTH) };
}

function choiceText(fields: Fields): string {
  const interactive = fieldsOf(fields.interactive);
  return (
    textOf(interactive, ...CHOICE_NAMES) ||
    anyText(fields.interactive ?? fields.content, DEPTH) ||
    labelOf(interactive, 'id', 'buttonId')
  );
}

/** The first text under a likely name, at most so many levels down. */
function anyText(value: unknown, depth: number): string {
  if (typeof value === 'string') return textOf({ value }, 'value');
  if (!isFields(value) || depth === 0) return '';
  const here = textOf(value, ...CHOICE_NAMES);
  if (here !== '') return here;
  for (const inner of Object.values(value)) {
    const found = isFields(inner) ? anyText(inner, depth - 1) : '';
    if (found !== '') return found;
  }
  return '';
}

const PLACEHOLDERS =
  /^(?:ciphertext|encrypted|placeholder|unavailable|waiting|undecrypt|decrypt|failed_(?:to_)?decrypt|unable_to_decrypt)|_(?:undecryptable|unavailable|placeholder)$/;

/** The engine has no more than the envelope of it yet. */
const isPlaceholder = (fields: Fields, type: string): boolean =>
  PLACEHOLDERS.test(type) ||
  isTrue(
    fields,
    'isPlaceholder',
    'isUndecryptable',
    'undecryptable',
    'isUnavailable',
    'unavailable',
    'decryptFailed',
    'decrypt_fail',
  );

const VOTE = /^poll_?(?:update|vote|response|answer)/;

function readVote(fields: Fields): MessageBody | undefined {
  const told = [
    fields.pollUpdate,
    fields.poll_update,
    fields.pollVote,
    fields.poll_vote,
    fields.vote,
    fields.poll,
    fields.content,
  ];
  const votes = told.map(fieldsOf).flatMap((vote) => [vote, fieldsOf(vote.vote)]);
  const listed = [...votes, fields].map(
    (vote) => vote.selectedOptions ?? vote.selected_options ?? vote.selected ?? vote.votes ?? vote.options,
  );
  const chosen = listed.find(Array.isArray);
  const names = ['pollName', 'poll_name', 'question', 'name', 'title'] as const;
  const question = votes.map((vote) => textOf(vote, ...names)).find((text) => text !== '') ?? '';
  if (chosen !== undefined)
    return { type: 'vote', question, options: chosen.slice(0, OPTIONS_SHOWN).map(optionName).filter(Boolean) };
  const text = contentText(fields);
  return text === '' ? undefined : { type: 'vote', question, options: [text] };
}

const optionName = (option: unknown): string =>
  isFields(option) ? labelOf(option, 'name', 'optionName', 'title', 'text') : labelOf({ option }, 'option');

function readLocation(fields: Fields, type: string): Location | undefined {
  const live = fieldsOf(fields.liveLocation ?? fields.live_location);
  const location = { ...fieldsOf(fields.location), ...live };
  const latitude = numberOf(location, 'latitude', 'degreesLatitude', 'lat');
  const longitude = numberOf(location, 'longitude', 'degreesLongitude', 'lng', 'lon');
  if (latitude === undefined || longitude === undefined || Math.abs(latitude) > 90 || Math.abs(longitude) > 180) return undefined;
  const isLive = /live/.test(type) || Object.keys(live).length > 0 || isTrue(location, 'isLive', 'is_live', 'live');
  const name = labelOf(location, 'name', 'title') || (isLive ? labelOf(location, 'caption') : '');
  return { latitude, longitude, name, address: labelOf(location, 'address'), ...(isLive ? { isLive } : {}) };
}

const CONTACTS_SHOWN = 50;

function readContacts(fields: Fields): ContactCard[] {
  const one = fieldsOf(fields.contact);
  const cards = [...listOf(fields.contacts), ...listOf(one.contacts), ...listOf(fields.contact)];
  return cards
    .slice(0, CONTACTS_SHOWN)
    .map(readContactCard)
    .filter((card) => card.name !== '' || card.phones.length > 0);
}

const OPTIONS_SHOWN = 20;

function readPoll(fields: Fields, text: string): MessageBody {
  const poll = fieldsOf(fields.poll ?? fields.content);
  const listed = [poll.options, poll.values, poll.choices].find(Array.isArray) ?? [];
  const options = listed.slice(0, OPTIONS_SHOWN).map(optionName);
  return {
    type: 'poll',
    question: textOf(poll, 'name', 'question', 'title') || text,
    options: options.filter((option) => option !== ''),
  };
}
