import { cutTo, lengthOf } from '../../shared/text/cut.ts';

const CODE = /`[\s\S]*?`/g;
const OPENING = /\{(?=[{%])/g;
// Before code, because Chatwoot puts a tag there.
const OPENING_OR_LAST = /\{(?=[{%]|$)/g;
const END_OF_RAW = /\{%(?=-?\s*endraw\b)/g;

/**
 * Chatwoot renders outgoing messages as Liquid templates when they are created, so that `{{ contact.name }}` in what somebody typed on
 * the phone would be replaced. Here each brace that would open something becomes a template that renders to that brace. What stands
 * between backticks Chatwoot takes literally itself, and there it stays as it is.
 */
export function escapeLiquid(text: string): string {
  if (!/\{[{%`]/.test(text)) return text;
  let escaped = '';
  let from = 0;
  for (const code of text.matchAll(CODE)) {
    // Chatwoot puts code between `raw` tags; one that ends them would undo the whole text. A space without width keeps it apart.
    escaped += escapeBraces(text.slice(from, code.index), OPENING_OR_LAST) + code[0].replace(END_OF_RAW, '{\u200b%');
    from = code.index + code[0].length;
  }
  return escaped + escapeBraces(text.slice(from), OPENING);
}

/**
 * As `escapeLiquid`, at most so many code points long. The text is cut and not what became of it: half an escape would be shown, and code that
 * lost its second backtick would be code no longer. `mark` stands at the end of what was cut.
 */
export function escapeLiquidTo(text: string, maxCodePoints: number, mark: string): string {
  const longest = cutTo(text, maxCodePoints, mark);
  let fitting = escapeLiquid(longest);
  if (lengthOf(fitting) <= maxCodePoints) return fitting;
  let fits = 0;
  let exceeds = lengthOf(longest);
  while (exceeds - fits > 1) {
    const middle = Math.floor((fits + exceeds) / 2);
    const escaped = escapeLiquid(cutTo(text, middle, mark));
    if (lengthOf(escaped) > maxCodePoints) exceeds = middle;
    else [fits, fitting] = [middle, escaped];
  }
  return fits === 0 ? '' : fitting;
}

const escapeBraces = (text: string, braces: RegExp): string => text.replace(braces, "{{ '{' }}");
