import { setImmediate as turn } from 'node:timers/promises';
import { PonteError } from '../../shared/errors/ponte-error.ts';

/** No engine sends as many. */
const MOST_FIELDS = 1_000;
/** What is decoded in one turn of the event loop. */
const SLICE = 4_194_304;

const AMPERSAND = 0x26;
const EQUALS = 0x3d;
const PERCENT = 0x25;
const PLUS = 0x2b;
const SPACE = 0x20;

/**
 * The fields of a form (`application/x-www-form-urlencoded`), the way URLSearchParams reads them, which takes half a second for fifty megabytes:
 * so a large one is decoded in parts. Throws PonteError `invalid_body` for one of too many fields.
 */
export async function decodeForm(form: Buffer): Promise<readonly (readonly [name: string, value: Buffer])[]> {
  const fields: (readonly [string, Buffer])[] = [];
  let parts = 0;
  for (let from = 0; from < form.length; ) {
    parts += 1;
    if (parts > MOST_FIELDS) throw new PonteError('invalid_body', { faults: 'body: is made of too many fields' });
    const ampersand = form.indexOf(AMPERSAND, from);
    const end = ampersand === -1 ? form.length : ampersand;
    if (end > from) {
      const field = form.subarray(from, end);
      const equals = field.indexOf(EQUALS);
      const name = equals === -1 ? field : field.subarray(0, equals);
      const value = equals === -1 ? Buffer.alloc(0) : field.subarray(equals + 1);
      fields.push([(await decode(name)).toString('utf8'), await decode(value)]);
    }
    from = end + 1;
  }
  return fields;
}

async function decode(text: Buffer): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(text.length);
  let length = 0;
  let turnAt = SLICE;
  for (let at = 0; at < text.length; at += 1) {
    const byte = text[at] ?? 0;
    const code = byte === PERCENT ? hexOf(text, at + 1) : undefined;
    bytes[length] = code ?? (byte === PLUS ? SPACE : byte);
    length += 1;
    if (code !== undefined) at += 2;
    if (at < turnAt) continue;
    turnAt += SLICE;
    await turn();
  }
  return bytes.subarray(0, length);
}

/** What two hexadecimal digits say; undefined where there are none. */
function hexOf(text: Buffer, at: number): number | undefined {
  const [high, low] = [digitOf(text[at]), digitOf(text[at + 1])];
  return high === undefined || low === undefined ? undefined : 16 * high + low;
}

function digitOf(byte: number | undefined): number | undefined {
  if (byte === undefined) return undefined;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : undefined;
}
