import { z } from 'zod';
import type { PrismaClient } from '../../../../shared/database/database.ts';

/** Keeps it once, however often it comes. `dueInMs` null: only its message wakes it. */
export async function insertEarlyEvent(
  prisma: PrismaClient,
  values: {
    readonly integrationId: string;
    readonly originalId: string;
    readonly key: string;
    readonly engineKind: string;
    readonly payload: string;
    readonly dueInMs: number | null;
  },
): Promise<void> {
  const { integrationId, originalId, key, engineKind, payload, dueInMs } = values;
  await prisma.$executeRaw`
    INSERT INTO bridge_early_events (integration_id, original_id, key, engine_kind, payload, due_at)
    VALUES (${integrationId}, ${originalId}, ${key}, ${engineKind}, ${payload}, now() + ${dueInMs}::int * interval '1 millisecond')
    ON CONFLICT DO NOTHING`;
}

const dueRows = z.array(z.object({ original_id: z.string(), key: z.string() }));

/** Which of one integration are due, oldest first. */
export async function dueEarlyEvents(
  prisma: PrismaClient,
  integrationId: string,
  limit: number,
): Promise<{ originalId: string; key: string }[]> {
  const rows = await prisma.$queryRaw`
    SELECT original_id, key FROM bridge_early_events
     WHERE integration_id = ${integrationId} AND due_at < now() ORDER BY created_at LIMIT ${limit}`;
  return dueRows.parse(rows).map(({ original_id: originalId, key }) => ({ originalId, key }));
}

/** Which of these integrations have some that are due. */
export async function integrationsWithDueEarlyEvents(prisma: PrismaClient, integrationIds: readonly string[]): Promise<string[]> {
  if (integrationIds.length === 0) return [];
  const rows = await prisma.$queryRaw`
    SELECT DISTINCT integration_id AS id FROM bridge_early_events
     WHERE due_at < now() AND integration_id = ANY(${[...integrationIds]})`;
  return z
    .array(z.object({ id: z.string() }))
    .parse(rows)
    .map(({ id }) => id);
}
