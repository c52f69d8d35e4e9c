import type { Media, MediaKind } from '../../event.ts';
import { type Fields, fieldsOf, isTrue, labelOf, textOf } from '../../fields.ts';
import { mimeTypeOf, readBase64, usableUrls } from '../../media-fields.ts';

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

const URL_NAMES = ['s3Url', 's3_url', 'mediaUrl', 'media_url', 'url', 'fileUrl', 'downloadUrl'] as const;

const readUrls = (media: Fields): string[] => usableUrls(URL_NAMES.map((name) => textOf(media, name)));
