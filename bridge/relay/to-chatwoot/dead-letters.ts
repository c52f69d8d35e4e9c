import { createId } from '../../../shared/auth/tokens.ts';
import type { PrismaClient } from '../../../shared/database/database.ts';
import { type EngineKind, engineKindSchema, engineKinds } from '../../../shared/engines/registry.ts';
import { wellFormed } from '../../../shared/text/well-formed.ts';

export interface DeadLetter {
  readonly id: string;
  readonly engineKind: EngineKind;
  readonly attempts: number;
}

export interface NewDeadLetter {
  readonly chat: string;
  /** What tells it from others: set aside twice, it is there once. */
  readonly whatsappId: string;
  /** Which engine can read the payload. */
  readonly engineKind: EngineKind;
  /** The engine's envelope as JSON text. */
  readonly payload: string;
  readonly reason: string;
  readonly attempts: number;
}

export interface DeadLetters {
  add(letter: NewDeadLetter): Promise<void>;
  /** Those that somebody wants to be delivered after all, oldest first. */
  requested(): Promise<DeadLetter[]>;
  /** What it says, as JSON text; undefined for one that is no longer there. */
  payloadOf(id: string): Promise<string | undefined>;
  delivered(id: string): Promise<void>;
  failedAgain(id: string, reason: string, attempts: number): Promise<void>;
}

const BATCH = 100;

/** What of one integration could not be delivered to Chatwoot. */
export function createDeadLetters({ prisma, integrationId }: { prisma: PrismaClient; integrationId: string }): DeadLetters {
  const table = prisma.bridgeDeadLetter;
  const direction = 'to_chatwoot';
  return {
    async add(letter) {
      await prisma.$transaction([
        table.deleteMany({ where: { integrationId, direction, whatsappId: letter.whatsappId, state: { not: 'resent' } } }),
        table.create({ data: { ...letter, reason: wellFormed(letter.reason), id: createId('dlt'), integrationId, direction } }),
      ]);
    },
    async requested() {
      const letters = await table.findMany({
        // Those of an engine that only a newer version knows wait for that version.
        where: { integrationId, direction, state: 'requested', engineKind: { in: [...engineKinds] } },
        orderBy: { createdAt: 'asc' },
        take: BATCH,
        select: { id: true, engineKind: true, attempts: true },
      });
      return letters.map((letter) => ({ ...letter, engineKind: engineKindSchema.parse(letter.engineKind) }));
    },
    async payloadOf(id) {
      return (await table.findUnique({ where: { id }, select: { payload: true } }))?.payload;
    },
    async delivered(id) {
      // What was said in it is in Chatwoot now, and nowhere else.
      await table.updateMany({ where: { id }, data: { state: 'resent', resentAt: new Date(), payload: '{}' } });
    },
    async failedAgain(id, reason, attempts) {
      await table.updateMany({ where: { id }, data: { state: 'dead', reason: wellFormed(reason), attempts } });
    },
  };
}

/** Which of these integrations have messages that were set aside and are to be delivered after all. */
export async function integrationsWithRequests(prisma: PrismaClient, integrationIds: readonly string[]): Promise<string[]> {
  if (integrationIds.length === 0) return [];
  const rows = await prisma.bridgeDeadLetter.findMany({
    where: { state: 'requested', direction: 'to_chatwoot', integrationId: { in: [...integrationIds] } },
    distinct: ['integrationId'],
    select: { integrationId: true },
  });
  return rows.map(({ integrationId }) => integrationId);
}
