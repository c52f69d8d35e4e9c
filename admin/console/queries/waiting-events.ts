import { z } from 'zod';
import { COUNTED_UP_TO } from '../../../shared/contracts/overview.ts';
import type { PrismaClient } from '../../../shared/database/database.ts';

const counts = z.array(z.object({ id: z.string(), waiting: z.number() }));

/** Events of these instances that Chatwoot does not have yet, each counted up to a thousand. */
export async function countWaitingEvents(prisma: PrismaClient, instanceIds: readonly string[]): Promise<Map<string, number>> {
  const rows = await prisma.$queryRaw`
    SELECT i.id, (SELECT count(*)::int FROM (SELECT 1 FROM engine_events e
      WHERE e.instance_id = i.id AND e.acked_at IS NULL LIMIT ${COUNTED_UP_TO}) AS waiting) AS waiting
    FROM unnest(${[...instanceIds]}::text[]) AS i(id)`;
  return new Map(counts.parse(rows).map(({ id, waiting }) => [id, waiting]));
}
