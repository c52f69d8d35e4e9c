import { z } from 'zod';
import type { Prisma, PrismaClient } from '../../../shared/database/database.ts';

/** So that two that are added at the same time are counted one after the other. */
export async function lockAccount(tx: Prisma.TransactionClient, accountId: string): Promise<void> {
  await tx.$executeRaw`SELECT FROM accounts WHERE id = ${accountId} FOR NO KEY UPDATE`;
}

const endsAt = z.array(z.object({ endsAt: z.date() }));

/** Resolves with when the one before ends; undefined where the webhook is gone. */
export async function replaceSecret(prisma: PrismaClient, id: string, envelope: string): Promise<Date | undefined> {
  const rows = await prisma.$queryRaw`
    UPDATE notification_endpoints
       SET previous_secret = secret, previous_secret_ends_at = now() + interval '1 day', secret = ${envelope}
     WHERE id = ${id} RETURNING previous_secret_ends_at AS "endsAt"`;
  return endsAt.parse(rows)[0]?.endsAt;
}

/** Whoever is delivering it just now can write no more of it. */
export const redeliver = (prisma: PrismaClient, endpointId: string, eventId: string): Promise<number> => prisma.$executeRaw`
  UPDATE notification_deliveries
     SET state = 'pending', attempts = 0, pending_since = now(), next_attempt_at = now(), claimed_until = now()
   WHERE endpoint_id = ${endpointId} AND event_id = ${eventId}`;
