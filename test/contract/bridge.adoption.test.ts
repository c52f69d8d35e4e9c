import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ACCOUNT, type BridgeFixture, type BridgeUnderTest, createBridgeFixture } from '../support/bridge-fixture.ts';

const SECOND_ACCOUNT = 6;
const THEIRS = 'https://evolution.example/chatwoot/webhook/loja';

describe('an inbox that was there before Ponte', () => {
  let fixture: BridgeFixture;
  let bridge: BridgeUnderTest;
  let secondAdmin: string;
  beforeAll(async () => {
    fixture = await createBridgeFixture();
    bridge = await fixture.startBridge();
    const account = (id: number) => ({ id, role: 'administrator' as const });
    secondAdmin = fixture.chatwoot.state.addUser({ name: 'Carla', accounts: [account(ACCOUNT), account(SECOND_ACCOUNT)] });
  });
  afterAll(() => fixture?.stop());
  afterEach(() => fixture.chatwoot.faults.clear());

  /** Somebody's inbox, made by hand. */
  async function makeInbox(name: string, webhookUrl = THEIRS, account = ACCOUNT): Promise<number> {
    const response = await fetch(`${fixture.chatwootUrl}/api/v1/accounts/${account}/inboxes`, {
      method: 'POST',
      headers: { 'api-access-token': secondAdmin, 'content-type': 'application/json' },
      body: JSON.stringify({ name, channel: { type: 'api', webhook_url: webhookUrl } }),
    });
    const { id } = (await response.json()) as { id: number }; // Chatwoot's own answer, held elsewhere
    return id;
  }
  const inbox = (id: number) => fixture.chatwoot.state.inboxes().find((row) => row.id === id);
  const adopt = (name: string, inboxId: number, n = 1, overrides: Record<string, unknown> = {}) =>
    bridge.activate(`act_${name}_${n}`, { instance: name, inbox_name: 'RyzeAPI', adopt_inbox_id: inboxId, ...overrides });
  const remove = (id: string | undefined) => bridge.call('DELETE', `/v1/integrations/${id}`);
  const cancel = (name: string, n = 1) => bridge.call('DELETE', `/v1/activations/act_${name}_${n}`);
  const rowsOf = (name: string) =>
    fixture.database.prisma.bridgeIntegration.findMany({ where: { instanceName: name, state: { not: 'removed' } } });

  it('is taken over with its name, and given back at the end with its webhook', async () => {
    const id = await makeInbox('Loja');
    const before = fixture.chatwoot.state.inboxes().length;
    const answer = await adopt('loja', id);
    expect(answer).toMatchObject({ status: 201, body: { inbox_id: id, inbox_name: 'Loja' } });
    expect(inbox(id)).toMatchObject({ name: 'Loja', webhookUrl: expect.stringContaining('/webhooks/chatwoot/') });
    expect(fixture.chatwoot.state.inboxes()).toHaveLength(before);
    // Neither its owner's address, nor anything else of it, can be read in the database.
    expect(JSON.stringify(await rowsOf('loja'), (_, value) => (typeof value === 'bigint' ? Number(value) : value))).not.toContain(
      'evolution.example',
    );

    // Once more, and with other settings, it is the same; its name stays.
    expect(await adopt('loja', id)).toMatchObject({ status: 201, body: { id: answer.body.id } });
    expect(await adopt('loja', id, 2, { sign_messages: true })).toMatchObject({
      status: 201,
      body: { id: answer.body.id, inbox_name: 'Loja' },
    });

    expect((await remove(answer.body.id)).status).toBe(200);
    expect(inbox(id)).toMatchObject({ name: 'Loja', webhookUrl: THEIRS, deleteAt: null });
  });

  it('is left alone at the end where somebody else has it by then', async () => {
    const id = await makeInbox('Outra');
    const { body } = await adopt('outra', id);
    const other = 'https://n8n.example/hook';
    await fetch(`${fixture.chatwootUrl}/api/v1/accounts/${ACCOUNT}/inboxes/${id}`, {
      method: 'PATCH',
      headers: { 'api-access-token': fixture.adminToken, 'content-type': 'application/json' },
      body: JSON.stringify({ channel: { webhook_url: other } }),
    });
    await remove(body.id);
    expect(inbox(id)).toMatchObject({ webhookUrl: other, deleteAt: null });
  });

  it('is refused where it is not there, of another kind, of another account, or in use', async () => {
    const state = fixture.chatwoot.state;
    const website = state.addInbox({ accountId: ACCOUNT, name: 'Site', channelType: 'Channel::WebWidget' });
    const foreign = await makeInbox('Fremd', THEIRS, SECOND_ACCOUNT);
    const used = await makeInbox('Usada');
    await adopt('usuaria', used);
    for (const [id, reason] of [
      [999_999, 'no such inbox'],
      [website.id, 'only one of the kind API'],
      [foreign, 'no such inbox'],
      [used, 'another instance of Ponte'],
    ] as const) {
      const refused = await adopt('recusada', id, id);
      expect(refused).toMatchObject({
        body: { error: { code: 'chatwoot_inbox_not_adoptable', message: expect.stringContaining(reason) } },
      });
    }
    expect(inbox(foreign)).toMatchObject({ webhookUrl: THEIRS });
    expect(await rowsOf('recusada')).toEqual([]);

    // An instance that is active keeps its inbox.
    const other = await makeInbox('Nova');
    expect(await adopt('usuaria', other, 2)).toMatchObject({ body: { error: { code: 'chatwoot_inbox_not_adoptable' } } });
    expect(inbox(other)).toMatchObject({ webhookUrl: THEIRS });
  });

  it('is as it was after an activation that failed, was called off, or may not', async () => {
    const id = await makeInbox('Volta');
    fixture.api.behave(503);
    expect((await adopt('volta', id)).status).toBeGreaterThanOrEqual(400);
    fixture.api.behave('well');
    expect(inbox(id)).toMatchObject({ webhookUrl: THEIRS, deleteAt: null });

    await adopt('volta', id, 2);
    await cancel('volta', 2);
    expect(inbox(id)).toMatchObject({ webhookUrl: THEIRS, deleteAt: null });

    const agent = fixture.chatwoot.state.addUser({ name: 'Bia', accounts: [{ id: ACCOUNT, role: 'agent' }] });
    expect((await adopt('volta', id, 3, { chatwoot_api_token: agent })).status).toBe(502);
    expect(inbox(id)).toMatchObject({ webhookUrl: THEIRS });
  });

  it('is given back whatever became of the answer that it was taken over', async () => {
    const id = await makeInbox('Muda');
    fixture.chatwoot.faults.add({ method: 'PATCH', path: /\/inboxes\//, times: 1, action: { kind: 'resetAfterEffect' } });
    expect((await adopt('muda', id)).status).toBe(502);
    expect(inbox(id)?.webhookUrl).toContain('/webhooks/chatwoot/');
    // The same activation again finds it as its own; called off, it is given back.
    expect(await adopt('muda', id)).toMatchObject({ status: 201, body: { inbox_id: id } });
    await cancel('muda');
    expect(inbox(id)).toMatchObject({ webhookUrl: THEIRS, deleteAt: null });
  });

  it('shows as failed what agents wrote and had not left, when it is given back', async () => {
    const id = await makeInbox('Pendente');
    const asAdmin = async (path: string, body: object): Promise<Record<string, unknown>> => {
      const response = await fetch(`${fixture.chatwootUrl}/api/v1/accounts/${ACCOUNT}${path}`, {
        method: 'POST',
        headers: { 'api-access-token': fixture.adminToken, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return (await response.json()) as Record<string, unknown>; // Chatwoot's own answer, held elsewhere
    };
    const made = await asAdmin('/contacts', { inbox_id: id, name: 'Bia', phone_number: '+5511980000001' });
    const { contact } = made.payload as { contact: { id: number } };
    const conversation = await asAdmin('/conversations', { inbox_id: id, contact_id: contact.id });
    const written = await asAdmin(`/conversations/${conversation.id}/messages`, { content: 'já vai', message_type: 'outgoing' });
    const { body } = await adopt('pendente', id);
    await fixture.database.prisma.bridgeReply.create({
      data: {
        integrationId: body.id ?? '',
        conversationId: Number(conversation.id),
        chatwootMessageId: Number(written.id),
        chat: '5511980000001',
        payload: {},
        nextAttemptAt: new Date(Date.now() + 3_600_000),
      },
    });
    expect((await remove(body.id)).status).toBe(200);
    expect(inbox(id)).toMatchObject({ webhookUrl: THEIRS });
    expect(fixture.chatwoot.state.messages(ACCOUNT).find((message) => message.id === written.id)).toMatchObject({
      status: 'failed',
    });
  });

  it('is given back, and not deleted, where the instance moves to another account', async () => {
    const id = await makeInbox('Muda-se');
    const first = await adopt('mudanca', id);
    const moved = {
      chatwoot_account_id: SECOND_ACCOUNT,
      chatwoot_api_token: secondAdmin,
      adopt_inbox_id: null,
      delete_old_inbox: true,
    };
    const second = await bridge.activate('act_mudanca_2', { instance: 'mudanca', ...moved });
    expect(second).toMatchObject({ status: 201, body: { replaces: first.body.id, previous_inbox: null } });
    await remove(first.body.id);
    expect(inbox(id)).toMatchObject({ webhookUrl: THEIRS, deleteAt: null });
  });

  it('is told of beforehand by a check', async () => {
    const id = await makeInbox('Prova');
    const check = (inboxId: number) =>
      bridge.call('POST', '/v1/integrations/check', { body: fixture.body({ instance: 'prova', adopt_inbox_id: inboxId }) });
    expect(await check(id)).toMatchObject({ status: 200, body: { effect: 'adopt' } });
    expect(await check(999_999)).toMatchObject({ body: { error: { code: 'chatwoot_inbox_not_adoptable' } } });
    expect(inbox(id)).toMatchObject({ webhookUrl: THEIRS });
  });
});
