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
