import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ACCOUNT, type BridgeFixture, type BridgeUnderTest, createBridgeFixture } from '../support/bridge-fixture.ts';
import { waitFor } from '../support/wait-for.ts';

const OFTEN = { everyMs: 300, spreadMs: 0, soonMs: 50, soonAgainMs: 50, aftermathMs: 3_600_000 };
const HARDLY_EVER = { everyMs: 3_600_000, spreadMs: 0, soonMs: 50, soonAgainMs: 50, aftermathMs: 3_600_000 };

describe.each([
  ['now and then', OFTEN],
  ['after trouble', HARDLY_EVER],
])('the inbox of an integration, looked at %s', (when, inboxLook) => {
  let fixture: BridgeFixture;
  let bridge: BridgeUnderTest;
  beforeAll(async () => {
    fixture = await createBridgeFixture();
    bridge = await fixture.startBridge({ timeouts: { inboxLook } });
  });
  afterAll(() => fixture?.stop());
  afterEach(() => fixture.chatwoot.faults.clear());

  const activate = (name: string, n = 1, overrides: Record<string, unknown> = {}) =>
    bridge.activate(`act_${name}_${n}`, { instance: name, inbox_name: name, ...overrides });
  const get = async (id: string | undefined) => (await bridge.call('GET', `/v1/integrations/${id}`)).body;
  const inboxOf = (id: number | null | undefined) => {
    const inbox = fixture.chatwoot.state.inboxes().find((each) => each.id === id);
    if (inbox === undefined) throw new Error('no such inbox');
    return inbox;
  };
  const rowOf = (id: string | undefined) =>
    fixture.database.prisma.bridgeIntegration.findUniqueOrThrow({ where: { id: id ?? '' } });
  const isRun = (name: string) => waitFor(() => fixture.api.open(`ins_${name}`).length === 1, { describe: `${name} being run` });

  if (when === 'now and then') {
    it.each([
      ['changed', 'https://elsewhere.example/'],
      ['emptied', ''],
    ])('gets its webhook address back that was %s, and the integration says so', async (how, webhookUrl) => {
      const { body } = await activate(how);
      const inbox = inboxOf(body.inbox_id);
      const ours = inbox.webhookUrl;
      inbox.webhookUrl = webhookUrl;
      await waitFor(() => inboxOf(body.inbox_id).webhookUrl === ours, { describe: 'the repair' });
      await waitFor(async () => (await get(body.id)).repaired, { describe: 'the repair being told' });
      expect(await get(body.id)).toMatchObject({
        status: 'active',
        last_error: '',
        repaired: expect.stringMatching(/^\d{4}-.*webhook address/),
      });
      expect(fixture.log.some((line) => line.includes('put an inbox right') && line.includes(body.id ?? ''))).toBe(true);
    });

    it('is unlocked again, and its new name is taken over', async () => {
      const { body } = await activate('locked');
      Object.assign(inboxOf(body.inbox_id), { lockToSingleConversation: true, name: 'renamed there' });
      await waitFor(() => !inboxOf(body.inbox_id).lockToSingleConversation, { describe: 'the lock being taken off' });
      await waitFor(async () => (await rowOf(body.id)).inboxName === 'renamed there', { describe: 'the name being taken over' });
      expect(inboxOf(body.inbox_id).name).toBe('renamed there');
    });

    it('turns into the error it is when it was deleted', async () => {
      const { body } = await activate('deleted');
      await fetch(`${fixture.chatwootUrl}/api/v1/accounts/${ACCOUNT}/inboxes/${body.inbox_id}`, {
        method: 'DELETE',
        headers: { 'api-access-token': fixture.adminToken },
      });
      await waitFor(async () => (await rowOf(body.id)).status === 'error', { describe: 'the error' });
      expect((await rowOf(body.id)).lastError).toContain('activate again to get a new one');
    });

    it('turns into the error it is while the user of the token may not, and back', async () => {
      const token = fixture.chatwoot.state.addUser({ name: 'Eva', accounts: [{ id: ACCOUNT, role: 'administrator' }] });
      const { body } = await activate('refused', 1, { chatwoot_api_token: token });
      fixture.chatwoot.state.setRole(token, ACCOUNT, null);
      await waitFor(async () => (await rowOf(body.id)).status === 'error', { describe: 'the error' });
      expect((await rowOf(body.id)).lastError).toContain('has left the Chatwoot account');
      fixture.chatwoot.state.setRole(token, ACCOUNT, 'administrator');
      await waitFor(async () => (await rowOf(body.id)).status === 'active', { describe: 'the error being gone' });
      expect((await rowOf(body.id)).lastError).toBe('');
    });
  } else {
    it('is repaired soon after its account answers again', async () => {
      const { body } = await activate('outage');
      await isRun('outage');
      inboxOf(body.inbox_id).lockToSingleConversation = true;
      const fault = fixture.chatwoot.faults.add({ path: '/inboxes/', action: { kind: 'status', status: 502 } });
      expect(await get(body.id)).toMatchObject({ status: 'error' });
      fault.clear();
      expect(await get(body.id)).toMatchObject({ status: 'active' });
      await waitFor(() => !inboxOf(body.inbox_id).lockToSingleConversation, { describe: 'the repair' });
    });

    it('is repaired soon after a webhook was refused', async () => {
      const { body } = await activate('forged');
      await isRun('forged');
      const inbox = inboxOf(body.inbox_id);
      inbox.lockToSingleConversation = true;
      const forged = await fetch(`${bridge.url}${new URL(inbox.webhookUrl ?? '').pathname}`, {
        method: 'POST',
        headers: { 'x-chatwoot-timestamp': String(Math.floor(Date.now() / 1_000)), 'x-chatwoot-signature': 'sha256=00' },
        body: '{}',
      });
      expect(forged.status).toBe(401);
      await waitFor(() => !inboxOf(body.inbox_id).lockToSingleConversation, { describe: 'the repair' });
    });

    it('is unlocked by an activation that changes it', async () => {
      const { body } = await activate('set-again');
      inboxOf(body.inbox_id).lockToSingleConversation = true;
      expect((await activate('set-again', 2)).status).toBe(201);
      expect(inboxOf(body.inbox_id).lockToSingleConversation).toBe(false);
    });
  }
});
