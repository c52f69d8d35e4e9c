import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MigrationList } from '@prisma/schema-engine-wasm/schema_engine_bg';
import pg from 'pg';
import { PonteError } from '../errors/ponte-error.ts';
import { projectRoot } from '../project-root.ts';
import { createSchemaEngine } from './schema-engine.ts';

const NO_FILTERS = { externalTables: [], externalEnums: [] };
// Any constant will do, as long as every Ponte process uses the same one.
const MIGRATION_LOCK = 0x706f6e74;
// Long enough for another process to migrate a large database first.
const LOCK_TIMEOUT_MS = 300_000;

/** Reads `prisma/migrations` in the form the schema engine takes. */
export async function readMigrations(dir: string = join(projectRoot, 'prisma', 'migrations')): Promise<MigrationList> {
  const names = (await readdir(dir, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const migrationDirectories = await Promise.all(
    names.sort().map(async (name) => ({
      path: name,
      migrationFile: {
        path: 'migration.sql',
        content: { tag: 'ok' as const, value: await readFile(join(dir, name, 'migration.sql'), 'utf8') },
      },
    })),
  );
  return {
    baseDir: dir,
    lockfile: { path: join(dir, 'migration_lock.toml'), content: await readFile(join(dir, 'migration_lock.toml'), 'utf8') },
    shadowDbInitScript: '',
    migrationDirectories,
  };
}

/**
 * Applies the pending migrations and answers their names; `_prisma_migrations` is kept exactly as `prisma migrate deploy` keeps it.
 * Processes that start together wait for each other.
 *
 * Throws PonteError `database_newer` when the database has migrations this version does not know, and `database_unreachable`.
 */
export async function migrate({
  databaseUrl,
  connectTimeoutMs = 5_000,
}: {
  databaseUrl: string;
  connectTimeoutMs?: number;
}): Promise<string[]> {
  const lock = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: connectTimeoutMs });
  try {
    await lock.connect();
  } catch (error) {
    throw new PonteError('database_unreachable', { detail: error instanceof Error ? error.message : String(error) });
  }
  try {
    await lock.query(`SET lock_timeout = ${LOCK_TIMEOUT_MS}`);
    await lock.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const migrationsList = await readMigrations();
    const { engine, close } = await createSchemaEngine(databaseUrl, connectTimeoutMs);
    try {
      const { history } = await engine.diagnoseMigrationHistory({
        migrationsList,
        optInToShadowDatabase: false,
        filters: NO_FILTERS,
      });
      if (history && 'unpersistedMigrationNames' in history && history.unpersistedMigrationNames.length > 0) {
        throw new PonteError('database_newer', { migrations: history.unpersistedMigrationNames.join(', ') });
      }
      return (await engine.applyMigrations({ migrationsList, filters: NO_FILTERS })).appliedMigrationNames;
    } finally {
      await close();
    }
  } finally {
    await lock.end();
  }
}
