import { randomBytes } from 'node:crypto';
import { execa } from 'execa';
import type pg from 'pg';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAccount } from '../../../api/accounts/create-account.ts';
import { createId } from '../../../shared/auth/tokens.ts';
import { createDatabase, type Database } from '../../../shared/database/database.ts';
import { assertKeysFit } from '../../../shared/encryption/key-check.ts';
import { createKeyring, type Keyring } from '../../../shared/encryption/keyring.ts';
import { parseKeys } from '../../../shared/encryption/keys.ts';
import { countByKey, rotateSecrets } from '../../../shared/encryption/rotation.ts';
import { apiSecrets, bridgeSecrets } from '../../../shared/encryption/secret-columns.ts';
import { projectRoot } from '../../../shared/project-root.ts';
import { bundledProgram } from '../../support/bundled.ts';
import { createTestDatabase } from '../../support/database.ts';

const newKey = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;
const OLD = newKey('old');
const NEW = newKey('new');
const logger = pino({ level: 'silent' });

function keyring(text: string): Keyring {
  const parsed = parseKeys(text);
  if ('fault' in parsed) throw new Error(parsed.fault);
  return createKeyring(parsed.keys);
}

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

const SECRET = 'the-secret-of-a-customer';

/** Instances with one secret in every place where there can be one. */
async function fill(keys: Keyring, count: number): Promise<string[]> {
  const { prisma } = database;
  const account = await createAccount(prisma, `a-${randomBytes(4).toString('hex')}`);
  const ids = Array.from({ length: count }, () => createId('ins'));
  const seal = (purpose: Parameters<Keyring['encrypt']>[1]['purpose'], owner: string) => keys.encrypt(SECRET, { purpose, owner });
  const chatwoot = { chatwootBaseUrl: 'https://c.example.com', chatwootAccountId: 1 };
  const flags = { signMessages: false, ignoreGroups: false, startAsPending: false, reopenResolved: false };
  await prisma.instance.createMany({
    data: ids.map((id) => ({
      id,
      accountId: account.id,
      name: id,
      tokenHash: id,
      engineUrl: 'http://e',
      engineToken: seal('engine-token', id),
      engineSecret: seal('engine-secret', id),
      deliveryKey: seal('engine-delivery-key', id),
      deliveryKeyHash: id,
    })),
  });
  await prisma.engineWebhook.createMany({
    data: ids.map((instanceId) => ({
      id: createId('ewh'),
      instanceId,
      accountId: account.id,
      engineKind: 'evolution',
      engineUrl: 'http://e',
      engineName: instanceId,
      engineToken: seal('engine-token', instanceId),
      engineSecret: seal('engine-secret', instanceId),
      deliveryKey: seal('engine-delivery-key', instanceId),
      deliveryKeyHash: instanceId,
      previous: seal('engine-webhook-before', instanceId),
    })),
  });
  await prisma.notificationEndpoint.createMany({
    data: ids.map((id) => ({
      id,
      accountId: account.id,
      secret: seal('notification-secret', id),
      previousSecret: seal('notification-secret', id),
    })),
  });
  await prisma.activation.createMany({
    data: ids.map((instanceId) => ({
      id: createId('act'),
      instanceId,
      requestHash: 'h',
      settings: {},
      deadlineAt: new Date(),
      chatwootToken: seal('chatwoot-token', instanceId),
    })),
  });
  await prisma.chatwootIntegration.createMany({
    data: ids.map((instanceId) => ({
      id: createId('int'),
      instanceId,
      bridgeIntegrationId: instanceId,
      ...chatwoot,
      ...flags,
      chatwootInboxName: 'i',
      activationId: 'act_x',
      chatwootToken: seal('chatwoot-token', instanceId),
    })),
  });
  await prisma.bridgeIntegration.createMany({
    data: ids.map((instanceId) => {
      const id = createId('int');
      return {
        id,
        instanceId,
        instanceName: 'i',
        idempotencyKey: id,
        ryzeapiUrl: 'http://a',
        ...chatwoot,
        ...flags,
        inboxName: 'i',
        webhookKeyHash: id,
        chatwootToken: seal('bridge-chatwoot-token', instanceId),
        webhookKey: seal('bridge-webhook-key', id),
        webhookSecret: seal('bridge-webhook-secret', id),
        webhookSecretBefore: seal('bridge-webhook-secret', id),
        adoptedWebhookUrl: seal('bridge-webhook-before', id),
      };
    }),
  });
  return ids;
}

