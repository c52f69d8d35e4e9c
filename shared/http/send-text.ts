import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const PART_LENGTH = 1_048_576;
/** Who reads no quicker than this holds what it reads for too long. */
const SEND_TIMEOUT_MS = 120_000;

/** A pipeline listens five times for the end of what it writes to. With the log, the metrics and the memory budget that is more than Node's ten, and always the same. */
const PIPELINE_LISTENERS = 5;

/**
 * Answers with JSON text of any length, as fast as its reader takes it, and with something else done in between: to write out a hundred
 * megabytes at once holds up everybody. Resolves also when the reader goes away before the end.
 */
export async function sendJsonText(response: ServerResponse, text: string | Buffer | AsyncIterable<string>): Promise<void> {
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  const parts = Readable.from(partsOf(text), { objectMode: true, highWaterMark: 1 });
  response.setMaxListeners(response.getMaxListeners() + PIPELINE_LISTENERS);
  await pipeline(parts, response, { signal: AbortSignal.timeout(SEND_TIMEOUT_MS) }).catch((error: unknown) => {
    if (!response.destroyed) throw error;
  });
}

function partsOf(text: string | Buffer | AsyncIterable<string>): AsyncIterable<string> | Iterable<string | Buffer> {
  if (typeof text === 'string') return partsOfString(text);
  return Buffer.isBuffer(text) ? partsOfBytes(text) : text;
}

function* partsOfBytes(bytes: Buffer): Generator<Buffer> {
  for (let from = 0; from < bytes.length; from += PART_LENGTH) yield bytes.subarray(from, from + PART_LENGTH);
}

function* partsOfString(text: string): Generator<string> {
  let from = 0;
  while (from < text.length) {
    let to = from + PART_LENGTH;
    // A pair of surrogates stays together.
    if (to < text.length && /[\ud800-\udbff]/.test(text[to - 1] ?? '')) to -= 1;
    yield text.slice(from, to);
    from = to;
  }
}
