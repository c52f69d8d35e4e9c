import { z } from 'zod';

/**
 * RyzeAPI's message API, which a WhatsApp engine speaks to the api and the api to everybody: `POST /api/message/text|media/:instance`.
 * Keys that are not named here are passed on as they are.
 */
const NUMBER = /^\+?[\d\s().-]{3,32}$|^[\w.+:-]{1,100}@(?:s\.whatsapp\.net|c\.us|g\.us|lid|newsletter)$/;
/** WhatsApp takes no longer text. */
const LONGEST_TEXT = 65_536;

const given = (kind: string) => (issue: { input?: unknown }) => (issue.input === undefined ? 'is required' : `must be ${kind}`);
const text = (error = 'must be text') => z.string({ error });
const options = {
  /** Seconds the engine shows "typing" before it sends. */
  delay: z.number({ error: 'must be a number of seconds' }).min(0, 'must not be negative').nullish(),
  /** Id in WhatsApp of the message to quote. */
  replyTo: text().nullish(),
  replyPrivate: z.boolean({ error: 'must be true or false' }).nullish(),
  mention: z.array(text('must be a list of numbers'), { error: 'must be a list of numbers' }).nullish(),
  mentionAll: z.boolean({ error: 'must be true or false' }).nullish(),
  /** Free text that comes back in the event of the sent message. */
  source: text().max(200, 'must have at most 200 characters').nullish(),
};
const number = z
  .string({ error: given('text') })
  .trim()
  .regex(NUMBER, 'must be a phone number with its country code, or a JID (…@s.whatsapp.net, @g.us, @lid, @newsletter)');

export const textMessageSchema = z.looseObject({
  number,
  message: z
    .string({ error: given('text') })
    .min(1, 'must not be empty')
    .max(LONGEST_TEXT, `must have at most ${LONGEST_TEXT} characters`),
  linkPreview: z.boolean({ error: 'must be true or false' }).nullish(),
  ...options,
});
export type TextMessage = z.input<typeof textMessageSchema>;

export const mediaMessageSchema = z
  .looseObject({
    number,
    mediaType: z.enum(['image', 'video', 'document', 'audio'], { error: 'must be image, video, document or audio' }),
    /** Where the engine fetches the file. */
    mediaUrl: text().min(1, 'must not be empty').nullish(),
    mediaBase64: text().min(1, 'must not be empty').nullish(),
    /** The caption; WhatsApp has none for audio. */
    message: text().max(LONGEST_TEXT, `must have at most ${LONGEST_TEXT} characters`).nullish(),
    mimeType: text().nullish(),
    fileName: text().nullish(),
    isVoice: z.boolean({ error: 'must be true or false' }).nullish(),
    ...options,
  })
  .refine(({ mediaUrl, mediaBase64 }) => (mediaUrl == null) !== (mediaBase64 == null), {
    path: ['mediaUrl'],
    error: 'exactly one of mediaUrl and mediaBase64 must be given',
  });
export type MediaMessage = z.input<typeof mediaMessageSchema>;

const idSchema = z.union([z.string().min(1), z.number()]).transform(String);

/** The answer to a message that was sent, as far as its id goes: RyzeAPI documents `data.messageId`. Undefined where there is none. */
export const sentMessageSchema = z.looseObject({
  data: z
    .looseObject({ messageId: idSchema.optional().catch(undefined), id: idSchema.optional().catch(undefined) })
    .optional()
    .catch(undefined),
});

/** The answer of `GET /api/message/media/:instance/:messageId`, which is the engine's own. */
export const messageMediaSchema = z.looseObject({
  mime_type: z.string().nullish(),
  media_type: z.string().nullish(),
  base64: z.string().min(1),
});
