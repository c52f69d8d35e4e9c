import type { Media, MediaKind } from '../../event.ts';
import { type Fields, fieldsOf, isTrue, labelOf, textOf } from './fields.ts';

const KINDS: Readonly<Record<string, MediaKind>> = {
  image: 'image',
  video: 'video',
  gif: 'video',
  audio: 'audio',
  ptt: 'voice',
  voice: 'voice',
  ptv: 'video_note',
  sticker: 'sticker',
  document: 'document',
  file: 'document',
  document_with_caption: 'document',
};

/** The media of a message and its own caption; undefined where it has none. `type` is that of the message. */
export function readMedia(fields: Fields, type: string): { media: Media; caption: string } | undefined {
  const media = fieldsOf(fields.media);
  const told = labelOf(media, 'type', 'mediaType', 'media_type').toLowerCase();
  const mimeType = mimeTypeOf(
    labelOf(media, 'mimeType', 'mimetype', 'mime_type') || labelOf(fields, 'mimeType', 'mimetype', 'mime_type'),
  );
  const base64 = readBase64(media.base64 ?? media.data ?? fields.base64);
  const urls = readUrls(media);
  const known = KINDS[type] ?? KINDS[told];
  if (known === undefined && mimeType === '' && base64 === undefined && urls.length === 0) return undefined;
  return {
    media: {
      kind: kindOf(media, known, KINDS[told], mimeType),
      mimeType,
      fileName:
        labelOf(media, 'fileName', 'filename', 'file_name', 'title') || labelOf(fields, 'fileName', 'filename', 'file_name'),
      base64,
      urls,
    },
    caption: textOf(media, 'caption') || textOf(fields, 'caption'),
  };
}

/**
 * What was meant as a document, a voice message or a sticker stays one; for the rest the MIME type decides, since engines tell
 * types that no documentation lists.
 */
function kindOf(media: Fields, known: MediaKind | undefined, inner: MediaKind | undefined, mimeType: string): MediaKind {
  const isVoice = isTrue(media, 'isVoiceNote', 'is_voice_note', 'isVoice', 'ptt', 'voice');
  if (isVoice) return 'voice';
  const special = [known, inner].find(
    (kind) => kind === 'voice' || kind === 'video_note' || kind === 'sticker' || kind === 'document',
  );
  if (special) return special;
  const family = mimeType.split('/')[0];
  if (family === 'image' || family === 'video' || family === 'audio') return family;
  return mimeType === '' ? (known ?? 'document') : 'document';
}

const mimeTypeOf = (text: string): string => {
  const type = (text.split(';')[0] ?? '').trim().toLowerCase();
  return /^[\w.+-]+\/[\w.+-]+$/.test(type) ? type : '';
};

/** Base64, with or without the head of a data URL. Whether it decodes is found out where it is decoded. */
function readBase64(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined;
  const text = value.startsWith('data:') ? value.slice(value.indexOf(',') + 1) : value;
  return text === '' ? undefined : text;
}

/** WhatsApp's own servers hold media encrypted (`.enc`), so an address there is of no use. */
function readUrls(media: Fields): string[] {
  const told = ['s3Url', 's3_url', 'mediaUrl', 'media_url', 'url', 'fileUrl', 'downloadUrl'].map((name) =>
    textOf(media, name).trim(),
  );
  return [...new Set(told)].filter((text) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url === undefined || !/^https?:$/.test(url.protocol)) return false;
    return !/(^|\.)whatsapp\.net$/i.test(url.hostname) && !url.pathname.endsWith('.enc');
  });
}
