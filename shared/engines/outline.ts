import { NOTHING_ASIDE, type TextsAside } from '../text/large-json.ts';

/** An event is handed over whole up to this size, and its outline is no larger. */
export const WHOLE_LENGTH = 65_536;
/** Longest texts and lists that an outline keeps; the second where the first leaves too much. */
const KEPT = [
  { characters: 2_048, items: 100 },
  { characters: 256, items: 10 },
] as const;

export type Outline =
  /** It is small: there is no need of one. */
  | { readonly kind: 'whole' }
  | { readonly kind: 'outline'; readonly json: string }
  /** It is large by many values, which no event of an engine is. */
  | { readonly kind: 'none' };

/**
 * The payload of a large event without its long texts (files in base64 most of all) and the rest of its long lists. It says what the event
 * is and whose chat it belongs to, which is all that has to be known of it while it waits: whoever holds events holds this much of each.
 * `json` is the payload written out; of texts that stand aside it has what stands in their place.
 */
export function outlineOf(payload: unknown, json: { readonly length: number }, aside: TextsAside = NOTHING_ASIDE): Outline {
  if (json.length <= WHOLE_LENGTH) return { kind: 'whole' };
  for (const { characters, items } of KEPT) {
    const outline = JSON.stringify(payload, (_key, value: unknown) => {
      if (typeof value === 'string' && (value.length > characters || aside.has(value))) return '';
      return Array.isArray(value) && value.length > items ? value.slice(0, items) : value;
    });
    if (outline.length <= WHOLE_LENGTH) return { kind: 'outline', json: outline };
  }
  return { kind: 'none' };
}
