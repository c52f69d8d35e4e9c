import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrate, readMigrations } from '../../shared/database/migrate.ts';
import { createSchemaEngine } from '../../shared/database/schema-engine.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import { projectRoot } from '../../shared/project-root.ts';
import { createEmptyDatabase, createTestDatabase } from '../support/database.ts';

async function sql(url: string, text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text, values)).rows;
  } finally {
    await client.end();
  }
}

/** The SQL that would make the database what prisma/schema.prisma says. */
async function missingFrom(databaseUrl: string): Promise<string> {
  const path = join(projectRoot, 'prisma', 'schema.prisma');
  const files = [{ path, content: await readFile(path, 'utf8') }];
  const { engine, close } = await createSchemaEngine(databaseUrl, 5_000);
  try {
    const { stdout } = await engine.diff({
      from: { tag: 'schemaDatasource', files, configDir: projectRoot },
      to: { tag: 'schemaDatamodel', files },
      script: true,
      exitCode: null,
      filters: { externalTables: ['public._prisma_migrations'], externalEnums: [] },
    });
    return stdout ?? '';
  } finally {
    await close();
  }
}

describe('migrate', () => {
  let database: { url: string; drop(): Promise<void> };

  beforeEach(async () => {
    database = await createEmptyDatabase();
  });
  afterEach(() => database.drop());

  it('brings an empty database to exactly what prisma/schema.prisma describes', async () => {
    expect(await missingFrom(database.url)).toContain('CREATE TABLE "activations"');

    const applied = await migrate({ databaseUrl: database.url });

    expect(applied).toEqual((await readMigrations()).migrationDirectories.map(({ path }) => path));
    expect(await missingFrom(database.url)).toContain('This is an empty migration');
  });

  it('notices a difference between the database and prisma/schema.prisma', async () => {
    await migrate({ databaseUrl: database.url });
    await sql(database.url, 'ALTER TABLE activations DROP COLUMN trace');

    expect(await missingFrom(database.url)).toContain('ADD COLUMN     "trace"');
  });

  it('does nothing the second time', async () => {
    await migrate({ databaseUrl: database.url });

    expect(await migrate({ databaseUrl: database.url })).toEqual([]);
  });

  it('applies each migration once when several processes start together', async () => {
    const applied = await Promise.all([1, 2, 3].map(() => migrate({ databaseUrl: database.url })));

    const rows = await sql(database.url, 'SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL');
    expect(applied.flat()).toHaveLength(rows.length);
  });

  it('refuses a database that a newer version has migrated, and leaves it alone', async () => {
    await migrate({ databaseUrl: database.url });
    await sql(
      database.url,
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
       VALUES ('later', 'x', '29990101000000_from_the_future', now(), 1)`,
    );

    const failure = await migrate({ databaseUrl: database.url }).catch((error: unknown) => error);

    expect(failure).toBeInstanceOf(PonteError);
    expect(failure).toMatchObject({ code: 'database_newer' });
    expect(String(failure)).toContain('29990101000000_from_the_future');
  });

  it('says so when there is no database to reach', async () => {
    await database.drop();

    await expect(migrate({ databaseUrl: database.url })).rejects.toMatchObject({ code: 'database_unreachable' });
  });
});

describe('the database itself', () => {
  it('allows one unfinished activation of an instance, and any number of finished ones', async () => {
    const { url, drop } = await createTestDatabase();
    try {
      await sql(url, `INSERT INTO accounts (id, name, token_hash) VALUES ('acc', 'a', 'h')`);
      await sql(url, `INSERT INTO instances (id, account_id, name, token_hash) VALUES ('ins', 'acc', 'i', 'h')`);
      const activate = (id: string, state: string) =>
        sql(
          url,
          `INSERT INTO activations (id, instance_id, state, request_hash, settings, deadline_at)
           VALUES ($1, 'ins', $2::activation_state, 'r', '{}', now())`,
          [id, state],
        );
      await activate('a1', 'failed');
      await activate('a2', 'succeeded');
      await activate('a3', 'running');

      await expect(activate('a4', 'pending')).rejects.toThrow('activations_one_unfinished_per_instance');
    } finally {
      await drop();
    }
  });
});
