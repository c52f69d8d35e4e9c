import { z } from 'zod';
import type { PrismaClient } from '../../../shared/database/database.ts';

const found = { accountId: z.string(), isCurrent: z.boolean() };
const rowsSchema = z.array(
  z.discriminatedUnion('kind', [
    z.object({ ...found, kind: z.literal('account') }),
    z.object({
      ...found,
      kind: z.literal('instance'),
      instanceId: z.string(),
      instanceName: z.string(),
      engineKind: z.string(),
      engineName: z.string().nullable(),
    }),
  ]),
);
export type FoundCaller = z.infer<typeof rowsSchema>[number];

/**
 * Whose token it is: the one that account or instance has, or the one it had before, while that is still valid by the clock of the database.
 * An account comes first.
 */
export async function findCaller(prisma: PrismaClient, tokenHash: string): Promise<FoundCaller | undefined> {
  const rows = await prisma.$queryRaw`
    SELECT 'account' AS kind, id AS "accountId", token_hash = ${tokenHash} AS "isCurrent",
           NULL AS "instanceId", NULL AS "instanceName", NULL AS "engineKind", NULL AS "engineName"
      FROM accounts WHERE token_hash = ${tokenHash} OR (previous_token_hash = ${tokenHash} AND previous_token_ends_at > now())
    UNION ALL
    SELECT 'instance', account_id, token_hash = ${tokenHash}, id, name, engine_kind, engine_name
      FROM instances WHERE token_hash = ${tokenHash} OR (previous_token_hash = ${tokenHash} AND previous_token_ends_at > now())
    ORDER BY kind LIMIT 1`;
  return rowsSchema.parse(rows)[0];
}

/** Whether the token is, or was, somebody's. */
export async function isTokenTaken(prisma: PrismaClient, tokenHash: string): Promise<boolean> {
  const rows: unknown[] = await prisma.$queryRaw`
    SELECT 1 FROM accounts WHERE token_hash = ${tokenHash} OR previous_token_hash = ${tokenHash}
    UNION ALL SELECT 1 FROM instances WHERE token_hash = ${tokenHash} OR previous_token_hash = ${tokenHash} LIMIT 1`;
  return rows.length > 0;
}
