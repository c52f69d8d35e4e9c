import type pg from 'pg';
import { z } from 'zod';
import { type SecretColumn, withSecret } from '../secret-columns.ts';

// The names of tables and columns come from the lists in secret-columns.ts, never from outside.

const keyUses = z.array(z.object({ keyId: z.string(), count: z.number() }));

/** How many secrets of a column are under which key. */
export async function countSecretsByKey(pool: pg.Pool, secret: SecretColumn): Promise<z.infer<typeof keyUses>> {
  const { table, column } = secret;
  const { rows } = await pool.query(
    `SELECT split_part(${column}, '.', 2) AS "keyId", count(*)::int AS count FROM ${table}
     WHERE ${withSecret(secret)} GROUP BY 1 ORDER BY 1`,
  );
  return keyUses.parse(rows);
}

const samples = z.array(z.object({ owner: z.string(), envelope: z.string() }));

/** One secret of every key that a column has any under. */
export async function sampleSecrets(pool: pg.Pool, secret: SecretColumn): Promise<z.infer<typeof samples>> {
  const { table, column, owner } = secret;
  const { rows } = await pool.query(
    `SELECT DISTINCT ON (split_part(${column}, '.', 2)) ${owner} AS owner, ${column} AS envelope FROM ${table}
     WHERE ${withSecret(secret)} ORDER BY split_part(${column}, '.', 2)`,
  );
  return samples.parse(rows);
}

const BATCH = 200;
const batches = z.array(z.object({ id: z.string(), owner: z.string(), envelope: z.string() }));

/** The next secrets of a column, in the order of their rows' ids. */
export async function readSecrets(pool: pg.Pool, secret: SecretColumn, after: string): Promise<z.infer<typeof batches>> {
  const { table, column, owner } = secret;
  const { rows } = await pool.query(
    `SELECT id, ${owner} AS owner, ${column} AS envelope FROM ${table} WHERE ${withSecret(secret)} AND id > $1 ORDER BY id LIMIT ${BATCH}`,
    [after],
  );
  return batches.parse(rows);
}

/** Replaces secrets where a row still holds what was read. Resolves with how many that were. */
export async function replaceSecrets(
  pool: pg.Pool,
  { table, column }: SecretColumn,
  changes: readonly { id: string; old: string; fresh: string }[],
): Promise<number> {
  if (changes.length === 0) return 0;
  const { rowCount } = await pool.query(
    `UPDATE ${table} AS stored SET ${column} = change.fresh
     FROM unnest($1::text[], $2::text[], $3::text[]) AS change (id, old, fresh)
     WHERE stored.id = change.id AND stored.${column} = change.old`,
    [changes.map(({ id }) => id), changes.map(({ old }) => old), changes.map(({ fresh }) => fresh)],
  );
  return rowCount ?? 0;
}
