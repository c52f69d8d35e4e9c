import { wellFormed } from './well-formed.ts';

const GRAPHEMES = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
/**
 * What is shown as one character is kept whole up to this many UTF-16 units: a family of four with skin tones has 19, Unicode's own stream-safe
 * text at most 31. A longer one is a chain of marks made to annoy, and to keep it whole could mean to drop all the text.
 */
const LONGEST_GRAPHEME = 64;

/** How long a text is to Chatwoot, which counts code points. */
export const lengthOf = (text: string): number => {
  let length = text.length;
  for (let index = 1; index < text.length; index += 1) if (isInsidePair(text, index)) length -= 1;
  return length;
};

/**
 * The beginning of a text, at most so many code points, ending between two characters as people see them: no flag, no emoji and no letter
 * with its accents is cut apart. `mark` stands at the end of what was cut, and counts. The result is well-formed.
 */
export function cutTo(text: string, maxCodePoints: number, mark = ''): string {
  const whole = wellFormed(text);
  if (whole.length <= maxCodePoints || indexOf(whole, maxCodePoints) === whole.length) return whole;
  return whole.slice(0, borderBefore(whole, indexOf(whole, maxCodePoints - lengthOf(mark)))) + mark;
}

/** The last index up to `index` at which a text may be cut: between two characters, or at least between two code points. */
export function borderBefore(text: string, index: number): number {
  if (index >= text.length) return text.length;
  const start = GRAPHEMES.segment(text.slice(0, index + 2)).containing(index)?.index ?? index;
  if (start > 0 && index - start <= LONGEST_GRAPHEME) return start;
  return isInsidePair(text, index) ? index - 1 : index;
}

/** Where in a well-formed text so many code points end. */
function indexOf(text: string, codePoints: number): number {
  let index = 0;
  for (let left = codePoints; left > 0 && index < text.length; left -= 1) index += isInsidePair(text, index + 1) ? 2 : 1;
  return index;
}

const isInsidePair = (text: string, index: number): boolean =>
  (text.charCodeAt(index) & 0xfc00) === 0xdc00 && (text.charCodeAt(index - 1) & 0xfc00) === 0xd800;
