import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { missingSql } from '../../scripts/migrations/missing-sql.ts';
import { createSchemaEngine } from '../../scripts/migrations/schema-engine.ts';
import { migrate, readMigrations } from '../../shared/database/migrate.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import { projectRoot } from '../../shared/project-root.ts';
import { createEmptyDatabase, createTestDatabase } from '../support/database.ts';
import { waitFor } from '../support/wait-for.ts';

async function sql(url: string, text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text, values)).rows;
  } finally {
    await client.end();
  }
}

/** The columns, types, defaults, constraints and indexes of every table, and the values of every enum, as PostgreSQL tells them. */
async function structureOf(url: string): Promise<unknown> {
  const [columns, constraints, indexes, enums] = await Promise.all([
    sql(
      url,
      `SELECT c.relname, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull, pg_get_expr(d.adbin, d.adrelid) AS preset
         FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid AND c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'S', 'v')
         LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum WHERE a.attnum > 0 ORDER BY 1, 2`,
    ),
    sql(
      url,
      `SELECT conrelid::regclass::text AS tab, conname, pg_get_constraintdef(oid) AS definition FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2`,
    ),
    sql(url, `SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1, 2`),
    sql(url, 'SELECT enumtypid::regtype::text AS type, enumlabel, enumsortorder FROM pg_enum ORDER BY 1, 3'),
  ]);
  return { columns, constraints, indexes, enums };
}

const historyOf = (url: string) =>
  sql(
    url,
    `SELECT migration_name, checksum, logs, rolled_back_at, applied_steps_count, length(id) AS id, finished_at >= started_at AS finished
       FROM _prisma_migrations ORDER BY started_at`,
  );

