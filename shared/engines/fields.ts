import { cutTo } from '../text/cut.ts';
import { shortId } from '../text/short-id.ts';
import { wellFormed } from '../text/well-formed.ts';

export type Fields = Readonly<Record<string, unknown>>;

const NONE: Fields = {};
// Nothing that is a name or a title has reason to be longer.
const LABEL_LENGTH = 1_000;
// Of four bytes each they still fit into an index of PostgreSQL, with what notes about a message put behind them.
const ID_LENGTH = 600;

export const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value as an object; an empty one where it is none. */
export const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : NONE);

/** The objects of a list; one object counts as a list of one. */
export const listOf = (value: unknown): readonly Fields[] =>
  Array.isArray(value) ? value.filter(isFields) : isFields(value) ? [value] : [];

/** The first of these fields that is text or a number, as text; empty where none is. */
export function textOf(fields: Fields, ...names: readonly string[]): string {
  for (const name of names) {
    const value = fields[name];
    const text = typeof value === 'string' ? wellFormed(value) : '';
    if (text.trim() !== '') return text;
    if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  }
  return '';
}

const lineOf = (fields: Fields, ...names: readonly string[]): string =>
  textOf(fields, ...names)
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();

/** As `textOf`, on one line and of a sane length: for names and types. */
export const labelOf = (fields: Fields, ...names: readonly string[]): string =>
  cutTo(lineOf(fields, ...names), LABEL_LENGTH).trim();

/** As `labelOf`, for ids: of two that only begin alike neither becomes the other. */
export const idOf = (fields: Fields, ...names: readonly string[]): string => shortId(lineOf(fields, ...names), ID_LENGTH);

/** The first of these fields that is a number or text of one. */
export function numberOf(fields: Fields, ...names: readonly string[]): number | undefined {
  const text = textOf(fields, ...names);
  const value = Number(text);
  return text === '' || !Number.isFinite(value) ? undefined : value;
}

export const isTrue = (fields: Fields, ...names: readonly string[]): boolean =>
  names.some((name) => fields[name] === true || fields[name] === 'true' || fields[name] === 1);

const ID_NAMES = [
  'message_id',
  'messageId',
  'messageID',
  'original_id',
  'originalId',
  'original_message_id',
  'originalMessageId',
  'target_id',
  'targetId',
  'stanza_id',
  'stanzaId',
  'quoted_message_id',
  'quotedMessageId',
  'id',
] as const;

/** Id of the message that an object refers to, under any of the names engines use, or in its `key`. */
export function referenceOf(value: unknown): string {
  if (typeof value === 'string') return idOf({ value }, 'value');
  const fields = fieldsOf(value);
  return idOf(fields, ...ID_NAMES) || idOf(fieldsOf(fields.key), 'id', 'ID');
}

/** ISO 8601, seconds or milliseconds since 1970. */
export function dateOf(fields: Fields, ...names: readonly string[]): Date | undefined {
  const text = labelOf(fields, ...names);
  if (text === '') return undefined;
  const number = Number(text);
  const date = new Date(Number.isFinite(number) ? (number < 1e11 ? number * 1_000 : number) : text);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
