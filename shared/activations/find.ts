import { z } from 'zod';
import { Prisma } from '../database/database.ts';

const foundSchema = z.object({
  id: z.string(),
  state: z.enum(['pending', 'running', 'succeeded', 'failed']),
  requestHash: z.string(),
  deadlineAt: z.date(),
  /** Whether the deadline has passed, by the database's clock: nobody will finish it then, if nobody has. */
  isOverdue: z.boolean(),
  bridgeIntegrationId: z.string().nullable(),
  previousInbox: z.unknown(),
  oldRelease: z.string().nullable(),
  error: z.unknown(),
});
/** An activation as a new request of its instance finds it. */
export type FoundActivation = z.infer<typeof foundSchema>;

type Transaction = Prisma.TransactionClient;

/** The unfinished activation of an instance: there is one at most. */
export const findUnfinished = (prisma: Transaction, instanceId: string): Promise<FoundActivation | undefined> =>
  find(prisma, Prisma.sql`instance_id = ${instanceId} AND state IN ('pending', 'running')`);

/** The activation that a client's Idempotency-Key names. */
export const findByKey = (
  prisma: Transaction,
  { instanceId, idempotencyKey }: { instanceId: string; idempotencyKey: string },
): Promise<FoundActivation | undefined> =>
  find(
    prisma,
    Prisma.sql`instance_id = ${instanceId} AND (idempotency_key = ${idempotencyKey} OR id =
      (SELECT activation_id FROM activation_keys WHERE instance_id = ${instanceId} AND key = ${idempotencyKey}))`,
  );

async function find(prisma: Transaction, condition: Prisma.Sql): Promise<FoundActivation | undefined> {
  const [row] = await prisma.$queryRaw<unknown[]>`
    SELECT id, state, request_hash AS "requestHash", deadline_at AS "deadlineAt",
      deadline_at <= now() AS "isOverdue", bridge_integration_id AS "bridgeIntegrationId",
      previous_inbox AS "previousInbox", old_release AS "oldRelease", error
    FROM activations WHERE ${condition}`;
  return row === undefined ? undefined : foundSchema.parse(row);
}
