import { z } from 'zod';
import type { PrismaClient } from '../../../shared/database/database.ts';

const claimedRow = z.object({
  id: z.string(),
  instanceId: z.string(),
  engineKind: z.string(),
  /** Null for ENGINE_URL. */
  engineUrl: z.string().nullable(),
  engineName: z.string(),
  engineToken: z.string().nullable(),
  engineSecret: z.string().nullable(),
  deliveryKey: z.string(),
  wish: z.enum(['ours', 'restored']),
  version: z.number(),
  previous: z.string().nullable(),
  /** This one included. */
  attempts: z.number(),
  ageSeconds: z.number(),
});
export type ClaimedWebhook = z.infer<typeof claimedRow>;

/** Takes wishes that are due, for `claimMs`. */
export async function claimWebhooks(
  prisma: PrismaClient,
  { limit, claimMs }: { limit: number; claimMs: number },
): Promise<ClaimedWebhook[]> {
  const rows = await prisma.$queryRaw`
    WITH due AS (
      SELECT id FROM engine_webhooks WHERE done_at IS NULL AND next_attempt_at <= now() AND claimed_until <= now()
       ORDER BY next_attempt_at LIMIT ${limit} FOR UPDATE SKIP LOCKED
    )
    UPDATE engine_webhooks w SET claimed_until = now() + make_interval(secs => ${claimMs / 1_000}::float8), attempts = attempts + 1
      FROM due WHERE w.id = due.id
    RETURNING w.id, w.instance_id AS "instanceId", w.engine_kind AS "engineKind", nullif(w.engine_url, '') AS "engineUrl",
      w.engine_name AS "engineName", w.engine_token AS "engineToken", w.engine_secret AS "engineSecret",
      w.delivery_key AS "deliveryKey", w.wish, w.version, w.previous, w.attempts,
      extract(epoch FROM now() - w.created_at)::float8 AS "ageSeconds"`;
  return z.array(claimedRow).parse(rows);
}

type Claim = Pick<ClaimedWebhook, 'id' | 'version'>;

/** Keeps what stood there before, before anything is changed there. Resolves with whether the wish still holds. */
export async function keepPrevious(prisma: PrismaClient, { id, version }: Claim, previous: string): Promise<boolean> {
  const count =
    await prisma.$executeRaw`UPDATE engine_webhooks SET previous = ${previous} WHERE id = ${id} AND version = ${version}`;
  return count > 0;
}

/** It is as wished. Where something else is wished by now, that is due at once. */
export const settleWebhook = (prisma: PrismaClient, { id, version }: Claim, warnings: readonly string[]): Promise<number> =>
  prisma.$executeRaw`
  UPDATE engine_webhooks SET claimed_until = now(),
    done_at = CASE WHEN version = ${version} THEN now() END,
    last_error = CASE WHEN version = ${version} THEN '' ELSE last_error END,
    warnings = CASE WHEN version = ${version} THEN ${JSON.stringify(warnings)}::jsonb ELSE warnings END
   WHERE id = ${id}`;

/** Has the addresses at engines of these kinds looked at again that were last looked at longer ago than `afterMs`. */
export const lookAgain = (
  prisma: PrismaClient,
  { kinds, afterMs }: { kinds: readonly string[]; afterMs: number },
): Promise<number> => prisma.$executeRaw`
  UPDATE engine_webhooks SET done_at = NULL, attempts = 0, next_attempt_at = now()
   WHERE wish = 'ours' AND engine_kind = ANY(${[...kinds]}) AND done_at < now() - make_interval(secs => ${afterMs / 1_000}::float8)`;

/** What stood there is there again, or was never touched: nothing is left to be done. */
export const forgetWebhook = (prisma: PrismaClient, { id, version }: Claim): Promise<number> => prisma.$executeRaw`
  WITH gone AS (DELETE FROM engine_webhooks WHERE id = ${id} AND version = ${version} RETURNING id)
  UPDATE engine_webhooks SET claimed_until = now() WHERE id = ${id} AND NOT EXISTS (SELECT FROM gone)`;

/** It is tried again after `delayMs`; where something else is wished by now, that is due at once. */
export const postponeWebhook = (
  prisma: PrismaClient,
  { id, version }: Claim,
  { lastError, delayMs }: { lastError: string; delayMs: number },
): Promise<number> => prisma.$executeRaw`
  UPDATE engine_webhooks SET claimed_until = now(),
    last_error = CASE WHEN version = ${version} THEN ${lastError.slice(0, 1_000)} ELSE last_error END,
    next_attempt_at = CASE WHEN version = ${version}
      THEN now() + make_interval(secs => ${delayMs / 1_000}::float8) ELSE next_attempt_at END
   WHERE id = ${id}`;

/** What stood at an engine before another of our instances took it; undefined where nobody has kept it. */
export async function previousOfKey(
  prisma: PrismaClient,
  deliveryKeyHash: string,
): Promise<{ instanceId: string; previous: string } | undefined> {
  const row = await prisma.engineWebhook.findFirst({
    where: { deliveryKeyHash, previous: { not: null } },
    select: { instanceId: true, previous: true },
  });
  return row?.previous == null ? undefined : { instanceId: row.instanceId, previous: row.previous };
}
