import type { MediaKind } from '../event.ts';
import { type Fields, isTrue, labelOf, textOf } from '../fields.ts';
import { mimeTypeOf } from '../media-fields.ts';

/** A file as its message describes it. Where it is to be had, only the engine knows. */
export interface ProtoMedia {
  readonly kind: MediaKind;
  readonly mimeType: string;
  readonly fileName: string;
  readonly caption: string;
}

const KINDS: Readonly<Record<string, MediaKind>> = {
  imagemessage: 'image',
  videomessage: 'video',
  ptvmessage: 'video_note',
  audiomessage: 'audio',
  documentmessage: 'document',
  stickermessage: 'sticker',
};

/** A medium by the name and the fields of its message; undefined for what is none. */
export function readProtoMedia(name: string, fields: Fields): ProtoMedia | undefined {
  const kind = KINDS[name];
  if (kind === undefined) return undefined;
  return {
    kind: kind === 'audio' && isTrue(fields, 'ptt') ? 'voice' : kind,
    mimeType: mimeTypeOf(labelOf(fields, 'mimetype')),
    fileName: kind === 'document' ? labelOf(fields, 'filename', 'title') : '',
    caption: textOf(fields, 'caption'),
  };
}
