import type pg from 'pg';
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
const callerSchema = z.union([
  z.object({ ...found, kind: z.literal('account'), ...noInstance }),
  z.object({ ...found, kind: z.literal('account'), ...instance }),
  z.object({ ...found, kind: z.literal('instance'), ...instance }),
]);
/** With the token of an account, the instance is the one that was asked for; null where it has none of that name. */
export type FoundCaller = z.infer<typeof callerSchema>;

export interface AskedCaller {
  readonly tokenHash: string;
  readonly instanceName: string | undefined;
}

const nthSchema = z.object({ nth: z.coerce.number().int() });

/**
 * Whose tokens these are, in their order: the one that account or instance has, or the one it had before, while that is still valid by the clock
 * of the database. An account comes first; the instance that its request names is looked up with it, because nearly every request names one.
 * The SELECT around the arrays hides how long they are, so that the statement is planned once: that took it four times as long as to run.
 */
export async function findCallers(pool: pg.Pool, asked: readonly AskedCaller[]): Promise<(FoundCaller | undefined)[]> {
  const { rows } = await pool.query<Record<string, unknown>>({
    name: 'find_callers',
    text: `SELECT asked.nth, caller.*
      FROM unnest((SELECT $1::text[]), (SELECT $2::text[])) WITH ORDINALITY AS asked (hash, name, nth), LATERAL (
        SELECT 'account' AS kind, accounts.id AS "accountId", accounts.token_hash = asked.hash AS "isCurrent",
               named.id AS "instanceId", named.name AS "instanceName", named.engine_kind AS "engineKind",
               named.engine_name AS "engineName"
          FROM accounts LEFT JOIN instances AS named ON named.account_id = accounts.id AND named.name = asked.name
         WHERE accounts.token_hash = asked.hash
            OR (accounts.previous_token_hash = asked.hash AND accounts.previous_token_ends_at > now())
        UNION ALL
        SELECT 'instance', account_id, token_hash = asked.hash, id, name, engine_kind, engine_name
          FROM instances WHERE token_hash = asked.hash OR (previous_token_hash = asked.hash AND previous_token_ends_at > now())
        ORDER BY kind LIMIT 1
      ) AS caller`,
    values: [asked.map(({ tokenHash }) => tokenHash), asked.map(({ instanceName }) => instanceName ?? null)],
  });
  const callers: (FoundCaller | undefined)[] = asked.map(() => undefined);
  for (const row of rows) callers[nthSchema.parse(row).nth - 1] = callerSchema.parse(row);
  return callers;
}

/** Whether the token is, or was, somebody's. */
export async function isTokenTaken(prisma: PrismaClient, tokenHash: string): Promise<boolean> {
  const rows: unknown[] = await prisma.$queryRaw`
    SELECT 1 FROM accounts WHERE token_hash = ${tokenHash} OR previous_token_hash = ${tokenHash}
    UNION ALL SELECT 1 FROM instances WHERE token_hash = ${tokenHash} OR previous_token_hash = ${tokenHash} LIMIT 1`;
  return rows.length > 0;
}
