import type { PrismaClient } from '../../../shared/database/database.ts';

const BATCH = 1_000;

/**
 * Forgets which message is which after half a year, and what belongs to integrations that are gone; both in batches, because there may be
 * millions. Also what was set aside and has been delivered since.
 */
export async function removeExpired(prisma: PrismaClient, signal: AbortSignal): Promise<void> {
  let removed = BATCH;
  while (removed === BATCH && !signal.aborted) {
    removed = await prisma.$executeRaw`
      DELETE FROM bridge_messages WHERE (integration_id, whatsapp_id) IN (
        SELECT m.integration_id, m.whatsapp_id FROM bridge_messages m
         WHERE m.created_at < now() - interval '180 days'
            OR m.integration_id IN (SELECT id FROM bridge_integrations WHERE state = 'removed')
         LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`;
  }
  await prisma.$executeRaw`
    DELETE FROM bridge_dead_letters WHERE state = 'resent' AND resent_at < now() - interval '30 days'`;
}
