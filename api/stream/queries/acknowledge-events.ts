import type { PrismaClient } from '../../../shared/database/database.ts';

/** Chatwoot has these: their contents are not needed any more, and go. The time is the database's, by which old ones are removed. */
export async function acknowledgeEvents(prisma: PrismaClient, instanceId: string, sequences: readonly number[]): Promise<void> {
  await prisma.$executeRaw`
    UPDATE engine_events SET acked_at = now(), payload = NULL, outline = NULL
     WHERE instance_id = ${instanceId} AND sequence = ANY (${[...sequences]}::bigint[]) AND acked_at IS NULL`;
}

/** The bridge needs nothing up to and including `sequence`. */
export async function acknowledgeEventsUpTo(prisma: PrismaClient, instanceId: string, sequence: number): Promise<void> {
  await prisma.$executeRaw`
    UPDATE engine_events SET acked_at = now(), payload = NULL, outline = NULL
     WHERE instance_id = ${instanceId} AND sequence <= ${sequence}::bigint AND acked_at IS NULL`;
}
