import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadSecrets } from '../../embedded/runner/secrets.ts';
import { readRunnerSettings } from '../../embedded/runner/settings.ts';
import { readDatabaseConfig } from '../../shared/config/config.ts';
import { freePort } from '../support/ports.ts';

describe('what is wrong before anything starts', () => {
  const reason = (env: NodeJS.ProcessEnv) =>
    readRunnerSettings(env).then(
      () => 'nothing',
      (error: Error) => error.message,
    );

  test('is told in one line for each: equal ports, a port that is taken, values that are none', async () => {
    const [one, two] = [String(await freePort()), String(await freePort())];
    expect(await reason({ PORT: one, BRIDGE_PORT: one, WORKER_PORT: two })).toBe(
      `configuration: BRIDGE_PORT must differ from PORT: both are ${one}`,
    );
    expect(await reason({ DATABASE_URL: 'foo', REDIS_URL: 'http://x' })).toMatch(
      /^configuration: DATABASE_URL must be a URL such as .*\n {2}REDIS_URL must be a URL such as .*$/,
    );
    expect(await reason({ LOG_LEVEL: 'loud' })).toBe('configuration: LOG_LEVEL must be trace, debug, info, warn, error or fatal');
    const server = createServer().listen(Number(one));
    await new Promise((resolve) => server.once('listening', resolve));
    expect(await reason({ PORT: two, BRIDGE_PORT: one, WORKER_PORT: String(await freePort()) })).toBe(
      `port ${one} is already in use — stop what listens there, or set BRIDGE_PORT to another port`,
    );
    server.close();
  });
});

describe('a password in an address', () => {
  const passwordIn = (url: string): string =>
    decodeURIComponent(new URL(readDatabaseConfig({ DATABASE_URL: url }).DATABASE_URL).password);

  test.each(['plain', 'p@ss', 'a/b', 'a#b?c', 'a:b@c/d', '[x]{y}|z', 'á ç', '100%', '%zz', '"quoted"', `~!$&'()*+,;=-._`])(
    'may be %j as it is',
    (password) => {
      expect(passwordIn(`postgresql://ponte:${password}@db.example.com:5432/ponte`)).toBe(password);
      expect(passwordIn(`postgresql://ponte:${encodeURIComponent(password)}@db:5432/ponte?sslmode=require`)).toBe(password);
    },
  );

  test('changes nothing else of the address', () => {
    for (const url of ['postgresql://ponte@db/ponte', 'postgresql://db:5432/ponte', 'postgresql://u:p@[::1]:5432/x?a=b'])
      expect(readDatabaseConfig({ DATABASE_URL: url }).DATABASE_URL).toBe(url);
  });
});

describe('the secrets of an installation', () => {
  let dir = '';
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'ponte-secrets-'));
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  test('are made once, and a file that was damaged is told of and never replaced', async () => {
    const file = join(dir, 'secrets.json');
    const made = await loadSecrets(file);
    expect(await loadSecrets(file)).toEqual(made);
    const { BRIDGE_TOKEN, ...rest } = made;
    for (const [text, detail] of [
      [JSON.stringify(rest), 'BRIDGE_TOKEN is missing or wrong'],
      [JSON.stringify(made).slice(0, 50), 'it is not JSON'],
    ] as const) {
      await writeFile(file, text);
      const error: Error = await loadSecrets(file).then(
        () => new Error('was taken'),
        (thrown: Error) => thrown,
      );
      expect(error.message).toContain(detail);
      expect(error.message).not.toContain(made.ENCRYPTION_KEYS);
      expect(await readFile(file, 'utf8')).toBe(text);
    }
    await expect(loadSecrets(join(file, 'secrets.json'))).rejects.toMatchObject({ code: 'embedded_data_unusable' });
  });
});
