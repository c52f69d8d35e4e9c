import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Diagnosis } from '../../shared/contracts/bridge.ts';
import type { ChatwootSimulator } from '../../simulators/chatwoot/index.ts';
import {
  ACCOUNT,
  type BridgeAnswer,
  type BridgeFixture,
  type BridgeUnderTest,
  createBridgeFixture,
} from '../support/bridge-fixture.ts';
import { freePort } from '../support/ports.ts';
import { selfSigned } from '../support/self-signed.ts';

const FOREIGN = 6;
const SUSPENDED = 7;
const WITHOUT_API = 8;
const FULL = 9;
const UNKNOWN_TOKEN = 'thisTokenIsUnknown000001';

describe('what Chatwoot refuses', () => {
  let fixture: BridgeFixture;
  let bridge: BridgeUnderTest;
  let tokens: { admin: string; agent: string; bot: string; platform: string };
  let lastKey = 0;

  beforeAll(async () => {
    fixture = await createBridgeFixture();
    bridge = await fixture.startBridge();
    const { state } = fixture.chatwoot;
    state.addAccount({ id: FOREIGN });
    const admin = state.addUser({
      name: 'Root',
      accounts: [
        { id: ACCOUNT, role: 'administrator' },
        { id: SUSPENDED, role: 'administrator', suspended: true },
        { id: WITHOUT_API, role: 'administrator', apiDisabled: true },
        { id: FULL, role: 'administrator', inboxLimit: 0 },
      ],
    });
    tokens = {
      admin,
      agent: state.addUser({ name: 'Bia', accounts: [{ id: ACCOUNT, role: 'agent' }] }),
      bot: state.addAgentBot({ name: 'Robo', accountId: ACCOUNT }).token,
      platform: state.addPlatformApp(),
    };
  });
  afterAll(() => fixture?.stop());
  afterEach(() => {
    fixture.chatwoot.faults.clear();
    fixture.chatwoot.state.settings.defaultLocale = 'en';
  });

  const activate = (overrides: Record<string, unknown> = {}): Promise<BridgeAnswer> => {
    lastKey += 1;
    return bridge.activate(`act_r${lastKey}`, { instance: `r${lastKey}`, ...overrides });
  };
  const check = (overrides: Record<string, unknown> = {}): Promise<BridgeAnswer> =>
    bridge.call('POST', '/v1/integrations/check', { body: fixture.body(overrides) });

  /** The answer is Chatwoot's refusal as the contract has it, and nothing is left anywhere. */
  async function expectRefusal(
    answer: BridgeAnswer,
    expected: { status: number; body: string; account?: number; diagnosis?: Diagnosis },
  ) {
    const url = `${fixture.chatwootUrl}/api/v1/accounts/${expected.account ?? ACCOUNT}/inboxes`;
    expect(answer.status).toBe(502);
    expect(answer.body.error).toEqual({
      message: `${url} HTTP ${expected.status}: ${expected.body}`,
      upstream: expect.objectContaining({ url, status: expected.status, body: expected.body }),
    });
    expect(answer.body.error?.upstream?.diagnosis).toBe(expected.diagnosis);
    expect(fixture.chatwoot.state.inboxes()).toEqual([]);
    expect(await fixture.database.prisma.bridgeIntegration.count()).toBe(0);
  }

  interface Case {
    readonly name: string;
    readonly overrides: () => Record<string, unknown>;
    readonly status: number;
    readonly body: string;
    readonly account?: number;
    readonly diagnosis?: Diagnosis;
    readonly locale?: string;
  }
  const cases: Case[] = [
    {
      name: 'an unknown token',
      overrides: () => ({ chatwoot_api_token: UNKNOWN_TOKEN }),
      status: 401,
      body: '{"error":"Invalid Access Token"}',
      diagnosis: 'token_invalid',
    },
    {
      name: 'the token of an agent',
      overrides: () => ({ chatwoot_api_token: tokens.agent }),
      status: 401,
      body: '{"error":"You are not authorized to do this action"}',
      diagnosis: 'not_admin',
    },
    {
      name: 'the token of a bot',
      overrides: () => ({ chatwoot_api_token: tokens.bot }),
      status: 401,
      body: '{"error":"Access to this endpoint is not authorized for bots"}',
      diagnosis: 'bot_token',
    },
    {
      name: 'the token of a platform app',
      overrides: () => ({ chatwoot_api_token: tokens.platform }),
      status: 401,
      body: '{"error":"Access to this endpoint is not authorized for bots"}',
      diagnosis: 'bot_token',
    },
    {
      name: 'a foreign account',
      overrides: () => ({ chatwoot_account_id: FOREIGN, chatwoot_api_token: tokens.admin }),
      status: 401,
      body: '{"error":"You are not authorized to access this account"}',
      account: FOREIGN,
      diagnosis: 'not_member',
    },
    {
      name: 'a foreign account, in Portuguese',
      overrides: () => ({ chatwoot_account_id: FOREIGN, chatwoot_api_token: tokens.admin }),
      status: 401,
      body: '{"error":"Você não está autorizado a acessar esta conta"}',
      account: FOREIGN,
      diagnosis: 'not_member',
      locale: 'pt_BR',
    },
    {
      name: 'a suspended account',
      overrides: () => ({ chatwoot_account_id: SUSPENDED, chatwoot_api_token: tokens.admin }),
      status: 401,
      body: '{"error":"Account is suspended"}',
      account: SUSPENDED,
      diagnosis: 'account_suspended',
    },
    {
      name: 'a plan without API',
      overrides: () => ({ chatwoot_account_id: WITHOUT_API, chatwoot_api_token: tokens.admin }),
      status: 403,
      body: '{"error":"API access is not enabled for this account"}',
      account: WITHOUT_API,
      diagnosis: 'api_disabled',
    },
    {
      name: 'an account that does not exist',
      overrides: () => ({ chatwoot_account_id: 4_711, chatwoot_api_token: tokens.admin }),
      status: 404,
      body: '{"error":"Resource could not be found"}',
      account: 4_711,
    },
  ];

  it.each(cases)('is told with its meaning for $name', async (given) => {
    fixture.chatwoot.state.settings.defaultLocale = given.locale ?? 'en';
    await expectRefusal(await activate(given.overrides()), given);
  });

  it.each(cases)('is what a check answers for $name, without asking for an inbox', async (given) => {
    fixture.chatwoot.state.settings.defaultLocale = given.locale ?? 'en';
    fixture.chatwoot.state.clearRequests();
    await expectRefusal(await check(given.overrides()), given);
    expect(fixture.chatwoot.state.countRequests('POST', /./)).toBe(0);
  });

  it('lets a check pass for what would activate, and creates nothing', async () => {
    expect(await check()).toMatchObject({ status: 200, body: { success: true } });
    expect(fixture.chatwoot.state.inboxes()).toEqual([]);
    expect(await fixture.database.prisma.bridgeIntegration.count()).toBe(0);
  });

  it('is told for a full plan and for a name that is too long', async () => {
    const full = await activate({ chatwoot_account_id: FULL, chatwoot_api_token: tokens.admin });
    await expectRefusal(full, {
      status: 402,
      account: FULL,
      body: '{"error":"Account limit exceeded. Upgrade to a higher plan"}',
    });
    const long = await activate({ inbox_name: 'x'.repeat(256) });
    await expectRefusal(long, {
      status: 422,
      body: '{"message":"Name is too long (maximum is 255 characters)","attributes":["name"]}',
    });
  });

  it('is told by its text alone when the profile cannot be had', async () => {
    fixture.chatwoot.faults.add({ path: '/profile', action: { kind: 'status', status: 500 } });
    const answer = await activate({ chatwoot_api_token: tokens.agent });
    expect(answer.body.error?.upstream?.diagnosis).toBe('not_admin');
  });

  const fault = (action: Parameters<ChatwootSimulator['faults']['add']>[0]['action']) =>
    fixture.chatwoot.faults.add({ path: '/inboxes', action });

  it('is known as a header that a proxy drops; ours passes one that drops those with an underscore', async () => {
    const body = '{"errors":["You need to sign in or sign up before continuing."]}';
    const dropped = fault({ kind: 'status', status: 401, body, contentType: 'application/json' });
    await expectRefusal(await activate(), { status: 401, body, diagnosis: 'token_dropped' });
    dropped.clear();
    fault({ kind: 'dropAuthHeader' });
    expect((await check()).status).toBe(200);
  });

  it('does not follow a redirect, and tells where it leads', async () => {
    const location = 'https://chatwoot.example/api/v1/accounts/5/inboxes';
    fault({ kind: 'status', status: 301, body: '', headers: { location } });
    const answer = await activate();
    await expectRefusal(answer, { status: 301, body: '' });
    expect(answer.body.error?.upstream?.location).toBe(location);
  });

  it('passes on when to try again', async () => {
    fault({ kind: 'status', status: 429, body: 'Retry later\n', headers: { 'retry-after': '17' } });
    const answer = await activate();
    await expectRefusal(answer, { status: 429, body: 'Retry later\n' });
    expect(answer.body.error?.upstream?.retry_after_seconds).toBe(17);
    expect(answer.headers.get('retry-after')).toBe('17');
  });

  it.each([
    ['a page', '<!doctype html><title>App</title>', 'text/html'],
    ['a list instead of an inbox', '{"payload":[]}', 'application/json'],
    ['an id that is no number', '{"id":"12"}', 'application/json'],
    ['JSON that is not declared as such', '{"id":12}', 'text/plain'],
  ])('takes %s at 200 for no success', async (_name, body, contentType) => {
    fault({ kind: 'status', status: 200, body, contentType });
    const answer = await activate();
    await expectRefusal(answer, { status: 200, body });
    expect(answer.body.error?.upstream?.content_type).toMatch(contentType);
  });

  it('never shows the token, even if Chatwoot repeats it, and at most 1,000 characters', async () => {
    const body = `{"error":"token ${fixture.adminToken} is wrong ${fixture.adminToken.slice(0, 12)} ${'x'.repeat(2_000)}"}`;
    fault({
      kind: 'status',
      status: 400,
      body,
      contentType: 'application/json',
      headers: { location: `/${fixture.adminToken}` },
    });
    const answer = await activate();
    expect(answer.status).toBe(502);
    expect(JSON.stringify(answer.body)).not.toContain(fixture.adminToken);
    expect(answer.body.error?.upstream?.body).toHaveLength(1_000);
    expect(fixture.log.join()).not.toContain(fixture.adminToken);
  });

  it('reads no more of an answer than it must', async () => {
    fault({ kind: 'status', status: 400, body: 'x'.repeat(40_000_000) });
    const answer = await activate();
    expect(answer.body.error?.upstream).toMatchObject({ status: 400, body: 'x'.repeat(1_000) });
  });
});

