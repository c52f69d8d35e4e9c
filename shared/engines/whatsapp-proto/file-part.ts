import { type Fields, fieldsOf, isFields } from '../fields.ts';
import { loweredFields } from './lowered.ts';
import { readProtoMedia } from './media.ts';
import { readOffer } from './parts.ts';
import { unwrap } from './unwrap.ts';

/** By which name and fields, in lower case, a message describes its file: that of an offer stands in its header. Undefined where it has none. */
export function filePart(message: unknown): { readonly name: string; readonly fields: Fields } | undefined {
  const { name, value } = unwrap(loweredFields(message));
  const header = readOffer(name, fieldsOf(value))?.header;
  for (const [told, inner] of header === undefined ? [[name, value] as const] : Object.entries(header)) {
    if (isFields(inner) && readProtoMedia(told, inner) !== undefined) return { name: told, fields: inner };
  }
  return undefined;
}
