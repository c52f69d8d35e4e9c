import { z } from 'zod';
import type { PrismaClient } from '../../database/database.ts';

const countRow = z.tuple([z.object({ count: z.number() })]);

/** Counts one more attempt of a network, and answers how many it has made since its window began, this one among them. */
export async function countAttempt(prisma: PrismaClient, networkHash: string, windowMs: number): Promise<number> {
  const rows = await prisma.$queryRaw`
    INSERT INTO login_attempts AS known (network_hash, count, ends_at)
    VALUES (${networkHash}, 1, now() + ${windowMs} * interval '1 millisecond')
    ON CONFLICT (network_hash) DO UPDATE SET
      count = CASE WHEN known.ends_at <= now() THEN 1 ELSE known.count + 1 END,
      ends_at = CASE WHEN known.ends_at <= now() THEN excluded.ends_at ELSE known.ends_at END
    RETURNING count`;
  const [{ count }] = countRow.parse(rows);
  return count;
}
