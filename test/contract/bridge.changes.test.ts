import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ACCOUNT, type BridgeFixture, type BridgeUnderTest, createBridgeFixture } from '../support/bridge-fixture.ts';
import { waitFor } from '../support/wait-for.ts';

const SECOND_ACCOUNT = 6;
/** Nobody listens there. */
const DEAD_URL = 'http://127.0.0.1:1';

describe('changing and removing integrations of the bridge', () => {
  let fixture: BridgeFixture;
  let bridge: BridgeUnderTest;
  let secondAdmin: string;
  beforeAll(async () => {
    fixture = await createBridgeFixture();
    bridge = await fixture.startBridge();
    secondAdmin = fixture.chatwoot.state.addUser({
      name: 'Carla',
      accounts: [
        { id: ACCOUNT, role: 'administrator' },
        { id: SECOND_ACCOUNT, role: 'administrator' },
      ],
    });
  });
  afterAll(() => fixture?.stop());
  afterEach(async () => {
    fixture.chatwoot.faults.clear();
    fixture.api.behave('well');
    await fixture.chatwoot.start().catch(() => {}); // runs already, mostly
  });

  const inboxesNamed = (name: string) =>
    fixture.chatwoot.state.inboxes().filter((inbox) => inbox.name === name && inbox.deleteAt === null);
  const rowOf = (id: string | undefined) => fixture.database.prisma.bridgeIntegration.findUnique({ where: { id: id ?? '' } });
  const openStreams = (name: string) => fixture.api.open(`ins_${name}`).length;
  /** Activation `n` of the instance `name`. */
  const activate = (name: string, n = 1, overrides: Record<string, unknown> = {}) =>
    bridge.activate(`act_${name}_${n}`, { instance: name, inbox_name: name, ...overrides });
  const moved = () => ({ chatwoot_account_id: SECOND_ACCOUNT, chatwoot_api_token: secondAdmin });
  /** The Chatwoot of an integration has moved, or died. */
  const livesAt = (id: string | undefined, chatwootBaseUrl: string) =>
    fixture.database.prisma.bridgeIntegration.update({ where: { id: id ?? '' }, data: { chatwootBaseUrl } });
  const remove = (id: string | undefined) => bridge.call('DELETE', `/v1/integrations/${id}`);
  const cancel = (name: string, n = 1) => bridge.call('DELETE', `/v1/activations/act_${name}_${n}`);
  const get = (id: string | undefined) => bridge.call('GET', `/v1/integrations/${id}`);

  describe('a second activation with the same Chatwoot account', () => {
    it('keeps id and inbox, and takes over name, flags and token', async () => {
      const first = await activate('change');
      const before = await rowOf(first.body.id);
      fixture.chatwoot.state.clearRequests();
      const second = await activate('change', 2, {
        inbox_name: 'changed',
        sign_messages: true,
        chatwoot_api_token: secondAdmin,
      });
      expect(second).toMatchObject({
        status: 201,
        body: { id: first.body.id, inbox_id: first.body.inbox_id, inbox_name: 'changed', replaces: null },
      });
      // The account's language is asked for afterwards, beside the answer.
      const asked = fixture.chatwoot.state.requests.filter(({ path }) => !/\/accounts\/\d+\/?$/.test(path));
      expect(asked.map(({ method, owner }) => `${method} ${owner}`)).toEqual([
        expect.stringMatching(/^GET User \d+ \(Carla\)$/),
        expect.stringMatching(/^PATCH User \d+ \(Carla\)$/),
      ]);
      const after = await rowOf(first.body.id);
      expect(after).toMatchObject({ state: 'active', signMessages: true, inboxName: 'changed', idempotencyKey: 'act_change_2' });
      expect(after?.chatwootToken).not.toBe(before?.chatwootToken);
      expect(after?.webhookKeyHash).toBe(before?.webhookKeyHash);
      expect(inboxesNamed('changed')).toHaveLength(1);
      expect(await activate('change', 2)).toMatchObject({ status: 201, body: { id: first.body.id } });
    });

    it('leaves everything as it was when the new token may not', async () => {
      const first = await activate('refused');
      await waitFor(() => openStreams('refused') === 1);
      // Asked for by whoever runs it, beside the answer.
      await waitFor(async () => (await rowOf(first.body.id))?.accountLocale !== null);
      const before = await rowOf(first.body.id);
      const agent = fixture.chatwoot.state.addUser({ name: 'Bia', accounts: [{ id: ACCOUNT, role: 'agent' }] });
      const second = await activate('refused', 2, { inbox_name: 'never', chatwoot_api_token: agent });
      expect(second).toMatchObject({ status: 502, body: { error: { upstream: { status: 401, diagnosis: 'not_admin' } } } });
      expect(await rowOf(first.body.id)).toEqual({ ...before, leaseUntil: expect.any(Date) });
      expect(inboxesNamed('refused')).toHaveLength(1);
      expect(await fixture.database.prisma.bridgeIntegration.count({ where: { idempotencyKey: 'act_refused_2' } })).toBe(0);
    });

    it('makes a new inbox when the old one was deleted in Chatwoot', async () => {
      const first = await activate('gone');
      await fetch(`${fixture.chatwootUrl}/api/v1/accounts/${ACCOUNT}/inboxes/${first.body.inbox_id}`, {
        method: 'DELETE',
        headers: { 'api-access-token': fixture.adminToken },
      });
      await waitFor(() => !fixture.chatwoot.state.inboxes().some(({ id }) => id === first.body.inbox_id));
      const second = await activate('gone', 2);
      expect(second).toMatchObject({ status: 201, body: { replaces: first.body.id } });
      expect(second.body.inbox_id).not.toBe(first.body.inbox_id);
      expect((await remove(first.body.id)).status).toBe(200);
      expect(inboxesNamed('gone')).toHaveLength(1);
    });

    it('is not undone by calling the second activation off, and no longer by calling the first one off', async () => {
      const first = await activate('shared');
      await activate('shared', 2);
      expect((await cancel('shared', 2)).status).toBe(200);
      expect(await rowOf(first.body.id)).toMatchObject({ state: 'active', idempotencyKey: 'act_shared_1' });
      expect(await activate('shared', 2)).toMatchObject({ status: 504, body: { error: { code: 'activation_expired' } } });
      await activate('shared', 3);
      expect((await cancel('shared', 1)).status).toBe(200);
      expect(await rowOf(first.body.id)).toMatchObject({ state: 'active', idempotencyKey: 'act_shared_3' });
      expect(inboxesNamed('shared')).toHaveLength(1);
      // Now it is the third one's alone.
      expect((await cancel('shared', 3)).status).toBe(200);
      expect(await rowOf(first.body.id)).toMatchObject({ state: 'removed' });
    });
  });

  describe('a second activation with another address of the same Chatwoot', () => {
    const elsewhere = () => fixture.chatwootUrl.replace('127.0.0.1', 'localhost');

    it('is recognised by the inbox that calls our webhook: keeps id and inbox, and calls the new address from then on', async () => {
      const first = await activate('alias');
      const second = await activate('alias', 2, { chatwoot_base_url: elsewhere() });
      expect(second).toMatchObject({
        status: 201,
        body: { id: first.body.id, inbox_id: first.body.inbox_id, replaces: null, previous_inbox: null },
      });
      expect(inboxesNamed('alias')).toHaveLength(1);
      expect(await rowOf(first.body.id)).toMatchObject({ state: 'active', chatwootBaseUrl: elsewhere() });
      expect(await activate('alias', 2, { chatwoot_base_url: elsewhere() })).toMatchObject({
        status: 201,
        body: { id: first.body.id },
      });
    });

    it('needs no answer from the old address', async () => {
      const first = await activate('alias-dead');
      await livesAt(first.body.id, DEAD_URL);
      expect(await activate('alias-dead', 2)).toMatchObject({ status: 201, body: { id: first.body.id, previous_inbox: null } });
      expect(inboxesNamed('alias-dead')).toHaveLength(1);
    });

    it('leaves everything as it was when that address does not let us look', async () => {
      const first = await activate('alias-refused');
      const second = await activate('alias-refused', 2, { chatwoot_base_url: elsewhere(), chatwoot_api_token: 'not-a-token' });
      expect(second).toMatchObject({ status: 502, body: { error: { upstream: { status: 401 } } } });
      expect(await rowOf(first.body.id)).toMatchObject({ state: 'active', chatwootBaseUrl: fixture.chatwootUrl });
      expect(await fixture.database.prisma.bridgeIntegration.count({ where: { idempotencyKey: 'act_alias-refused_2' } })).toBe(0);
    });
  });

  describe('a second activation with another Chatwoot account', () => {
    it('runs the new integration, and leaves the old inbox with its conversations', async () => {
      const first = await activate('moved');
      await waitFor(() => openStreams('moved') === 1);
      await fixture.database.prisma.bridgeIntegration.update({ where: { id: first.body.id ?? '' }, data: { eventCursor: 41n } });
      const second = await activate('moved', 2, moved());
      expect(second).toMatchObject({
        status: 201,
        body: {
          replaces: first.body.id,
          previous_inbox: {
            id: first.body.inbox_id,
            name: 'moved',
            chatwoot_base_url: fixture.chatwootUrl,
            chatwoot_account_id: ACCOUNT,
            message: expect.stringContaining('stays in Chatwoot with its conversations'),
          },
        },
      });
      expect(second.body.id).not.toBe(first.body.id);
      expect(await rowOf(first.body.id)).toMatchObject({ state: 'superseded' });
      // It goes on where the old one stopped.
      expect(await rowOf(second.body.id)).toMatchObject({ state: 'active', eventCursor: 41n });
      await waitFor(
        () =>
          fixture.api
            .open('ins_moved')
            .map(({ after }) => after)
            .join() === '41',
        {
          describe: 'one stream only, that of the new integration',
        },
      );
      expect((await get(first.body.id)).body).toMatchObject({ status: 'paused' });
      expect((await remove(first.body.id)).status).toBe(200);
      expect(await rowOf(first.body.id)).toMatchObject({ state: 'left', chatwootToken: '' });
      expect(inboxesNamed('moved').map(({ accountId }) => accountId)).toEqual([ACCOUNT, SECOND_ACCOUNT]);
      const again = await activate('moved', 2, moved());
      expect(again.body).toMatchObject({ id: second.body.id, replaces: null, previous_inbox: { id: first.body.inbox_id } });
      const changed = await activate('moved', 3, moved());
      expect(changed.body).toMatchObject({ id: second.body.id, previous_inbox: null });
    });

    it('refuses replies written in the old inbox for good with 410, before and after the worker has confirmed the move', async () => {
      const first = await activate('refuses');
      const [inbox] = inboxesNamed('refuses');
      await activate('refuses', 2, moved());
      const reply = async () =>
        fetch(`${bridge.url}${new URL(inbox?.webhookUrl ?? '').pathname}`, { method: 'POST', body: '{}' });
      expect((await reply()).status).toBe(410);
      expect((await remove(first.body.id)).status).toBe(200);
      const refused = await reply();
      expect(refused.status).toBe(410);
      expect(await refused.json()).toMatchObject({ error: { code: 'webhook_gone' } });
    });

    it('deletes the old inbox where that is asked for', async () => {
      const first = await activate('unwanted');
      const second = await activate('unwanted', 2, { ...moved(), delete_old_inbox: true });
      expect(second).toMatchObject({ status: 201, body: { replaces: first.body.id, previous_inbox: null } });
      expect((await remove(first.body.id)).status).toBe(200);
      expect(inboxesNamed('unwanted').map(({ accountId }) => accountId)).toEqual([SECOND_ACCOUNT]);
    });

    it('goes through when the old Chatwoot is dead, and says what was left there and what to do', async () => {
      const first = await activate('dead');
      await livesAt(first.body.id, DEAD_URL);
      const second = await activate('dead', 2, moved());
      expect(second).toMatchObject({ status: 201, body: { previous_inbox: { chatwoot_base_url: DEAD_URL } } });
      expect(second.body.previous_inbox?.message).toMatch(/ECONNREFUSED.*delete the inbox there by hand/);
      expect(fixture.log.some((line) => line.includes('cannot be reached') && line.includes(DEAD_URL))).toBe(true);
    });

    it('leaves the old inbox alone when the new integration is deactivated, confirmed or not', async () => {
      const first = await activate('ends');
      const second = await activate('ends', 2, moved());
      expect((await remove(second.body.id)).status).toBe(200);
      expect((await remove(first.body.id)).status).toBe(200);
      expect(inboxesNamed('ends').map(({ accountId }) => accountId)).toEqual([ACCOUNT]);
      expect(await rowOf(first.body.id)).toMatchObject({ state: 'left' });
    });

    it('is told beforehand by a dry run', async () => {
      const check = async (overrides: object) =>
        (await bridge.call('POST', '/v1/integrations/check', { body: fixture.body({ instance: 'would', ...overrides }) })).body;
      expect(await check({})).toMatchObject({ effect: 'create' });
      const { body } = await activate('would');
      expect(await check({})).toMatchObject({ effect: 'change' });
      expect(await check({ chatwoot_base_url: fixture.chatwootUrl.replace('127.0.0.1', 'localhost') })).toMatchObject({
        effect: 'change',
      });
      const previous = { id: body.inbox_id, chatwoot_account_id: ACCOUNT };
      expect(await check(moved())).toMatchObject({
        effect: 'move',
        previous_inbox: { ...previous, message: expect.stringContaining('would stay') },
      });
      expect(await check({ ...moved(), delete_old_inbox: true })).toMatchObject({
        effect: 'move',
        previous_inbox: { ...previous, message: expect.stringContaining('would be deleted') },
      });
    });

    it('brings the old one back when it is called off', async () => {
      const first = await activate('back');
      await activate('back', 2, moved());
      expect((await cancel('back', 2)).status).toBe(200);
      expect(await rowOf(first.body.id)).toMatchObject({ state: 'active' });
      expect(inboxesNamed('back').map(({ accountId }) => accountId)).toEqual([ACCOUNT]);
      await waitFor(() => openStreams('back') === 1);
      // As if there had been no move: deactivated, it goes with its inbox.
      expect((await remove(first.body.id)).status).toBe(200);
      expect(inboxesNamed('back')).toEqual([]);
    });

    it('leaves the old one running when it fails', async () => {
      const first = await activate('stays');
      await waitFor(() => openStreams('stays') === 1);
      const second = await activate('stays', 2, { ...moved(), chatwoot_api_token: fixture.adminToken });
      expect(second).toMatchObject({ status: 502, body: { error: { upstream: { diagnosis: 'not_member' } } } });
      expect(await rowOf(first.body.id)).toMatchObject({ state: 'active' });
      expect(openStreams('stays')).toBe(1);
    });
  });

  describe('removing', () => {
    it('closes the stream, deletes the inbox, wipes the secrets, and may be repeated', async () => {
      const { body } = await activate('remove');
      await waitFor(() => openStreams('remove') === 1);
      expect((await remove(body.id)).status).toBe(200);
      expect(inboxesNamed('remove')).toEqual([]);
      await waitFor(() => openStreams('remove') === 0);
      expect(await rowOf(body.id)).toMatchObject({ state: 'removed', chatwootToken: '', webhookKey: '', webhookSecret: null });
      expect((await remove(body.id)).status).toBe(200);
      expect((await get(body.id)).status).toBe(404);
    });

    it('deletes whatever calls its webhook, whenever it came', async () => {
      const { body } = await activate('orphan');
      const [made] = inboxesNamed('orphan');
      fixture.chatwoot.state.addInbox({ accountId: ACCOUNT, name: 'orphan', webhookUrl: made?.webhookUrl ?? null });
      expect(await rowOf(body.id)).toMatchObject({ createSentAt: null });
      expect((await remove(body.id)).status).toBe(200);
      expect(inboxesNamed('orphan')).toEqual([]);
    });

    it('answers 404 for what it does not have', async () => {
      expect(await remove('int_unknown')).toMatchObject({
        status: 404,
        body: { error: { code: 'integration_to_delete_not_found' } },
      });
    });

    it('takes an inbox for deleted that is gone from Chatwoot', async () => {
      const { body } = await activate('already');
      fixture.chatwoot.faults.add({
        method: 'DELETE',
        action: { kind: 'status', status: 404, body: { error: 'Resource could not be found' } },
      });
      expect((await remove(body.id)).status).toBe(200);
    });

    it.each([
      ['a page', '<h1>Not Found</h1>'],
      ['the 404 of some other API', { status: 404, error: 'Not Found' }],
    ])('does not take %s for that', async (_name, answer) => {
      const name = `page-${typeof answer}`;
      const { body } = await activate(name);
      const fault = fixture.chatwoot.faults.add({ method: 'DELETE', action: { kind: 'status', status: 404, body: answer } });
      expect(await remove(body.id)).toMatchObject({ status: 502, body: { error: { upstream: { status: 404 } } } });
      fault.clear();
      expect((await remove(body.id)).status).toBe(200);
    });

    it('is finished later when Chatwoot was down, and relays nothing meanwhile', async () => {
      const { body } = await activate('down');
      await waitFor(() => openStreams('down') === 1);
      await fixture.chatwoot.stop();
      expect(await remove(body.id)).toMatchObject({ status: 502, body: { error: { upstream: { network: 'ECONNREFUSED' } } } });
      expect(await rowOf(body.id)).toMatchObject({ state: 'removing' });
      await waitFor(() => openStreams('down') === 0);
      await fixture.chatwoot.start();
      expect((await remove(body.id)).status).toBe(200);
      expect(inboxesNamed('down')).toEqual([]);
    });

    it('says so when the token was revoked, and keeps what it needs for another try', async () => {
      const token = fixture.chatwoot.state.addUser({ name: 'Davi', accounts: [{ id: ACCOUNT, role: 'administrator' }] });
      const { body } = await activate('revoked', 1, { chatwoot_api_token: token });
      fixture.chatwoot.state.setRole(token, ACCOUNT, null);
      expect(await remove(body.id)).toMatchObject({
        status: 502,
        body: { error: { upstream: { status: 401, diagnosis: 'not_member' } } },
      });
      fixture.chatwoot.state.setRole(token, ACCOUNT, 'administrator');
      expect((await remove(body.id)).status).toBe(200);
    });
  });

  describe('calling an activation off', () => {
    it('removes what it made', async () => {
      await activate('cancel');
      expect((await cancel('cancel')).status).toBe(200);
      expect(inboxesNamed('cancel')).toEqual([]);
    });

    it('refuses the activation if that comes later', async () => {
      expect((await cancel('early')).status).toBe(404);
      fixture.chatwoot.state.clearRequests();
      expect(await activate('early')).toMatchObject({ status: 504, body: { error: { code: 'activation_expired' } } });
      expect(fixture.chatwoot.state.requests).toEqual([]);
      expect((await cancel('early')).status).toBe(404);
    });

    it('is final only when no late inbox can appear any more', async () => {
      fixture.chatwoot.faults.add({ method: 'POST', action: { kind: 'status', status: 504 } });
      expect((await activate('late')).status).toBe(502);
      const early = await cancel('late');
      expect(early).toMatchObject({ status: 502, body: { error: { code: 'bridge_failing' } } });
      expect(Number(early.headers.get('retry-after'))).toBeGreaterThan(10);

      const row = await fixture.database.prisma.bridgeIntegration.findUniqueOrThrow({ where: { idempotencyKey: 'act_late_1' } });
      await fixture.database.prisma.bridgeIntegration.update({
        where: { id: row.id },
        data: { createSentAt: new Date(Date.now() - 21_000) },
      });
      expect(await cancel('late')).toMatchObject({ status: 502, body: { error: { code: 'bridge_failing' } } });
      await fixture.database.prisma.bridgeIntegration.update({
        where: { id: row.id },
        data: { createSentAt: new Date(Date.now() - 66_000) },
      });
      expect((await cancel('late')).status).toBe(200);
    });

    it('deletes the inbox of an activation whose outcome nobody knew', async () => {
      fixture.chatwoot.faults.add({ method: 'POST', times: 1, action: { kind: 'hangAfterEffect' } });
      await activate('unknown', 1, { deadline_at: new Date(Date.now() + 400).toISOString() });
      const [made] = inboxesNamed('unknown');
      expect(made).toBeDefined();
      expect((await cancel('unknown')).status).toBe(502); // one more could come
      expect(inboxesNamed('unknown')).toEqual([]);

      // As it does, much later than it should.
      const wasSent = (agoMs: number) =>
        fixture.database.prisma.bridgeIntegration.update({
          where: { idempotencyKey: 'act_unknown_1' },
          data: { createSentAt: new Date(Date.now() - agoMs) },
        });
      fixture.chatwoot.state.addInbox({ accountId: ACCOUNT, name: 'unknown', webhookUrl: made?.webhookUrl ?? null });
      await wasSent(55_000);
      expect((await cancel('unknown')).status).toBe(502);
      expect(inboxesNamed('unknown')).toEqual([]);
      await wasSent(66_000);
      expect((await cancel('unknown')).status).toBe(200);
    });

    it('waits for an activation that is being worked on, or says that it is busy', async () => {
      fixture.chatwoot.faults.add({ method: 'POST', times: 1, action: { kind: 'delay', delayMs: 2_600 } });
      const activation = activate('meanwhile');
      await waitFor(() => fixture.database.prisma.bridgeIntegration.count({ where: { idempotencyKey: 'act_meanwhile_1' } }));
      expect(await cancel('meanwhile')).toMatchObject({ status: 409, body: { error: { code: 'bridge_busy' } } });
      expect((await activation).status).toBe(201);
      expect((await cancel('meanwhile')).status).toBe(200);
      expect(inboxesNamed('meanwhile')).toEqual([]);
    });

    it('is done by the bridge itself for an activation that its caller has forgotten', async () => {
      fixture.chatwoot.faults.add({ method: 'POST', times: 1, action: { kind: 'hangAfterEffect' } });
      await activate('forgotten', 1, { deadline_at: new Date(Date.now() + 400).toISOString() });
      expect(inboxesNamed('forgotten')).toHaveLength(1);
      const longAgo = new Date(Date.now() - 3_600_000);
      await fixture.database.prisma.bridgeIntegration.updateMany({
        where: { idempotencyKey: 'act_forgotten_1' },
        data: { createSentAt: longAgo, updatedAt: longAgo },
      });
      const other = await fixture.startBridge();
      await waitFor(() => inboxesNamed('forgotten').length === 0, { describe: 'the inbox being deleted' });
      await other.stop();
    });
  });

  describe('asking how an integration is', () => {
    it('tells that all is well', async () => {
      const { body } = await activate('well');
      await waitFor(() => openStreams('well') === 1);
      expect((await get(body.id)).body).toMatchObject({
        id: body.id,
        status: 'active',
        last_error: '',
        inbox_id: body.inbox_id,
        inbox_name: 'well',
        token_valid: true,
        inbox_exists: true,
        webhook_url_is_ours: true,
        stream_connected: true,
      });
    });

    it('tells that the inbox is gone, that it calls somebody else, or that the user may not any more, and what to do', async () => {
      const token = fixture.chatwoot.state.addUser({ name: 'Eva', accounts: [{ id: ACCOUNT, role: 'administrator' }] });
      const { body } = await activate('ill', 1, { chatwoot_api_token: token });
      const inbox = fixture.chatwoot.state.inboxes().find(({ id }) => id === body.inbox_id);
      const webhookUrl = inbox?.webhookUrl ?? null;
      if (inbox) inbox.webhookUrl = 'https://elsewhere.example/';
      expect((await get(body.id)).body).toMatchObject({
        status: 'error',
        last_error: expect.stringContaining('activate again'),
        webhook_url_is_ours: false,
      });
      if (inbox) inbox.webhookUrl = webhookUrl;
      expect((await get(body.id)).body).toMatchObject({ status: 'active', last_error: '' });

      fixture.chatwoot.state.setRole(token, ACCOUNT, null);
      expect((await get(body.id)).body).toMatchObject({ status: 'error', token_valid: true, inbox_exists: null });
      fixture.chatwoot.state.setRole(token, ACCOUNT, 'administrator');

      fixture.chatwoot.faults.add({ path: '/inboxes/', action: { kind: 'status', status: 404, body: { error: 'gone' } } });
      expect((await get(body.id)).body).toMatchObject({ status: 'error', inbox_exists: false });
    });

    it('tells what it knows when Chatwoot is away', async () => {
      const { body } = await activate('away');
      await fixture.chatwoot.stop();
      const answer = await get(body.id);
      expect(answer).toMatchObject({
        status: 200,
        body: { status: 'error', inbox_id: body.inbox_id, token_valid: null, inbox_exists: null },
      });
      expect(answer.body.last_error).toMatch(/ECONNREFUSED/);
      await fixture.chatwoot.start();
    });
  });
});
