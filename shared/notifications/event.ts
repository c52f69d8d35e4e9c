import { z } from 'zod';

/** What is told, in the words of the payload's `type`. */
export const notificationTypes = [
  'integration.error',
  'integration.recovered',
  'message.set_aside',
  'instance.disconnected',
  'activation.finished',
] as const;
export type NotificationType = (typeof notificationTypes)[number];
/** Asked for by whoever wants to see whether his endpoint works. */
export const TEST_TYPE = 'webhook.test';

const inbox = z
  .object({ id: z.int(), name: z.string() })
  .nullable()
  .meta({ description: 'The inbox in Chatwoot, where there is one.' });
const told = {
  message: z.string().meta({ description: 'What has happened, in a sentence.' }),
  next_step: z.string().meta({ description: 'What to do about it.' }),
};
const about = {
  account: z.string().meta({ description: 'Name of the account.' }),
  instance: z.string().meta({ description: 'Name of the instance.' }),
  instance_id: z.string(),
  ...told,
  link: z.url().meta({ description: 'The instance in the console.' }),
};

const eventOf = <Type extends string, Data extends z.ZodRawShape>(type: Type, data: Data) =>
  z.object({
    id: z.string().meta({ description: 'Stays the same however often it is delivered: by it a receiver drops repeats.' }),
    type: z.literal(type),
    timestamp: z.iso.datetime().meta({ description: 'When it happened.' }),
    data: z.object(data),
  });

/** The body of every webhook, and what the operator's mail is made of. What is said in a message is in none of them. */
export const notificationEventSchemas = {
  'integration.error': eventOf('integration.error', {
    ...about,
    integration_id: z.string(),
    inbox,
  }),
  'integration.recovered': eventOf('integration.recovered', { ...about, integration_id: z.string(), inbox }),
  'message.set_aside': eventOf('message.set_aside', {
    ...about,
    integration_id: z.string(),
    inbox,
    direction: z.enum(['to_chatwoot', 'to_whatsapp']),
    dead_letter_id: z.string(),
    conversation_id: z.int().nullable().meta({ description: 'Number of the conversation in Chatwoot, where there is one.' }),
  }),
  'instance.disconnected': eventOf('instance.disconnected', {
    ...about,
    code: z.string().meta({ description: 'Why, such as `logged_out`, `disconnected` or `temp_banned`.' }),
  }),
  'activation.finished': eventOf('activation.finished', {
    ...about,
    activation_id: z.string(),
    outcome: z.enum(['succeeded', 'failed']),
    code: z.string().nullable().meta({ description: 'Error code of one that failed.' }),
    inbox,
  }),
  [TEST_TYPE]: eventOf(TEST_TYPE, { ...told }),
} as const;

export const notificationEventSchema = z.discriminatedUnion('type', [
  notificationEventSchemas['integration.error'],
  notificationEventSchemas['integration.recovered'],
  notificationEventSchemas['message.set_aside'],
  notificationEventSchemas['instance.disconnected'],
  notificationEventSchemas['activation.finished'],
  notificationEventSchemas[TEST_TYPE],
]);
export type NotificationEvent = z.infer<typeof notificationEventSchema>;
