import { z } from 'zod';
import type { Prisma, PrismaClient } from '../../../shared/database/database.ts';

const row = z.object({
  id: z.string(),
  type: z.string(),
  instance_id: z.string(),
  integration_id: z.string(),
  inbox_id: z.number().nullable(),
  inbox_name: z.string(),
  last_error: z.string(),
  facts: z.record(z.string(), z.unknown()),
  age_ms: z.number(),
});
type FetchedNotification = z.infer<typeof row>;

/**
 * What is to be told, oldest first: messages that were set aside at once, how an integration is once it has been so for `lastingMs`. From then
 * on it counts as told; what was fetched before and is not forgotten comes again.
 */
export async function fetchNotifications(
  prisma: PrismaClient,
  { lastingMs, limit }: { lastingMs: number; limit: number },
): Promise<FetchedNotification[]> {
  const rows = await prisma.$queryRaw`
    WITH due AS (
      SELECT n.id FROM bridge_notifications n JOIN bridge_integrations i ON i.id = n.integration_id
       WHERE n.type = 'message.set_aside'
          OR (i.state = 'active' AND n.created_at <= now() - make_interval(secs => ${lastingMs / 1_000}::float8))
       ORDER BY n.created_at LIMIT ${limit} FOR UPDATE OF n SKIP LOCKED
    ), fetched AS (
      UPDATE bridge_notifications n SET fetched_at = coalesce(n.fetched_at, now()) FROM due WHERE n.id = due.id
      RETURNING n.id, n.type, n.integration_id, n.facts, n.created_at
    )
    SELECT f.id, f.type, f.integration_id, f.facts, i.instance_id, i.inbox_id, i.inbox_name, i.last_error,
           greatest(0, extract(epoch FROM now() - f.created_at) * 1000)::float8 AS age_ms
      FROM fetched f JOIN bridge_integrations i ON i.id = f.integration_id
     ORDER BY f.created_at`;
  return z.array(row).parse(rows);
}

export async function forgetNotifications(prisma: PrismaClient, ids: readonly string[]): Promise<void> {
  await prisma.bridgeNotification.deleteMany({ where: { id: { in: [...ids] } } });
}

/** Those that nobody has asked for in a day are nobody's any more. */
export const removeOldNotifications = (prisma: PrismaClient): Promise<number> => prisma.$executeRaw`
  DELETE FROM bridge_notifications WHERE created_at < now() - interval '1 day'`;

/**
 * For a statement that sets a message aside: has it told in that same statement. `letters` names rows with the columns of `bridge_dead_letters`
 * that it has just written.
 */
export const tellSetAside = (letters: string): string => `
  INSERT INTO bridge_notifications (id, integration_id, type, facts)
  SELECT ${EVENT_ID}, l.integration_id, 'message.set_aside', jsonb_build_object('message', l.reason, 'direction', l.direction,
         'dead_letter_id', l.id, 'conversation_id', l.conversation_id) FROM ${letters} l
  ON CONFLICT DO NOTHING`;
const EVENT_ID = `'evt_' || substr(l.id, 5)`;

/** As {@link tellSetAside}, of a message that was set aside earlier in the same transaction. */
export const tellOfLetter = (prisma: Prisma.TransactionClient, id: string): Prisma.PrismaPromise<number> =>
  prisma.$executeRawUnsafe(`${tellSetAside('(SELECT * FROM bridge_dead_letters WHERE id = $1)')}`, id);
