import { z } from 'zod';
import type { PrismaClient } from '../../../shared/database/database.ts';

// Counts with ages, by the clock of the database.

const grouped = z.array(z.object({ key: z.string(), count: z.number(), age: z.number() }));
type Grouped = z.infer<typeof grouped>[number];

/** Activations that have not ended, and the age of the oldest in seconds, by state. */
export async function countUnfinishedActivations(prisma: PrismaClient): Promise<Grouped[]> {
  return grouped.parse(
    await prisma.$queryRaw`
      SELECT state::text AS key, count(*)::int AS count, coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8 AS age
      FROM activations WHERE state IN ('pending', 'running') GROUP BY state`,
  );
}

/** Removals that are still to be done, and for how many seconds the oldest has been due, by state. */
export async function countOpenRemovals(prisma: PrismaClient): Promise<Grouped[]> {
  return grouped.parse(
    await prisma.$queryRaw`
      SELECT state::text AS key, count(*)::int AS count,
        greatest(coalesce(extract(epoch FROM now() - min(next_attempt_at)), 0), 0)::float8 AS age
      FROM removals WHERE state IN ('pending', 'dead') GROUP BY state`,
  );
}

const waiting = z.tuple([z.object({ count: z.number(), age: z.number() })]);

/** Events that the bridge has not acknowledged, counted up to `limit`, and the age of the oldest in seconds. */
export async function countWaitingEvents(prisma: PrismaClient, limit: number): Promise<{ count: number; age: number }> {
  const rows = await prisma.$queryRaw`
    SELECT count(*)::int AS count, coalesce(extract(epoch FROM now() - min(received_at)), 0)::float8 AS age
    FROM (SELECT received_at FROM engine_events WHERE acked_at IS NULL LIMIT ${limit}) AS waiting`;
  return waiting.parse(rows)[0];
}