describe('a Chatwoot that cannot be reached', () => {
  let fixture: BridgeFixture;
  let bridge: BridgeUnderTest;
  const servers: Server[] = [];
  beforeAll(async () => {
    fixture = await createBridgeFixture();
    bridge = await fixture.startBridge();
  });
  afterAll(async () => {
    for (const server of servers) server.close();
    await fixture?.stop();
  });

  async function listen(server: Server): Promise<number> {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    // A TCP server's address is an object; only pipes have text.
    return (server.address() as AddressInfo).port;
  }
  const answering: RequestListener = (_request, response) => response.end('{}');

  it.each<[string, RegExp, () => Promise<string>]>([
    ['nobody listens', /^ECONNREFUSED$/, async () => `http://127.0.0.1:${await freePort()}`],
    ['the name does not exist', /^(ENOTFOUND|EAI_AGAIN)$/, async () => 'http://chatwoot.invalid'],
    ['it speaks no TLS', /^(EPROTO|ERR_SSL_\w+)$/, async () => `https://127.0.0.1:${await listen(createServer(answering))}`],
    [
      'nobody vouches for its certificate',
      /^DEPTH_ZERO_SELF_SIGNED_CERT$/,
      async () => `https://localhost:${await listen(createTlsServer(selfSigned, answering))}`,
    ],
  ])('is told by the network’s own code when %s, and nothing is left', async (_name, code, address) => {
    const baseUrl = await address();
    const { status, body } = await bridge.activate('act_network', { chatwoot_base_url: baseUrl });
    const url = `${baseUrl}/api/v1/accounts/${ACCOUNT}/inboxes`;
    expect(status).toBe(502);
    expect(body.error?.upstream).toEqual({ method: 'POST', url, network: expect.stringMatching(code) });
    const [network] = [body.error?.upstream?.network ?? ''];
    expect(body.error?.message).toMatch(new RegExp(`^Post "${url}": .*${network}`));
    expect(await fixture.database.prisma.bridgeIntegration.count()).toBe(0);
  });

  it('is bounded by the deadline when it accepts and stays silent', async () => {
    const port = await listen(createTcpServer(() => {}));
    const startedAt = Date.now();
    const answer = await bridge.activate('act_silent', {
      chatwoot_base_url: `http://127.0.0.1:${port}`,
      deadline_at: new Date(Date.now() + 1_000).toISOString(),
    });
    expect(Date.now() - startedAt).toBeLessThan(2_500);
    expect(answer).toMatchObject({ status: 502, body: { error: { upstream: { network: 'timeout' } } } });
  });

  it('is told by how long the new inbox was waited for, also by a repeated call that only looks whether it is there', async () => {
    const port = await listen(createTcpServer(() => {}));
    const within = async (ms: number) =>
      bridge.activate('act_silent_twice', {
        instance: 'silent_twice',
        chatwoot_base_url: `http://127.0.0.1:${port}`,
        deadline_at: new Date(Date.now() + ms).toISOString(),
      });
    const first = await within(1_500);
    expect(first.body.error?.message).toMatch(/^Post ".*\/inboxes": /);
    const second = await within(700);
    expect(second).toMatchObject({ status: 502, body: { error: first.body.error } });
  });
});

