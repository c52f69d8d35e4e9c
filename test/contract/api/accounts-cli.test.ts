import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundledProgram } from '../../support/bundled.ts';
import { createEmptyDatabase } from '../../support/database.ts';
import { call, createHarness, type Harness } from './harness.ts';

const account = (databaseUrl: string, ...args: string[]) =>
  execa(...bundledProgram('cli/main.ts', 'account', ...args), {
    env: { DATABASE_URL: databaseUrl },
    reject: false,
  });

describe('ponte account', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await createHarness('postgres');
  });
  afterAll(() => harness.stop());

  it('makes an account and prints a TokenAccount that works; the list never shows it', async () => {
    const created = await account(harness.databaseUrl, 'create', 'Orion Ltda');
    expect(created.exitCode).toBe(0);
    const [token] = /pta_\w{40}/.exec(created.stdout) ?? [];
    const api = await harness.startApi();
    expect((await call(api.url, 'GET', '/api/instance/list', { token: token ?? '' })).status).toBe(200);
    const listed = await account(harness.databaseUrl, 'list');
    expect(listed.stdout).toContain('Orion Ltda');
    expect(listed.stdout).not.toContain('pta_');
  });

  it('says in one line why not: a name that is taken, a database without tables', async () => {
    const empty = await createEmptyDatabase();
    await harness.createAccount('twice');
    const again = await account(harness.databaseUrl, 'create', 'twice');
    expect(again).toMatchObject({ exitCode: 1, stderr: 'an account named twice already exists — choose another name' });
    const outdated = await account(empty.url, 'list');
    expect(outdated.exitCode).toBe(1);
    expect(outdated.stderr).toMatch(/^the database lacks .* — run `npm run migrate`, or `ponte migrate` in the image$/);
    await empty.drop();
  });
});
