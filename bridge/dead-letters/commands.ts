import type { PrismaClient } from '../../shared/database/database.ts';
import type { BridgeDeadLetter, RelayDirection } from '../../shared/database/generated/client.ts';
import { notify } from '../../shared/database/notify.ts';
import { REPLIES_CHANNEL } from '../relay/to-whatsapp/reply.ts';

export interface ShownLetter extends Omit<BridgeDeadLetter, 'payload'> {
  readonly instanceName: string;
  /** Whether somebody runs its integration, so that it can be sent again. */
  readonly isActive: boolean;
  /** What would have been relayed; only where it was asked for. */
  readonly payload: string | undefined;
}

export interface LetterFilter {
  readonly direction?: RelayDirection | undefined;
  readonly integrationId?: string | undefined;
}

export type DeadLetterCommands = ReturnType<typeof createDeadLetterCommands>;

/** What an operator can do about messages that were set aside, of either direction. */
export function createDeadLetterCommands({ prisma }: { prisma: PrismaClient }) {
  const table = prisma.bridgeDeadLetter;

  return {
    /** Those that wait for somebody, oldest first. */
    async list(filter: LetterFilter & { limit: number; withPayload: boolean }): Promise<ShownLetter[]> {
      const { direction, integrationId, limit, withPayload } = filter;
      const letters = await table.findMany({
        where: { state: { in: ['dead', 'requested'] }, direction, integrationId },
        orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
        take: limit,
        omit: { payload: !withPayload },
        include: { integration: { select: { instanceName: true, state: true } } },
      });
      return letters.map(({ integration, ...letter }) => ({
        ...letter,
        payload: 'payload' in letter ? letter.payload : undefined,
        instanceName: integration.instanceName,
        isActive: integration.state === 'active',
      }));
    },

    /** Asks whoever runs the integrations to relay these again; `all` of a filter, or some by id. Answers how many it asked for. */
    async resend(which: LetterFilter & { ids?: readonly string[] | undefined }): Promise<number> {
      const { direction, integrationId, ids } = which;
      const asked = await table.updateManyAndReturn({
        where: {
          state: 'dead',
          direction,
          integrationId,
          integration: { state: 'active' },
          ...(ids === undefined ? {} : { id: { in: [...ids] } }),
        },
        data: { state: 'requested' },
        select: { integrationId: true },
      });
      for (const id of new Set(asked.map((letter) => letter.integrationId))) {
        await notify(prisma, REPLIES_CHANNEL, id);
      }
      return asked.length;
    },

    /** Forgets them, but for those that are just being sent again. What Chatwoot shows as failed stays so. */
    async discard(ids: readonly string[]): Promise<number> {
      const { count } = await table.deleteMany({ where: { id: { in: [...ids] }, state: { not: 'requested' } } });
      return count;
    },
  };
}
