import { z } from 'zod';
import { contentSchema, mediaKinds } from './content.ts';

/** How an instance behaves where real ones differ, or where two documents describe it differently. */
export const settingsSchema = z.object({
  /** `live`: what the wire carries. `catalogue`: what the documentation's catalogue says. */
  shape: z.enum(['live', 'catalogue']),
  /** Whether media come inside the event. Without it they are fetched by the message's id. */
  mediaBase64: z.boolean(),
  /**
   * What the event's `media.url` leads to: the file itself, WhatsApp's own encrypted copy of it, that and `s3Url` with the file,
   * or nothing.
   */
  mediaUrl: z.enum(['plain', 'encrypted', 's3', 'none']),
  /** Whether a message sent through the api comes back as an event, after the answer or, as happens, before it. */
  echo: z.enum(['after', 'before', 'off']),
  /** What becomes of a message that was sent, step by step. */
  statuses: z.array(z.string()),
  statusDelayMs: z.number().min(0),
  /** Both are documented for an instance that is not connected. */
  notConnectedStatus: z.union([z.literal(503), z.literal(400)]),
});
export type Settings = z.infer<typeof settingsSchema>;

export const defaultSettings: Settings = {
  shape: 'live',
  mediaBase64: false,
  mediaUrl: 'plain',
  echo: 'after',
  statuses: ['delivered', 'read'],
  statusDelayMs: 0,
  notConnectedStatus: 503,
};

export const instanceSchema = z.object({
  name: z.string(),
  token: z.string(),
  ingestUrl: z.string().nullable(),
  /** Of the phone that is paired. */
  number: z.string(),
  displayName: z.string(),
  connected: z.boolean(),
  settings: settingsSchema,
});
export type Instance = z.infer<typeof instanceSchema>;

const party = z.object({ jid: z.string(), lid: z.string().nullable(), name: z.string() });

export const messageSchema = z.object({
  id: z.string(),
  instance: z.string(),
  direction: z.enum(['incoming', 'outgoing']),
  /** Who made it: somebody else, the owner on the phone, or a request to the api. */
  origin: z.enum(['contact', 'phone', 'api']),
  timestamp: z.string(),
  chat: party.extend({ type: z.enum(['private', 'group', 'newsletter']), isCommunity: z.boolean() }),
  sender: party,
  content: contentSchema,
  media: z
    .object({
      kind: z.enum(mediaKinds),
      mimeType: z.string(),
      fileName: z.string(),
      base64: z.string(),
      /** The secret part of its address. */
      key: z.string(),
    })
    .nullable(),
  replyTo: z.string().nullable(),
  /** What the sender of the request called itself; it comes back in the echo. */
  source: z.string(),
  /** The body of the request, for a message sent through the api. */
  request: z.record(z.string(), z.unknown()).nullable(),
});
export type Message = z.infer<typeof messageSchema>;

/** An event on its way to the instance's webhook. */
export const deliverySchema = z.object({
  id: z.number().int(),
  instance: z.string(),
  event: z.string(),
  body: z.string(),
  attempts: z.number().int(),
  state: z.enum(['pending', 'delivered', 'dead']),
  lastStatus: z.number().int().nullable(),
  lastError: z.string().nullable(),
  at: z.number(),
});
export type Delivery = z.infer<typeof deliverySchema>;
