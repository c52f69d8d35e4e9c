import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { bundledProgram } from '../support/bundled.ts';
import { freePort } from '../support/ports.ts';

const ponte = (...args: string[]) =>
  execa(...bundledProgram('cli/main.ts', ...args), { env: { DATABASE_URL: '' }, reject: false });

describe('ponte', () => {
  test('says what there is, and of each part what it does', async () => {
    const all = await ponte('--help');
    const names = [...all.stdout.matchAll(/^ {2}([a-z][a-z-]*) /gm)].map(([, name = '']) => name);
    expect(names).toEqual(
      expect.arrayContaining(
        'start demo api worker bridge migrate account token keys backup restore relay verify move-in simulators version'.split(
          ' ',
        ),
      ),
    );
    const [token, verify] = await Promise.all([ponte('token', '--help'), ponte('help', 'verify')]);
    expect(token.stdout).toMatch(/^Usage: ponte token .*\n\nrenews and revokes tokens[\s\S]* renew [\s\S]* revoke /);
    expect(verify.stdout).toMatch(/^Usage: ponte verify .* <instance>\n\nproves an instance/);
  });

  test('makes secrets that need no quotes anywhere, other ones each time', async () => {
    const [one, two] = await Promise.all([ponte('keys', 'make'), ponte('keys', 'make')]);
    for (const { stdout } of [one, two]) {
      expect(stdout.split('\n').map((line) => line.split('=')[0])).toEqual([
        'POSTGRES_PASSWORD',
        'ENCRYPTION_KEYS',
        'BRIDGE_TOKEN',
        'ADMIN_USER',
        'ADMIN_PASSWORD',
      ]);
      expect(stdout).toMatch(/^[\w:=+/\n]+$/);
    }
    expect(one.stdout).not.toBe(two.stdout);
  });

  test('says in a line what is wrong, and ends with 1', async () => {
    const unknown = await ponte('frobnicate');
    expect([unknown.exitCode, unknown.stderr.split('\n')[0]]).toEqual([1, `error: unknown command 'frobnicate'`]);
    const nowhere = await execa(
      ...bundledProgram('cli/main.ts', 'verify', 'x', '--url', `http://127.0.0.1:${await freePort()}`),
      {
        env: { PONTE_TOKEN: 'some-token' },
        reject: false,
      },
    );
    expect([nowhere.exitCode, nowhere.stderr]).toEqual([
      1,
      expect.stringMatching(/^configuration: PONTE_URL: no Ponte answers at .*ECONNREFUSED/),
    ]);
  });
});
