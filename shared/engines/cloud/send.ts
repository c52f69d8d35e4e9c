import { Buffer } from 'node:buffer';
import { z } from 'zod';
import { PonteError } from '../../errors/ponte-error.ts';
import { encodeMultipart } from '../../http/multipart.ts';
import { sentAs } from '../answers.ts';
import type {
  ActionCall,
  EngineCall,
  OutgoingFile,
  OutgoingFileType,
  OutgoingMessage,
  SendCall,
  SendOutcome,
} from '../engine.ts';
import { cannot, refused } from '../engine-errors.ts';
import { recipientOf } from './address.ts';
import { callGraph } from './graph.ts';
import { callbackDataOf } from './source.ts';

const LONGEST_TEXT = 4_096;
const LONGEST_CAPTION = 1_024;

/** `POST /{phone_number_id}/messages`; a file that is no link is uploaded first, which nobody sees. */
export async function send(call: SendCall): Promise<SendOutcome> {
  const { access, message } = call;
  const recipient = recipientOf(message.recipient);
  if (recipient === undefined) {
    return failed(refused(`the Cloud API does not know the address ${message.recipient} — answer by phone number`, access));
  }
  const tooLong = lengthFault(message);
  if (tooLong !== undefined) return failed(refused(tooLong, access));
  const deadlineMs = Date.now() + call.timeoutMs;
  const content = message.kind === 'text' ? textOf(message.text) : await mediaOf(call, message.file, message.caption);
  if ('error' in content) return failed(content.error);
  return post(
    { ...call, timeoutMs: Math.max(1_000, deadlineMs - Date.now()) },
    {
      ...recipient,
      ...content.fields,
      context: message.quotedId === undefined ? undefined : { message_id: message.quotedId },
      biz_opaque_callback_data: callbackDataOf(message.source),
    },
  );
}

/** A reaction; the Cloud API neither edits nor deletes. */
export async function act({ action, ...call }: ActionCall): Promise<SendOutcome> {
  if (action.kind !== 'reaction') return failed(cannot(action.kind));
  const recipient = recipientOf(action.recipient);
  if (recipient === undefined) return failed(refused(`the Cloud API does not know the address ${action.recipient}`, call.access));
  return post(call, { ...recipient, type: 'reaction', reaction: { message_id: action.messageId, emoji: action.emoji } });
}

const failed = (error: PonteError): SendOutcome => ({ kind: 'failed', error });

const answerSchema = z.looseObject({ messages: z.array(z.looseObject({ id: z.string().min(1) })).min(1) });

async function post({ access, instance, timeoutMs }: EngineCall, message: Record<string, unknown>): Promise<SendOutcome> {
  const answer = await callGraph(access, {
    method: 'POST',
    path: `${encodeURIComponent(instance)}/messages`,
    json: { messaging_product: 'whatsapp', ...message },
    timeoutMs,
    isHarmless: false,
  });
  if (!answer.ok) return failed(answer.error);
  const id = answerSchema.safeParse(answer.json).data?.messages[0]?.id;
  return id === undefined ? failed(new PonteError('engine_outcome_unknown')) : sentAs(id);
}

function lengthFault(message: OutgoingMessage): string | undefined {
  const text = message.kind === 'text' ? message.text : (message.caption ?? '');
  const longest = message.kind === 'text' ? LONGEST_TEXT : LONGEST_CAPTION;
  if (text.length <= longest) return undefined;
  const what = message.kind === 'text' ? 'texts' : 'captions';
  return `the Cloud API takes ${what} of at most ${longest} characters, this one has ${text.length} — divide it`;
}

type Content = { readonly fields: Record<string, unknown> } | { readonly error: PonteError };

const textOf = (body: string): Content => ({
  fields: { type: 'text', text: { body, preview_url: /https?:\/\//i.test(body) } },
});

async function mediaOf(call: SendCall, file: OutgoingFile, caption: string | undefined): Promise<Content> {
  const type = typeOf(file);
  const { content } = file;
  const source = content.kind === 'url' ? { link: content.url } : await upload(call, file, content.base64);
  if ('error' in source) return source;
  const described = {
    ...source,
    // An audio has no caption.
    caption: type === 'audio' || !caption ? undefined : caption,
    filename: type === 'document' ? file.fileName : undefined,
  };
  return { fields: { type, [type]: described } };
}

/** What the API takes as what; everything else can still be sent as a document. */
const TAKEN: Readonly<Record<OutgoingFileType, RegExp>> = {
  image: /^image\/(?:jpe?g|png)$/,
  video: /^video\/(?:mp4|3gpp?)$/,
  audio: /^audio\/(?:aac|amr|mpeg|mp3|mp4|m4a|x-m4a|ogg|opus)$/,
  document: /./,
};

function typeOf({ type, mimeType }: OutgoingFile): OutgoingFileType {
  const told = (mimeType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return told === '' || TAKEN[type].test(told) ? type : 'document';
}

const uploadSchema = z.looseObject({ id: z.string().min(1) });
const DEFAULT_TYPES: Readonly<Record<OutgoingFileType, string>> = {
  image: 'image/jpeg',
  video: 'video/mp4',
  audio: 'audio/ogg',
  document: 'application/octet-stream',
};

async function upload(
  { access, instance, timeoutMs }: SendCall,
  file: OutgoingFile,
  base64: string,
): Promise<{ readonly id: string } | { readonly error: PonteError }> {
  const mimeType = file.mimeType ?? DEFAULT_TYPES[file.type];
  const form = encodeMultipart([
    { name: 'messaging_product', value: 'whatsapp' },
    { name: 'type', value: mimeType },
    { name: 'file', fileName: file.fileName ?? file.type, contentType: mimeType, bytes: Buffer.from(base64, 'base64') },
  ]);
  const answer = await callGraph(access, {
    method: 'POST',
    path: `${encodeURIComponent(instance)}/media`,
    body: { contentType: form.contentType, content: form.bytes },
    timeoutMs,
    isHarmless: true,
  });
  if (!answer.ok) return { error: answer.error };
  const id = uploadSchema.safeParse(answer.json).data?.id;
  return id === undefined ? { error: refused('the upload of the file was answered without an id', access) } : { id };
}
