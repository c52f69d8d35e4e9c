import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChatwootSimulator, createChatwootSimulator } from '../../simulators/chatwoot/index.ts';
import { type Answer, type Stack, startStack } from '../support/stack.ts';
import { waitFor } from '../support/wait-for.ts';

const FIRST = 5;
const SECOND = 6;

describe('an instance that is activated again', () => {
  let chatwoot: ChatwootSimulator;
  let chatwootUrl: string;
  let stack: Stack;
  let token: string;
  let adminToken: string;

  beforeAll(async () => {
    chatwoot = createChatwootSimulator();
    adminToken = chatwoot.state.addUser({
      name: 'Ana',
      accounts: [
        { id: FIRST, role: 'administrator' },
        { id: SECOND, role: 'administrator' },
      ],
    });
    chatwootUrl = (await chatwoot.start()).url;
    stack = await startStack({ engine: 'postgres' });
    token = (await stack.createAccount()).token;
  });
  afterAll(async () => {
    await stack?.stop();
    await chatwoot?.stop();
  });

  const activate = async (instance: string, overrides: object = {}): Promise<Answer> =>
    stack.request({
      path: `/api/chatwoot/set/${instance}`,
      token,
      body: {
        chatwootBaseUrl: chatwootUrl,
        chatwootAccountId: FIRST,
        chatwootApiToken: adminToken,
        inboxName: instance,
        ...overrides,
      },
    });
  const created = async (name: string): Promise<string> => {
    expect(await stack.request({ path: '/api/instance/new', token, body: { name } })).toMatchObject({ status: 201 });
    expect(await activate(name)).toMatchObject({ status: 201 });
    return name;
  };
  const list = async (instance: string) =>
    (await stack.request({ method: 'GET', path: `/api/chatwoot/list/${instance}`, token })).body;
  const inboxes = (account: number, name: string) => chatwoot.state.inboxes(account).filter((inbox) => inbox.name === name);
  const removalsDone = () =>
    waitFor(async () => (await stack.database.prisma.removal.count({ where: { state: 'pending' } })) === 0, {
      describe: 'every removal being finished',
    });

  it('keeps its inbox and takes the new name, credentials and flags, while address and account stay the same', async () => {
    const instance = await created('in-place');
    const before = await list(instance);
    const other = chatwoot.state.addUser({ name: 'Bia', accounts: [{ id: FIRST, role: 'administrator' }] });
    const answer = await activate(instance, { chatwootApiToken: other, inboxName: 'in-place renamed', signMessages: true });
    expect(answer).toMatchObject({ status: 201, body: { bridge_integration_id: before.bridge_integration_id } });
    expect(inboxes(FIRST, 'in-place')).toEqual([]);
    expect(inboxes(FIRST, 'in-place renamed').map(({ id }) => id)).toEqual([before.chatwoot_inbox_id]);
    const row = await stack.database.prisma.chatwootIntegration.findFirstOrThrow({ where: { instance: { name: instance } } });
    expect(row).toMatchObject({ signMessages: true, chatwootInboxName: 'in-place renamed' });
  });

  it('goes on as it was when the second activation is refused', async () => {
    const instance = await created('refused');
    const before = await list(instance);
    expect(await activate(instance, { chatwootApiToken: 'not-a-token' })).toMatchObject({ status: 401 });
    expect(await list(instance)).toEqual({ ...before, live: expect.objectContaining({ token_valid: true, inbox_exists: true }) });
  });

  it('moves to another account: a new inbox there, and the old one stays with its history, as `set` and `list` say', async () => {
    const instance = await created('moved');
    const before = await list(instance);
    const dryRun = { chatwootBaseUrl: chatwootUrl, chatwootAccountId: SECOND, chatwootApiToken: adminToken };
    const checked = await stack.request({ path: `/api/chatwoot/check/${instance}`, token, body: dryRun });
    expect(checked).toMatchObject({ status: 200, body: { effect: 'move', previous_inbox: { id: before.chatwoot_inbox_id } } });
    const answer = await activate(instance, { chatwootAccountId: SECOND });
    const previous = {
      id: before.chatwoot_inbox_id,
      name: instance,
      chatwoot_base_url: chatwootUrl,
      chatwoot_account_id: FIRST,
      message: expect.stringContaining('stays in Chatwoot'),
    };
    expect(answer).toMatchObject({ status: 201, body: { previous_inbox: previous } });
    expect(answer.body.bridge_integration_id).not.toBe(before.bridge_integration_id);
    await removalsDone();
    expect(inboxes(FIRST, instance)).toHaveLength(1);
    expect(inboxes(SECOND, instance)).toHaveLength(1);
    expect(await list(instance)).toMatchObject({ status: 'active', chatwoot_account_id: SECOND, previous_inbox: previous });
  });

  it('keeps its inbox under another address of the same Chatwoot', async () => {
    const instance = await created('alias');
    const before = await list(instance);
    const answer = await activate(instance, { chatwootBaseUrl: chatwootUrl.replace('127.0.0.1', 'localhost') });
    expect(answer).toMatchObject({ status: 201, body: { bridge_integration_id: before.bridge_integration_id } });
    expect(answer.body).not.toHaveProperty('previous_inbox');
    expect(inboxes(FIRST, instance).map(({ id }) => id)).toEqual([before.chatwoot_inbox_id]);
  });

  it('moves to another account: the old inbox is removed where that is asked for', async () => {
    const instance = await created('moved-wholly');
    const answer = await activate(instance, { chatwootAccountId: SECOND, deleteOldInbox: true });
    expect(answer.status).toBe(201);
    expect(answer.body).not.toHaveProperty('previous_inbox');
    expect(inboxes(SECOND, instance)).toHaveLength(1);
    await removalsDone();
    await waitFor(() => inboxes(FIRST, instance).length === 0, { describe: 'the old inbox being gone' });
    expect(await list(instance)).toMatchObject({ status: 'active', chatwoot_account_id: SECOND });
  });

  it('is not removed by a deactivation that the bridge had not heard of yet', async () => {
    const instance = await created('overtaken');
    const [bridge] = stack.bridges;
    if (!bridge) throw new Error('no bridge');
    await bridge.process.kill9();
    const deleted = await stack.request({ method: 'DELETE', path: `/api/chatwoot/delete/${instance}`, token });
    expect(deleted.status).toBe(200);
    await stack.startBridge(bridge.port);
    expect(await activate(instance)).toMatchObject({ status: 201 });
    await removalsDone();
    await waitFor(() => inboxes(FIRST, instance).length === 1, { describe: 'one inbox being left' });
    expect(await list(instance)).toMatchObject({
      status: 'active',
      chatwoot_inbox_id: inboxes(FIRST, instance)[0]?.id,
      live: { inbox_exists: true, webhook_url_is_ours: true },
    });
  });
});
