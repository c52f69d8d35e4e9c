import { createHash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { PonteError } from '../errors/ponte-error.ts';
import { parseJson } from '../http/parse-json.ts';
import { NOTHING_ASIDE, type TextsAside } from './large-json.ts';

const MEBIBYTE = 1_048_576;
/** Longer than anything that people write; files in base64 are. */
export const LONGEST_TEXT = MEBIBYTE;
/** What may be left of a body without such texts. */
export const MOST_KEPT = 8 * MEBIBYTE;
/** What is looked at in one turn of the event loop. */
const SLICE = 4 * MEBIBYTE;
/** Far more than there can be around so few values as are read. */
const MOST_QUOTES = 500_000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

interface LongText {
  /** Of its first byte, and of the quote behind its last one. */
  readonly from: number;
  readonly to: number;
}

/**
 * Takes the long texts out of JSON that may be dozens of megabytes, without anything of them ever being decoded, parsed or written again, each of
 * which would hold up everybody else for a fifth of a second. In the place of each stands a digest of it, as base64. One in which more is
 * escaped than a file in base64 may be stays where it is; where that leaves too much, it is left out, as in a body that is too large to
 * be taken whole. What is small is answered as it is. Throws PonteError `invalid_body`.
 */
export async function setTextsAside(json: Buffer): Promise<{ readonly json: Buffer; readonly aside: TextsAside }> {
  if (json.length <= LONGEST_TEXT) return { json, aside: NOTHING_ASIDE };
  await turn();
  const found = longTextsOf(json);
  const aside = new Map<string, Buffer>();
  /** What stands in the place of each, for those that are not kept. */
  const places = new Map<LongText, string>();
  for (const text of found) {
    const place = await digestOfPlain(json, text);
    if (place === undefined) continue;
    places.set(text, place);
    aside.set(place, json.subarray(text.from, text.to));
  }
  let kept = join(json, found, places);
  if (kept.length > MOST_KEPT) {
    for (const text of found) if (!places.has(text)) places.set(text, '');
    kept = join(json, found, places);
  }
  if (kept.length > MOST_KEPT) throw new PonteError('invalid_body', { faults: 'body: is made of too many values' });
  for (const place of aside.keys()) {
    const expected = [...places.values()].filter((other) => other === place).length;
    // Whoever writes the digest of their own file beside it would have it stand there as well.
    if (countOf(kept, place) !== expected) throw new PonteError('invalid_body', { faults: 'body: cannot be read' });
  }
  await turn();
  return { json: kept, aside };
}

/** What an answer says, its long texts aside; with none of them aside it is read whole. `json` is undefined where it is none, or none to be read. */
export async function parseLargeJson(bytes: Buffer): Promise<{ readonly json: unknown; readonly aside: TextsAside }> {
  try {
    const { json, aside } = await setTextsAside(bytes);
    if (aside.size > 0) return { json: parseJson(json), aside };
  } catch (error) {
    if (!(error instanceof PonteError)) throw error;
  }
  return { json: parseJson(bytes), aside: NOTHING_ASIDE };
}

function longTextsOf(json: Buffer): LongText[] {
  const found: LongText[] = [];
  let quotes = 0;
  let open = json.indexOf(QUOTE);
  while (open !== -1) {
    let close = open;
    do {
      quotes += 1;
      if (quotes > MOST_QUOTES) throw new PonteError('invalid_body', { faults: 'body: is made of too many values' });
      close = json.indexOf(QUOTE, close + 1);
    } while (close !== -1 && isEscaped(json, close));
    if (close === -1) break;
    if (close - open - 1 > LONGEST_TEXT) found.push({ from: open + 1, to: close });
    open = json.indexOf(QUOTE, close + 1);
  }
  return found;
}

function isEscaped(json: Buffer, at: number): boolean {
  let from = at;
  while (json[from - 1] === BACKSLASH) from -= 1;
  return (at - from) % 2 === 1;
}

/** Of a text that is as valid as it stands: ASCII, with the shortest escapes only. Undefined for any other. */
async function digestOfPlain(json: Buffer, { from, to }: LongText): Promise<string | undefined> {
  const digest = createHash('sha256');
  for (let at = from; at < to; ) {
    let end = Math.min(at + SLICE, to);
    while (end < to && json[end - 1] === BACKSLASH) end += 1;
    if (/[^ -~]|\\(?:[^"\\/bfnrt]|$)/.test(json.toString('latin1', at, end))) return undefined;
    digest.update(json.subarray(at, end));
    at = end;
    await turn();
  }
  return digest.digest('base64');
}

function join(json: Buffer, found: readonly LongText[], places: ReadonlyMap<LongText, string>): Buffer {
  const parts: Buffer[] = [];
  let at = 0;
  for (const text of found) {
    const place = places.get(text);
    if (place === undefined) continue;
    parts.push(json.subarray(at, text.from), Buffer.from(place));
    at = text.to;
  }
  if (at === 0) return json;
  return Buffer.concat([...parts, json.subarray(at)]);
}

function countOf(json: Buffer, text: string): number {
  let count = 0;
  for (let at = json.indexOf(text); at !== -1; at = json.indexOf(text, at + 1)) count += 1;
  return count;
}
