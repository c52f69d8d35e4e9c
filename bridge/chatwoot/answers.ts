import { z } from 'zod';
import { cutTo } from '../../shared/text/cut.ts';
import { wellFormed } from '../../shared/text/well-formed.ts';

/** What fits into our columns, as all that a Chatwoot counts with does; a number beyond is none of a Chatwoot. */
const id = z.number().int().positive().max(2_147_483_647);
/** Longer than any name that Chatwoot takes, and without what PostgreSQL refuses: some other server may send anything. */
const LONGEST_NAME = 255;
const name = z.string().transform((text) => cutTo(wellFormed(text), LONGEST_NAME));

/**
 * What of Chatwoot's answers is used. Everything else in them is ignored, and what only some releases send is optional: `secret`, the key
 * that signs webhooks, comes with 4.13.0, and to administrators alone.
 */
export const inboxSchema = z.looseObject({
  id,
  name: name.nullish(),
  channel_type: z.string().nullish(),
  webhook_url: z.string().nullish(),
  lock_to_single_conversation: z.boolean().nullish(),
  secret: z.string().max(1_024).nullish(),
});
export type Inbox = z.infer<typeof inboxSchema>;

export const inboxListSchema = z.looseObject({ payload: z.array(inboxSchema) }).transform(({ payload }) => payload);

/** Deletion is asynchronous: this promises it. The text is in the account's language. */
export const deletionSchema = z.looseObject({});

/** The accounts a token's user belongs to; the profile itself holds secrets, which are not read. */
export const profileSchema = z.object({
  name: z.string().nullish(),
  accounts: z.array(
    z.object({ id: z.number(), name: z.string().nullish(), role: z.string().nullish(), status: z.string().nullish() }),
  ),
});
export type Profile = z.infer<typeof profileSchema>;

/** Of an account only its locale, in which its people read. */
export const localeSchema = z.looseObject({ locale: z.string().default('') }).transform(({ locale }) => locale);

/** Chatwoot's refusals: `error` is its own, `errors` that of the sign-in layer (no token arrived), `status` that of Rails itself. */
export const refusalSchema = z.looseObject({
  error: z.string().optional(),
  errors: z.array(z.unknown()).optional(),
  status: z.unknown().optional(),
});

export const contactSchema = z.looseObject({
  id,
  name: name.nullish(),
  phone_number: z.string().nullish(),
  identifier: z.string().nullish(),
  email: z.string().nullish().catch(null),
  /** Where its picture is shown; empty where it has none. */
  thumbnail: z.string().nullish().catch(null),
});
export type Contact = z.infer<typeof contactSchema>;

export const contactAnswerSchema = z.looseObject({ payload: contactSchema }).transform(({ payload }) => payload);
export const contactListSchema = z.looseObject({ payload: z.array(contactSchema) }).transform(({ payload }) => payload);
export const newContactSchema = z
  .looseObject({ payload: z.looseObject({ contact: contactSchema }) })
  .transform(({ payload }) => payload.contact);
export const contactInboxSchema = z.looseObject({ source_id: z.string() });

/** `id` is the number within the account, as everywhere in Chatwoot's URLs. */
export const conversationSchema = z.looseObject({
  id,
  inbox_id: z.number().int(),
  status: z.string(),
  /** Seconds since 1970. */
  last_activity_at: z.number().nullish().catch(null),
  /** Null while nobody has written anything in it. */
  last_non_activity_message: z.unknown().optional(),
  /** Its contact is blocked; `blocked` of the contact itself is not told by 3.13.0. */
  muted: z.boolean().nullish().catch(null),
  meta: z
    .looseObject({
      sender: z
        .looseObject({
          phone_number: z.string().nullish(),
          identifier: z.string().nullish(),
          blocked: z.boolean().nullish(),
        })
        .nullish()
        .catch(null),
    })
    .nullish()
    .catch(null),
  custom_attributes: z.record(z.string(), z.unknown()).nullish().catch(null),
});
export type Conversation = z.infer<typeof conversationSchema>;
export const conversationListSchema = z.looseObject({ payload: z.array(conversationSchema) }).transform(({ payload }) => payload);

export const messageSchema = z.looseObject({
  id,
  source_id: z.string().nullish(),
  status: z.string().nullish(),
  /** Seconds since 1970. */
  created_at: z.number().nullish().catch(null),
  content_attributes: z.looseObject({ deleted: z.boolean().optional() }).nullish().catch(null),
});
export type Message = z.infer<typeof messageSchema>;
export const messageListSchema = z.looseObject({ payload: z.array(messageSchema) }).transform(({ payload }) => payload);

/** To a message that was written or changed. */
export const writtenMessageSchema = z.looseObject({ id });

/** Answers of which nothing but success matters. */
export const anySchema = z.unknown();
