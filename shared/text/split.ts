import { borderBefore } from './cut.ts';

/** Where a text is best divided, best first. */
const BORDERS = [/\n[^\S\n]*\n/g, /\n/g, /\s/g] as const;

/**
 * A text in parts of at most `maxUnits` UTF-16 units, in order: divided between paragraphs, else between lines, else between words, and of
 * a single word that is too long between two characters. Blank space at a border is left out, and nothing else; parts of blank space alone as
 * well. `maxUnits` is at least 2, the length of an emoji.
 */
export function splitText(text: string, maxUnits: number): string[] {
  const parts: string[] = [];
  let rest = text;
  while (rest.length > maxUnits) {
    // One unit more: blank space right behind a full part is a border, too.
    const end = borderIn(rest.slice(0, maxUnits + 1), maxUnits) ?? borderBefore(rest, maxUnits);
    parts.push(rest.slice(0, end).trimEnd());
    rest = rest.slice(end).replace(/^(?:[^\S\n]*\n)+|^\s/, '');
  }
  return [...parts, rest].filter((part) => part.trim() !== '');
}

/** In the second half: rather a line that is divided than a part of one word. */
function borderIn(window: string, maxUnits: number): number | undefined {
  for (const border of BORDERS) {
    let last: number | undefined;
    for (const { index } of window.matchAll(border)) if (index >= maxUnits / 2 && index <= maxUnits) last = index;
    if (last !== undefined) return last;
  }
  return undefined;
}
