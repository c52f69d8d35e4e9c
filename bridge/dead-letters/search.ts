import type { DeadLetter, DeadLetterQuery } from '../../shared/contracts/dead-letters.ts';
import type { Prisma, PrismaClient } from '../../shared/database/database.ts';

export interface DeadLetterSearch {
  /** Those that still need somebody, the newest first. */
  list(query: DeadLetterQuery): Promise<{ letters: DeadLetter[]; next: string | null }>;
  get(id: string): Promise<DeadLetter | undefined>;
}

const PAGE_SIZE = 100;

const SELECT = {
  id: true,
  integrationId: true,
  direction: true,
  state: true,
  chat: true,
  conversationId: true,
  chatwootMessageId: true,
  whatsappId: true,
  reason: true,
  attempts: true,
  createdAt: true,
  resentAt: true,
  integration: { select: { instanceId: true, instanceName: true, state: true } },
} as const satisfies Prisma.BridgeDeadLetterSelect;
type Row = Prisma.BridgeDeadLetterGetPayload<{ select: typeof SELECT }>;

/** What could not be relayed, in both directions, page by page. The message itself is never read here. */
export function createDeadLetterSearch({ prisma }: { prisma: PrismaClient }): DeadLetterSearch {
  const table = prisma.bridgeDeadLetter;
  return {
    async list({ direction, instance, instance_id: instanceId, after }) {
      const rows = await table.findMany({
        where: {
          state: { in: ['dead', 'requested'] },
          ...(direction === undefined ? {} : { direction }),
          integration: {
            ...(instance === undefined ? {} : { instanceName: { contains: instance, mode: 'insensitive' } }),
            ...(instanceId === undefined ? {} : { instanceId }),
          },
          ...olderThan(after),
        },
        orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
        take: PAGE_SIZE + 1,
        select: SELECT,
      });
      const shown = rows.slice(0, PAGE_SIZE);
      const last = shown.at(-1);
      const next = rows.length > PAGE_SIZE && last ? `${last.createdAt.getTime()}_${last.id}` : null;
      return { letters: shown.map(told), next };
    },
    async get(id) {
      const row = await table.findUnique({ where: { id }, select: SELECT });
      return row === null ? undefined : told(row);
    },
  };
}

function olderThan(after: string | undefined): Prisma.BridgeDeadLetterWhereInput {
  const [, at, id] = /^(\d+)_(.+)$/.exec(after ?? '') ?? [];
  if (at === undefined || id === undefined) return {};
  const createdAt = new Date(Number(at));
  return Number.isNaN(createdAt.getTime()) ? {} : { OR: [{ createdAt: { lt: createdAt } }, { createdAt, id: { lt: id } }] };
}

const told = (row: Row): DeadLetter => ({
  id: row.id,
  integration_id: row.integrationId,
  instance_id: row.integration.instanceId,
  instance: row.integration.instanceName,
  direction: row.direction,
  state: row.state,
  resendable: row.state === 'dead' && row.integration.state === 'active',
  chat: row.chat,
  conversation_id: row.conversationId,
  chatwoot_message_id: row.chatwootMessageId,
  whatsapp_id: row.whatsappId,
  reason: row.reason,
  attempts: row.attempts,
  created_at: row.createdAt.toISOString(),
  resent_at: row.resentAt?.toISOString() ?? null,
});
