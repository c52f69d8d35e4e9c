import { z } from 'zod';
import { COUNTED_UP_TO } from '../../../shared/contracts/overview.ts';
import type { PrismaClient } from '../../../shared/database/database.ts';

const waiting = z.tuple([z.object({ count: z.number(), age: z.number() })]);
export type WaitingEvents = z.output<typeof waiting>[0];

/** Events of an instance that Chatwoot does not have yet, counted up to a thousand, and the age of the oldest in seconds. */
export async function readWaiting(prisma: PrismaClient, instanceId: string): Promise<WaitingEvents> {
  const rows = await prisma.$queryRaw`
    SELECT count(*)::int AS count, coalesce(extract(epoch FROM now() - min(received_at)), 0)::float8 AS age
    FROM (SELECT received_at FROM engine_events WHERE instance_id = ${instanceId} AND acked_at IS NULL
      ORDER BY sequence LIMIT ${COUNTED_UP_TO}) AS waiting`;
  return waiting.parse(rows)[0];
}
