import { Lexer, type Token, type Tokens } from 'marked';
import { WhatsappTokenizer } from './whatsapp-tokenizer.ts';

/** Which formats are already on: WhatsApp knows no nesting of one within itself. */
type Style = 'bold' | 'italic' | 'strike';
type Styles = readonly Style[];

const MARKERS: Record<Style, string> = { bold: '*', italic: '_', strike: '~' };
const FENCE = '```';
/** Chatwoot takes no longer text. */
const LONGEST_FORMATTED = 150_000;
/** The lexer's time grows with the square of hostile texts: cut into sections of this length, that of the whole grows with its length. */
const SECTION_LENGTH = 1_000;

/**
 * Chatwoot's message text (Markdown source of its editor) in WhatsApp's notation: `**bold**` becomes `*bold*`, `*italic*` and `_italic_`
 * become `_italic_`, `~~gone~~` becomes `~gone~`, a heading becomes bold, a link its text and address. Lists, quotes and code are
 * written alike in both. Text without markup comes back as it is, but for blank space at its end. Never throws.
 */
export function toWhatsappText(markdown: string): string {
  const source = trimLines(markdown.replace(/\r\n?/g, '\n'));
  if (source.length > LONGEST_FORMATTED) return source;
  return sectionsOf(source).map(renderSection).join('');
}

/** More of these at the beginning of a line than anybody means; each costs the lexer a level of its stack, and time for all below it. */
const NESTED = /^(?:[ \t]*(?:[-*+>]|\d{1,9}[.)])){12}/m;

/** Without one of these a text is written alike in both. */
const MARKUP = /[*_~`#[\]&\\<>!]|[ \t]\n/;

function renderSection(section: string): string {
  if (!MARKUP.test(section)) return section;
  if (section.length > SECTION_LENGTH || NESTED.test(section)) return section;
  try {
    // The lexer drops blank space at an end, which between two sections is somewhere in the middle.
    const text = section.trimEnd();
    const rendered = renderBlocks(new Lexer({ gfm: true, tokenizer: new WhatsappTokenizer() }).lex(text), []);
    return rendered + section.slice(text.length);
  } catch {
    // The message still goes out, as it was written.
    return section;
  }
}

/** A block of code, or a line; with the line breaks behind it. */
const BLOCK = /(?<=^|\n)(`{3,}|~{3,})[^\n]*\n(?:(?!\1)[^\n]*\n)*?\1[^\n]*(?:\n+|$)|[^\n]*\n+|[^\n]+$/g;
/** What of a line is left whole: words, with the blank space behind each. */
const WORDS = /\S+\s*|\s+/g;

/**
 * A text in sections that are formatted each by itself: all of it where it is short, else as many blocks as fit into one, and of a line
 * that does not fit as many words. Together they are the text again. A word that does not fit stays as it is.
 */
function sectionsOf(text: string): string[] {
  if (text.length <= SECTION_LENGTH) return [text];
  const pieces = (text.match(BLOCK) ?? []).flatMap((block) =>
    block.length <= SECTION_LENGTH ? block : (block.match(WORDS) ?? []),
  );
  const sections: string[] = [];
  let section = '';
  for (const piece of pieces) {
    if (section !== '' && section.length + piece.length > SECTION_LENGTH) {
      sections.push(section);
      section = '';
    }
    section += piece;
  }
  return [...sections, section];
}

/**
 * Takes the empty lines off both ends. Chatwoot before 4.13.0 marks a line break by a backslash before it, and at either end of the text
 * that is no Markdown any more.
 */
function trimLines(text: string): string {
  let trimmed = text.replace(/^(?:\\?\n)+/, '');
  for (;;) {
    const end = trimmed.trimEnd();
    if (!end.endsWith('\\') || trimmed[end.length] !== '\n') return end;
    trimmed = end.slice(0, -1);
  }
}

/** Every block keeps its number of lines, and the blank lines after it, so that text without markup cannot change. */
function renderBlocks(tokens: readonly Token[], styles: Styles): string {
  return tokens
    .map((token, index) => {
      const text = withoutEndOfLine(renderBlock(token, styles));
      const isLast = index === tokens.length - 1;
      // A backslash at the end of a paragraph is a line break that had nothing to break.
      const trimmed = token.type === 'paragraph' && !isLast ? text.replace(/\\$/, '') : text;
      return trimmed + endOfLine(token.raw);
    })
    .join('');
}

function renderBlock(token: Token, styles: Styles): string {
  switch (token.type) {
    case 'paragraph':
    case 'text':
      return renderInline(token.tokens ?? [token], styles);
    case 'heading':
      // A `#` with nothing behind it is no heading to anybody.
      return format('bold', token.tokens ?? [], styles) || token.raw;
    case 'code':
      return renderCode(token as Tokens.Code);
    case 'list':
      return (token as Tokens.List).items.map((item) => renderItem(item, styles) + endOfLine(item.raw)).join('');
    case 'blockquote':
      return renderQuote(token as Tokens.Blockquote, styles);
    default:
      return token.raw;
  }
}

