import type { Request } from 'express';
import { z } from 'zod';
import type { SentMessage } from '../engine-simulator.ts';
import { Refusal } from './refusal.ts';
import { type Device, newApiId } from './world.ts';

const FILE_TIMEOUT_MS = 10_000;
const phone = z.string().min(1);
/** JSON has it as it is, a form as text. */
const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]);

const textSchema = z.object({
  phone,
  message: z.string().min(1),
  reply_message_id: z.string().optional(),
  mentions: z.array(z.string()).optional(),
});
const fileSchema = z.looseObject({
  phone,
  caption: z.string().optional(),
  reply_message_id: z.string().optional(),
  ptt: flag.optional(),
});
export const reactionSchema = z.object({ phone, emoji: z.string() });
export const updateSchema = z.object({ phone, message: z.string().min(1) });
export const phoneSchema = z.object({ phone });
export const presenceSchema = z.object({ phone, action: z.enum(['start', 'stop']) });

export function read<Value>(schema: z.ZodType<Value>, body: unknown): Value {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Refusal(400, 'VALIDATION_ERROR', `${issue?.path.join('.')}: ${issue?.message}.`);
}

/** A number of 15 digits at most is a person, a longer one a group; JIDs are taken as they are. */
export function jidOf(address: string, unknownNumbers: readonly string[]): string {
  const jid = address.includes('@') ? address : `${address}@${address.length > 15 ? 'g.us' : 's.whatsapp.net'}`;
  if (!/^[\w-]+@(?:s\.whatsapp\.net|g\.us|lid|newsletter)$/.test(jid))
    throw new Refusal(400, 'INVALID_JID', `invalid JID ${address}`);
  if (unknownNumbers.includes(jid.replace(/@.*$/, '')))
    throw new Refusal(400, 'INVALID_JID', `Phone ${address} is not on whatsapp`);
  return jid;
}

export const addressOf = (jid: string): string => jid.replace(/@s\.whatsapp\.net$/, '');

export function textSending(device: Device, body: unknown, unknownNumbers: readonly string[]): SentMessage {
  const asked = read(textSchema, body);
  return {
    id: newApiId(),
    to: addressOf(jidOf(asked.phone, unknownNumbers)),
    type: 'text',
    text: asked.message,
    bytes: 0,
    about: quoted(device, asked.reply_message_id),
  };
}

export const ROADS = { image: 'image', video: 'video', audio: 'audio', file: 'document' } as const;

/** A file in a form, or its address. */
export async function fileSending(
  device: Device,
  road: keyof typeof ROADS,
  req: Request,
  unknownNumbers: readonly string[],
): Promise<SentMessage> {
  const asked = read(fileSchema, req.body);
  const uploaded = req.file?.fieldname === road ? req.file : undefined;
  const url = asked[`${road}_url`];
  if (uploaded === undefined && typeof url !== 'string')
    throw new Refusal(400, 'VALIDATION_ERROR', `either ${road} or ${road}_url must be provided`);
  const to = addressOf(jidOf(asked.phone, unknownNumbers));
  const type = ROADS[road];
  const isVoice = type === 'audio' && asked.ptt === true;
  const bytes = uploaded?.buffer ?? (await fetched(String(url)));
  return {
    id: newApiId(),
    to,
    type: isVoice ? 'voice' : type,
    text: asked.caption ?? '',
    fileName: uploaded?.originalname ?? new URL(String(url)).pathname.split('/').at(-1),
    mimeType: uploaded?.mimetype,
    bytes: bytes.length,
    about: quoted(device, asked.reply_message_id),
  };
}

/** What it does not know is left out, without a word. */
const quoted = ({ messages }: Device, id: string | undefined): string | undefined =>
  id === undefined ? undefined : messages.get(id)?.id;

async function fetched(url: string): Promise<Buffer> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(FILE_TIMEOUT_MS) });
    if (response.ok) return Buffer.from(await response.arrayBuffer());
  } catch {
    // As below.
  }
  throw new Refusal(500, 'INTERNAL_SERVER_ERROR', 'failed to download the file from the given url');
}
