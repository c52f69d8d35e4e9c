import { execa } from 'execa';
import { expect, test } from 'vitest';
import { createDatabase } from '../../shared/database/database.ts';
import { projectRoot } from '../../shared/project-root.ts';
import { bundledProgram } from '../support/bundled.ts';
import { createTestDatabase } from '../support/database.ts';
import { ALL_SECRETS, fillWithSecrets, keyring, newKey, readAllSecrets, SECRET } from '../support/secrets-everywhere.ts';

const OLD = newKey('old');
const NEW = newKey('new');

test('ponte keys tells what is under which key, rotates, and says when the old one may go', async ({ onTestFinished }) => {
  const testDatabase = await createTestDatabase();
  const database = createDatabase({ url: testDatabase.url, poolSize: 4 });
  onTestFinished(async () => {
    await database.stop();
    await testDatabase.drop();
  });
  await fillWithSecrets(database.prisma, keyring(OLD), 2);
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
  expect(before).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining(`${2 * ALL_SECRETS.length} are under another key`),
  });
  expect(incomplete).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('lacks this key') });
  expect(await run('rotate', `${NEW},${OLD}`)).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining(`${2 * ALL_SECRETS.length} secrets were put under "new"`),
  });
  expect(await run('status', NEW)).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('Every secret is under "new"') });
  expect(new Set(await readAllSecrets(database.pool, keyring(NEW)))).toEqual(new Set([SECRET]));
});
