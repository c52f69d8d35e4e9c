import { z } from 'zod';
import type { PrismaClient } from '../../../shared/database/database.ts';
import { STREAM_CHANNEL } from '../../../shared/events/stream-notices.ts';

const announcedRow = z.tuple([z.object({ at: z.number() })]);

/** Tells every api process that a stream was opened. Resolves with when that was, by the clock of the database, in seconds. */
export async function announceStream(prisma: PrismaClient, instanceId: string, streamId: string): Promise<number> {
  const rows = await prisma.$queryRaw`
    WITH clock AS (SELECT extract(epoch FROM clock_timestamp())::float8 AS at)
    SELECT at, pg_notify(${STREAM_CHANNEL},
      json_build_object('opened', ${instanceId}::text, 'stream', ${streamId}::text, 'at', at)::text)::text FROM clock`;
  return announcedRow.parse(rows)[0].at;
}
