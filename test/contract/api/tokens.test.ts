import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashToken } from '../../../shared/auth/tokens.ts';
import { createContract } from '../../support/openapi.ts';
import { waitFor } from '../../support/wait-for.ts';
import { call, createHarness, type Harness, newInstance, type RunningApi } from './harness.ts';

const DAY_MS = 86_400_000;
const contract = createContract();

describe('a token that was leaked', () => {
  let harness: Harness;
  let api: RunningApi;
  let other: RunningApi;

  beforeAll(async () => {
    harness = await createHarness('postgres');
    [api, other] = await Promise.all([harness.startApi(), harness.startApi()]);
  });
  afterAll(() => harness.stop());

  /** Also at another api, which has known the token before. */
  const statusOf = async (token: string): Promise<number[]> =>
    Promise.all([api, other].map(async ({ url }) => (await call(url, 'GET', '/api/instance/list', { token })).status));
  const valid = [200, 200];
  const invalid = [401, 401];
  const request = async (method: string, path: string, token: string, body?: unknown) => {
    const answer = await call(api.url, method, path, { token, body });
    expect(contract.faults({ method, path, ...answer })).toEqual([]);
    return answer;
  };

  it('is renewed by its account: both are valid for a day, in every process, and only hashes are stored', async () => {
    const account = await harness.createAccount();
    expect(await statusOf(account.token)).toEqual(valid);
    const { status, body } = await request('POST', '/api/account/token', account.token);
    expect(status).toBe(200);
    expect(body.token).toMatch(/^pta_\w{40}$/);
    expect(Math.abs(Date.parse(body.previous_token_valid_until) - Date.now() - DAY_MS)).toBeLessThan(60_000);
    expect([await statusOf(account.token), await statusOf(body.token)]).toEqual([valid, valid]);
    const row = await harness.prisma.account.findUniqueOrThrow({ where: { id: account.id } });
    expect([row.tokenHash, row.previousTokenHash]).toEqual([hashToken(body.token), hashToken(account.token)]);
    expect(harness.log()).not.toMatch(new RegExp(`${body.token}|${account.token}`));
  });

  it('cannot be renewed by whoever has the old one, nor by that of an instance', async () => {
    const account = await harness.createAccount();
    const instance = await newInstance(api.url, account.token, 'suporte');
    const { body } = await request('POST', '/api/account/token', account.token, { overlapSeconds: 3_600 });
    expect(await request('POST', '/api/account/token', account.token)).toMatchObject({
      status: 403,
      body: { error: { code: 'token_superseded' } },
    });
    for (const [method, path] of [
      ['POST', '/api/account/token'],
      ['POST', '/api/instance/token/suporte'],
      ['DELETE', '/api/instance/token/suporte'],
    ] as const) {
      expect(await request(method, path, instance.token)).toMatchObject({
        status: 403,
        body: { error: { code: 'account_token_required' } },
      });
    }
    expect(await statusOf(body.token)).toEqual(valid);
  });

  it('ends at once with overlapSeconds 0, else when that time is over; one from before ends with the next renewal', async () => {
    const account = await harness.createAccount();
    const now = await request('POST', '/api/account/token', account.token, { overlapSeconds: 0 });
    expect(now.body.previous_token_valid_until).toBeNull();
    expect([await statusOf(account.token), await statusOf(now.body.token)]).toEqual([invalid, valid]);
    const soon = await request('POST', '/api/account/token', now.body.token, { overlapSeconds: 1 });
    await waitFor(async () => (await statusOf(now.body.token)).every((status) => status === 401));
    const later = await request('POST', '/api/account/token', soon.body.token);
    const last = await request('POST', '/api/account/token', later.body.token);
    expect([await statusOf(soon.body.token), await statusOf(later.body.token), await statusOf(last.body.token)]).toEqual([
      invalid,
      valid,
      valid,
    ]);
  });

  it('of an instance is renewed by the account, chosen or made, and the engine has until the old one ends', async () => {
    const account = await harness.createAccount();
    const instance = await newInstance(api.url, account.token, 'suporte');
    const path = '/api/instance/token/suporte';
    const chosen = 'a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6e7';
    const renewed = await request('POST', path, account.token, { token: chosen });
    expect(renewed.body.token).toBe(chosen);
    expect([await statusOf(instance.token), await statusOf(chosen)]).toEqual([valid, valid]);
    const ingest = (token: string) =>
      call(api.url, 'POST', `/api/events/ingest/suporte?token=${token}`, { body: { event: 'message.status', data: {} } });
    expect([(await ingest(instance.token)).status, (await ingest(chosen)).status]).toEqual([400, 400]);
    for (const taken of [chosen, instance.token, account.token]) {
      expect(await request('POST', path, account.token, { token: taken })).toMatchObject({ status: 409 });
      expect(await request('POST', '/api/instance/new', account.token, { name: 'thief', token: taken })).toMatchObject({
        status: 409,
      });
    }
    expect(await request('POST', path, account.token, { overlapSeconds: -1 })).toMatchObject({ status: 400 });
    expect(await request('POST', '/api/instance/token/nobody', account.token)).toMatchObject({ status: 404 });
  });

  it('of an instance is revoked at once, everywhere, until it is given another one', async () => {
    const account = await harness.createAccount();
    const instance = await newInstance(api.url, account.token, 'suporte');
    const path = '/api/instance/token/suporte';
    const second = await request('POST', path, account.token);
    expect((await request('DELETE', path, account.token)).status).toBe(200);
    expect([await statusOf(instance.token), await statusOf(second.body.token)]).toEqual([invalid, invalid]);
    const third = await request('POST', path, account.token);
    expect(third.body.previous_token_valid_until).toBeNull();
    expect([await statusOf(second.body.token), await statusOf(third.body.token)]).toEqual([invalid, valid]);
  });
});
