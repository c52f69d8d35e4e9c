import { z } from 'zod';
import { brazilianTwin, phoneJid } from '../../whatsapp-engine/jids.ts';
import type { SentMessage } from '../engine-simulator.ts';
import { type Failure, GraphError } from './graph-error.ts';
import { newMessageId, type PhoneNumber, type World } from './world.ts';

const text = z.string();
const media = z
  .object({ id: text.optional(), link: text.optional(), caption: text.max(1_024).optional(), filename: text.optional() })
  .refine(({ id, link }) => (id === undefined) !== (link === undefined), 'exactly one of id and link');
const common = {
  messaging_product: z.literal('whatsapp'),
  recipient_type: z.enum(['individual', 'group']).default('individual'),
  to: text.optional(),
  recipient: text.optional(),
  context: z.object({ message_id: text }).optional(),
  biz_opaque_callback_data: text.max(512).optional(),
};
const messageSchema = z
  .discriminatedUnion('type', [
    z.object({
      ...common,
      type: z.literal('text'),
      text: z.object({ body: text.min(1).max(4_096), preview_url: z.boolean().optional() }),
    }),
    z.object({ ...common, type: z.literal('image'), image: media }),
    z.object({ ...common, type: z.literal('video'), video: media }),
    z.object({
      ...common,
      type: z.literal('audio'),
      audio: media.refine(({ caption }) => caption === undefined, 'an audio has no caption'),
    }),
    z.object({ ...common, type: z.literal('document'), document: media }),
    z.object({ ...common, type: z.literal('sticker'), sticker: media }),
    z.object({ ...common, type: z.literal('reaction'), reaction: z.object({ message_id: text, emoji: text }) }),
  ])
  .refine(({ to, recipient }) => (to === undefined) !== (recipient === undefined), 'exactly one of to and recipient');
type Message = z.output<typeof messageSchema>;

const readSchema = z.object({
  messaging_product: z.literal('whatsapp'),
  status: z.literal('read'),
  message_id: text,
  typing_indicator: z.object({ type: z.literal('text') }).optional(),
});

export interface Sent {
  readonly answer: unknown;
  readonly id: string;
  /** What the status will say, after the answer said that all is well. */
  readonly failure: Failure | undefined;
}

/** `POST /{phone_number_id}/messages`. Throws a GraphError for what is refused at once. */
export async function sendMessage(
  world: World,
  number: PhoneNumber,
  body: unknown,
  { windowMs, unknownNumbers }: { windowMs: number; unknownNumbers: readonly string[] },
): Promise<Sent | { readonly answer: unknown; readonly id: undefined }> {
  if (!number.registered) throw new GraphError(133010, 'Phone number not registered');
  const read = readSchema.safeParse(body).data;
  if (read !== undefined) {
    if (number.messages.get(read.message_id)?.incoming !== true) throw new GraphError(131009, 'Parameter value is not valid');
    return { answer: { success: true }, id: undefined };
  }
  const parsed = messageSchema.safeParse(body);
  if (!parsed.success) throw new GraphError(100, 'Invalid parameter', { details: z.prettifyError(parsed.error) });
  const message = parsed.data;
  const to =
    message.recipient ?? (message.to ?? '').replace(/\D/g, (letter) => (message.recipient_type === 'group' ? letter : ''));
  if (to === '') throw new GraphError(131009, 'Parameter value is not valid', { details: 'to: is no phone number' });
  const file = await fileOf(world, message);
  const id = newMessageId();
  const known = knownAs(number, to);
  number.messages.set(id, { with: known, incoming: false, data: message.biz_opaque_callback_data });
  number.sent.push(toSent(message, id, known, file));
  const contact = message.recipient === undefined ? { input: message.to, wa_id: known } : { input: to, user_id: to };
  return {
    answer: { messaging_product: 'whatsapp', contacts: [contact], messages: [{ id }] },
    id,
    failure: failureOf(),
  };

  function failureOf(): Failure | undefined {
    if (unknownNumbers.includes(known)) return 'unknown';
    if (file === 'unreachable') return 'file';
    const lastMs = number.lastIncomingMs.get(known) ?? Number.NEGATIVE_INFINITY;
    return message.recipient_type === 'individual' && Date.now() - lastMs > windowMs ? 'window' : undefined;
  }
}

/** WhatsApp knows a subscriber in Brazil by one of two spellings, which need not be the one that was dialled. */
function knownAs(number: PhoneNumber, to: string): string {
  if (number.lastIncomingMs.has(to) || !/^\d+$/.test(to)) return to;
  const twin = brazilianTwin(phoneJid(to))?.replace(/@.*$/, '');
  return twin !== undefined && number.lastIncomingMs.has(twin) ? twin : to;
}

interface SentFile {
  readonly bytes: number;
  readonly mimeType: string;
}

const LINK_TIMEOUT_MS = 10_000;

async function fileOf(world: World, message: Message): Promise<SentFile | 'unreachable' | undefined> {
  const told = mediaOf(message);
  if (told === undefined) return undefined;
  if (told.id !== undefined) {
    const file = world.files.get(told.id);
    if (!file) throw new GraphError(131009, 'Parameter value is not valid', { details: `media id ${told.id} is unknown` });
    return { bytes: file.bytes.length, mimeType: file.mimeType };
  }
  try {
    const response = await fetch(told.link ?? '', { signal: AbortSignal.timeout(LINK_TIMEOUT_MS) });
    const bytes = (await response.arrayBuffer()).byteLength;
    return response.ok ? { bytes, mimeType: response.headers.get('content-type') ?? '' } : 'unreachable';
  } catch {
    return 'unreachable';
  }
}

function mediaOf(message: Message): z.output<typeof media> | undefined {
  switch (message.type) {
    case 'image':
      return message.image;
    case 'video':
      return message.video;
    case 'audio':
      return message.audio;
    case 'document':
      return message.document;
    case 'sticker':
      return message.sticker;
    case 'text':
    case 'reaction':
      return undefined;
  }
}

function toSent(message: Message, id: string, to: string, file: SentFile | 'unreachable' | undefined): SentMessage {
  const told = mediaOf(message);
  const { mimeType, bytes } = typeof file === 'object' ? file : { mimeType: undefined, bytes: 0 };
  const isVoice = message.type === 'audio' && /ogg|opus/.test(mimeType ?? '');
  const text =
    message.type === 'text' ? message.text.body : message.type === 'reaction' ? message.reaction.emoji : (told?.caption ?? '');
  return {
    id,
    to: message.recipient === undefined ? (message.recipient_type === 'group' ? `${to}@g.us` : to) : `${to}@bsuid`,
    type: isVoice ? 'voice' : message.type,
    text,
    fileName: told?.filename,
    mimeType,
    bytes,
    about: message.type === 'reaction' ? message.reaction.message_id : message.context?.message_id,
  };
}
