import type { PrismaClient } from '../../../shared/database/database.ts';

const BATCH = 1_000;

/** What the relay leaves in the database: requests to look after, and rows that nobody needs any more. */
export function createRelayRetention({ prisma }: { prisma: PrismaClient }) {
  return {
    /** Which of these integrations have messages that were set aside and are to be delivered after all. */
    async redriveRequests(integrationIds: readonly string[]): Promise<string[]> {
      if (integrationIds.length === 0) return [];
      const rows = await prisma.bridgeDeadLetter.findMany({
        where: { state: 'requested', direction: 'to_chatwoot', integrationId: { in: [...integrationIds] } },
        distinct: ['integrationId'],
        select: { integrationId: true },
      });
      return rows.map(({ integrationId }) => integrationId);
    },

    /**
     * Forgets which message is which after half a year, and what belongs to integrations that are gone; both in batches, because there may
     * be millions. Also what was set aside and has been delivered since.
     */
    async removeExpired(): Promise<void> {
      let removed = BATCH;
      while (removed === BATCH) {
        removed = await prisma.$executeRaw`
          DELETE FROM bridge_messages WHERE (integration_id, whatsapp_id) IN (
            SELECT m.integration_id, m.whatsapp_id FROM bridge_messages m
             WHERE m.created_at < now() - interval '180 days'
                OR m.integration_id IN (SELECT id FROM bridge_integrations WHERE state = 'removed')
             LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`;
      }
      await prisma.$executeRaw`
        DELETE FROM bridge_dead_letters WHERE state = 'resent' AND resent_at < now() - interval '30 days'`;
    },
  };
}
