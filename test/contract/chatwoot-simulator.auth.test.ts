import { describe, expect, it } from 'vitest';
import { ACCOUNT, at, type Chatwoot, startChatwoot } from './chatwoot-simulator.fixture.ts';

const signIn = '{"errors":["You need to sign in or sign up before continuing."]}';
const newInbox = { name: 'WhatsApp', channel: { type: 'api' } };

/** Every kind of caller the token checks tell apart. */
function seed({ state }: Chatwoot) {
  state.addAccount({ id: 6, name: 'Foreign' });
  state.addAccount({ id: 7, name: 'Suspended', suspended: true });
  const deleted = state.addUser({ name: 'Gone', accounts: [{ id: ACCOUNT, role: 'administrator' }] });
  state.removeUser(state.users().find((user) => user.name === 'Gone')?.id ?? 0);
  return {
    agent: state.addUser({ name: 'Bia', accounts: [{ id: ACCOUNT, role: 'agent' }] }),
    bot: state.addAgentBot({ name: 'Bot', accountId: ACCOUNT }).token,
    platform: state.addPlatformApp(),
    deleted,
  };
}

describe('the token of the simulated Chatwoot', () => {
  it.each(['api_access_token', 'api-access-token', 'API-Access-Token'])('is accepted in the header %s', async (name) => {
    const chatwoot = await startChatwoot();
    const answer = await chatwoot.call('GET', '@/inboxes', undefined, { token: null, headers: { [name]: chatwoot.admin } });
    expect(answer).toMatchObject({ status: 200, text: '{"payload":[]}' });
  });

  it('is refused when both spellings are sent, because the server joins them', async () => {
    const chatwoot = await startChatwoot();
    const answer = await chatwoot.call('GET', '@/inboxes', undefined, { headers: { 'api-access-token': chatwoot.admin } });
    expect(answer).toMatchObject({ status: 401, text: '{"error":"Invalid Access Token"}' });
  });

  it.each([
    ['a blank header with underscores', null, { api_access_token: ' ' }, signIn],
    ['a bearer token', null, { authorization: 'Bearer x' }, signIn],
  ])('answers %s with the exact body', async (_case, token, headers, text) => {
    const chatwoot = await startChatwoot();
    const answer = await chatwoot.call('POST', '@/inboxes', newInbox, { token, headers });
    expect(answer).toMatchObject({ status: 401, text, contentType: 'application/json; charset=utf-8' });
  });

  it.each(['bot', 'platform', 'deleted'] as const)('of a %s owner is refused as a bot on POST inboxes', async (who) => {
    const chatwoot = await startChatwoot();
    const answer = await chatwoot.call('POST', '@/inboxes', newInbox, { token: seed(chatwoot)[who] });
    expect(answer).toMatchObject({ status: 401, text: '{"error":"Access to this endpoint is not authorized for bots"}' });
  });

  it('of a bot reads a conversation, but not in a foreign account, and no contact at all', async () => {
    const chatwoot = await startChatwoot();
    const { bot } = seed(chatwoot);
    const { conversation } = await chatwoot.createChat();
    const path = `/conversations/${conversation}`;
    expect(await chatwoot.call('GET', `@${path}`, undefined, { token: bot })).toMatchObject({ status: 200 });
    expect(await chatwoot.call('GET', `/api/v1/accounts/6${path}`, undefined, { token: bot })).toMatchObject({
      status: 401,
      text: '{"error":"Bot is not authorized to access this account"}',
    });
    expect(await chatwoot.call('GET', '@/contacts/1', undefined, { token: bot })).toMatchObject({ status: 401 });
    expect(await chatwoot.call('GET', '/api/v1/profile', undefined, { token: bot })).toMatchObject({ status: 401 });
  });
});

describe('the order of checks', () => {
  const unknownAccount = '{"error":"Resource could not be found"}';
  it.each([
    ['a bad token hides a bad account', 'nobody', 999, 401, '{"error":"Invalid Access Token"}'],
    ['an account that does not exist', 'admin', 999, 404, unknownAccount],
    ['an account id that is no number', 'admin', 'abc', 404, unknownAccount],
    ['suspension comes before membership', 'admin', 7, 401, '{"error":"Account is suspended"}'],
    ['an account of somebody else', 'admin', 6, 401, '{"error":"You are not authorized to access this account"}'],
    ['an agent may not create inboxes', 'agent', 5, 401, '{"error":"You are not authorized to do this action"}'],
  ])('%s', async (_case, who, account, status, text) => {
    const chatwoot = await startChatwoot();
    const { agent } = seed(chatwoot);
    const token = who === 'admin' ? chatwoot.admin : who === 'agent' ? agent : who;
    // An invalid body as well: validation comes last.
    expect(await chatwoot.call('POST', `/api/v1/accounts/${account}/inboxes`, { channel: {} }, { token })).toMatchObject({
      status,
      text,
    });
    expect(chatwoot.state.inboxes()).toEqual([]);
  });

  it('looks the record up before the role: an agent gets 404 for an inbox that is not there', async () => {
    const chatwoot = await startChatwoot();
    const { agent } = seed(chatwoot);
    const id = await chatwoot.createInbox();
    expect((await chatwoot.call('DELETE', '@/inboxes/999', undefined, { token: agent })).status).toBe(404);
    expect((await chatwoot.call('DELETE', `@/inboxes/${id}`, undefined, { token: agent })).status).toBe(401);
    expect((await chatwoot.call('GET', `@/inboxes/${id}`, undefined, { token: agent })).status).toBe(401);
  });

  it('refuses a plan without API access with 403, only since 4.16.0', async () => {
    for (const [version, status] of [
      ['4.16.2', 403],
      ['4.15.0', 200],
    ] as const) {
      const chatwoot = await startChatwoot({ version });
      chatwoot.state.addAccount({ id: ACCOUNT, apiDisabled: true });
      const answer = await chatwoot.call('POST', '@/inboxes', newInbox);
      expect(answer.status).toBe(status);
      if (status === 403) expect(answer.text).toBe('{"error":"API access is not enabled for this account"}');
    }
  });

  it.each([
    ['4.16.2', 401, '{"error":"You are not authorized to do this action"}'],
    ['4.15.9', 402, '{"error":"Account limit exceeded. Upgrade to a higher plan"}'],
  ])('on a full account, %s answers an agent with %i', async (version, status, text) => {
    const chatwoot = await startChatwoot({ version });
    const { agent } = seed(chatwoot);
    chatwoot.state.addAccount({ id: ACCOUNT, inboxLimit: 0 });
    expect(await chatwoot.call('POST', '@/inboxes', newInbox, { token: agent })).toMatchObject({ status, text });
    const asAdmin = await chatwoot.call('POST', '@/inboxes', newInbox);
    expect(asAdmin).toMatchObject({ status: 402, text: '{"error":"Account limit exceeded. Upgrade to a higher plan"}' });
  });

  it('translates the membership text by ?locale since 4.16.0', async () => {
    const chatwoot = await startChatwoot();
    seed(chatwoot);
    const portuguese = await chatwoot.call('GET', '/api/v1/accounts/6/inboxes?locale=pt_BR');
    expect(portuguese).toMatchObject({ status: 401, text: '{"error":"Você não está autorizado a acessar esta conta"}' });
    chatwoot.state.settings.defaultLocale = 'pt_BR';
    const pinned = await chatwoot.call('GET', '/api/v1/accounts/6/inboxes?locale=en');
    expect(pinned.text).toBe('{"error":"You are not authorized to access this account"}');
  });
});

