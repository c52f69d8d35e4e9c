import { randomUUID } from 'node:crypto';
import { concatInTurns } from '../memory/concat-in-turns.ts';

const LARGE_LENGTH = 65_536;
/** Nothing in it has to be escaped: visible letters of ASCII, as of base64. */
const isPlain = (text: string): boolean => /^[ !#-[\]-~]*$/.test(text);

/** Texts that stand aside as they were written, between the quotes, by what stands in their place. */
export type TextsAside = ReadonlyMap<string, Buffer>;
export const NOTHING_ASIDE: TextsAside = new Map();

/** Cannot be in what anybody else has written. */
const MARK = `ponte-large-text-${randomUUID()}`;

/**
 * `JSON.stringify`, as bytes and in turns of the event loop, for what may hold a file in base64: a long text in which nothing has to be escaped
 * is put in as it is, and so is one that stands aside. Written letter by letter, forty megabytes take a third of a second.
 */
export async function largeJson(value: unknown, aside: TextsAside = NOTHING_ASIDE): Promise<Buffer> {
  const texts: Buffer[] = [];
  const json = JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'string') return inner;
    const text = aside.get(inner) ?? (inner.length >= LARGE_LENGTH && isPlain(inner) ? Buffer.from(inner, 'latin1') : undefined);
    if (text === undefined) return inner;
    texts.push(text);
    return MARK;
  });
  if (texts.length === 0) return Buffer.from(json);
  const [first = '', ...others] = json.split(MARK);
  return concatInTurns([Buffer.from(first), ...others.flatMap((part, index) => [texts[index] ?? '', part].map(bytesOf))]);
}

const bytesOf = (text: string | Buffer): Buffer => (typeof text === 'string' ? Buffer.from(text) : text);