const ALL = [...apiSecrets, ...bridgeSecrets];

/** Every secret there is, in the clear; throws where one cannot be read. */
async function readAll(keys: Keyring): Promise<string[]> {
  const texts: string[] = [];
  for (const { table, column, owner, purpose } of ALL) {
    const { rows } = await database.pool.query<{ owner: string; envelope: string }>(
      `SELECT ${owner} AS owner, ${column} AS envelope FROM ${table} WHERE ${column} <> ''`,
    );
    texts.push(...rows.map((row) => keys.decrypt(row.envelope, { purpose, owner: row.owner })));
  }
  return texts;
}

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
    expect(holding.sort()).toEqual(ALL.map(({ table, column }) => `${table}.${column}`).sort());
    // And none of the schema's envelopes is missing above.
    const { readFile } = await import('node:fs/promises');
    const schema = await readFile(`${projectRoot}/prisma/schema.prisma`, 'utf8');
    expect(
      schema.match(/\w*(?:[tT]oken|[sS]ecret(?:Before)?|webhookKey|deliveryKey|adoptedWebhookUrl|previous)\s+String\??\s/g)
        ?.length,
    ).toBe(ALL.length);
  });

  test('puts every secret under the first key, more than fit one batch, and leaves what it says unchanged', async () => {
    await fill(keyring(OLD), 250);
    const both = keyring(`${NEW},${OLD}`);
    const heard: number[] = [];
    const result = await rotateSecrets({
      pool: database.pool,
      keyring: both,
      columns: ALL,
      onProgress: (_secret, done) => heard.push(done),
    });
    expect(result).toEqual({ reencrypted: 250 * ALL.length, unreadable: [], left: 0 });
    expect(heard.length).toBeGreaterThanOrEqual(2 * ALL.length);
    expect(new Set((await countByKey(database.pool, ALL)).map(({ keyId }) => keyId))).toEqual(new Set(['new']));
    expect(new Set(await readAll(keyring(NEW)))).toEqual(new Set([SECRET]));
    expect(await rotateSecrets({ pool: database.pool, keyring: both, columns: ALL })).toMatchObject({ reencrypted: 0, left: 0 });
  });

  test('never overwrites what somebody writes meanwhile', async () => {
    const [id = ''] = await fill(keyring(OLD), 300);
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
    const result = await rotateSecrets({ pool, keyring: both, columns: ALL });
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
    const result = await rotateSecrets({ pool: database.pool, keyring: keyring(`${NEW},${OLD}`), columns: ALL });
    expect(result).toMatchObject({ reencrypted: 3 * ALL.length - 1, left: 1, unreadable: [{ table: 'instances', id }] });
    expect((await database.prisma.instance.findUniqueOrThrow({ where: { id } })).engineToken).toBe(engineToken);
  });
});

describe('trying the keys at the start', () => {
  const check = (keys: string) => assertKeysFit({ pool: database.pool, keyring: keyring(keys), columns: ALL, logger });

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

test('ponte keys tells what is under which key, rotates, and says when the old one may go', async () => {
  await fill(keyring(OLD), 2);
  const optionsOf = (keys: string) => ({
    cwd: projectRoot,
    env: { DATABASE_URL: testDatabase.url, ENCRYPTION_KEYS: keys },
    reject: false,
    timeout: 30_000,
  });
  const run = (command: string, keys: string) => execa(...bundledProgram('cli/main.ts', 'keys', command), optionsOf(keys));
  const [before, incomplete, another] = await Promise.all([
    execa('npm', ['run', '--silent', 'keys', '--', 'status'], optionsOf(`${NEW},${OLD}`)),
    run('status', NEW),
    run('status', `${NEW},${newKey('old')}`),
  ]);
  // Other bytes under the same name.
  expect(another).toMatchObject({
    exitCode: 1,
    stdout: expect.stringContaining('under "old"  <- this is another key of the same name'),
  });
  for (const { stdout } of [another, incomplete]) expect(stdout).toMatch(/What is marked cannot be read with these keys: .*$/);
  expect(before).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(`${2 * ALL.length} are under another key`) });
  expect(incomplete).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('lacks this key') });
  expect(await run('rotate', `${NEW},${OLD}`)).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining(`${2 * ALL.length} secrets were put under "new"`),
  });
  expect(await run('status', NEW)).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('Every secret is under "new"') });
  expect(new Set(await readAll(keyring(NEW)))).toEqual(new Set([SECRET]));
});
