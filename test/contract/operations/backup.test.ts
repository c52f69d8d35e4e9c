import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readTables } from '../../../scripts/backup/tables.ts';
import { bundledProgram } from '../../support/bundled.ts';
import { createEmptyDatabase, createTestDatabase } from '../../support/database.ts';

/** What ends rows, fields and values in the text of COPY, and what PostgreSQL knows besides text. */
const AWKWARD = ['\\.', 'a\nb\r\nc', 'tab\there', '\\N', '\\', '', '"', 'ç 🙂', '{"a":"\\u0041"}'];

let dir = '';
const databases: { url: string; drop(): Promise<void> }[] = [];
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ponte-backup-'));
});
afterAll(async () => {
  await Promise.all(databases.map((database) => database.drop()));
  await rm(dir, { recursive: true, force: true });
});

async function emptyDatabase(): Promise<string> {
  const database = await createEmptyDatabase();
  databases.push(database);
  return database.url;
}

async function withClient<T>(url: string, run: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await run(client);
  } finally {
    await client.end();
  }
}

/** Every row of every table of Ponte, as text. */
const rowsOf = (url: string): Promise<Record<string, string[]>> =>
  withClient(url, async (client) => {
    const found: Record<string, string[]> = {};
    for (const { name } of await readTables(client)) {
      const { rows } = await client.query<{ row: string }>(`SELECT t::text AS row FROM "${name}" t ORDER BY 1`);
      found[name] = rows.map(({ row }) => row);
    }
    return found;
  });

const ponte = (url: string, ...args: string[]) =>
  execa(...bundledProgram('cli/main.ts', ...args), { env: { DATABASE_URL: url }, reject: false });

describe('ponte backup and ponte restore', () => {
  let source = '';
  let whole = '';
  beforeAll(async () => {
    const database = await createTestDatabase();
    databases.push(database);
    source = database.url;
    whole = join(dir, 'whole');
    await withClient(source, async (client) => {
      for (const [index, text] of AWKWARD.entries()) {
        await client.query('INSERT INTO accounts (id, name, token_hash) VALUES ($1, $2, $3)', [
          `acc_${index}`,
          text,
          `hash_${index}`,
        ]);
        await client.query('INSERT INTO instances (id, account_id, name, token_hash) VALUES ($1, $2, $3, $4)', [
          `ins_${index}`,
          `acc_${index}`,
          'suporte',
          `own_${index}`,
        ]);
      }
      await client.query(
        `INSERT INTO bridge_locks (instance_id, owner, until) VALUES ('ins_0', 'a', now()), ('ins_1', 'b', now())`,
      );
    });
    const made = await ponte(source, 'backup', whole);
    expect(made).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(`${whole}: `) });
  });

  test('bring every row back into an empty database, whatever it holds, and count on from where it was', async () => {
    const target = await emptyDatabase();
    expect(await ponte(target, 'restore', whole)).toMatchObject({ exitCode: 0, stderr: '' });
    const rows = await rowsOf(target);
    expect(rows).toEqual(await rowsOf(source));
    expect(rows.accounts).toHaveLength(AWKWARD.length);
    const fences = await withClient(target, (client) =>
      client.query(`INSERT INTO bridge_locks (instance_id, owner, until) VALUES ('ins_2', 'c', now()) RETURNING fence`),
    );
    expect(fences.rows).toEqual([{ fence: '3' }]);
    // What is there now is left alone.
    const again = await ponte(target, 'restore', whole);
    expect([again.exitCode, again.stderr]).toEqual([
      1,
      expect.stringMatching(/^the database is not empty \(it has rows in accounts\) — /),
    ]);
  });

  test('restore all of a backup or nothing: one that was cut off, or is none, leaves a database for the next try', async () => {
    const target = await emptyDatabase();
    const bytes = await readFile(whole);
    const cut = join(dir, 'cut');
    for (const content of [bytes.subarray(0, bytes.length - 20), Buffer.from('no gzip')]) {
      await writeFile(cut, content);
      const refused = await ponte(target, 'restore', cut);
      expect([refused.exitCode, refused.stderr]).toEqual([
        1,
        expect.stringMatching(/^the backup \S+ cannot be restored: .+ — nothing was restored/),
      ]);
    }
    expect((await ponte(target, 'restore', join(dir, 'nowhere'))).stderr).toContain('ENOENT');
    expect((await ponte(target, 'restore', whole)).exitCode).toBe(0);
    expect(await rowsOf(target)).toEqual(await rowsOf(source));
  });

  test('make a file for its owner’s eyes, and never write over one', async () => {
    expect((await stat(whole)).mode & 0o777).toBe(0o600);
    const before = await readFile(whole);
    expect(await ponte(source, 'backup', whole)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('it is there already'),
    });
    expect(await readFile(whole)).toEqual(before);
    expect((await ponte(source, 'backup', join(dir, 'no', 'such', 'folder'))).exitCode).toBe(1);
  });
});
