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

const escapeBraces = (text: string, braces: RegExp): string => text.replace(braces, "{{ '{' }}");
