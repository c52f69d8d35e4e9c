import { z } from 'zod';
import type { PrismaClient } from '../../../shared/database/database.ts';

const waitingRows = z.array(z.object({ id: z.string() }).transform(({ id }) => id));

/** Which of these instances have events that nobody has acknowledged. */
export async function findWaitingInstances(prisma: PrismaClient, instanceIds: readonly string[]): Promise<string[]> {
  if (instanceIds.length === 0) return [];
  return waitingRows.parse(
    await prisma.$queryRaw`
      SELECT id FROM unnest(${[...instanceIds]}::text[]) AS streamed(id)
       WHERE EXISTS (SELECT FROM engine_events WHERE instance_id = id AND acked_at IS NULL)`,
  );
}
