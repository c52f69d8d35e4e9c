import { z } from 'zod';
import { COUNTED_UP_TO } from '../../../shared/contracts/overview.ts';
import type { PrismaClient } from '../../../shared/database/database.ts';

const counts = z.array(z.object({ id: z.string(), waiting: z.number(), set_aside: z.number() }));

/** What waits to leave for WhatsApp, and what is set aside, of each of these integrations; counted up to a thousand. */
export async function countOpen(prisma: PrismaClient, ids: readonly string[]): Promise<z.infer<typeof counts>> {
  return counts.parse(
    await prisma.$queryRaw`
      SELECT i.id,
        (SELECT count(*)::int FROM (SELECT 1 FROM bridge_replies r
          WHERE r.integration_id = i.id AND r.state IN ('pending', 'sending') LIMIT ${COUNTED_UP_TO}) AS w) AS waiting,
        (SELECT count(*)::int FROM (SELECT 1 FROM bridge_dead_letters d
          WHERE d.integration_id = i.id AND d.state IN ('dead', 'requested') LIMIT ${COUNTED_UP_TO}) AS s) AS set_aside
      FROM bridge_integrations i WHERE i.id = ANY(${[...ids]})`,
  );
}

const found = z.array(z.object({ id: z.string() }));

/** Active integrations that fail, whose phone is not connected, or that have something set aside. */
export async function findTroubled(prisma: PrismaClient, limit: number): Promise<string[]> {
  const rows = await prisma.$queryRaw`
    SELECT id FROM bridge_integrations i WHERE state = 'active' AND (status <> 'active' OR phone_state <> '' OR EXISTS
      (SELECT 1 FROM bridge_dead_letters d WHERE d.integration_id = i.id AND d.state IN ('dead', 'requested'))) LIMIT ${limit}`;
  return found.parse(rows).map(({ id }) => id);
}

const traffic = z.array(z.object({ direction: z.enum(['to_chatwoot', 'to_whatsapp']), count: z.number() }));

/** Messages of one integration in the last 24 hours, each direction counted up to a thousand. */
export async function countTraffic(prisma: PrismaClient, id: string): Promise<z.infer<typeof traffic>> {
  return traffic.parse(
    await prisma.$queryRaw`
      SELECT d.direction::text, (SELECT count(*)::int FROM (SELECT 1 FROM bridge_messages m WHERE m.integration_id = ${id}
        AND m.direction = d.direction AND m.created_at > now() - interval '24 hours' LIMIT ${COUNTED_UP_TO}) AS counted) AS count
      FROM unnest(enum_range(NULL::relay_direction)) AS d(direction)`,
  );
}