describe('the probes', () => {
  it('tell version, health, profile and account', async () => {
    const chatwoot = await startChatwoot();
    await chatwoot.call('GET', '/api', undefined, { token: null });
    const version = await chatwoot.call('GET', '/api', undefined, { token: null });
    expect(version.body).toEqual({
      version: '4.16.2',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
      queue_services: 'ok',
      data_services: 'ok',
    });
    expect((await chatwoot.call('GET', '/health', undefined, { token: null })).text).toBe('{"status":"woot"}');
    expect((await chatwoot.call('GET', '/api/v1/profile')).body).toMatchObject({
      access_token: chatwoot.admin,
      type: null,
      accounts: [{ id: ACCOUNT, name: 'Acme', status: 'active', role: 'administrator', permissions: ['administrator'] }],
    });
    expect((await chatwoot.call('GET', '@')).body).toMatchObject({ id: ACCOUNT, status: 'active', locale: 'en' });
  });

  it('show a suspended account of a member, and a foreign one as 404', async () => {
    const chatwoot = await startChatwoot();
    seed(chatwoot);
    chatwoot.state.setRole(chatwoot.admin, 7, 'administrator');
    expect((await chatwoot.call('GET', '/api/v1/accounts/7')).body).toMatchObject({ status: 'suspended' });
    expect((await chatwoot.call('GET', '/api/v1/accounts/6')).status).toBe(404);
    const profile = await chatwoot.call('GET', '/api/v1/profile');
    expect(at(profile.body, 'accounts', 1)).toMatchObject({ id: 7, status: 'suspended' });
  });

  it('lack /health before 4.11.0', async () => {
    const chatwoot = await startChatwoot({ version: '4.10.0' });
    expect((await chatwoot.call('GET', '/health')).status).toBe(404);
  });
});

describe('what is no endpoint', () => {
  it.each([
    ['GET', '/api/v1/nothing', 'application/json', 404, '{"status":404,"error":"Not Found"}'],
    ['POST', '/api/v1/nothing', '*/*', 404, '<!DOCTYPE html>'],
    ['GET', '/api/v1/nothing', 'application/json, text/plain, */*', 404, '<!DOCTYPE html>'],
    ['GET', '/app/accounts/5/dashboard', '*/*', 200, '<!DOCTYPE html>'],
    ['POST', '/app/api/v1/accounts/5/inboxes', 'application/json', 404, '{"status":404,"error":"Not Found"}'],
  ])('%s %s with Accept %s answers %i', async (method, path, accept, status, start) => {
    const chatwoot = await startChatwoot();
    const answer = await chatwoot.call(method, path, undefined, { headers: { accept } });
    expect(answer.status).toBe(status);
    expect(answer.text.startsWith(start)).toBe(true);
    // What Rails answers by itself has its charset in capitals.
    const type = start.startsWith('<') ? 'text/html' : 'application/json';
    expect(answer.contentType).toBe(`${type}; charset=${status === 404 ? 'UTF-8' : 'utf-8'}`);
  });

  it('is throttled by account and clock minute: plain text, and no Retry-After', async () => {
    const chatwoot = await startChatwoot();
    chatwoot.state.settings.contactSearchesPerMinute = 1;
    const search = () => chatwoot.call('GET', '@/contacts/search?q=x', undefined, { token: 'nobody' });
    // The minute may turn once in between, so not every later one need be refused.
    const answers = [await search(), await search(), await search(), await search()];
    expect(answers[0]?.status).toBe(401);
    const last = answers.find((answer) => answer.status === 429);
    expect(last).toMatchObject({ status: 429, text: 'Retry later\n', contentType: 'text/plain' });
    expect(last?.headers.has('retry-after')).toBe(false);
    expect((await chatwoot.call('GET', '@/inboxes')).status).toBe(200);
  });
});
