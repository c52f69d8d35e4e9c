import { z } from 'zod';
import type { PrismaClient } from '../../../shared/database/database.ts';

const claimedRow = z.object({
  instanceId: z.string(),
  engineKind: z.string(),
  engineUrl: z.string().nullable(),
  engineToken: z.string().nullable(),
  engineSecret: z.string().nullable(),
  /** What it is called in the engine. */
  name: z.string(),
});
export type ClaimedConnection = z.infer<typeof claimedRow>;

/**
 * Takes active instances whose engine is of one of these kinds and is to be asked how the phone is; each comes back after `everySeconds`,
 * or up to half of that earlier.
 */
export async function claimConnections(
  prisma: PrismaClient,
  { kinds, limit, everySeconds }: { kinds: readonly string[]; limit: number; everySeconds: number },
): Promise<ClaimedConnection[]> {
  const rows = await prisma.$queryRaw`
    WITH due AS (
      SELECT i.id FROM instances i
       WHERE i.engine_kind = ANY (${[...kinds]}::text[]) AND i.connection_check_at <= now()
         AND EXISTS (SELECT FROM chatwoot_integrations c WHERE c.instance_id = i.id)
       ORDER BY i.connection_check_at LIMIT ${limit} FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE instances i SET connection_check_at = now() + make_interval(secs => ${everySeconds}::float8 * (0.5 + random() / 2))
      FROM due WHERE i.id = due.id
    RETURNING i.id AS "instanceId", i.engine_kind AS "engineKind", i.engine_url AS "engineUrl", i.engine_token AS "engineToken",
      i.engine_secret AS "engineSecret", coalesce(i.engine_name, i.name) AS name`;
  return z.array(claimedRow).parse(rows);
}
