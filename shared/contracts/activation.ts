import { z } from 'zod';
import { errorCodes } from '../errors/catalogue.ts';
import type { PonteError } from '../errors/ponte-error.ts';

/** What an activation asks for, as the api stores it and the worker reads it: everything but the Chatwoot token. */
export const activationSettingsSchema = z.object({
  chatwootBaseUrl: z.string(),
  chatwootAccountId: z.number().int(),
  inboxName: z.string(),
  signMessages: z.boolean(),
  ignoreGroups: z.boolean(),
  startAsPending: z.boolean(),
  reopenResolved: z.boolean(),
});
export type ActivationSettings = z.infer<typeof activationSettingsSchema>;

/** Why an activation failed: what its row holds and what the api answers, word for word. */
export const activationErrorSchema = z.object({
  code: z.enum(errorCodes),
  httpStatus: z.number().int(),
  message: z.string(),
  retryable: z.boolean(),
  retryAfterSeconds: z.number().optional(),
});
export type ActivationError = z.infer<typeof activationErrorSchema>;

/** A PonteError in the form in which an activation's row keeps it. */
export function toActivationError({ code, httpStatus, message, retryable, retryAfterSeconds }: PonteError): ActivationError {
  return { code, httpStatus, message, retryable, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) };
}

/** One try of the worker at an activation, for the operator: what came of it and how long each hop took. */
export const activationTraceSchema = z.array(
  z.object({
    attempt: z.number().int(),
    worker: z.string(),
    startedAt: z.iso.datetime(),
    queueWaitMs: z.number(),
    bridgeMs: z.number().optional(),
    chatwootMs: z.number().optional(),
    storeMs: z.number().optional(),
    /** `succeeded`, or the code of the error it ended in. */
    outcome: z.string(),
    /** Set where nobody knows whether the bridge did it: what such a try may have left is removed if the activation fails. */
    mayHaveLeft: z.literal(true).optional(),
  }),
);
export type ActivationTrace = z.infer<typeof activationTraceSchema>;

/** The channel on which the worker tells, in the transaction that ends an activation, that it has ended. The payload is its id. */
export const ACTIVATION_SETTLED_CHANNEL = 'ponte_activation_settled';

/** All that the queue ever sees of an activation. `requestId` ties the log lines of one request together, `traceparent` its spans. */
export const activationJobSchema = z.object({
  v: z.literal(1),
  activationId: z.string(),
  requestId: z.string().optional(),
  traceparent: z.string().max(100).optional().catch(undefined),
});
export type ActivationJob = z.infer<typeof activationJobSchema>;

/** All that the queue ever sees of a removal. */
export const removalJobSchema = z.object({ v: z.literal(1), removalId: z.string() });
export type RemovalJob = z.infer<typeof removalJobSchema>;
