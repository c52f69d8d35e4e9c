import { PonteError } from '../../errors/ponte-error.ts';
import { encodeMultipart, type Part } from '../../http/multipart.ts';
import { sentAs } from '../answers.ts';
import type { Asked } from '../ask.ts';
import type { OutgoingFile, OutgoingMedia, OutgoingMessage, SendCall, SendOutcome } from '../engine.ts';
import { refused } from '../engine-errors.ts';
import { type Fields, fieldsOf, idOf } from '../fields.ts';
import { jidOf } from '../jid.ts';
import { ownId } from '../own-id.ts';
import { showTyping, TYPING_TIMEOUT_MS } from '../typing.ts';
import { base64Of } from './outgoing-file.ts';
import { callEngine, flavourOf } from './request.ts';

const failed = (error: PonteError): SendOutcome => ({ kind: 'failed', error });

/** Where a message goes, and under which id. */
interface Envelope {
  readonly jid: string;
  readonly id: string | undefined;
}

/** Sends under an id of ours, which WhatsApp takes for the same message when it comes again. */
export async function send(call: SendCall): Promise<SendOutcome> {
  const { access, message } = call;
  const jid = jidOf(message.recipient);
  if (jid === undefined) return failed(refused(`${message.recipient} is no address that WhatsApp has`, access));
  const endsAtMs = Date.now() + call.timeoutMs;
  const flavour = await flavourOf(call);
  if (flavour instanceof PonteError) return failed(flavour);
  const envelope = { jid, id: ownId(call.idempotencyKey) };
  await showTyping(message, (isTyping) => {
    const state = isTyping ? 'composing' : 'paused';
    const asked =
      flavour === 'wuzapi'
        ? { path: '/chat/presence', json: { Phone: jid, State: state, Media: '' } }
        : { path: '/message/presence', json: { number: jid, state, isAudio: false } };
    return callEngine({ ...call, timeoutMs: TYPING_TIMEOUT_MS }, { method: 'POST', ...asked, isHarmless: true });
  });
  const asked = flavour === 'wuzapi' ? await forWuzapi(call, envelope) : forEvolutionGo(message, envelope);
  if ('error' in asked) return failed(asked.error);
  const answer = await callEngine({ ...call, timeoutMs: Math.max(1_000, endsAtMs - Date.now()) }, asked);
  if (!answer.ok) return failed(answer.error);
  const id = idOf(answer.data, 'Id', 'id') || idOf(fieldsOf(answer.data.Info), 'ID');
  return id === '' ? failed(new PonteError('engine_outcome_unknown')) : sentAs(id);
}

const mentionsOf = ({ mentions }: OutgoingMessage): readonly string[] | undefined =>
  mentions === undefined || mentions.length === 0 ? undefined : mentions.map((who) => jidOf(who) ?? who);

/** Whose message it quotes wuzapi wants to be told, and nobody here knows: in a private chat it is mostly the customer's. */
function contextOf(message: OutgoingMessage, jid: string): Fields | undefined {
  const MentionedJID = mentionsOf(message);
  const quote = message.quotedId === undefined ? {} : { StanzaID: message.quotedId, Participant: jid };
  const context = { ...quote, ...(MentionedJID === undefined ? {} : { MentionedJID }) };
  return Object.keys(context).length === 0 ? undefined : context;
}

async function forWuzapi(call: SendCall, { jid, id }: Envelope): Promise<Asked | { readonly error: PonteError }> {
  const { access, message } = call;
  const common = { Phone: jid, Id: id, ContextInfo: contextOf(message, jid) };
  if (message.kind === 'text') {
    return { method: 'POST', path: '/chat/send/text', json: { ...common, Body: message.text }, isHarmless: false };
  }
  const file = await base64Of(message.file, access, call.timeoutMs / 2);
  if ('error' in file) return file;
  return { method: 'POST', isHarmless: false, ...wuzapiMedia(message, file.base64, common) };
}

function wuzapiMedia({ file, caption }: OutgoingMedia, base64: string, common: Fields): { path: string; json: unknown } {
  const { type, mimeType = '', isVoice } = file;
  const typeOr = (family: string, other: string): string => (mimeType.startsWith(`${family}/`) ? mimeType : other);
  switch (type) {
    case 'image':
    case 'video': {
      const told = typeOr(type, DEFAULT_TYPES[type]);
      const data = `data:${bare(told)};base64,${base64}`;
      const field = type === 'image' ? { Image: data } : { Video: data };
      return { path: `/chat/send/${type}`, json: { ...common, ...field, Caption: caption ?? '', MimeType: bare(told) } };
    }
    case 'audio': {
      const ptt = isVoice !== false;
      // Voice messages are Opus in Ogg, whatever they are called.
      const told = ptt ? DEFAULT_TYPES.audio : typeOr('audio', 'audio/mpeg');
      return {
        path: '/chat/send/audio',
        json: { ...common, Audio: `data:${bare(told)};base64,${base64}`, PTT: ptt, MimeType: told },
      };
    }
    case 'document':
      return {
        path: '/chat/send/document',
        json: {
          ...common,
          // The only head that it takes.
          Document: `data:application/octet-stream;base64,${base64}`,
          FileName: nameOf(file),
          MimeType: mimeType,
          Caption: caption ?? '',
        },
      };
  }
}

const bare = (mimeType: string): string => mimeType.split(';', 1)[0]?.trim() ?? '';

const DEFAULT_TYPES: Readonly<Record<OutgoingFile['type'], string>> = {
  image: 'image/jpeg',
  video: 'video/mp4',
  audio: 'audio/ogg; codecs=opus',
  document: 'application/octet-stream',
};

function nameOf({ fileName, mimeType, type }: OutgoingFile): string {
  if (fileName !== undefined && fileName !== '') return fileName;
  const told = bare(mimeType ?? DEFAULT_TYPES[type]);
  return `${type}.${told.replace(/^.*\//, '').replace('octet-stream', 'bin')}`;
}

/** evolution-go fetches addresses by itself; a file itself it takes as a form, which has no place for a quote. */
function forEvolutionGo(message: OutgoingMessage, { jid, id }: Envelope): Asked {
  const quoted = message.quotedId === undefined ? undefined : { messageId: message.quotedId, participant: jid };
  const common = { number: jid, id, quoted, mentionedJid: mentionsOf(message), formatJid: false };
  if (message.kind === 'text') {
    return { method: 'POST', path: '/send/text', json: { ...common, text: message.text }, isHarmless: false };
  }
  const { file, caption } = message;
  const media = { type: file.type, caption: caption ?? '', filename: nameOf(file) };
  if (file.content.kind === 'url') {
    const json = { ...common, ...media, url: file.content.url };
    return { method: 'POST', path: '/send/media', json, isHarmless: false };
  }
  const told = Object.entries({ number: jid, id, ...media });
  const parts: Part[] = told.flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
  const bytes = Buffer.from(file.content.base64.replace(/^data:[^,]*,/, ''), 'base64');
  parts.push({ name: 'file', fileName: nameOf(file), contentType: file.mimeType ?? DEFAULT_TYPES[file.type], bytes });
  const form = encodeMultipart(parts);
  return {
    method: 'POST',
    path: '/send/media',
    body: { contentType: form.contentType, content: form.bytes },
    isHarmless: false,
  };
}
