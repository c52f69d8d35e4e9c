const EXTENSIONS: Readonly<Record<string, string>> = {
  'image/jpeg': '.jpg',
  'image/png': '.png',
  'image/gif': '.gif',
  'image/webp': '.webp',
  'video/mp4': '.mp4',
  'video/3gpp': '.3gp',
  'audio/ogg': '.ogg',
  'audio/mpeg': '.mp3',
  'audio/mp4': '.m4a',
  'audio/aac': '.aac',
  'audio/amr': '.amr',
  'application/pdf': '.pdf',
  'application/zip': '.zip',
  'text/plain': '.txt',
  'text/csv': '.csv',
  'text/vcard': '.vcf',
};

/** The usual extension of a type, with its dot; empty where there is no usual one. */
export const extensionOf = (mimeType: string): string => EXTENSIONS[mimeType] ?? '';

/** The type of a file by its first bytes; undefined for those that cannot be told by them. */
export function sniffType(bytes: Buffer): string | undefined {
  const at = (offset: number, length: number): string => bytes.toString('latin1', offset, offset + length);
  if (at(0, 3) === '\xff\xd8\xff') return 'image/jpeg';
  if (at(0, 4) === '\x89PNG') return 'image/png';
  if (at(0, 4) === 'GIF8') return 'image/gif';
  if (at(0, 4) === 'RIFF' && at(8, 4) === 'WEBP') return 'image/webp';
  if (at(0, 4) === 'OggS') return 'audio/ogg';
  if (at(0, 3) === 'ID3' || at(0, 2) === '\xff\xfb') return 'audio/mpeg';
  if (at(4, 4) === 'ftyp') return at(8, 3) === 'M4A' ? 'audio/mp4' : 'video/mp4';
  if (at(0, 4) === '%PDF') return 'application/pdf';
  if (at(0, 4) === 'PK\x03\x04') return 'application/zip';
  return undefined;
}
