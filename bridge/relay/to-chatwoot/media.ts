import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Media, MediaKind } from '../../../shared/engines/event.ts';
import type { Allotment } from '../../../shared/memory/byte-budget.ts';
import type { Attachment } from '../../chatwoot/resources/messages.ts';
import type { FileReason } from '../../texts/texts.ts';
import { extensionOf, withExtension } from '../file-types.ts';
import { sniffType } from './media-type.ts';

/** What came of the search for a file. */
export type FetchedMedia =
  | { readonly kind: 'file'; readonly bytes: Buffer; readonly mimeType: string }
  /** It is not to be had, for good. */
  | { readonly kind: 'none'; readonly reason: FileReason }
  /** Another try may help. */
  | { readonly kind: 'later'; readonly reason: FileReason };

export interface MediaSources {
  /** Downloads an address, unless it leads into our own network. */
  download(url: string, allotment: Allotment): Promise<FetchedMedia>;
  /** Asks the WhatsApp engine for the file of a message; `reference` is what its event says of the file. */
  fromEngine(whatsappId: string, reference: string | undefined, allotment: Allotment): Promise<FetchedMedia>;
  /** Where the engine says the picture of somebody is; undefined where he has none, or it is not told now; `cannot` where it never is. */
  avatarOf(address: string): Promise<string | 'cannot' | undefined>;
}

/** Chatwoot's own limit for files. */
export const MAX_FILE_BYTES = 40 * 1_048_576;

/**
 * The file of a message: what came with the event, else from its address, else from the engine. Answers `none` with the reason why it
 * will not be had. What it weighs goes on the account of `allotment`.
 */
export async function fetchMedia(
  media: Media,
  whatsappId: string,
  sources: MediaSources,
  allotment: Allotment,
): Promise<FetchedMedia> {
  // A large one has just been parsed.
  if (media.base64 !== undefined) await nextTurn();
  const inline = decode(media);
  if (inline !== undefined) return inline;
  await allotment.begin();
  for (const url of media.urls) {
    const downloaded = await sources.download(url, allotment);
    if (downloaded.kind === 'file') return limited(downloaded);
  }
  return limited(await sources.fromEngine(whatsappId, media.reference, allotment));
}

const limited = (fetched: FetchedMedia): FetchedMedia =>
  fetched.kind === 'file' && fetched.bytes.length > MAX_FILE_BYTES ? { kind: 'none', reason: 'tooLarge' } : fetched;

function decode({ base64, mimeType }: Media): FetchedMedia | undefined {
  if (base64 === undefined) return undefined;
  const bytes = Buffer.from(base64, 'base64');
  return bytes.length === 0 ? undefined : limited({ kind: 'file', bytes, mimeType });
}

/** The file as Chatwoot takes it. What its first bytes say it is counts more than what it is called, unless that is more exact. */
export function toAttachment(media: Media, file: { bytes: Buffer; mimeType: string }, whatsappId: string): Attachment {
  const told = media.mimeType || file.mimeType;
  const contentType = told === '' || told === 'application/octet-stream' ? (sniffType(file.bytes) ?? FALLBACK[media.kind]) : told;
  const fileName =
    (media.fileName && withExtension(media.fileName, contentType)) ||
    `${media.kind.replace('_', '-')}-${whatsappId.replace(/\W/g, '').slice(-12)}${extensionOf(contentType)}`;
  return { bytes: file.bytes, fileName, contentType, isVoice: media.kind === 'voice' && contentType.startsWith('audio/') };
}

const FALLBACK: Readonly<Record<MediaKind, string>> = {
  image: 'image/jpeg',
  sticker: 'image/webp',
  video: 'video/mp4',
  video_note: 'video/mp4',
  audio: 'audio/mpeg',
  voice: 'audio/ogg',
  document: 'application/octet-stream',
};
