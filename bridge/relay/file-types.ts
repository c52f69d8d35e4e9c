/** Types by the extension of a file; of a type the first extension is the usual one. */
const TYPES: Readonly<Record<string, string>> = {
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  gif: 'image/gif',
  bmp: 'image/bmp',
  svg: 'image/svg+xml',
  heic: 'image/heic',
  tiff: 'image/tiff',
  mp4: 'video/mp4',
  '3gp': 'video/3gpp',
  mov: 'video/quicktime',
  webm: 'video/webm',
  avi: 'video/x-msvideo',
  mkv: 'video/x-matroska',
  mp3: 'audio/mpeg',
  m4a: 'audio/mp4',
  aac: 'audio/aac',
  amr: 'audio/amr',
  ogg: 'audio/ogg',
  oga: 'audio/ogg',
  opus: 'audio/ogg',
  wav: 'audio/wav',
  flac: 'audio/flac',
  pdf: 'application/pdf',
  txt: 'text/plain',
  csv: 'text/csv',
  html: 'text/html',
  xml: 'application/xml',
  json: 'application/json',
  vcf: 'text/vcard',
  ics: 'text/calendar',
  zip: 'application/zip',
  rar: 'application/vnd.rar',
  '7z': 'application/x-7z-compressed',
  gz: 'application/gzip',
  rtf: 'application/rtf',
  apk: 'application/vnd.android.package-archive',
  epub: 'application/epub+zip',
  doc: 'application/msword',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xls: 'application/vnd.ms-excel',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  ppt: 'application/vnd.ms-powerpoint',
  pptx: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  odt: 'application/vnd.oasis.opendocument.text',
  ods: 'application/vnd.oasis.opendocument.spreadsheet',
  odp: 'application/vnd.oasis.opendocument.presentation',
};
/** Other names of types. */
const ALIASES: Readonly<Record<string, string>> = {
  'image/jpg': 'image/jpeg',
  'audio/mp3': 'audio/mpeg',
  'audio/x-m4a': 'audio/mp4',
  'audio/m4a': 'audio/mp4',
  'audio/opus': 'audio/ogg',
  'audio/x-wav': 'audio/wav',
  'audio/wave': 'audio/wav',
  'audio/vnd.wave': 'audio/wav',
  'audio/x-flac': 'audio/flac',
  'audio/webm': 'video/webm',
  'text/x-vcard': 'text/vcard',
  'text/xml': 'application/xml',
  'application/x-zip-compressed': 'application/zip',
  'application/x-rar-compressed': 'application/vnd.rar',
};
const EXTENSIONS: ReadonlyMap<string, string> = new Map(
  Object.entries(TYPES)
    .map(([extension, type]) => [type, extension] as const)
    .reverse(),
);

/** The type of files with this extension, without its dot; empty where it is not known. */
export const typeOf = (extension: string): string => TYPES[extension.toLowerCase()] ?? '';

/** The usual extension of a type, with its dot; empty where there is no usual one. */
export function extensionOf(mimeType: string): string {
  const extension = EXTENSIONS.get(ALIASES[mimeType] ?? mimeType);
  return extension === undefined ? '' : `.${extension}`;
}

/** What files of many kinds are told as: their own extension says more. */
const VAGUE = new Set([
  '',
  'application/octet-stream',
  'binary/octet-stream',
  'text/plain',
  'application/zip',
  'application/xml',
  'application/json',
]);

/** A file's name with an extension, by which it is opened: its own, or the usual one of its type. */
export function withExtension(name: string, mimeType: string): string {
  const own = /\.([^.\s]{1,20})$/u.exec(name)?.[1] ?? '';
  const isExtension = typeOf(own) !== '' || (/^[a-z][a-z\d]{0,7}$/i.test(own) && VAGUE.has(mimeType));
  return isExtension ? name : `${name.replace(/\.+$/, '')}${extensionOf(mimeType)}`;
}
