import { execa } from 'execa';
import type pg from 'pg';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createDatabase, type Database } from '../../../shared/database/database.ts';
import { assertKeysFit } from '../../../shared/encryption/key-check.ts';
import type { Keyring } from '../../../shared/encryption/keyring.ts';
import { countByKey, rotateSecrets } from '../../../shared/encryption/rotation.ts';
import { projectRoot } from '../../../shared/project-root.ts';
import { bundledProgram } from '../../support/bundled.ts';
import { createTestDatabase } from '../../support/database.ts';
import { ALL_SECRETS, fillWithSecrets, keyring, newKey, readAllSecrets, SECRET } from '../../support/secrets-everywhere.ts';

const OLD = newKey('old');
const NEW = newKey('new');
const logger = pino({ level: 'silent' });

let testDatabase: Awaited<ReturnType<typeof createTestDatabase>>;
let database: Database;
beforeEach(async () => {
  testDatabase = await createTestDatabase();
  database = createDatabase({ url: testDatabase.url, poolSize: 4 });
});
afterEach(async () => {
  await database.stop();
  await testDatabase.drop();
});

const fill = (keys: Keyring, count: number) => fillWithSecrets(database.prisma, keys, count);

describe('rotating the keys', () => {
  test('knows every column in which a secret is kept', async () => {
    await fill(keyring(OLD), 1);
    const { rows: columns } = await database.pool.query<{ name: string; table: string; column: string }>(
      `SELECT table_name || '.' || column_name AS name, table_name AS table, column_name AS column FROM information_schema.columns
       WHERE table_schema = 'public' AND data_type IN ('text', 'jsonb', 'character varying')`,
    );
    const holding: string[] = [];
    for (const { name, table, column } of columns) {
      const { rows } = await database.pool.query(`SELECT 1 FROM "${table}" WHERE "${column}"::text ~ 'v1\\.old\\.[\\w-]{16}\\.'`);
      if (rows.length > 0) holding.push(name);
    }
    expect(holding.sort()).toEqual(ALL_SECRETS.map(({ table, column }) => `${table}.${column}`).sort());
    // And none of the schema's envelopes is missing above.
    const { readFile } = await import('node:fs/promises');
    const schema = await readFile(`${projectRoot}/prisma/schema.prisma`, 'utf8');
    expect(
      schema.match(/\w*(?:[tT]oken|[sS]ecret(?:Before)?|webhookKey|deliveryKey|adoptedWebhookUrl|previous)\s+String\??\s/g)
        ?.length,
    ).toBe(ALL_SECRETS.length);
  });

  test('puts every secret under the first key, more than fit one batch, and leaves what it says unchanged', async () => {
    await fill(keyring(OLD), 210);
    const both = keyring(`${NEW},${OLD}`);
    const heard: number[] = [];
    const result = await rotateSecrets({
      pool: database.pool,
      keyring: both,
      columns: ALL_SECRETS,
      onProgress: (_secret, done) => heard.push(done),
    });
    expect(result).toEqual({ reencrypted: 210 * ALL_SECRETS.length, unreadable: [], left: 0 });
    expect(heard.length).toBeGreaterThanOrEqual(2 * ALL_SECRETS.length);
    expect(new Set((await countByKey(database.pool, ALL_SECRETS)).map(({ keyId }) => keyId))).toEqual(new Set(['new']));
    expect(new Set(await readAllSecrets(database.pool, keyring(NEW)))).toEqual(new Set([SECRET]));
    expect(await rotateSecrets({ pool: database.pool, keyring: both, columns: ALL_SECRETS })).toMatchObject({
      reencrypted: 0,
      left: 0,
    });
  });

  test('never overwrites what somebody writes meanwhile', async () => {
    const [id = ''] = await fill(keyring(OLD), 120);
    const both = keyring(`${NEW},${OLD}`);
    const context = { purpose: 'engine-token', owner: id } as const;
    let wrote = false;
    const pool = {
      query: async (sql: string, values: unknown[]) => {
        // Between the look and the write of the first batch somebody changes the secret.
        if (!wrote && sql.startsWith('UPDATE instances')) {
          wrote = true;
          const fresh = keyring(OLD).encrypt('changed meanwhile', context);
          await database.pool.query('UPDATE instances SET engine_token = $1 WHERE id = $2', [fresh, id]);
        }
        return database.pool.query(sql, values);
      },
    } as unknown as pg.Pool; // all that the rotation uses of it
    const result = await rotateSecrets({ pool, keyring: both, columns: ALL_SECRETS });
    expect(wrote).toBe(true);
    expect(result).toMatchObject({ unreadable: [], left: 0 });
    const row = await database.prisma.instance.findUniqueOrThrow({ where: { id } });
    expect(both.isCurrent(row.engineToken ?? '')).toBe(true);
    expect(both.decrypt(row.engineToken ?? '', context)).toBe('changed meanwhile');
  });

  test('leaves a secret that cannot be read as it is, names it, and goes on with the others', async () => {
    const [id = ''] = await fill(keyring(OLD), 3);
    const { engineToken } = await database.prisma.instance.findFirstOrThrow({ where: { id: { not: id } } });
    await database.prisma.instance.update({ where: { id }, data: { engineToken } });
    const result = await rotateSecrets({ pool: database.pool, keyring: keyring(`${NEW},${OLD}`), columns: ALL_SECRETS });
    expect(result).toMatchObject({ reencrypted: 3 * ALL_SECRETS.length - 1, left: 1, unreadable: [{ table: 'instances', id }] });
    expect((await database.prisma.instance.findUniqueOrThrow({ where: { id } })).engineToken).toBe(engineToken);
  });
});

describe('trying the keys at the start', () => {
  const check = (keys: string) => assertKeysFit({ pool: database.pool, keyring: keyring(keys), columns: ALL_SECRETS, logger });

  test('passes on an empty database and where every key is there', async () => {
    await check(NEW);
    await fill(keyring(OLD), 2);
    await check(`${NEW},${OLD}`);
  });

  test('names the key that is missing, and one that is not what it was', async () => {
    await fill(keyring(OLD), 2);
    await fill(keyring(NEW), 2);
    await expect(check(NEW)).rejects.toMatchObject({ code: 'encryption_key_missing', message: expect.stringContaining('"old"') });
    await expect(check(`${newKey('old')},${NEW}`)).rejects.toMatchObject({
      code: 'decryption_failed',
      message: expect.stringContaining('"old"'),
    });
  });

  test('has api, worker and bridge say so in one line instead of starting', async () => {
    await fill(keyring(OLD), 1);
    const env = {
      DATABASE_URL: testDatabase.url,
      ENCRYPTION_KEYS: NEW,
      BRIDGE_TOKEN: 'a-token-of-the-bridge',
      BRIDGE_URL: 'http://127.0.0.1:9',
      PATH: process.env.PATH ?? '',
    };
    const names = ['api', 'worker', 'bridge'];
    const ends = await Promise.all(
      names.map((name) =>
        execa(...bundledProgram(`${name}/main.ts`), {
          cwd: projectRoot,
          env,
          extendEnv: false,
          reject: false,
          timeout: 60_000,
        }),
      ),
    );
    expect(ends.map(({ exitCode, stderr }) => ({ exitCode, said: stderr.trim() }))).toEqual(
      names.map((name) => ({
        exitCode: 1,
        said: `${name}: a stored secret was encrypted with key "old", which ENCRYPTION_KEYS does not hold — add that key back`,
      })),
    );
  });
});
