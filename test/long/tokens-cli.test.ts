import { execa } from 'execa';
import { expect, it } from 'vitest';
import { call, createHarness, newInstance } from '../contract/api/harness.ts';
import { bundledProgram } from '../support/bundled.ts';

it('a token that was leaked is renewed and revoked on the command line as well, where the list says how things stand', async ({
  onTestFinished,
}) => {
  const harness = await createHarness('postgres');
  onTestFinished(() => harness.stop());
  const [api, other] = await Promise.all([harness.startApi(), harness.startApi()]);
  /** Also at another api, which has known the token before. */
  const statusOf = async (token: string): Promise<number[]> =>
    Promise.all([api, other].map(async ({ url }) => (await call(url, 'GET', '/api/instance/list', { token })).status));
  const valid = [200, 200];
  const invalid = [401, 401];

  const account = await harness.createAccount('Orion');
  const instance = await newInstance(api.url, account.token, 'suporte');
  const run = (...args: string[]) =>
    execa(...bundledProgram('cli/main.ts', ...args), { env: { DATABASE_URL: harness.databaseUrl }, reject: false });
  const renewed = await run('token', 'renew', 'Orion', '--overlap-seconds', '3600');
  const [token = ''] = /pta_\w{40}/.exec(renewed.stdout) ?? [];
  expect([await statusOf(account.token), await statusOf(token)]).toEqual([valid, valid]);
  expect((await run('account', 'list')).stdout).toMatch(/Orion {2}token renewed, the old one ends 20/);
  const ofInstance = await run('token', 'renew', 'Orion', 'suporte', '--overlap-seconds', '0');
  expect([await statusOf(instance.token), await statusOf(/pti_\w{40}/.exec(ofInstance.stdout)?.[0] ?? '')]).toEqual([
    invalid,
    valid,
  ]);
  expect((await run('token', 'revoke', 'Orion', 'suporte')).exitCode).toBe(0);
  expect((await run('account', 'list', 'Orion')).stdout).toMatch(/suporte {2}token revoked 20/);
  expect((await run('token', 'revoke', 'Orion')).exitCode).toBe(0);
  expect([await statusOf(account.token), await statusOf(token)]).toEqual([invalid, invalid]);
  expect(await run('token', 'renew', 'Nobody')).toMatchObject({ exitCode: 1, stderr: 'there is no account of this name' });
});
