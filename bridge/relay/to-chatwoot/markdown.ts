// WhatsApp: a mark counts at the edge of a word, with something other than a space inside of it, within one line.
const MARKED = /(^|[\s.,;:!?()[\]"'-])([*~])(?=\S)([^*~\n]*?\S)\2(?=$|[\s.,;:!?()[\]"'-])/gm;
const CODE = /```[\s\S]*?```|`[^`\n]+`/g;
const MARKDOWN = { '*': '**', '~': '~~' } as const;

/**
 * WhatsApp's notation as the Markdown that Chatwoot shows: `*bold*` would be italic there, and `~struck~` nothing. Italics and code are
 * the same in both.
 */
export function toMarkdown(text: string): string {
  let converted = '';
  let from = 0;
  for (const code of text.matchAll(CODE)) {
    converted += convert(text.slice(from, code.index)) + code[0];
    from = code.index + code[0].length;
  }
  return converted + convert(text.slice(from));
}

const convert = (text: string): string =>
  text.replace(MARKED, (_, before: string, mark: keyof typeof MARKDOWN, inner: string) => {
    const marks = MARKDOWN[mark];
    return `${before}${marks}${inner}${marks}`;
  });

/**
 * A text without the marks of Markdown, and without those that turn the direction of writing: for names, which stand between such marks, and
 * before a number that would be read backwards.
 */
export const plain = (text: string): string => text.replace(/[*`~\u202a-\u202e\u2066-\u2069]/g, '');
