/**
 * Text that every database and every Chatwoot takes: no NUL, and no half of a surrogate pair, in whose place stands U+FFFD. Chatwoot answers
 * 400 to the one and 422 to the other, so that the whole message would be lost for a broken character.
 */
export const wellFormed = (text: string): string => text.replaceAll('\u0000', '').toWellFormed();

/** What is to be written as JSON, with every text in it and every name of a key well-formed. */
export function wellFormedJson(value: unknown): unknown {
  if (typeof value === 'string') return wellFormed(value);
  if (Array.isArray(value)) return value.map(wellFormedJson);
  if (!isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [wellFormed(key), wellFormedJson(inner)]));
}

/** Anything else writes itself: a Date, for instance. */
function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
