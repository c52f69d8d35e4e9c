import { z } from 'zod';
import type { PrismaClient } from '../../../shared/database/database.ts';

const claimedRow = z.object({
  endpointId: z.string(),
  eventId: z.string(),
  type: z.string(),
  facts: z.unknown(),
  occurredAt: z.date(),
  url: z.string(),
  secret: z.string(),
  /** The one before, while it still counts. */
  previousSecret: z.string().nullable(),
  /** This one included. */
  attempts: z.number(),
  /** For how long it has been tried. */
  pendingMs: z.number(),
});
export type ClaimedDelivery = z.infer<typeof claimedRow>;

/** Takes deliveries of webhooks that are due, for `claimMs`; of one endpoint no more than `perEndpoint` are under way at a time. */
export async function claimDeliveries(
  prisma: PrismaClient,
  { limit, perEndpoint, claimMs }: { limit: number; perEndpoint: number; claimMs: number },
): Promise<ClaimedDelivery[]> {
  const rows = await prisma.$queryRaw`
    WITH due AS (
      SELECT next.endpoint_id, next.event_id FROM notification_endpoints e, LATERAL (
        SELECT d.endpoint_id, d.event_id, d.next_attempt_at FROM notification_deliveries d
         WHERE d.endpoint_id = e.id AND d.state = 'pending' AND d.next_attempt_at <= now() AND d.claimed_until <= now()
         ORDER BY d.next_attempt_at LIMIT greatest(0, ${perEndpoint}::bigint - (
           SELECT count(*) FROM notification_deliveries u WHERE u.endpoint_id = e.id AND u.state = 'pending' AND u.claimed_until > now()))
           FOR NO KEY UPDATE SKIP LOCKED) next
       WHERE e.account_id IS NOT NULL AND e.enabled
       ORDER BY next.next_attempt_at LIMIT ${limit}
    )
    UPDATE notification_deliveries d
       SET claimed_until = now() + make_interval(secs => ${claimMs / 1_000}::float8), attempts = attempts + 1, last_attempt_at = now()
      FROM due, notification_endpoints e
     WHERE d.endpoint_id = due.endpoint_id AND d.event_id = due.event_id AND e.id = d.endpoint_id
    RETURNING d.endpoint_id AS "endpointId", d.event_id AS "eventId", d.type, d.facts, d.occurred_at AS "occurredAt", d.attempts,
      e.url, e.secret, CASE WHEN e.previous_secret_ends_at > now() THEN e.previous_secret END AS "previousSecret",
      (extract(epoch FROM now() - d.pending_since) * 1000)::float8 AS "pendingMs"`;
  return z.array(claimedRow).parse(rows);
}

/** What came of an attempt, in words and, where there was an answer, with its status. */
export interface AttemptResult {
  readonly status: number | undefined;
  readonly detail: string;
}
type Claim = Pick<ClaimedDelivery, 'endpointId' | 'eventId' | 'attempts'>;

/** Nothing is written for whoever was overtaken by another attempt. */
export const settleDelivered = (prisma: PrismaClient, claim: Claim, result: AttemptResult): Promise<number> => prisma.$executeRaw`
  UPDATE notification_deliveries SET state = 'delivered', claimed_until = now(), last_status = ${result.status ?? null},
         last_detail = ${result.detail}
   WHERE endpoint_id = ${claim.endpointId} AND event_id = ${claim.eventId} AND attempts = ${claim.attempts} AND state = 'pending'`;

/** It is tried again after `delayMs`; without one it has failed for good. */
export const settleFailed = (
  prisma: PrismaClient,
  claim: Claim,
  result: AttemptResult,
  delayMs: number | undefined,
): Promise<number> => prisma.$executeRaw`
  UPDATE notification_deliveries SET state = ${delayMs === undefined ? 'failed' : 'pending'}::notification_state, claimed_until = now(),
         last_status = ${result.status ?? null}, last_detail = ${result.detail},
         next_attempt_at = now() + make_interval(secs => ${(delayMs ?? 0) / 1_000}::float8)
   WHERE endpoint_id = ${claim.endpointId} AND event_id = ${claim.eventId} AND attempts = ${claim.attempts} AND state = 'pending'`;

/** Something was delivered: whatever failed before counts no more. Only where that is news anything is written. */
export const noteWorking = (prisma: PrismaClient, endpointId: string): Promise<number> => prisma.$executeRaw`
  UPDATE notification_endpoints SET failing_since = NULL WHERE id = ${endpointId} AND failing_since IS NOT NULL`;

const noted = z.array(z.object({ disabled: z.boolean() }));

/** Something could not be delivered; where nothing has been for `disableAfterMs`, the endpoint is disabled. Resolves with whether it was. */
export async function noteFailing(
  prisma: PrismaClient,
  endpointId: string,
  { detail, disableAfterMs }: { detail: string; disableAfterMs: number },
): Promise<boolean> {
  const rows = await prisma.$queryRaw`
    UPDATE notification_endpoints
       SET failing_since = coalesce(failing_since, now()),
           enabled = failing_since IS NULL OR failing_since > now() - make_interval(secs => ${disableAfterMs / 1_000}::float8),
           disabled_reason = CASE WHEN failing_since <= now() - make_interval(secs => ${disableAfterMs / 1_000}::float8)
             THEN 'nothing could be delivered since ' || to_char(failing_since AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC; the last attempt: ' || ${detail}
             ELSE '' END
     WHERE id = ${endpointId} AND enabled
       AND (failing_since IS NULL OR failing_since <= now() - make_interval(secs => ${disableAfterMs / 1_000}::float8))
    RETURNING NOT enabled AS disabled`;
  return noted.parse(rows)[0]?.disabled ?? false;
}

const REMOVAL_BATCH = 500;

/** What happened longer ago than this, whatever became of it. */
export async function removeOldDeliveries(prisma: PrismaClient, keepDays: number, signal: AbortSignal): Promise<void> {
  let count = REMOVAL_BATCH;
  while (count === REMOVAL_BATCH && !signal.aborted) {
    count = await prisma.$executeRaw`
      DELETE FROM notification_deliveries WHERE (endpoint_id, event_id) IN (
        SELECT endpoint_id, event_id FROM notification_deliveries WHERE occurred_at < now() - make_interval(days => ${keepDays}::integer)
         LIMIT ${REMOVAL_BATCH} FOR UPDATE SKIP LOCKED)`;
  }
}
