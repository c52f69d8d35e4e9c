import type { IntegrationOverview, Traffic } from '../../shared/contracts/overview.ts';
import type { PrismaClient } from '../../shared/database/database.ts';
import { countOpen, countTraffic, findTroubled } from './queries/overview.ts';

/** A console that shows thousands in trouble shows none of them. */
const MOST_TROUBLED = 5_000;

export interface Overview {
  of(ids: readonly string[]): Promise<IntegrationOverview[]>;
  troubled(): Promise<string[]>;
  traffic(id: string): Promise<Traffic>;
}

/** What is recorded of many integrations at once; nothing but the database is asked. */
export function createOverview({ prisma }: { prisma: PrismaClient }): Overview {
  return {
    async of(ids) {
      const [rows, open] = await Promise.all([
        prisma.bridgeIntegration.findMany({ where: { id: { in: [...ids] }, state: 'active' } }),
        countOpen(prisma, ids),
      ]);
      const openOf = new Map(open.map((counted) => [counted.id, counted]));
      return rows.map((row) => ({
        id: row.id,
        status: row.status,
        last_error: row.lastError,
        inbox_id: row.inboxId,
        inbox_name: row.inboxName,
        adopted: row.adoptedInboxId !== null,
        phone_state: row.phoneState,
        last_to_chatwoot_at: row.lastToChatwootAt?.toISOString() ?? null,
        last_to_whatsapp_at: row.lastToWhatsappAt?.toISOString() ?? null,
        waiting_to_whatsapp: openOf.get(row.id)?.waiting ?? 0,
        set_aside: openOf.get(row.id)?.set_aside ?? 0,
      }));
    },
    troubled: () => findTroubled(prisma, MOST_TROUBLED),
    async traffic(id) {
      const counted = new Map((await countTraffic(prisma, id)).map(({ direction, count }) => [direction, count]));
      return { to_chatwoot: counted.get('to_chatwoot') ?? 0, to_whatsapp: counted.get('to_whatsapp') ?? 0 };
    },
  };
}