describe('the guard against calls into private networks', () => {
  let fixture: BridgeFixture;
  beforeAll(async () => {
    fixture = await createBridgeFixture();
  });
  afterAll(() => fixture?.stop());

  const guarded = (allow: string) => fixture.startBridge({ env: { CHATWOOT_ALLOW_PRIVATE_NETWORK: allow } });
  const port = () => new URL(fixture.chatwootUrl).port;

  it.each(['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '0x7f.1', '10.0.0.1', '169.254.169.254', '0.0.0.0'])(
    'keeps %s away by default, before anything is sent',
    async (host) => {
      const bridge = await guarded('false');
      fixture.chatwoot.state.clearRequests();
      const { status, body } = await bridge.activate('act_ssrf', { chatwoot_base_url: `http://${host}:${port()}` });
      expect({ status, network: body.error?.upstream?.network }).toEqual({ status: 502, network: 'address_forbidden' });
      expect(fixture.chatwoot.state.requests).toEqual([]);
      expect(await fixture.database.prisma.bridgeIntegration.count()).toBe(0);
      await bridge.stop();
    },
  );

  it('lets through what the operator has listed, and nothing else', async () => {
    const bridge = await guarded('127.0.0.0/8,fd00::/8');
    const check = (host: string) =>
      bridge.call('POST', '/v1/integrations/check', { body: fixture.body({ chatwoot_base_url: `http://${host}:${port()}` }) });
    expect((await check('127.0.0.1')).status).toBe(200);
    expect((await check('localhost')).status).toBe(200);
    expect((await check('10.0.0.1')).body.error?.upstream?.network).toBe('address_forbidden');
    expect((await check('[::1]')).body.error?.upstream?.network).toBe('address_forbidden');
  });

  it('stops at the start with a clear line when a listed range is none', async () => {
    await expect(guarded('10.0.0.0/99')).rejects.toThrow(/CHATWOOT_ALLOW_PRIVATE_NETWORK.*10\.0\.0\.0\/99/);
  });
});
