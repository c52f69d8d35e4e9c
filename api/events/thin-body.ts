import { PonteError } from '../../shared/errors/ponte-error.ts';
import { LONGEST_TEXT, MOST_KEPT } from '../../shared/text/texts-aside.ts';
import { refuseManyValues } from '../http/json-body.ts';

const MEBIBYTE = 1_048_576;
/** No engine hands over a larger file, and none is read for longer. */
const MOST_READ = 1_024 * MEBIBYTE;

/** What it takes to read one: what is kept, and once more while it is put together. */
export const THIN_BODY_BYTES = 2 * MOST_KEPT;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Where the next quote or backslash is, or the chunk ends. */
function endOfPlain(chunk: Buffer, from: number): number {
  const quote = chunk.indexOf(QUOTE, from);
  const end = quote === -1 ? chunk.length : quote;
  const backslash = chunk.subarray(from, end).indexOf(BACKSLASH);
  return backslash === -1 ? end : from + backslash;
}

/** How many more are just not too many; as many as there are, once they are. */
const bytesUpTo = (textBytes: number): number => (textBytes > LONGEST_TEXT ? Number.POSITIVE_INFINITY : LONGEST_TEXT - textBytes);

/**
 * Reads a JSON body that is too large to be taken whole, without its long texts: the message is not lost for its file, which is asked for
 * later as one that did not come with its event. Never holds more than a few megabytes. Throws PonteError `body_too_large` or `invalid_body`.
 */
export async function readThinBody(body: AsyncIterable<Buffer>, limit: string): Promise<unknown> {
  let kept = Buffer.alloc(0);
  let pieces: Buffer[] = [];
  let keptBytes = 0;
  let read = 0;
  let isInText = false;
  let isEscaped = false;
  let textBytes = 0;

  const keep = (piece: Buffer): void => {
    pieces.push(piece);
    keptBytes += piece.length;
    if (keptBytes > MOST_KEPT) throw new PonteError('body_too_large', { limit });
  };
  /** Takes back what was kept of the text that turned out to be too long. */
  const takeBack = (bytes: number): void => {
    keptBytes -= bytes;
    kept = Buffer.concat([kept, ...pieces]).subarray(0, keptBytes);
    pieces = [];
  };

  for await (const chunk of body) {
    read += chunk.length;
    if (read > MOST_READ) throw new PonteError('body_too_large', { limit });
    let from = 0;
    for (let index = 0; index < chunk.length; index += 1) {
      const byte = chunk[index];
      if (!isInText) {
        if (byte !== QUOTE) continue;
        isInText = true;
        textBytes = 0;
        continue;
      }
      // Far quicker than byte by byte: up to whatever comes first.
      const plainBytes = isEscaped ? 0 : Math.min(endOfPlain(chunk, index) - index, bytesUpTo(textBytes));
      if (plainBytes > 0) {
        textBytes += plainBytes;
        index += plainBytes - 1;
        continue;
      }
      if (isEscaped) isEscaped = false;
      else if (byte === BACKSLASH) isEscaped = true;
      else if (byte === QUOTE) {
        if (textBytes > LONGEST_TEXT) from = index;
        isInText = false;
        continue;
      }
      textBytes += 1;
      if (textBytes !== LONGEST_TEXT + 1) continue;
      keep(chunk.subarray(from, index));
      takeBack(LONGEST_TEXT);
    }
    if (!isInText || textBytes <= LONGEST_TEXT) keep(chunk.subarray(from));
  }
  const thin = Buffer.concat([kept, ...pieces]);
  refuseManyValues(thin);
  try {
    return JSON.parse(thin.toString('utf8'));
  } catch {
    throw new PonteError('invalid_body', { faults: 'body: is not valid JSON' });
  }
}
