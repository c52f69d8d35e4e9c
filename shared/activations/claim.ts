import { z } from 'zod';
import type { Prisma } from '../database/database.ts';
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

const applicantSchema = z.object({
  accountId: z.string(),
  chatwootBaseUrl: z.string(),
  createdAt: z.date(),
  remainingMs: z.number(),
});
/** What decides whether it is an activation's turn, before anybody claims it. */
export type Applicant = z.infer<typeof applicantSchema>;

/** Undefined for one that has ended, whose deadline has passed, or whose row this version does not understand. */
export async function findApplicant(prisma: Prisma.TransactionClient, activationId: string): Promise<Applicant | undefined> {
  const [row] = await prisma.$queryRaw<unknown[]>`
    SELECT i.account_id AS "accountId", a.settings->>'chatwootBaseUrl' AS "chatwootBaseUrl", a.created_at AS "createdAt",
      (extract(epoch FROM a.deadline_at - clock_timestamp()) * 1000)::float8 AS "remainingMs"
    FROM activations a JOIN instances i ON i.id = a.instance_id
    WHERE a.id = ${activationId} AND a.state IN ('pending', 'running') AND a.deadline_at > now()`;
  return applicantSchema.safeParse(row).data;
}

/** Takes an activation, unless it has ended or its deadline has passed; raises its attempt number. */
export async function claimActivation(prisma: Prisma.TransactionClient, activationId: string): Promise<Claim> {
  const [row] = await prisma.$queryRaw<unknown[]>`
    UPDATE activations a
    SET attempt = a.attempt + 1, state = 'running', started_at = coalesce(a.started_at, now())
    FROM instances i
    WHERE a.id = ${activationId} AND i.id = a.instance_id AND a.state IN ('pending', 'running') AND a.deadline_at > now()
    RETURNING a.id, a.attempt, a.settings, a.trace, i.id AS "instanceId", i.name AS "instanceName", i.account_id AS "accountId",
      a.chatwoot_token AS "chatwootToken", a.request_id AS "requestId", a.created_at AS "createdAt", a.deadline_at AS "deadlineAt",
      (extract(epoch FROM a.deadline_at - clock_timestamp()) * 1000)::float8 AS "remainingMs"`;
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
