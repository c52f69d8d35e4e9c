import { z } from 'zod';
import type { Database } from '../database/database.ts';
import { type ActivationError, activationErrorSchema } from './error.ts';
import { activationSettingsSchema } from './settings.ts';
import { activationTraceSchema } from './trace.ts';

/** An activation a worker holds. `attempt` fences it: as soon as another claim raises it, nothing more can be written with this one. */
const claimedActivationSchema = z.object({
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
  /** The deactivated integrations of the instance that the bridge may still take for active ones. */
  unknownToBridge: z.array(z.string()),
});
export type ClaimedActivation = z.infer<typeof claimedActivationSchema>;

export type Claim =
  | { readonly kind: 'claimed'; readonly activation: ClaimedActivation }
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'failed'; readonly error: ActivationError | undefined }
  /** Not finished, but its deadline has passed. */
  | { readonly kind: 'expired' }
  /** Its row, and so its instance, is no more. */
  | { readonly kind: 'gone' }
  /** Its row is of a form this version does not know. */
  | { readonly kind: 'unreadable' };

/** What there is of an activation that somebody wanted to take: its row, or why there is none to take. */
export async function claimOf({ prisma }: Pick<Database, 'prisma'>, activationId: string, row: unknown): Promise<Claim> {
  if (row !== undefined) {
    const parsed = claimedActivationSchema.safeParse(row);
    return parsed.success ? { kind: 'claimed', activation: parsed.data } : { kind: 'unreadable' };
  }
  const ended = await prisma.activation.findUnique({ where: { id: activationId }, select: { state: true, error: true } });
  if (ended === null) return { kind: 'gone' };
  if (ended.state === 'succeeded') return { kind: 'succeeded' };
  if (ended.state === 'failed') return { kind: 'failed', error: activationErrorSchema.safeParse(ended.error).data };
  return { kind: 'expired' };
}
