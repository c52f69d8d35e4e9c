import { z } from 'zod';
import type { Content } from '../../whatsapp-engine/content.ts';
import type { SentMessage } from '../engine-simulator.ts';
import type { Talk } from './payloads.ts';
import { Breakdown, Refusal } from './refusal.ts';
import { newApiId, type Session, type StoredMessage } from './world.ts';

const text = z.string();
const common = { session: text, chatId: text, reply_to: text.nullish(), id: text.nullish() };
const textSchema = z.object({ ...common, text });
const fileSchema = z.object({
  ...common,
  file: z.object({ mimetype: text, filename: text.nullish(), url: text.nullish(), data: text.nullish() }),
  caption: text.nullish(),
  convert: z.boolean().nullish(),
});
export const reactionSchema = z.object({ session: text, messageId: text, reaction: text });
export type Road = 'sendImage' | 'sendVideo' | 'sendFile' | 'sendVoice';

export interface Sending {
  readonly talk: Talk;
  readonly content: Content;
  readonly sent: SentMessage;
}

/** Whatever does not fit is a 500, as within WAHA. */
export function read<Value>(schema: z.ZodType<Value>, body: unknown): Value {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw new Breakdown(`Cannot read properties of undefined (${z.prettifyError(parsed.error)})`);
  return parsed.data;
}

const CHAT_ID = /^[\w-]+@(?:c\.us|lid|g\.us|newsletter)$/;

function talkTo(
  session: Session,
  asked: { chatId: string; reply_to?: string | null | undefined; id?: string | null | undefined },
  takesOwnIds: boolean,
): Talk {
  const { chatId } = asked;
  if (!CHAT_ID.test(chatId)) throw new Breakdown(`Invalid chatId ${chatId}`);
  const [user = '', domain] = chatId.split('@');
  const quoted = asked.reply_to == null ? undefined : session.messages.get(bareOf(asked.reply_to))?.id;
  return {
    isOurs: true,
    person: domain === 'c.us' ? { phone: user, name: '' } : domain === 'lid' ? { lid: user, name: '' } : undefined,
    group: domain === 'g.us' ? { id: chatId, name: '' } : undefined,
    id: takesOwnIds && asked.id ? asked.id : newApiId(),
    // What it does not know is left out, without a word.
    replyTo: quoted,
    atMs: Date.now(),
    byApi: true,
  };
}

export const bareOf = (name: string): string => name.split('_')[2] ?? name;

export function textSending(session: Session, body: unknown, takesOwnIds: boolean): Sending {
  const asked = read(textSchema, body);
  const talk = talkTo(session, asked, takesOwnIds);
  const sent: SentMessage = {
    id: talk.id,
    to: addressOf(asked.chatId),
    type: 'text',
    text: asked.text,
    bytes: 0,
    about: talk.replyTo,
  };
  return { talk, content: { type: 'text', text: asked.text }, sent };
}

const FILE_TIMEOUT_MS = 10_000;
const TYPES = { sendImage: 'image', sendVideo: 'video', sendVoice: 'voice', sendFile: 'document' } as const;

export async function fileSending(session: Session, road: Road, body: unknown, takesOwnIds: boolean): Promise<Sending> {
  const asked = read(fileSchema, body);
  const { file, caption } = asked;
  const talk = talkTo(session, asked, takesOwnIds);
  const bytes = file.data == null ? await fetched(file.url ?? '') : Buffer.from(file.data, 'base64');
  const media = { base64: bytes.toString('base64'), mimeType: file.mimetype, fileName: file.filename ?? undefined };
  const type = TYPES[road];
  const content: Content =
    type === 'voice' ? { type: 'audio', voice: true, media } : { type, media, ...(caption ? { caption } : {}) };
  const sent: SentMessage = {
    id: talk.id,
    to: addressOf(asked.chatId),
    type,
    text: caption ?? '',
    fileName: file.filename ?? undefined,
    mimeType: file.mimetype,
    bytes: bytes.length,
    about: talk.replyTo,
  };
  return { talk, content, sent };
}

async function fetched(url: string): Promise<Buffer> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(FILE_TIMEOUT_MS) });
    if (response.ok) return Buffer.from(await response.arrayBuffer());
  } catch {
    // As below.
  }
  throw new Breakdown('Error downloading media from the url');
}

export const addressOf = (chatId: string): string => chatId.replace(/@c\.us$/, '');

/** The message a full name means. A bare id breaks WAHA. */
export function messageNamed(session: Session, name: string): StoredMessage | undefined {
  if (!name.includes('_')) throw new Breakdown("Cannot read properties of undefined (reading 'remoteJid')");
  return session.messages.get(bareOf(name));
}

export function known(message: StoredMessage | undefined): StoredMessage {
  if (message === undefined) throw new Refusal(404, 'Message not found');
  return message;
}
