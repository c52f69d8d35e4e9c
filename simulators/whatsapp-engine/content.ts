import { z } from 'zod';

const media = z.object({
  /** The file itself; where absent, a small real one of the kind is made. */
  base64: z.string().optional(),
  mimeType: z.string().optional(),
  fileName: z.string().optional(),
});

export const mediaKinds = ['image', 'video', 'audio', 'document', 'sticker'] as const;
export type MediaKind = (typeof mediaKinds)[number];

/** What a message says, whichever way it goes. */
export const contentSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('image'), caption: z.string().optional(), media: media.default({}) }),
  z.object({ type: z.literal('video'), caption: z.string().optional(), media: media.default({}) }),
  z.object({ type: z.literal('document'), caption: z.string().optional(), media: media.default({}) }),
  z.object({ type: z.literal('sticker'), media: media.default({}) }),
  /** A voice note unless `voice` is false. */
  z.object({ type: z.literal('audio'), voice: z.boolean().default(true), media: media.default({}) }),
  z.object({
    type: z.literal('location'),
    latitude: z.number(),
    longitude: z.number(),
    name: z.string().default(''),
    address: z.string().default(''),
  }),
  z.object({ type: z.literal('contact'), contacts: z.array(z.object({ name: z.string(), phone: z.string() })).min(1) }),
  /** To another message; an empty emoji takes the reaction back. */
  z.object({ type: z.literal('reaction'), messageId: z.string(), emoji: z.string() }),
  z.object({ type: z.literal('edit'), messageId: z.string(), text: z.string() }),
  /** "Delete for everyone". */
  z.object({ type: z.literal('message_revoke'), messageId: z.string() }),
  z.object({ type: z.literal('buttons_response'), id: z.string(), text: z.string() }),
  z.object({ type: z.literal('list_response'), id: z.string(), title: z.string(), description: z.string().optional() }),
  /** A kind that nobody has heard of: `name` becomes the message's type, `fields` go in as they are. */
  z.object({ type: z.literal('other'), name: z.string(), fields: z.record(z.string(), z.unknown()).default({}) }),
]);
export type Content = z.infer<typeof contentSchema>;
/** As a caller gives it: what has a default may be left out. */
export type ContentInput = z.input<typeof contentSchema>;

/** Somebody on WhatsApp. With a lid and no phone, only the lid is known, as for people who hide their number. */
const personSchema = z
  .object({ phone: z.string().optional(), lid: z.string().optional(), name: z.string().default('') })
  .refine((person) => person.phone !== undefined || person.lid !== undefined, 'a person has a phone, a lid or both');
export type Person = z.infer<typeof personSchema>;

const group = z.object({ id: z.string(), name: z.string(), isCommunity: z.boolean().default(false) });

/** A message that a person sends to the instance, in private or in a group. */
export const incomingSchema = z.object({
  from: personSchema,
  group: group.optional(),
  content: contentSchema,
  /** Id of the message that this one quotes. */
  replyTo: z.string().optional(),
  id: z.string().optional(),
  timestamp: z.iso.datetime().optional(),
});
export type Incoming = z.input<typeof incomingSchema>;

/** A message that the owner of the number types on the phone itself. */
export const typedSchema = z.object({
  to: personSchema.optional(),
  group: group.optional(),
  content: contentSchema,
  replyTo: z.string().optional(),
  id: z.string().optional(),
  timestamp: z.iso.datetime().optional(),
});
export type Typed = z.input<typeof typedSchema>;
