import { z } from 'zod';
import type { PrismaClient } from '../../../shared/database/database.ts';

const integrations = z.array(z.object({ status: z.string(), count: z.number(), unattended: z.number() }));

/** Active integrations by status, and how many of them no bridge process runs, by the clock of the database. */
export async function countIntegrations(prisma: PrismaClient): Promise<z.infer<typeof integrations>> {
  return integrations.parse(
    await prisma.$queryRaw`
      SELECT status::text, count(*)::int AS count, (count(*) FILTER (WHERE lease_until IS NULL OR lease_until < now()
          OR lease_owner IN (SELECT owner FROM bridge_processes WHERE until < now())))::int AS unattended
      FROM bridge_integrations WHERE state = 'active' GROUP BY status`,
  );
}

const waiting = z.tuple([z.object({ count: z.number(), age: z.number() })]);

/** Replies that have not left yet, counted up to `limit`, and the age of the oldest of those in seconds. */
export async function countWaitingReplies(prisma: PrismaClient, limit: number): Promise<{ count: number; age: number }> {
  const rows = await prisma.$queryRaw`
    SELECT count(*)::int AS count, coalesce(extract(epoch FROM now() - min(pending_since)), 0)::float8 AS age
    FROM (SELECT pending_since FROM bridge_replies WHERE state IN ('pending', 'sending') LIMIT ${limit}) AS waiting`;
  return waiting.parse(rows)[0];
}
