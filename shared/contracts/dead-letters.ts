import { z } from 'zod';

/**
 * Messages that could not be relayed and were set aside, as the bridge tells operators of them: `GET /v1/dead-letters`, `POST
 * /v1/dead-letters/:id/resend`, `DELETE /v1/dead-letters/:id`. Never what is said in them.
 */
export const deadLetterSchema = z.looseObject({
  id: z.string(),
  integration_id: z.string(),
  /** Empty from a bridge of the version before this field. */
  instance_id: z.string().default(''),
  instance: z.string(),
  direction: z.enum(['to_chatwoot', 'to_whatsapp']),
  /** `dead`: waits for somebody to look at it. `requested`: is sent again as soon as possible. `resent`: was. */
  state: z.enum(['dead', 'requested', 'resent']),
  /** Whether it can be sent again: nobody runs an integration that was deactivated. */
  resendable: z.boolean(),
  chat: z.string(),
  conversation_id: z.number().nullable(),
  chatwoot_message_id: z.number().nullable(),
  whatsapp_id: z.string().nullable(),
  reason: z.string(),
  attempts: z.number(),
  created_at: z.iso.datetime(),
  resent_at: z.iso.datetime().nullable(),
});
export type DeadLetter = z.output<typeof deadLetterSchema>;

export const deadLettersSchema = z.looseObject({
  dead_letters: z.array(deadLetterSchema),
  /** For `?after=`, where there are more. */
  next: z.string().nullable(),
});

export const deadLetterQuerySchema = z.object({
  direction: z.enum(['to_chatwoot', 'to_whatsapp']).optional().catch(undefined),
  instance: z.string().max(200).optional().catch(undefined),
  /** Exactly this instance, by its id. */
  instance_id: z
    .string()
    .regex(/^[\w-]{1,40}$/)
    .optional()
    .catch(undefined),
  after: z
    .string()
    .regex(/^\d{10,16}_[\w-]{1,40}$/)
    .optional()
    .catch(undefined),
});
export type DeadLetterQuery = z.infer<typeof deadLetterQuerySchema>;
