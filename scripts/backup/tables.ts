import type pg from 'pg';
import { z } from 'zod';

export interface Table {
  readonly name: string;
  readonly columns: readonly string[];
}

const tableSchema = z.array(z.object({ name: z.string(), columns: z.array(z.string()), needs: z.array(z.string()) }));

/** The tables of Ponte, those that others refer to first. */
export async function readTables(client: pg.ClientBase): Promise<Table[]> {
  const { rows } = await client.query(`
    SELECT c.relname AS name,
           (SELECT json_agg(a.attname ORDER BY a.attnum) FROM pg_attribute a
             WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns,
           COALESCE((SELECT json_agg(DISTINCT r.relname) FROM pg_constraint k JOIN pg_class r ON r.oid = k.confrelid
             WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.confrelid <> c.oid), '[]') AS needs
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = current_schema() AND c.relkind = 'r' AND c.relname <> '_prisma_migrations'
     ORDER BY c.relname`);
  const left = new Map(tableSchema.parse(rows).map((table) => [table.name, table]));
  const ordered: Table[] = [];
  while (left.size > 0) {
    const ready = [...left.values()].filter(({ needs }) => !needs.some((name) => left.has(name)));
    if (ready.length === 0) throw new Error('tables refer to each other in a circle');
    for (const { name, columns } of ready) {
      ordered.push({ name, columns });
      left.delete(name);
    }
  }
  return ordered;
}

/** What each sequence gives next is above this. */
export async function readSequences(client: pg.ClientBase): Promise<Record<string, string>> {
  const { rows } = await client.query(
    `SELECT sequencename AS name, last_value::text AS value FROM pg_sequences WHERE schemaname = current_schema() AND last_value IS NOT NULL`,
  );
  const sequences = z.array(z.object({ name: z.string(), value: z.string() })).parse(rows);
  return Object.fromEntries(sequences.map(({ name, value }) => [name, value]));
}

/** The migrations that the tables are of; none where there is no table yet. */
export async function readApplied(client: pg.ClientBase): Promise<string[]> {
  const { rows: found } = await client.query(`SELECT to_regclass('_prisma_migrations') IS NOT NULL AS exists`);
  if (!z.array(z.object({ exists: z.boolean() })).parse(found)[0]?.exists) return [];
  const { rows } = await client.query(
    'SELECT migration_name AS name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY migration_name',
  );
  return z
    .array(z.object({ name: z.string() }))
    .parse(rows)
    .map(({ name }) => name);
}
