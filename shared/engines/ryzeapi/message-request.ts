import { z } from 'zod';
import type { OutgoingFile, OutgoingMedia, OutgoingMessage, OutgoingText } from '../engine.ts';

/**
 * RyzeAPI's message API, which the api offers to everybody and asks of an engine of this kind: `POST /api/message/text|media/:instance`.
 * One definition for both sides: what the api takes becomes a neutral message, and a neutral message what the engine is sent. Keys that
 * are not named here are passed on as they are.
 */
const NUMBER = /^\+?[\d\s().-]{3,32}$|^[\w.+:-]{1,140}@(?:s\.whatsapp\.net|c\.us|g\.us|lid|bsuid|newsletter)$/;
/** WhatsApp takes no longer text, and no longer caption; in UTF-16 units. */
export const LONGEST_TEXT = 65_536;

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
/** Whom a request is about. */
export const number = z
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

/** As the schemas above, and read into a neutral message. */
export const outgoingSchemas = {
  text: textMessageSchema.transform(toText),
  media: mediaMessageSchema.transform(toMedia),
} as const;

function toText({ number, message, replyTo, source, delay, mention, ...rest }: z.output<typeof textMessageSchema>): OutgoingText {
  return { kind: 'text', text: message, ...toCommon(number, { replyTo, source, delay, mention }, rest) };
}

function toMedia(request: z.output<typeof mediaMessageSchema>): OutgoingMedia {
  const {
    number,
    mediaType,
    mediaUrl,
    mediaBase64,
    message,
    mimeType,
    fileName,
    isVoice,
    replyTo,
    source,
    delay,
    mention,
    ...rest
  } = request;
  const options = { replyTo, source, delay, mention };
  const absent = nullsOf({ mediaUrl, mediaBase64, message, mimeType, fileName, isVoice });
  const content: OutgoingFile['content'] =
    mediaBase64 == null ? { kind: 'url', url: mediaUrl ?? '' } : { kind: 'base64', base64: mediaBase64 };
  return {
    kind: 'media',
    file: {
      type: mediaType,
      content,
      mimeType: mimeType ?? undefined,
      fileName: fileName ?? undefined,
      isVoice: isVoice ?? undefined,
    },
    caption: message ?? undefined,
    ...toCommon(number, options, { ...rest, ...absent }),
  };
}

interface Options {
  readonly replyTo: string | null | undefined;
  readonly source: string | null | undefined;
  readonly delay: number | null | undefined;
  readonly mention: readonly string[] | null | undefined;
}

const toCommon = (number: string, options: Options, rest: Readonly<Record<string, unknown>>) => ({
  recipient: number,
  quotedId: options.replyTo ?? undefined,
  source: options.source ?? undefined,
  delaySeconds: options.delay ?? undefined,
  mentions: options.mention ?? undefined,
  extras: { ...rest, ...nullsOf({ ...options }) },
});

/** A key that was given as null reaches the engine as null. */
const nullsOf = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value === null));

/** The body that asks for a message. */
export function requestOf(message: OutgoingMessage): Record<string, unknown> {
  const { recipient, quotedId, source, delaySeconds, mentions, extras } = message;
  const told = {
    replyTo: quotedId,
    source,
    delay: delaySeconds,
    mention: mentions,
    ...(message.kind === 'media' ? mediaFields(message) : {}),
  };
  const given = Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined));
  return { ...extras, number: recipient, ...(message.kind === 'text' ? { message: message.text } : {}), ...given };
}

const mediaFields = ({ file, caption }: OutgoingMedia) => ({
  mediaType: file.type,
  ...(file.content.kind === 'url' ? { mediaUrl: file.content.url } : { mediaBase64: file.content.base64 }),
  message: caption,
  mimeType: file.mimeType,
  fileName: file.fileName,
  isVoice: file.isVoice,
});
