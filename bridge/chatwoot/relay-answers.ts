import { z } from 'zod';

/** What the relay reads of Chatwoot's answers. Times and everything shown to people are left alone. */
export const contactSchema = z.looseObject({
  id: z.number().int().positive(),
  name: z.string().nullish(),
  phone_number: z.string().nullish(),
  identifier: z.string().nullish(),
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
  id: z.number().int().positive(),
  inbox_id: z.number().int(),
  status: z.string(),
});
export type Conversation = z.infer<typeof conversationSchema>;
export const conversationListSchema = z.looseObject({ payload: z.array(conversationSchema) }).transform(({ payload }) => payload);

export const messageSchema = z.looseObject({
  id: z.number().int().positive(),
  source_id: z.string().nullish(),
});
export type Message = z.infer<typeof messageSchema>;
export const messageListSchema = z.looseObject({ payload: z.array(messageSchema) }).transform(({ payload }) => payload);

/** Answers of which nothing but success matters. */
export const anySchema = z.unknown();
