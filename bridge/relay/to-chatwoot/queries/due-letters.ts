import { z } from 'zod';
import type { Prisma, PrismaClient } from '../../../../shared/database/database.ts';

const idRows = z.array(z.object({ id: z.string() })).transform((rows) => rows.map(({ id }) => id));

/** Messages that were set aside and are to be delivered now: somebody asked for it, or the pause before another try is over. */
export async function dueLetters(prisma: PrismaClient, integrationIds: readonly string[], limit: number): Promise<string[]> {
  return idRows.parse(
    await prisma.$queryRaw`
      SELECT id FROM bridge_dead_letters
       WHERE integration_id = ANY(${[...integrationIds]}) AND direction = 'to_chatwoot'
         AND (state = 'requested' OR (state = 'dead' AND retry_at <= now()))
       ORDER BY created_at LIMIT ${limit}`,
  );
}

/** Which of these integrations have any. */
export async function integrationsWithDue(prisma: PrismaClient, integrationIds: readonly string[]): Promise<string[]> {
  return idRows.parse(
    await prisma.$queryRaw`
      SELECT DISTINCT integration_id AS id FROM bridge_dead_letters
       WHERE integration_id = ANY(${[...integrationIds]}) AND direction = 'to_chatwoot'
         AND (state = 'requested' OR (state = 'dead' AND retry_at <= now()))`,
  );
}

export const scheduleRetry = (prisma: Prisma.TransactionClient, id: string, afterMs: number): Prisma.PrismaPromise<number> =>
  prisma.$executeRaw`
    UPDATE bridge_dead_letters SET retry_at = now() + ${Math.round(afterMs)}::int * interval '1 millisecond' WHERE id = ${id}`;