/** What `prisma migrate deploy` does, by its own engine. */
async function migrateByPrisma(databaseUrl: string): Promise<string[]> {
  const baseDir = join(projectRoot, 'prisma', 'migrations');
  const lockfile = join(baseDir, 'migration_lock.toml');
  const { engine, close } = await createSchemaEngine(databaseUrl);
  try {
    const { appliedMigrationNames } = await engine.applyMigrations({
      migrationsList: {
        baseDir,
        lockfile: { path: lockfile, content: await readFile(lockfile, 'utf8') },
        shadowDbInitScript: '',
        migrationDirectories: (await readMigrations()).map(({ name, script }) => ({
          path: name,
          migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: script } },
        })),
      },
      filters: { externalTables: [], externalEnums: [] },
    });
    return appliedMigrationNames;
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

  /** As `migrate` has left it, in a twentieth of the time. */
  async function takeMigrated(): Promise<void> {
    await database.drop();
    database = await createTestDatabase();
  }

  it('brings an empty database to exactly what prisma/schema.prisma describes', async () => {
    expect(await missingSql(database.url)).toContain('CREATE TABLE "activations"');

    const applied = await migrate({ databaseUrl: database.url });

    expect(applied).toEqual((await readMigrations()).map(({ name }) => name));
    expect(await missingSql(database.url)).toBeUndefined();
  });

  it('leaves a database that cannot be told from one that Prisma has migrated, so that either can follow the other', async () => {
    const theirs = await createEmptyDatabase();
    try {
      expect(await migrate({ databaseUrl: database.url })).toEqual(await migrateByPrisma(theirs.url));

      const structure = await structureOf(database.url);
      expect(structure).toEqual(await structureOf(theirs.url));
      expect(JSON.stringify(structure)).toContain('activations_one_unfinished_per_instance');
      const history = await historyOf(database.url);
      expect(history).toEqual(await historyOf(theirs.url));
      expect(history.every(({ finished }) => finished === true)).toBe(true);
      expect([await migrateByPrisma(database.url), await migrate({ databaseUrl: theirs.url })]).toEqual([[], []]);
    } finally {
      await theirs.drop();
    }
  });

  it('notices a difference between the database and prisma/schema.prisma', async () => {
    await takeMigrated();
    await sql(database.url, 'ALTER TABLE activations DROP COLUMN trace');

    expect(await missingSql(database.url)).toContain('ADD COLUMN     "trace"');
  });

  /** One migration is still to be applied, and what it makes is there already. */
  async function migrateUpToAnObstacle(): Promise<string> {
    await takeMigrated();
    const name = '20261122013000_relay_last_conversation';
    expect(await sql(database.url, 'DELETE FROM _prisma_migrations WHERE migration_name = $1 RETURNING id', [name])).toHaveLength(
      1,
    );
    return name;
  }
  const removeObstacle = () => sql(database.url, 'DROP INDEX bridge_messages_integration_id_chat_created_at_idx');

  it('undoes a migration that fails, notes why, says so, and tries it again the next time', async () => {
    const pending = await migrateUpToAnObstacle();
    const before = await structureOf(database.url);

    const failure = await migrate({ databaseUrl: database.url }).catch((error: unknown) => error);

    expect(failure).toBeInstanceOf(PonteError);
    expect(failure).toMatchObject({ code: 'migration_failed' });
    expect(String(failure)).toMatch(new RegExp(`${pending} failed .* already exists`));
    expect(await structureOf(database.url)).toEqual(before);
    const noted = `SELECT logs, rolled_back_at IS NOT NULL AS undone, finished_at FROM _prisma_migrations WHERE migration_name = '${pending}'`;
    expect(await sql(database.url, noted)).toEqual([
      { logs: expect.stringContaining('already exists (42P07)'), undone: true, finished_at: null },
    ]);

    await removeObstacle();
    expect(await migrate({ databaseUrl: database.url })).toEqual([pending]);
    expect(await missingSql(database.url)).toBeUndefined();
    expect(await migrateByPrisma(database.url)).toEqual([]);
  });

  it('applies nothing after one that has failed', async () => {
    await sql(database.url, 'CREATE TYPE relay_direction AS ENUM ()');
    const [first = '', second = ''] = (await readMigrations()).map(({ name }) => name);

    await expect(migrate({ databaseUrl: database.url })).rejects.toThrow(second);

    expect(await sql(database.url, 'SELECT migration_name AS name FROM _prisma_migrations ORDER BY started_at')).toEqual(
      [first, second].map((name) => ({ name })),
    );
  });

  it('leaves nothing behind when its process dies in the middle of a migration', async () => {
    const pending = await migrateUpToAnObstacle();
    await removeObstacle();
    const history = await historyOf(database.url);
    const blocker = new pg.Client({ connectionString: database.url });
    await blocker.connect();
    try {
      await blocker.query('BEGIN; LOCK TABLE bridge_messages');
      const migrating = migrate({ databaseUrl: database.url }).catch((error: unknown) => error);
      await waitFor(async () => {
        const ended = await sql(
          database.url,
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%bridge_messages%'`,
        );
        return ended.length === 1;
      });
      expect(await migrating).toMatchObject({ code: 'migration_failed' });
    } finally {
      await blocker.end();
    }

    expect(await historyOf(database.url)).toEqual(history);
    expect(await migrate({ databaseUrl: database.url })).toEqual([pending]);
  });

  it('refuses to go on after a migration that another tool has left half-done', async () => {
    const pending = await migrateUpToAnObstacle();
    await sql(
      database.url,
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, logs) VALUES ('theirs', 'x', $1, 'out of disk')`,
      [pending],
    );

    await expect(migrate({ databaseUrl: database.url })).rejects.toMatchObject({
      code: 'migration_unfinished',
      message: expect.stringMatching(`${pending}.*out of disk`),
    });
  });

  it('refuses a database that was made with another script, but not one that differs in its line ends', async () => {
    await takeMigrated();
    const [first] = await readMigrations();
    const change = (script: string) =>
      sql(database.url, 'UPDATE _prisma_migrations SET checksum = $1 WHERE migration_name = $2', [
        createHash('sha256').update(script).digest('hex'),
        first?.name,
      ]);

    await change(first?.script.replaceAll('\n', '\r\n') ?? '');
    expect(await migrate({ databaseUrl: database.url })).toEqual([]);
    await change(`${first?.script}-- edited`);
    await expect(migrate({ databaseUrl: database.url })).rejects.toMatchObject({
      code: 'migration_edited',
      message: expect.stringContaining(first?.name ?? ''),
    });
  });

  it('refuses a database that holds something else, and leaves it alone', async () => {
    await sql(database.url, 'CREATE TABLE conversations (id int)');

    await expect(migrate({ databaseUrl: database.url })).rejects.toMatchObject({
      code: 'database_foreign',
      message: expect.stringContaining('conversations'),
    });
    expect(await sql(database.url, `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`)).toHaveLength(1);
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
    await takeMigrated();
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

describe('what an earlier version has noted', () => {
  it('of conversations and of people is where this one looks for it', async () => {
    const { url, drop } = await createTestDatabase();
    try {
      await sql(
        url,
        `INSERT INTO bridge_integrations (id, instance_id, instance_name, idempotency_key, state, ryzeapi_url, chatwoot_base_url,
           chatwoot_account_id, chatwoot_token, inbox_name, sign_messages, ignore_groups, start_as_pending, reopen_resolved,
           webhook_key_hash, webhook_key, updated_at)
         VALUES ('int', 'ins', 'i', 'k', 'active', '', '', 1, '', '', false, false, false, false, 'h', 'k', now())`,
      );
      await sql(
        url,
        `INSERT INTO bridge_messages (integration_id, whatsapp_id, direction, chat, conversation_id, chatwoot_message_id)
         VALUES ('int', 'a', 'to_chatwoot', '551188887777', 3, 1), ('int', 'b', 'to_whatsapp', '551188887777', 3, 2),
                ('int', 'c', 'to_whatsapp', '7@lid', 4, 3)`,
      );
      await sql(
        url,
        `INSERT INTO bridge_contacts (integration_id, address, contact_id, source_id, updated_at)
         VALUES ('int', '5511988887777', 9, '551188887777', now()), ('int', '7@lid', 9, '551188887777', now()), ('int', '8@lid', 5, '8@lid', now())`,
      );
      const { script } = (await readMigrations()).find(({ name }) => name.endsWith('_recipients')) ?? { script: '' };
      for (const [statement] of script.matchAll(/^INSERT[^;]*;/gm)) await sql(url, statement);

      expect(
        await sql(
          url,
          'SELECT conversation_id, reply_to, wrote_at IS NOT NULL AS wrote FROM bridge_conversation_addresses ORDER BY 1',
        ),
      ).toEqual([
        { conversation_id: 3, reply_to: '551188887777', wrote: true },
        { conversation_id: 4, reply_to: '7@lid', wrote: false },
      ]);
      expect(await sql(url, 'SELECT instance_id, lid, number FROM bridge_lids')).toEqual([
        { instance_id: 'ins', lid: '7@lid', number: '5511988887777' },
      ]);
    } finally {
      await drop();
    }
  });
});
