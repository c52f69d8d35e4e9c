import { randomBytes } from 'node:crypto';
import { wellFormed, wellFormedJson } from '../text/well-formed.ts';

/** A body of the type `multipart/form-data`, whole in memory. */
export interface Multipart {
  readonly contentType: string;
  readonly bytes: Buffer;
}

export type Part =
  | { readonly name: string; readonly value: string }
  | { readonly name: string; readonly json: unknown }
  | { readonly name: string; readonly fileName: string; readonly contentType: string; readonly bytes: Buffer };

/**
 * Puts a form together. Not the platform's FormData, because that makes CRLF of every line break in a value, as browsers must, and the
 * text of a message would not arrive as it was written. Every text in it becomes well-formed.
 */
export function encodeMultipart(parts: readonly Part[]): Multipart {
  const boundary = `ponte-${randomBytes(16).toString('hex')}`;
  const chunks = parts.flatMap((part) => [
    Buffer.from(headOf(part, boundary)),
    'bytes' in part ? part.bytes : Buffer.from(textOf(part)),
    CRLF,
  ]);
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    bytes: Buffer.concat([...chunks, Buffer.from(`--${boundary}--\r\n`)]),
  };
}

const textOf = (part: Exclude<Part, { bytes: Buffer }>): string =>
  'json' in part ? JSON.stringify(wellFormedJson(part.json)) : wellFormed(part.value);

const CRLF = Buffer.from('\r\n');

function headOf(part: Part, boundary: string): string {
  const disposition = `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(part.name)}"`;
  if (!('bytes' in part)) return `${disposition}\r\n\r\n`;
  // A type is told by others, and must not bring a header of its own.
  const contentType = part.contentType.replace(/[^\x20-\x7e]/g, '');
  return `${disposition}; filename="${quoted(part.fileName)}"\r\nContent-Type: ${contentType}\r\n\r\n`;
}

/** As browsers write names: what would end the header or the quotes is percent-encoded. */
const quoted = (text: string): string => wellFormed(text).replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
