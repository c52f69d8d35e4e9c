import type { OutgoingMedia, OutgoingMessage, SendCall, SendOutcome } from '../../engine.ts';
import { LONGEST_DELAY_SECONDS } from '../../limits.ts';
import { readBase64 } from '../../media-fields.ts';
import { outcomeOf, sentOf } from './answer.ts';
import { numberOf } from './jid.ts';
import { request } from './request.ts';

/** `POST /message/send…`. The engine takes no id of ours, so that a time-out leaves the outcome unknown. */
export async function send(call: SendCall): Promise<SendOutcome> {
  const { message } = call;
  const delayMs = Math.min(message.delaySeconds ?? 0, LONGEST_DELAY_SECONDS) * 1_000;
  const { path, body } = requestOf(message);
  const json = { ...commonOf(message), ...(delayMs > 0 ? { delay: delayMs } : {}), ...body };
  const outcome = await outcomeOf(call, await request(call, { method: 'POST', path, json, delayMs }));
  return outcome.kind === 'failed' ? outcome : sentOf(call, outcome);
}

/** With nothing but the id of the quoted message the engine looks it up itself; one it does not know it leaves out without a word. */
const commonOf = ({ recipient, quotedId, mentions }: OutgoingMessage) => ({
  number: numberOf(recipient),
  ...(quotedId === undefined ? {} : { quoted: { key: { id: quotedId } } }),
  ...(mentions === undefined || mentions.length === 0 ? {} : { mentioned: mentions.map(numberOf) }),
});

function requestOf(message: OutgoingMessage): { path: string; body: Record<string, unknown> } {
  if (message.kind === 'text') return { path: '/message/sendText', body: { text: message.text } };
  const { file, caption } = message;
  // A data URL is refused.
  const content = file.content.kind === 'url' ? file.content.url : (readBase64(file.content.base64) ?? '');
  if (isVoice(file)) return { path: '/message/sendWhatsAppAudio', body: { audio: content, encoding: true } };
  return {
    path: '/message/sendMedia',
    body: {
      mediatype: file.type,
      media: content,
      ...(file.mimeType === undefined ? {} : { mimetype: file.mimeType }),
      fileName: file.fileName ?? defaultName(file),
      ...(caption === undefined ? {} : { caption }),
    },
  };
}

/** What was not said to be one is one where it is of the kind that phones record. */
const isVoice = ({ type, isVoice: told, mimeType = '' }: OutgoingMedia['file']): boolean =>
  type === 'audio' && (told ?? /^audio\/ogg\b/i.test(mimeType));

/** A document is refused without a name, and the engine tells a file's type by it. */
const EXTENSIONS: Readonly<Record<OutgoingMedia['file']['type'], string>> = {
  image: 'jpg',
  video: 'mp4',
  audio: 'mp3',
  document: 'bin',
};

function defaultName({ type, mimeType = '' }: OutgoingMedia['file']): string {
  const [, subtype = ''] = /^\w+\/([\w-]{2,5})(?:;|$)/.exec(mimeType) ?? [];
  return `${type}.${subtype === '' ? EXTENSIONS[type] : subtype.replace('jpeg', 'jpg').replace('mpeg', 'mp3')}`;
}
