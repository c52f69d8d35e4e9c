import type { OutgoingFileType } from '../../../shared/engines/engine.ts';
import { cutFileName } from '../../../shared/text/file-name.ts';
import { typeOf, withExtension } from '../file-types.ts';
import type { Attachment } from './webhook-event.ts';

export interface AttachmentMedia {
  readonly type: OutgoingFileType;
  /** Empty where neither Chatwoot nor the name of the file tells. */
  readonly mimeType: string;
  readonly fileName: string;
  /** Recorded, not uploaded: WhatsApp shows it as a voice message. */
  readonly isVoice: boolean;
}

/** What WhatsApp's apps show in the chat. Anything else travels as a document, which always arrives and can always be opened. */
const SHOWN: Readonly<Record<string, OutgoingFileType>> = {
  'image/jpeg': 'image',
  'image/jpg': 'image',
  'image/png': 'image',
  'image/webp': 'image',
  'video/mp4': 'video',
  'video/3gpp': 'video',
  'video/quicktime': 'video',
  'audio/mpeg': 'audio',
  'audio/mp3': 'audio',
  'audio/mp4': 'audio',
  'audio/x-m4a': 'audio',
  'audio/m4a': 'audio',
  'audio/aac': 'audio',
  'audio/amr': 'audio',
  'audio/ogg': 'audio',
  'audio/opus': 'audio',
  'audio/webm': 'audio',
};
/** What recorders of browsers make and WhatsApp does not play: an engine converts it for a voice message. */
const RECORDED: Readonly<Record<string, string>> = {
  'audio/wav': 'audio/wav',
  'audio/x-wav': 'audio/wav',
  'audio/wave': 'audio/wav',
  'audio/vnd.wave': 'audio/wav',
  'audio/flac': 'audio/flac',
  'audio/x-flac': 'audio/flac',
  'audio/webm': 'audio/webm',
  'video/webm': 'audio/webm',
};
/**
 * Names that no person gave: Chatwoot's recorder calls its files `<uuid>.mp3` (4.14.2), phones and other recorders by the time or by a word
 * of their own, such as `PTT-20260726-WA0001.opus`.
 */
const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;
const WORDS =
  /^(?:whatsapp[\s_-])?(?:(?:audio|áudio|voice|sound)(?:[\s_-]?(?:message|note|memo|clip|record(?:ing|ed)?))?|ptt|rec|record|recorded[\s_-](?:audio|voice)|recording|voicenote|memo|grava[cç][aã]o|grabaci[oó]n|mensagem[\s_-]de[\s_-](?:voz|[aá]udio)|nota[\s_-]de[\s_-](?:voz|[aá]udio)|blob)(?:[\s._-]|\d|at|wa|\(|\))*$/i;
const TIMES = /^(?:whatsapp )?(?:[\s._-]|\d|at|wa)*$/i;
const UNSPECIFIC = new Set(['', 'application/octet-stream', 'binary/octet-stream']);

/**
 * As what an attachment travels. Judged by its content type; by the name of the file and by Chatwoot's own kind where that is not told.
 * Sound without words (`hasText`) and without a name of its own is a recording: Chatwoot knows which is (`is_voice_message`), and tells
 * nobody.
 */
export function attachmentMedia(attachment: Attachment, url: URL, hasText: boolean): AttachmentMedia {
  const name = fileNameOf(url);
  const extension = (attachment.extension || /\.([^.]+)$/.exec(name)?.[1] || '').replace(/^\./, '').toLowerCase();
  const told = (attachment.content_type ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const byExtension = typeOf(extension);
  // An .ogg or .webm may hold either; Chatwoot has looked into it.
  const isSound = attachment.file_type === 'audio';
  const guessed = isSound && byExtension.startsWith('video/') ? byExtension.replace('video/', 'audio/') : byExtension;
  const mimeType = UNSPECIFIC.has(told) ? guessed : told;
  const isRecording = isRecorded(attachment, name, isSound || mimeType.startsWith('audio/'), hasText);
  const recorded = isRecording ? RECORDED[mimeType] : undefined;
  const type =
    recorded !== undefined ? 'audio' : mimeType === '' ? byKind(attachment.file_type) : (SHOWN[mimeType] ?? 'document');
  return {
    type,
    mimeType: recorded ?? mimeType,
    fileName: name === '' ? `file${extension === '' ? '' : `.${extension}`}` : withExtension(name, mimeType),
    isVoice: type === 'audio' && isRecording,
  };
}

function isRecorded(attachment: Attachment, name: string, isSound: boolean, hasText: boolean): boolean {
  if (attachment.is_voice_message === true || attachment.meta?.is_recorded_audio === true) return true;
  const base = name.replace(/\.[^.]*$/, '').normalize('NFC');
  // A time alone is the name of a film as well.
  return !hasText && (UUID.test(base) || WORDS.test(base) || (isSound && TIMES.test(base)));
}

const byKind = (fileType: string | null | undefined): OutgoingFileType =>
  fileType === 'image' || fileType === 'video' || fileType === 'audio' ? fileType : 'document';

const FILE_NAME_LENGTH = 200;

/** The last part of the address, which Chatwoot names after the file. */
function fileNameOf(url: URL): string {
  const last = url.pathname.split('/').at(-1) ?? '';
  try {
    return cutFileName(decodeURIComponent(last), FILE_NAME_LENGTH);
  } catch {
    return cutFileName(last, FILE_NAME_LENGTH);
  }
}
