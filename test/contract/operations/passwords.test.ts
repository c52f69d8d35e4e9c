import { randomBytes } from 'node:crypto';
import { execa } from 'execa';
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { bundledProgram } from '../../support/bundled.ts';
import { createTestDatabase } from '../../support/database.ts';

const PASSWORD = `p@ss/w:rd?#%41 [ç]'"\\&=+`;
const role = `role_${randomBytes(6).toString('hex')}`;

let database: Awaited<ReturnType<typeof createTestDatabase>>;
const asAdmin = async (...statements: string[]): Promise<void> => {
  const client = new pg.Client({ connectionString: inject('postgres').adminUrl });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
};
beforeAll(async () => {
  database = await createTestDatabase();
  await asAdmin(`CREATE ROLE ${role} LOGIN SUPERUSER PASSWORD ${pg.escapeLiteral(PASSWORD)}`);
});
afterAll(async () => {
  await database.drop();
  await asAdmin(`DROP ROLE ${role}`);
});

test('a password of PostgreSQL may have any character, apart from the address as the compose file gives it, and in it', async () => {
  const { host, pathname } = new URL(database.url);
  const migrate = (env: Record<string, string>) => execa(...bundledProgram('cli/main.ts', 'migrate'), { env, reject: false });
  const ready = { exitCode: 0, stdout: `${host}${pathname}: up to date` };
  const raw = PASSWORD.replace('%41', '%2541');
  const [apart, inside, wrong] = await Promise.all([
    migrate({ DATABASE_URL: `postgresql://${role}@${host}${pathname}`, PGPASSWORD: PASSWORD }),
    migrate({ DATABASE_URL: `postgresql://${role}:${raw}@${host}${pathname}` }),
    migrate({ DATABASE_URL: `postgresql://${role}:x${raw}@${host}${pathname}` }),
  ]);
  expect(apart).toMatchObject(ready);
  expect(inside).toMatchObject(ready);
  expect(wrong).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('password authentication failed') });
  expect(wrong.stderr).not.toContain(PASSWORD.slice(0, 8));
});