function renderCode(token: Tokens.Code): string {
  const opening = /^ {0,3}(`{3,}|~{3,})/.exec(token.raw)?.[1] ?? FENCE;
  const isClosed = withoutEndOfLine(token.raw).trimEnd().endsWith(opening) && token.raw.includes('\n');
  return isClosed && token.text !== '' ? `${FENCE}\n${token.text}\n${FENCE}` : token.raw;
}

function renderItem(item: Tokens.ListItem, styles: Styles): string {
  const raw = withoutEndOfLine(item.raw);
  const marker = /^\s*(?:[-*+]|\d{1,9}[.)])[ \t]*/.exec(raw)?.[0] ?? '';
  const rawLines = raw.split('\n');
  const lines = withoutEndOfLine(renderBlocks(item.tokens, styles)).split('\n');
  return lines
    .map((line, index) => (index === 0 ? marker + line : (/^\s*/.exec(rawLines[index] ?? '')?.[0] ?? '') + line.trimStart()))
    .join('\n');
}

function renderQuote(token: Tokens.Blockquote, styles: Styles): string {
  const rawLines = withoutEndOfLine(token.raw).split('\n');
  const lines = withoutEndOfLine(renderBlocks(token.tokens, styles)).split('\n');
  // By the raw lines: empty ones at the end of a quote are in no token.
  return rawLines.map((rawLine, index) => (/^ {0,3}> ?/.exec(rawLine)?.[0] ?? '') + (lines[index] ?? '')).join('\n');
}

function renderInline(tokens: readonly Token[], styles: Styles): string {
  return tokens.map((token) => renderSpan(token, styles)).join('');
}

function renderSpan(token: Token, styles: Styles): string {
  switch (token.type) {
    case 'text':
      return 'tokens' in token && token.tokens ? renderInline(token.tokens, styles) : decodeEntities(token.raw);
    case 'escape':
      return (token as Tokens.Escape).text;
    case 'br':
      return '\n';
    case 'strong':
      return format('bold', token.tokens ?? [], styles);
    case 'em':
      return format('italic', token.tokens ?? [], styles);
    case 'del':
      return format('strike', token.tokens ?? [], styles);
    case 'codespan':
      return token.raw.startsWith('``') ? `${FENCE}${(token as Tokens.Codespan).text}${FENCE}` : token.raw;
    case 'link':
    case 'image':
      return renderLink(token as Tokens.Link | Tokens.Image, styles);
    default:
      return token.raw;
  }
}

/** Puts the markers of a style around each line (in WhatsApp none reaches over a line), with no blank space inside them. */
function format(style: Style, tokens: readonly Token[], styles: Styles): string {
  if (styles.includes(style)) return renderInline(tokens, styles);
  const marker = MARKERS[style];
  return renderInline(tokens, [...styles, style])
    .split('\n')
    .map((line) => {
      const text = line.trim();
      if (text === '') return line;
      const start = line.length - line.trimStart().length;
      return `${line.slice(0, start)}${marker}${text}${marker}${line.slice(start + text.length)}`;
    })
    .join('\n');
}

/** WhatsApp shows an address as it is, so a link is its text, then its address, unless the one says the other. */
function renderLink(token: Tokens.Link | Tokens.Image, styles: Styles): string {
  if (token.type === 'link' && token.autolink) return /^<https?:/i.test(token.raw) ? token.raw.slice(1, -1) : token.raw;
  const text = renderInline(token.tokens ?? [], styles);
  const href = decodeEntities(token.href);
  if (href.startsWith('mention://')) return text;
  if (!/^(?:https?:\/\/|www\.|mailto:|tel:)/i.test(href)) return token.raw;
  const address = href.replace(/^(?:mailto|tel):/i, '');
  const isSame = text.replace(/^https?:\/\/|\/$/gi, '') === address.replace(/^https?:\/\/|\/$/gi, '');
  return text === '' || isSame ? address : `${text}: ${address}`;
}

const NAMED_ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

/** Canned replies are often pasted from HTML; the customer must not see its entities. */
function decodeEntities(text: string): string {
  return text.replace(
    /&(?:(amp|lt|gt|quot|apos|nbsp)|#(\d{1,7})|#x([\da-f]{1,6}));/gi,
    (raw, name?: string, decimal?: string, hex?: string) => {
      if (name !== undefined) return NAMED_ENTITIES[name.toLowerCase()] ?? raw;
      const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
      return code > 0x1f && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : raw;
    },
  );
}

const endOfLine = (raw: string): string => /\n*$/.exec(raw)?.[0] ?? '';
const withoutEndOfLine = (text: string): string => text.replace(/\n+$/, '');
