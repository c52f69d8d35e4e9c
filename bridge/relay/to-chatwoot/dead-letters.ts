import { createId } from '../../../shared/auth/tokens.ts';
import { type Backoff, backoffMs } from '../../../shared/backoff.ts';
import type { PrismaClient } from '../../../shared/database/database.ts';
import { type EngineKind, engineKindSchema, engineKinds } from '../../../shared/engines/registry.ts';
import { wellFormed } from '../../../shared/text/well-formed.ts';
import { tellOfLetter } from '../../notifications/queries/notifications.ts';
import { dueLetters, integrationsWithDue, scheduleRetry } from './queries/due-letters.ts';

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
  /** Only its file is missing, which is tried again by itself, a number of times. */
  readonly isWaiting: boolean;
}

export interface DeadLetters {
  add(letter: NewDeadLetter): Promise<void>;
  /** Those that somebody wants to be delivered after all, and those of which a file is due, oldest first. */
  requested(): Promise<DeadLetter[]>;
  /** What it says, as JSON text; undefined for one that is no longer there. */
  payloadOf(id: string): Promise<string | undefined>;
  delivered(id: string): Promise<void>;
  failedAgain(id: string, letter: Pick<NewDeadLetter, 'reason' | 'attempts' | 'isWaiting'>): Promise<void>;
}

const BATCH = 100;
/** Then a file counts as lost, and somebody has to look. */
const MOST_RETRIES = 10;

/** What of one integration could not be delivered to Chatwoot. */
export function createDeadLetters(deps: {
  prisma: PrismaClient;
  integrationId: string;
  /** Between tries to deliver a file that was left out. */
  filePauses: Backoff;
}): DeadLetters {
  const { prisma, integrationId } = deps;
  const table = prisma.bridgeDeadLetter;
  const direction = 'to_chatwoot';
  return {
    async add({ isWaiting, ...letter }) {
      const id = createId('dlt');
      const reason = wellFormed(letter.reason);
      const set = { where: { integrationId, direction, whatsappId: letter.whatsappId, state: { not: 'resent' } } } as const;
      await prisma.$transaction([
        table.deleteMany(set),
        table.create({ data: { ...letter, reason, id, integrationId, direction } }),
        isWaiting ? scheduleRetry(prisma, id, backoffMs(deps.filePauses, 1)) : tellOfLetter(prisma, id),
      ]);
    },
    async requested() {
      const letters = await table.findMany({
        // Those of an engine that only a newer version knows wait for that version.
        where: {
          integrationId,
          direction,
          id: { in: await dueLetters(prisma, [integrationId], BATCH) },
          engineKind: { in: [...engineKinds] },
        },
        orderBy: { createdAt: 'asc' },
        select: { id: true, engineKind: true, attempts: true },
      });
      return letters.map((letter) => ({ ...letter, engineKind: engineKindSchema.parse(letter.engineKind) }));
    },
    async payloadOf(id) {
      return (await table.findUnique({ where: { id }, select: { payload: true } }))?.payload;
    },
    async delivered(id) {
      // What was said in it is in Chatwoot now, and nowhere else.
      await table.updateMany({ where: { id }, data: { state: 'resent', resentAt: new Date(), payload: '{}', retryAt: null } });
    },
    async failedAgain(id, { reason, attempts, isWaiting }) {
      const data = { state: 'dead', reason: wellFormed(reason), attempts, retryAt: null, retries: { increment: 1 } } as const;
      await prisma.$transaction(async (tx) => {
        const [letter] = await tx.bridgeDeadLetter.updateManyAndReturn({ where: { id }, data, select: { retries: true } });
        if (letter === undefined) return;
        const goesOn = isWaiting && letter.retries <= MOST_RETRIES;
        await (goesOn ? scheduleRetry(tx, id, backoffMs(deps.filePauses, letter.retries + 1)) : tellOfLetter(tx, id));
      });
    },
  };
}

/** Which of these integrations have messages that were set aside and are to be delivered after all. */
export async function integrationsWithRequests(prisma: PrismaClient, integrationIds: readonly string[]): Promise<string[]> {
  if (integrationIds.length === 0) return [];
  return integrationsWithDue(prisma, integrationIds);
}
