import { readContactCard } from '../contact-card.ts';
import type { ContactCard, Location, MessageBody } from '../event.ts';
import { type Fields, fieldsOf, isFields, labelOf, listOf, numberOf, textOf } from '../fields.ts';

const CONTACTS_SHOWN = 50;
const OPTIONS_SHOWN = 20;

const listed = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export function readLocation(fields: Fields, isLive: boolean): MessageBody | undefined {
  const latitude = numberOf(fields, 'degreeslatitude');
  const longitude = numberOf(fields, 'degreeslongitude');
  if (latitude === undefined || longitude === undefined || Math.abs(latitude) > 90 || Math.abs(longitude) > 180) return undefined;
  const name = labelOf(fields, 'name') || (isLive ? labelOf(fields, 'caption') : '');
  const location: Location = { latitude, longitude, name, address: labelOf(fields, 'address') };
  return { type: 'location', location: isLive || isFields(fields.islive) ? { ...location, isLive: true } : location };
}

export function readContacts(cards: readonly Fields[]): MessageBody | undefined {
  const contacts: ContactCard[] = cards
    .slice(0, CONTACTS_SHOWN)
    .map(({ displayname, vcard }) => readContactCard({ displayName: displayname, vcard }))
    .filter(({ name, phones }) => name !== '' || phones.length > 0);
  return contacts.length === 0 ? undefined : { type: 'contacts', contacts };
}

export const readPoll = (fields: Fields): MessageBody => ({
  type: 'poll',
  question: textOf(fields, 'name'),
  options: listed(fields.options)
    .slice(0, OPTIONS_SHOWN)
    .map((option) => labelOf(fieldsOf(option), 'optionname'))
    .filter((option) => option !== ''),
});

/** What was chosen of buttons, a list, or a flow: what the person saw, else the id behind it. */
export function readChoice(name: string, fields: Fields): MessageBody | undefined {
  switch (name) {
    case 'buttonsresponsemessage':
      return { type: 'choice', text: textOf(fields, 'selecteddisplaytext', 'selectedbuttonid') };
    case 'templatebuttonreplymessage':
      return { type: 'choice', text: textOf(fields, 'selecteddisplaytext', 'selectedid') };
    case 'listresponsemessage': {
      const lines = [textOf(fields, 'title'), textOf(fields, 'description')].filter((line) => line !== '');
      return { type: 'choice', text: lines.join('\n') || textOf(fieldsOf(fields.singleselectreply), 'selectedrowid') };
    }
    case 'interactiveresponsemessage':
      return { type: 'choice', text: textOf(fieldsOf(fields.body), 'text') || flowAnswer(fields) };
    default:
      return undefined;
  }
}

/** The answer to a flow is JSON within JSON. */
function flowAnswer(fields: Fields): string {
  const flow = fieldsOf(fields.nativeflowresponsemessage);
  const params = parsed(textOf(flow, 'paramsjson'));
  return textOf(params, 'title', 'display_text', 'description', 'id') || labelOf(flow, 'name').replaceAll('_', ' ');
}

function parsed(text: string): Fields {
  try {
    return fieldsOf(JSON.parse(text));
  } catch {
    return {};
  }
}

/** What a business sends with things to tap: its text, with a line for each of them. Undefined for anything else. */
export function readOffer(name: string, fields: Fields): { readonly text: string; readonly header: Fields } | undefined {
  switch (name) {
    case 'buttonsmessage':
      return { text: offer(textOf(fields, 'contenttext'), fields, buttonsOf(fields.buttons)), header: fields };
    case 'listmessage':
      return { text: offer(textOf(fields, 'description'), fields, rowsOf(fields.sections)), header: fields };
    case 'interactivemessage': {
      const header = fieldsOf(fields.header);
      const told = { title: header.title, footertext: textOf(fieldsOf(fields.footer), 'text') };
      const flow = fieldsOf(fields.nativeflowmessage);
      return { text: offer(textOf(fieldsOf(fields.body), 'text'), told, buttonsOf(flow.buttons)), header };
    }
    case 'templatemessage':
    case 'highlystructuredmessage': {
      const inner = fieldsOf(fieldsOf(fields.hydratedhsm).templatemessage);
      const template = { ...inner, ...fields };
      const interactive = fieldsOf(template.interactivemessagetemplate);
      if (Object.keys(interactive).length > 0) return readOffer('interactivemessage', interactive);
      const hydrated = fieldsOf(template.hydratedtemplate ?? template.hydratedfourrowtemplate ?? template);
      const told = { title: hydrated.hydratedtitletext, footertext: hydrated.hydratedfootertext };
      const buttons = buttonsOf(hydrated.hydratedbuttons);
      return { text: offer(textOf(hydrated, 'hydratedcontenttext'), told, buttons), header: hydrated };
    }
    default:
      return undefined;
  }
}

function offer(content: string, fields: Fields, options: readonly string[]): string {
  const title = labelOf(fields, 'title', 'text');
  const lines = [title === '' ? '' : `*${title}*`, content, textOf(fields, 'footertext'), ...options.map((text) => `• ${text}`)];
  return lines.filter((line) => line !== '').join('\n');
}

const buttonsOf = (buttons: unknown): string[] =>
  listOf(buttons)
    .slice(0, OPTIONS_SHOWN)
    .map(buttonText)
    .filter((text) => text !== '');

/** Each kind of button keeps its text in a place of its own. */
function buttonText(button: Fields): string {
  const kinds = [button.quickreplybutton, button.urlbutton, button.callbutton, button.buttontext, button].map(fieldsOf);
  const shown = kinds.map((kind) => labelOf(kind, 'displaytext')).find((text) => text !== '');
  return shown ?? labelOf(parsed(textOf(button, 'buttonparamsjson')), 'display_text', 'title');
}

const rowsOf = (sections: unknown): string[] =>
  listOf(sections)
    .flatMap(({ rows }) => listOf(rows))
    .slice(0, OPTIONS_SHOWN)
    .map((row) => [labelOf(row, 'title'), labelOf(row, 'description')].filter((text) => text !== '').join(' – '))
    .filter((text) => text !== '');

const TEXT_NAMES = [
  'text',
  'caption',
  'title',
  'name',
  'displaytext',
  'description',
  'body',
  'message',
  'conversation',
  'groupname',
  'ordertitle',
] as const;
const TEXT_DEPTH = 4;

/** The first text under a likely name, at most so many levels down. */
export function anyText(value: unknown, depth = TEXT_DEPTH): string {
  if (!isFields(value) || depth === 0) return '';
  const here = textOf(value, ...TEXT_NAMES);
  if (here !== '') return here;
  for (const [name, inner] of Object.entries(value)) {
    const found = name === 'contextinfo' ? '' : anyText(inner, depth - 1);
    if (found !== '') return found;
  }
  return '';
}
