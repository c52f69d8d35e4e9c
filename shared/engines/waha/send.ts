import { PonteError } from '../../errors/ponte-error.ts';
import { sentAs } from '../answers.ts';
import type { ActionCall, OutgoingFile, SendCall, SendOutcome } from '../engine.ts';
import { refused } from '../engine-errors.ts';
import { fieldsOf, labelOf } from '../fields.ts';
import { ownId } from '../own-id.ts';
import { showTyping, TYPING_TIMEOUT_MS } from '../typing.ts';
import { bareId, chatIdOf, nameOf } from './ids.ts';
import { numberOnWhatsapp } from './numbers.ts';
import { callWaha } from './request.ts';

/** Kept of a send's time, to look for it where its answer did not come. */
const LOOK_UP_MS = 4_000;

const failed = (error: PonteError): SendOutcome => ({ kind: 'failed', error });

/** `POST /api/sendText`, `sendImage`, `sendVideo`, `sendVoice` or `sendFile`. */
export async function send(call: SendCall): Promise<SendOutcome> {
  const { access, message, instance } = call;
  const asked = chatIdOf(message.recipient);
  if (asked === undefined) return failed(refused(`${message.recipient} is no address that WAHA can send to`, access));
  const known = await numberOnWhatsapp(call, asked);
  // WAHA itself sends into the void, and says that all is well.
  if (known === undefined) return failed(refused(`${message.recipient} is not on WhatsApp — verify the number`, access));
  await showTyping(message, (isTyping) => {
    const json = { session: instance, chatId: known };
    const path = isTyping ? '/api/startTyping' : '/api/stopTyping';
    return callWaha({ ...call, timeoutMs: TYPING_TIMEOUT_MS }, { method: 'POST', path, json, isHarmless: true });
  });
  const common = {
    session: instance,
    chatId: known,
    reply_to:
      message.quotedId === undefined ? undefined : nameOf({ isOurs: false, chat: known, id: message.quotedId, participant: '' }),
    // WAHA takes ids of ours since 2026.4.3 (NOWEB, GOWS), and ignores them before.
    id: ownId(call.idempotencyKey),
  };
  const answer = await callWaha(
    { ...call, timeoutMs: Math.max(call.timeoutMs / 2, call.timeoutMs - LOOK_UP_MS) },
    {
      method: 'POST',
      ...(message.kind === 'text'
        ? { path: '/api/sendText', json: { ...common, text: message.text } }
        : {
            path: `/api/${ROADS[roadOf(message.file)]}`,
            json: { ...common, ...fileOf(message.file), caption: message.caption || undefined },
          }),
      isHarmless: false,
    },
  );
  if (!answer.ok) {
    const isSent = answer.error.code === 'engine_outcome_unknown' && (await isThere(call, known, common.id));
    return isSent && common.id !== undefined ? sentAs(common.id) : failed(answer.error);
  }
  const id = idOf(answer.json);
  return id === '' ? failed(new PonteError('engine_outcome_unknown')) : sentAs(id);
}

/** Whether WAHA has a message under an id of ours, which tells that it was sent; where it keeps none, nobody knows. */
async function isThere(call: SendCall, chat: string, id: string | undefined): Promise<boolean> {
  if (id === undefined) return false;
  const name = nameOf({ isOurs: true, chat, id, participant: '' });
  const path = `/api/${encodeURIComponent(call.instance)}/chats/${encodeURIComponent(chat)}/messages/${encodeURIComponent(name)}`;
  const found = await callWaha({ ...call, timeoutMs: LOOK_UP_MS }, { method: 'GET', path, isHarmless: true });
  return found.ok && bareId(idOf(found.json)) === id;
}

/** Reactions, edits and deletions. They take full names only, and an edit without a text would send one of WAHA's own. */
export async function act({ action, ...call }: ActionCall): Promise<SendOutcome> {
  const { access, instance } = call;
  const chat = chatIdOf(action.recipient);
  if (chat === undefined) return failed(refused(`${action.recipient} is no address that WAHA can send to`, access));
  const author = action.author === undefined ? undefined : chatIdOf(action.author);
  const name = nameOf({ isOurs: action.isOurs, chat, id: action.messageId, participant: action.isOurs ? '' : (author ?? '') });
  const path = `/api/${encodeURIComponent(instance)}/chats/${encodeURIComponent(chat)}/messages/${encodeURIComponent(name)}`;
  if (action.kind === 'edit' && action.text.trim() === '')
    return failed(refused('a message cannot be edited to nothing', access));
  const answer = await callWaha(call, {
    ...(action.kind === 'reaction'
      ? { method: 'PUT', path: '/api/reaction', json: { session: instance, messageId: name, reaction: action.emoji } }
      : action.kind === 'edit'
        ? { method: 'PUT', path, json: { text: action.text } }
        : { method: 'DELETE', path }),
    isHarmless: false,
  });
  return answer.ok ? sentAs(idOf(answer.json) || action.messageId) : failed(answer.error);
}

type Road = 'image' | 'video' | 'voice' | 'file';
const ROADS: Readonly<Record<Road, string>> = { image: 'sendImage', video: 'sendVideo', voice: 'sendVoice', file: 'sendFile' };

/** An audio that is no voice message is a file; `isVoice` left out, it is one. */
function roadOf({ type, isVoice }: OutgoingFile): Road {
  if (type === 'audio') return isVoice === false ? 'file' : 'voice';
  return type === 'document' ? 'file' : type;
}

const DEFAULT_TYPES: Readonly<Record<OutgoingFile['type'], string>> = {
  image: 'image/jpeg',
  video: 'video/mp4',
  audio: 'audio/ogg; codecs=opus',
  document: 'application/octet-stream',
};

function fileOf(file: OutgoingFile) {
  const { content } = file;
  const road = roadOf(file);
  return {
    file: {
      mimetype: file.mimeType ?? DEFAULT_TYPES[file.type],
      filename: file.fileName,
      ...(content.kind === 'url' ? { url: content.url } : { data: content.base64 }),
    },
    // WhatsApp plays voice messages in Opus and videos in MP4 only.
    convert: road === 'voice' || road === 'video' ? true : undefined,
  };
}

/** Each engine answers in a form of its own. */
function idOf(json: unknown): string {
  const fields = fieldsOf(json);
  const nested = fieldsOf(fields.id);
  return bareId(labelOf(nested, '_serialized', 'id') || labelOf(fields, 'id') || labelOf(fieldsOf(fields.key), 'id'));
}
