import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { z } from 'zod';
import { PonteError } from '../errors/ponte-error.ts';
import { projectRoot } from '../project-root.ts';
import { PgClient } from './pg-client.ts';

// Any constant will do, as long as every Ponte process uses the same one.
const MIGRATION_LOCK = 0x706f6e74;
// Long enough for another process to migrate a large database first.
const LOCK_TIMEOUT_MS = 300_000;

export interface Migration {
  readonly name: string;
  readonly script: string;
}

/** The migrations that this version has in `prisma/migrations`, in order. */
export async function readMigrations(): Promise<Migration[]> {
  const dir = join(projectRoot, 'prisma', 'migrations');
  const entries = await readdir(dir, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => ({ name, script: await readFile(join(dir, name, 'migration.sql'), 'utf8') })),
  );
}

/**
 * Applies the pending migrations and returns their names. `_prisma_migrations` is kept as `prisma migrate deploy` keeps it, so that either
 * can follow the other. Processes that start together wait for each other.
 *
 * Throws PonteError `database_newer` when the database has migrations this version does not know, `database_foreign` when it holds tables
 * of something else, `migration_unfinished` when another tool left one half-done, `migration_edited` when a script is not the one that was
 * applied, `migration_failed` and `database_unreachable`.
 */
export async function migrate({
  databaseUrl,
  connectTimeoutMs = 5_000,
  only,
}: {
  databaseUrl: string;
  connectTimeoutMs?: number;
  /** Those of a backup, for its rows: no other is applied. */
  only?: readonly string[];
}): Promise<string[]> {
  const client = new PgClient({ connectionString: databaseUrl, connectionTimeoutMillis: connectTimeoutMs });
  try {
    await client.connect();
  } catch (error) {
    throw new PonteError('database_unreachable', { detail: error instanceof Error ? error.message : String(error) });
  }
  try {
    await client.query(`SET lock_timeout = ${LOCK_TIMEOUT_MS}`);
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await client.query('SET lock_timeout = 0');
    const known = await readMigrations();
    const applied = await readHistory(client);
    assertFits(known, applied);
    const pending = known.filter(({ name }) => !applied.has(name) && (only === undefined || only.includes(name)));
    for (const migration of pending) await apply(client, migration);
    return pending.map(({ name }) => name);
  } finally {
    await client.end();
  }
}

const historySchema = z.array(
  z.object({ migration_name: z.string(), checksum: z.string(), finished_at: z.date().nullable(), logs: z.string().nullable() }),
);
type History = ReadonlyMap<string, z.infer<typeof historySchema>[number]>;

/** What was applied to the database, or begun; the table for it is made where there is none yet. */
async function readHistory(client: pg.Client): Promise<History> {
  const { rows: tables } = await client.query<{ name: string }>(
    'SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename',
  );
  if (tables.length > 0 && !tables.some(({ name }) => name === '_prisma_migrations')) {
    throw new PonteError('database_foreign', {
      tables: tables
        .slice(0, 3)
        .map(({ name }) => name)
        .join(', '),
    });
  }
  await client.query(`
    CREATE TABLE IF NOT EXISTS _prisma_migrations (
      id VARCHAR(36) PRIMARY KEY NOT NULL,
      checksum VARCHAR(64) NOT NULL,
      finished_at TIMESTAMPTZ,
      migration_name VARCHAR(255) NOT NULL,
      logs TEXT,
      rolled_back_at TIMESTAMPTZ,
      started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
      applied_steps_count INTEGER NOT NULL DEFAULT 0)`);
  const { rows } = await client.query(
    'SELECT migration_name, checksum, finished_at, logs FROM _prisma_migrations WHERE rolled_back_at IS NULL ORDER BY started_at',
  );
  return new Map(historySchema.parse(rows).map((row) => [row.migration_name, row]));
}

function assertFits(known: readonly Migration[], applied: History): void {
  const scripts = new Map(known.map(({ name, script }) => [name, script]));
  const unknown = [...applied.keys()].filter((name) => !scripts.has(name));
  if (unknown.length > 0) throw new PonteError('database_newer', { migrations: unknown.join(', ') });
  for (const [name, { finished_at, logs }] of applied) {
    if (finished_at === null)
      throw new PonteError('migration_unfinished', { migration: name, detail: logs ?? 'no reason is recorded' });
  }
  const edited = [...applied].filter(([name, { checksum }]) => !checksumsOf(scripts.get(name) ?? '').includes(checksum));
  if (edited.length > 0) throw new PonteError('migration_edited', { migrations: edited.map(([name]) => name).join(', ') });
}

const checksum = (script: string): string => createHash('sha256').update(script).digest('hex');
/** Of a script as it is here, and with the line ends of another system. */
function checksumsOf(script: string): string[] {
  const unix = script.replaceAll('\r\n', '\n');
  return [script, unix, unix.replaceAll('\n', '\r\n')].map(checksum);
}

/**
 * One migration, all or nothing, together with its row: a process that dies meanwhile leaves no trace. One that fails is noted as rolled
 * back, which it is, and so tried again the next time.
 */
async function apply(client: pg.Client, { name, script }: Migration): Promise<void> {
  const id = randomUUID();
  try {
    await client.query('BEGIN');
    await client.query('INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ($1, $2, $3)', [
      id,
      checksum(script),
      name,
    ]);
    await client.query(script);
    await client.query('UPDATE _prisma_migrations SET finished_at = clock_timestamp(), applied_steps_count = 1 WHERE id = $1', [
      id,
    ]);
    await client.query('COMMIT');
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    const code = error instanceof pg.DatabaseError ? ` (${error.code})` : '';
    await noteFailure(client, { id, name, script, logs: `${detail}${code}` }).catch(() => {});
    throw new PonteError('migration_failed', { migration: name, detail });
  }
}

/** As far as the connection still allows. */
async function noteFailure(
  client: pg.Client,
  { id, name, script, logs }: { id: string; name: string; script: string; logs: string },
): Promise<void> {
  await client.query('ROLLBACK');
  await client.query(
    'INSERT INTO _prisma_migrations (id, checksum, migration_name, logs, rolled_back_at) VALUES ($1, $2, $3, $4, now())',
    [id, checksum(script), name, logs],
  );
}
