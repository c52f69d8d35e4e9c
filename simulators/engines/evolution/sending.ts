import { z } from 'zod';
import type { Content } from '../../whatsapp-engine/content.ts';
import { brazilianTwin, toJid } from '../../whatsapp-engine/jids.ts';
import { apiMessage } from '../../whatsapp-engine/message-log.ts';
import type { Message } from '../../whatsapp-engine/rows.ts';
import type { SentMessage } from '../engine-simulator.ts';
import { EvolutionRefusal } from './refusal.ts';
import { type EvolutionInstance, ownerOf } from './world.ts';

const options = {
  number: z.string().min(1),
  delay: z.number().optional(),
  quoted: z.looseObject({ key: z.looseObject({ id: z.string() }) }).optional(),
  mentioned: z.array(z.string()).optional(),
};
export const textSchema = z.looseObject({ ...options, text: z.string().min(1) });
export const mediaSchema = z.looseObject({
  ...options,
  mediatype: z.enum(['image', 'video', 'document', 'audio']),
  media: z.string().min(1),
  mimetype: z.string().optional(),
  fileName: z.string().optional(),
  caption: z.string().optional(),
});
export const audioSchema = z.looseObject({ ...options, audio: z.string().min(1) });
export const keySchema = z.looseObject({ remoteJid: z.string(), fromMe: z.boolean(), id: z.string().min(1) });

const DOWNLOAD_TIMEOUT_MS = 15_000;

/** A file as the engine takes it: an address that it fetches, or base64 without any head. */
export async function fileOf(media: string): Promise<{ base64: string; mimeType?: string | undefined }> {
  if (/^https?:\/\//i.test(media)) {
    const response = await fetch(media, { signal: AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS) }).catch(() => undefined);
    if (!response?.ok) throw new EvolutionRefusal(400, ['Error: the media could not be fetched']);
    const base64 = Buffer.from(await response.arrayBuffer()).toString('base64');
    return { base64, mimeType: response.headers.get('content-type') ?? undefined };
  }
  if (!/^[\w+/\s-]+=*$/.test(media)) throw new EvolutionRefusal(400, 'Owned media must be a url or base64');
  return { base64: media };
}

export interface SendingRules {
  /** Digits that are not on WhatsApp. */
  readonly unknownNumbers: readonly string[];
}

/** The chat of a request, after the look-up that comes before every sending. */
export function recipientOf(instance: EvolutionInstance, number: string, { unknownNumbers }: SendingRules): string {
  // Never connected since the engine started, there is no client to ask.
  if (!instance.isLoaded) throw new EvolutionRefusal(500, "Cannot read properties of undefined (reading 'onWhatsApp')");
  const jid = toJid(number);
  if (jid === undefined) throw new EvolutionRefusal(400, [{ jid: number, exists: false, number }]);
  const known = [...instance.messages.values()].some(({ chat }) => chat.jid === jid || chat.lid === jid);
  if (instance.state !== 'open') {
    throw known ? new EvolutionRefusal(400, ['Error: Connection Closed']) : new EvolutionRefusal(500, 'Connection Closed');
  }
  const digits = jid.replace(/@.*$/, '');
  if (unknownNumbers.includes(digits)) throw new EvolutionRefusal(400, [{ jid, exists: false, number }]);
  const twin = brazilianTwin(jid);
  const twinKnown = twin !== undefined && [...instance.messages.values()].some(({ chat }) => chat.jid === twin);
  return !known && twinKnown ? twin : jid;
}

/** A message that leaves; one it is to quote and does not know it leaves out without a word. */
export function sendNow(instance: EvolutionInstance, jid: string, content: Content, quotedId: string | undefined): Message {
  const replyTo = quotedId !== undefined && instance.messages.has(quotedId) ? quotedId : undefined;
  const chat = [...instance.messages.values()]
    .map((message) => message.chat)
    .find((known) => known.jid === jid || known.lid === jid);
  const message = apiMessage(ownerOf(instance), { jid, chatName: chat?.name ?? '', content, replyTo, source: '', request: {} });
  const kept = chat === undefined ? message : { ...message, chat };
  instance.messages.set(kept.id, kept);
  instance.sent.push(sentView(kept, jid));
  return kept;
}

function sentView(message: Message, to: string): SentMessage {
  const { content, media } = message;
  const text = content.type === 'text' ? content.text : 'caption' in content ? (content.caption ?? '') : '';
  return {
    id: message.id,
    to,
    type: content.type === 'audio' ? (content.voice ? 'voice' : 'audio') : typeOf(content.type),
    text,
    fileName: media?.fileName,
    mimeType: media?.mimeType,
    bytes: media === null ? 0 : Buffer.byteLength(media.base64, 'base64'),
    about: message.replyTo ?? undefined,
  };
}

const typeOf = (type: Content['type']): SentMessage['type'] =>
  type === 'text' || type === 'image' || type === 'video' || type === 'document' || type === 'sticker' ? type : 'other';
