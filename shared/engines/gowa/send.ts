import { PonteError } from '../../errors/ponte-error.ts';
import { encodeMultipart, type Part } from '../../http/multipart.ts';
import { sentAs } from '../answers.ts';
import type { Asked } from '../ask.ts';
import type { OutgoingFile, OutgoingMedia, SendCall, SendOutcome } from '../engine.ts';
import { refused } from '../engine-errors.ts';
import { type Fields, idOf } from '../fields.ts';
import { jidOf } from '../jid.ts';
import { showTyping, TYPING_TIMEOUT_MS } from '../typing.ts';
import { callGowa } from './request.ts';

/** `POST /send/message`, `image`, `video`, `audio` or `file`. GOWA takes no id of ours, so that a time-out leaves the outcome unknown. */
export async function send(call: SendCall): Promise<SendOutcome> {
  const { access, message } = call;
  const phone = jidOf(message.recipient);
  if (phone === undefined)
    return { kind: 'failed', error: refused(`${message.recipient} is no address that GOWA can send to`, access) };
  await showTyping(message, (isTyping) => {
    const json = { phone, action: isTyping ? 'start' : 'stop' };
    const asked = { method: 'POST', path: '/send/chat-presence', json, isHarmless: true } as const;
    return callGowa({ ...call, timeoutMs: TYPING_TIMEOUT_MS }, asked);
  });
  const common = { phone, reply_message_id: message.quotedId };
  const answer = await callGowa(call, {
    ...(message.kind === 'text'
      ? { method: 'POST', path: '/send/message', json: { ...common, message: message.text, ...mentionsOf(message.mentions) } }
      : mediaRequest(message, common)),
    isHarmless: false,
  });
  return answer.ok ? sentOf(answer.results) : { kind: 'failed', error: answer.error };
}

/** What GOWA answers to whatever it has sent. */
function sentOf(results: Fields): SendOutcome {
  const id = idOf(results, 'message_id', 'id');
  return id === '' ? { kind: 'failed', error: new PonteError('engine_outcome_unknown') } : sentAs(id);
}

const mentionsOf = (mentions: readonly string[] | undefined) =>
  mentions === undefined || mentions.length === 0 ? {} : { mentions: mentions.map((who) => jidOf(who) ?? who) };

/** The road of a file, and what it calls the file there. */
const ROADS = {
  image: { path: '/send/image', field: 'image' },
  video: { path: '/send/video', field: 'video' },
  audio: { path: '/send/audio', field: 'audio' },
  document: { path: '/send/file', field: 'file' },
} as const satisfies Record<OutgoingFile['type'], { path: string; field: string }>;

const DEFAULT_TYPES: Readonly<Record<OutgoingFile['type'], string>> = {
  image: 'image/jpeg',
  video: 'video/mp4',
  audio: 'audio/ogg',
  document: 'application/octet-stream',
};

/** A form, because that is the only way to hand a file itself over; an address GOWA fetches by itself. */
function mediaRequest(
  { file, caption }: OutgoingMedia,
  common: { phone: string; reply_message_id: string | undefined },
): Pick<Asked, 'method' | 'path' | 'body'> {
  const { path, field } = ROADS[file.type];
  const told = {
    ...common,
    // WhatsApp has no caption for audio.
    caption: file.type === 'audio' ? undefined : caption,
    ptt: file.type === 'audio' && file.isVoice !== false ? 'true' : undefined,
    ...(file.content.kind === 'url' ? { [`${field}_url`]: file.content.url } : {}),
  };
  const parts: Part[] = Object.entries(told).flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
  if (file.content.kind === 'base64') {
    const contentType = file.mimeType ?? DEFAULT_TYPES[file.type];
    const fileName = file.fileName ?? `${file.type}.${contentType.replace(/^.*\/|;.*$/g, '').replace('octet-stream', 'bin')}`;
    parts.push({ name: field, fileName, contentType, bytes: Buffer.from(file.content.base64, 'base64') });
  }
  const { contentType, bytes } = encodeMultipart(parts);
  return { method: 'POST', path, body: { contentType, content: bytes } };
}
