import { Tokenizer, type Tokens } from 'marked';

const WORD = /[\p{L}\p{N}]/u;

/**
 * Markdown as far as WhatsApp has a counterpart for it. What merely looks like Markdown in a chat stays text: a marker inside a word
 * (`2*3*4`, which WhatsApp would not format either), an underlined line, an indented line, a table, HTML, a link reference, `>18`.
 * A tokenizer that answers nothing leaves the characters to the next one, in the end to plain text.
 */
export class WhatsappTokenizer extends Tokenizer {
  override code(): undefined {}
  override def(): undefined {}
  override html(): undefined {}
  override lheading(): undefined {}
  override table(): undefined {}
  override tag(): undefined {}
  override reflink(): undefined {}

  override blockquote(source: string): Tokens.Blockquote | undefined {
    return /^ {0,3}>(?=\s)/.test(source) ? super.blockquote(source) : undefined;
  }

  override emStrong(source: string, maskedSource: string, previous = ''): Tokens.Em | Tokens.Strong | undefined {
    return outsideWords(super.emStrong(source, maskedSource, previous), source, previous);
  }

  override del(source: string, maskedSource: string, previous = ''): Tokens.Del | undefined {
    return outsideWords(super.del(source, maskedSource, previous), source, previous);
  }
}

function outsideWords<T extends Tokens.Em | Tokens.Strong | Tokens.Del>(
  token: T | undefined,
  source: string,
  previous: string,
): T | undefined {
  const next = source.charAt(token?.raw.length ?? 0);
  return token === undefined || WORD.test(previous) || WORD.test(next) ? undefined : token;
}
