import { z } from 'zod';
import type { PrismaClient } from '../../../shared/database/database.ts';

const found = { accountId: z.string(), isCurrent: z.boolean() };
const instance = {
  instanceId: z.string(),
  instanceName: z.string(),
  engineKind: z.string(),
  engineName: z.string().nullable(),
};
const noInstance = {
  instanceId: z.null(),
  instanceName: z.null(),
  engineKind: z.null(),
  engineName: z.null(),
};
const rowsSchema = z.array(
  z.union([
    z.object({ ...found, kind: z.literal('account'), ...noInstance }),
    z.object({ ...found, kind: z.literal('account'), ...instance }),
    z.object({ ...found, kind: z.literal('instance'), ...instance }),
  ]),
);
/** With the token of an account, the instance is the one that was asked for; null where it has none of that name. */
export type FoundCaller = z.infer<typeof rowsSchema>[number];

/**
 * Whose token it is: the one that account or instance has, or the one it had before, while that is still valid by the clock of the database.
 * An account comes first; the instance that its request names is looked up with it, because nearly every request names one.
 */
export async function findCaller(
  prisma: PrismaClient,
  { tokenHash, instanceName }: { tokenHash: string; instanceName: string | undefined },
): Promise<FoundCaller | undefined> {
  const rows = await prisma.$queryRaw`
    SELECT 'account' AS kind, accounts.id AS "accountId", accounts.token_hash = ${tokenHash} AS "isCurrent",
           named.id AS "instanceId", named.name AS "instanceName", named.engine_kind AS "engineKind", named.engine_name AS "engineName"
      FROM accounts LEFT JOIN instances AS named ON named.account_id = accounts.id AND named.name = ${instanceName ?? null}
     WHERE accounts.token_hash = ${tokenHash}
        OR (accounts.previous_token_hash = ${tokenHash} AND accounts.previous_token_ends_at > now())
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
