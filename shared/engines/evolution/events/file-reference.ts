import { type Fields, fieldsOf, labelOf } from '../../fields.ts';
import { filePart } from '../../whatsapp-proto/file-part.ts';
import { readBytes, readLong } from '../../whatsapp-proto/values.ts';

/** In the order of the fields of every media message; the engine's spelling of them. */
const BYTES = ['mediaKey', 'fileSha256', 'fileEncSha256'] as const;
const TEXTS = ['url', 'directPath', 'mimetype', 'fileName'] as const;
const MEDIA = ['imageMessage', 'videoMessage', 'ptvMessage', 'audioMessage', 'documentMessage', 'stickerMessage'] as const;

/**
 * What the engine can fetch and decrypt a file by when it does not know the message any more (its database keeps messages only where it is
 * told to): the message, cut down to that. Undefined for what has no file.
 */
export function fileReference(key: unknown, message: Fields): string | undefined {
  const part = filePart(message);
  const type = MEDIA.find((known) => known.toLowerCase() === part?.name);
  if (type === undefined || part === undefined) return undefined;
  const { fields } = part;
  const media = {
    ...Object.fromEntries(TEXTS.map((field) => [field, labelOf(fields, field.toLowerCase()) || undefined])),
    ...Object.fromEntries(BYTES.map((field) => [field, readBytes(fields[field.toLowerCase()])])),
    fileLength: readLong(fields.filelength)?.toString(),
  };
  const { id, remoteJid, fromMe, participant } = fieldsOf(key);
  return JSON.stringify({ key: { id, remoteJid, fromMe, participant: participant || undefined }, message: { [type]: media } });
}
