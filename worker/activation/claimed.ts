import { z } from 'zod';
import {
  type activationErrorSchema,
  activationSettingsSchema,
  activationTraceSchema,
} from '../../shared/contracts/activation.ts';

/** An activation this worker holds. `attempt` fences it: as soon as another claim raises it, nothing more can be written with this one. */
export const claimedActivationSchema = z.object({
  id: z.string(),
  attempt: z.number().int(),
  instanceId: z.string(),
  instanceName: z.string(),
  accountId: z.string(),
  settings: activationSettingsSchema,
  /** Envelope of shared/encryption. */
  chatwootToken: z.string(),
  trace: activationTraceSchema,
  requestId: z.string().nullable(),
  createdAt: z.date(),
  deadlineAt: z.date(),
  /** What is left until the deadline, by the database's clock. */
  remainingMs: z.number(),
});
export type ClaimedActivation = z.infer<typeof claimedActivationSchema>;

export type Claim =
  | { readonly kind: 'claimed'; readonly activation: ClaimedActivation }
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'failed'; readonly error: z.infer<typeof activationErrorSchema> | undefined }
  /** Not finished, but its deadline has passed. */
  | { readonly kind: 'expired' }
  /** Its row, and so its instance, is no more. */
  | { readonly kind: 'gone' }
  /** Its row is of a form this version does not know. */
  | { readonly kind: 'unreadable' };

/** What a write of this worker came to. `lost`: another attempt holds the activation now, or it has ended. */
export type Write = { readonly kind: 'written'; readonly removalIds: readonly string[] } | { readonly kind: 'lost' };
