import { z } from 'zod';
import { parseJson } from '../../http/parse-json.ts';
import { type Fields, labelOf } from '../fields.ts';
import { filePart } from '../whatsapp-proto/file-part.ts';
import { readBytes, readLong } from '../whatsapp-proto/values.ts';

export type FileKind = 'image' | 'video' | 'audio' | 'document' | 'sticker';
const KINDS: Readonly<Record<string, FileKind>> = {
  imagemessage: 'image',
  videomessage: 'video',
  // Round videos are kept as any.
  ptvmessage: 'video',
  audiomessage: 'audio',
  documentmessage: 'document',
  stickermessage: 'sticker',
};

/** WhatsApp's encrypted copy, and what opens it: both engines keep no messages, and have to be told all of it to download one. */
const referenceSchema = z.object({
  kind: z.enum(['image', 'video', 'audio', 'document', 'sticker']),
  url: z.string(),
  directPath: z.string(),
  mediaKey: z.string(),
  mimetype: z.string(),
  fileEncSha256: z.string(),
  fileSha256: z.string(),
  fileLength: z.number(),
});
export type FileReference = z.output<typeof referenceSchema>;

export const readReference = (text: string): FileReference | undefined => referenceSchema.safeParse(parseJson(text)).data;

/** Of a message with a file; undefined for any other, and where its key is missing. */
export function writeReference(message: unknown): string | undefined {
  const part = filePart(message);
  const kind = KINDS[part?.name ?? ''];
  if (kind === undefined || part === undefined) return undefined;
  const { fields } = part;
  const mediaKey = bytesOf(fields, 'mediakey');
  if (mediaKey === '') return undefined;
  const reference: FileReference = {
    kind,
    url: labelOf(fields, 'url'),
    directPath: labelOf(fields, 'directpath'),
    mediaKey,
    mimetype: labelOf(fields, 'mimetype'),
    fileEncSha256: bytesOf(fields, 'fileencsha256'),
    fileSha256: bytesOf(fields, 'filesha256'),
    fileLength: readLong(fields.filelength) ?? 0,
  };
  return JSON.stringify(reference);
}

/** Of a form that was put together carelessly, `+` arrives as a blank. */
const bytesOf = (fields: Fields, name: string): string => {
  const value = fields[name];
  return readBytes(typeof value === 'string' ? mended(value) : value) ?? '';
};

export const mended = (base64: string): string => base64.replaceAll(' ', '+');
