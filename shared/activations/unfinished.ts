import { z } from 'zod';
import type { Prisma } from '../database/database.ts';

const idSchema = z.object({ id: z.string() });
const jobSchema = z.object({ id: z.string(), requestId: z.string().nullable() });

/** Unfinished activations whose deadline passed `graceMs` ago or earlier, by the database's clock. */
export async function findOverdue(
  prisma: Prisma.TransactionClient,
  { graceMs, limit }: { graceMs: number; limit: number },
): Promise<string[]> {
  const rows = await prisma.$queryRaw<unknown[]>`
    SELECT id FROM activations
    WHERE state IN ('pending', 'running') AND deadline_at <= now() - ${graceMs} * interval '1 millisecond'
    LIMIT ${limit}`;
  return idSchema
    .array()
    .parse(rows)
    .map(({ id }) => id);
}

const backlogSchema = z.object({ accountId: z.string(), count: z.number().int() });

/** How many activations of each account have waited for their first try for `forMs` and longer; of accounts that have any. */
export async function countWaiting(
  prisma: Prisma.TransactionClient,
  { forMs }: { forMs: number },
): Promise<ReadonlyMap<string, number>> {
  const rows = await prisma.$queryRaw<unknown[]>`
    SELECT i.account_id AS "accountId", count(*)::int AS count
    FROM activations a JOIN instances i ON i.id = a.instance_id
    WHERE a.state = 'pending' AND a.created_at < now() - ${forMs} * interval '1 millisecond' AND a.deadline_at > now()
    GROUP BY i.account_id`;
  return new Map(
    backlogSchema
      .array()
      .parse(rows)
      .map(({ accountId, count }) => [accountId, count]),
  );
}

/**
 * Activations that ought to have been begun, or got further, by now: the queue may have lost their jobs, or the api that held them back is no
 * more. In random order: of more than `limit`, those whose job is lost must not wait for the others to finish.
 */
export async function findSilent(
  prisma: Prisma.TransactionClient,
  { pendingForMs, runningForMs, limit }: { pendingForMs: number; runningForMs: number; limit: number },
): Promise<z.infer<typeof jobSchema>[]> {
  const rows = await prisma.$queryRaw<unknown[]>`
    SELECT id, request_id AS "requestId" FROM activations
    WHERE deadline_at > now()
      AND ((state = 'pending' AND coalesce(held_until, created_at) < now() - ${pendingForMs} * interval '1 millisecond')
        OR (state = 'running' AND started_at < now() - ${runningForMs} * interval '1 millisecond'))
    ORDER BY random() LIMIT ${limit}`;
  return jobSchema.array().parse(rows);
}
