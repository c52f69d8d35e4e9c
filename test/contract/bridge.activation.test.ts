import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ACCOUNT, type BridgeFixture, type BridgeUnderTest, createBridgeFixture } from '../support/bridge-fixture.ts';
import { waitFor } from '../support/wait-for.ts';

const INBOXES = `/api/v1/accounts/${ACCOUNT}/inboxes`;

describe('activating through the bridge', () => {
  let fixture: BridgeFixture;
  let bridge: BridgeUnderTest;
  beforeAll(async () => {
    fixture = await createBridgeFixture();
    // Looks at inboxes have tests of their own, and would be calls that nobody here has asked for.
    const inboxLook = { everyMs: 3_600_000, spreadMs: 0, soonMs: 3_600_000, soonAgainMs: 3_600_000, aftermathMs: 3_600_000 };
    bridge = await fixture.startBridge({ timeouts: { pollEveryMs: 500, inboxLook } });
  });
  afterAll(() => fixture?.stop());
  afterEach(() => {
    fixture.chatwoot.faults.clear();
    fixture.api.behave('well');
  });

  const inboxesNamed = (name: string) => fixture.chatwoot.state.inboxes(ACCOUNT).filter((inbox) => inbox.name === name);
  const rowsOf = (key: string) => fixture.database.prisma.bridgeIntegration.findMany({ where: { idempotencyKey: key } });
  const calls = () => fixture.chatwoot.state.requests.map(({ method, path }) => `${method} ${path}`);
  /** Instance, inbox and key of one name: tests in one database must not meet. */
  const activate = (name: string, overrides: Record<string, unknown> = {}, on = bridge) =>
    on.activate(`act_${name}`, { instance: name, inbox_name: name, ...overrides });
  const deadline = (ms: number) => ({ deadline_at: new Date(Date.now() + ms).toISOString() });

  it('makes the inbox with exactly one call to Chatwoot, and runs the stream', async () => {
    fixture.chatwoot.state.clearRequests();
    const { status, body } = await activate('one-call');
    expect({ status, body }).toEqual({
      status: 201,
      body: {
        id: expect.stringMatching(/^int_\w{16}$/),
        status: 'active',
        inbox_id: inboxesNamed('one-call')[0]?.id,
        inbox_name: 'one-call',
        replaces: null,
        previous_inbox: null,
        chatwoot_ms: expect.any(Number),
      },
    });
    expect(calls()).toEqual([`POST ${INBOXES}`]);
    expect(inboxesNamed('one-call')[0]).toMatchObject({
      channelType: 'Channel::Api',
      lockToSingleConversation: false,
      webhookUrl: expect.stringMatching(/^http:\/\/localhost:\d+\/webhooks\/chatwoot\/ptw_\w{40}$/),
    });
    await waitFor(() => fixture.api.open('ins_one-call').length === 1, { describe: 'the stream being open' });
  });

  it('has let go of the instance when it answers, so that any bridge may go on with it', async () => {
    const { status } = await activate('let-go');
    const held = await fixture.database.prisma.bridgeLock.count({ where: { instanceId: 'ins_let-go' } });
    expect({ status, held }).toEqual({ status: 201, held: 0 });
  });

  it.each([-400_000, 400_000])(
    'goes by the remaining milliseconds, whatever a clock that is %i ms off makes of the time of day',
    async (offMs) => {
      const name = `off-by-${offMs}`;
      const wrong = { deadline_at: new Date(Date.now() + offMs).toISOString() };
      expect(await activate(name, { remaining_ms: 20_000, ...wrong })).toMatchObject({ status: 201 });
      expect(inboxesNamed(name)).toHaveLength(1);
      // And no longer than these: the clock is no reason to go on for minutes.
      fixture.chatwoot.faults.add({ path: /\/inboxes$/, action: { kind: 'hang' } });
      const startedAt = performance.now();
      expect((await activate(`silent-${name}`, { remaining_ms: 1_000, ...wrong })).status).toBe(502);
      expect(performance.now() - startedAt).toBeLessThan(10_000);
    },
  );

  it('answers a repeated call with the same key from memory, without calling Chatwoot', async () => {
    const first = await activate('again');
    fixture.chatwoot.state.clearRequests();
    const second = await activate('again');
    expect(second).toMatchObject({ status: 201, body: { ...first.body, chatwoot_ms: 0 } });
    // Whoever runs the first one may just be asking for the language of its account.
    expect(calls().filter((call) => call !== `GET /api/v1/accounts/${ACCOUNT}`)).toEqual([]);
  });

  it('makes one inbox of ten calls with the same key at once', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => activate('ten')));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(201));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(inboxesNamed('ten')).toHaveLength(1);
  });

  it('makes one inbox of calls with the same key at two bridges at once', async () => {
    const other = await fixture.startBridge();
    const answers = await Promise.all([bridge, other, bridge, other].map((on) => activate('two-bridges', {}, on)));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    expect(inboxesNamed('two-bridges')).toHaveLength(1);
    await other.stop();
  });

  it('says that it is busy when another call holds the instance for too long, and does not touch Chatwoot', async () => {
    fixture.chatwoot.faults.add({ method: 'POST', path: INBOXES, times: 1, action: { kind: 'delay', delayMs: 3_000 } });
    const slow = activate('busy');
    await waitFor(() => fixture.chatwoot.state.countRequests('POST', /inboxes$/) > 0);
    const other = await bridge.activate('act_busy-2', { instance: 'busy', inbox_name: 'busy' });
    expect(other).toMatchObject({ status: 409, body: { error: { code: 'bridge_busy' } } });
    expect((await slow).status).toBe(201);
    expect(inboxesNamed('busy')).toHaveLength(1);
  });

  it('stores no secret in the clear and logs none', async () => {
    await activate('secrets');
    const [row] = await rowsOf('act_secrets');
    const [inbox] = inboxesNamed('secrets');
    const webhookKey = inbox?.webhookUrl?.split('/').at(-1) ?? 'missing';
    const everything =
      JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? String(value) : value)) + fixture.log.join();
    for (const secret of [fixture.adminToken, webhookKey, inbox?.secret ?? 'missing']) expect(everything).not.toContain(secret);
    expect(row?.webhookSecret).toMatch(/^v1\.k1\./);
  });

  describe('when the outcome of the request to Chatwoot is unknown', () => {
    it.each([
      ['reset', { kind: 'resetAfterEffect' } as const],
      ['cut-off', { kind: 'truncateBody' } as const],
    ])('takes the inbox that was made when the answer is %s', async (name, action) => {
      fixture.chatwoot.faults.add({ method: 'POST', path: INBOXES, times: 1, action });
      const { status, body } = await activate(name);
      expect({ status, id: body.inbox_id }).toEqual({ status: 201, id: inboxesNamed(name)[0]?.id });
      expect(inboxesNamed(name)).toHaveLength(1);
    });

    it('is bounded when Chatwoot goes silent, and a second try takes the inbox that was made', async () => {
      fixture.chatwoot.faults.add({ method: 'POST', path: INBOXES, times: 1, action: { kind: 'hangAfterEffect' } });
      const startedAt = Date.now();
      const first = await activate('silent', deadline(1_000));
      expect(Date.now() - startedAt).toBeLessThan(3_000);
      expect(first).toMatchObject({ status: 502, body: { error: { upstream: { network: 'timeout', method: 'POST' } } } });
      expect(await rowsOf('act_silent')).toMatchObject([{ state: 'creating', inboxId: null }]);

      const second = await activate('silent');
      expect(second).toMatchObject({ status: 201, body: { inbox_id: inboxesNamed('silent')[0]?.id } });
      expect(inboxesNamed('silent')).toHaveLength(1);
    });

    it('makes the inbox at the second try when the first had no effect', async () => {
      fixture.chatwoot.faults.add({
        method: 'POST',
        path: INBOXES,
        times: 1,
        action: { kind: 'status', status: 504, body: '<h1>504</h1>' },
      });
      expect(await activate('no-effect')).toMatchObject({ status: 502, body: { error: { upstream: { status: 504 } } } });
      expect(await activate('no-effect')).toMatchObject({ status: 201 });
      expect(inboxesNamed('no-effect')).toHaveLength(1);
    });

    it('deletes a second inbox that a late answer leaves after the activation has succeeded, and looks once more a minute after it', async () => {
      fixture.chatwoot.faults.add({ method: 'POST', path: INBOXES, times: 1, action: { kind: 'status', status: 504 } });
      await activate('late');
      const { body } = await activate('late');
      const [made] = inboxesNamed('late');
      fixture.chatwoot.state.addInbox({ accountId: ACCOUNT, name: 'late', webhookUrl: made?.webhookUrl ?? null });
      const wasSent = (agoMs: number) =>
        fixture.database.prisma.bridgeIntegration.updateMany({
          where: { id: body.id ?? '' },
          data: { createSentAt: new Date(Date.now() - agoMs) },
        });
      await wasSent(21_000);
      await waitFor(() => inboxesNamed('late').length === 1, { describe: 'the second inbox being gone' });
      fixture.chatwoot.state.addInbox({ accountId: ACCOUNT, name: 'late', webhookUrl: made?.webhookUrl ?? null });
      await wasSent(66_000);
      await waitFor(async () => (await rowsOf('act_late'))[0]?.createSentAt === null, { describe: 'the last sweep' });
      await waitFor(() => inboxesNamed('late').length === 1, { describe: 'the third inbox being gone' });
      expect(inboxesNamed('late')[0]?.id).toBe(body.inbox_id);
    });

    it('keeps the oldest of two inboxes that both tries have made', async () => {
      fixture.chatwoot.faults.add({ method: 'POST', path: INBOXES, times: 1, action: { kind: 'hangAfterEffect' } });
      await activate('twins', deadline(500));
      const [made] = inboxesNamed('twins');
      fixture.chatwoot.state.addInbox({ accountId: ACCOUNT, name: 'twins', webhookUrl: made?.webhookUrl ?? null });
      expect(await activate('twins')).toMatchObject({ status: 201, body: { inbox_id: made?.id } });
      await waitFor(() => inboxesNamed('twins').length === 1, { describe: 'the second inbox being gone' });
    });
  });

  describe('when the bridge is killed', () => {
    it.each([
      ['before', { kind: 'hang' } as const],
      ['after', { kind: 'hangAfterEffect' } as const],
    ])('%s Chatwoot has made the inbox, the next bridge ends with one inbox', async (name, action) => {
      const victim = await fixture.startBridgeProcess('test/support/quick-bridge.ts');
      fixture.chatwoot.state.clearRequests();
      fixture.chatwoot.faults.add({ method: 'POST', path: INBOXES, times: 1, action });
      const lost = activate(name, {}, victim).catch(() => 'lost');
      await waitFor(() => fixture.chatwoot.state.countRequests('POST', /inboxes$/) === 1, {
        describe: 'the request for the inbox',
      });
      await victim.process.kill9();
      expect(await lost).toBe('lost');
      fixture.chatwoot.faults.clear();
      // The dead process's lock runs out by itself; until then its successor is told to come back.
      const taken = await waitFor(
        async () => {
          const answer = await activate(name);
          return answer.body.error?.code === 'bridge_busy' ? undefined : answer;
        },
        { timeoutMs: 30_000, describe: 'the lock of the dead process running out' },
      );
      expect(taken).toMatchObject({ status: 201, body: { inbox_id: inboxesNamed(name)[0]?.id } });
      expect(inboxesNamed(name)).toHaveLength(1);
    });
  });

  describe('when the event stream cannot be had', () => {
    it.each<[string, 'silent' | number]>([
      ['refused', 401],
      ['silent', 'silent'],
    ])('deletes the inbox again when it is %s', async (name, how) => {
      fixture.api.behave(how);
      const { status, body } = await activate(`stream-${name}`, deadline(how === 'silent' ? 1_000 : 20_000));
      expect(status).toBe(502);
      expect(body.error).toMatchObject({
        code: 'bridge_stream_unavailable',
        message: expect.stringContaining(`ins_stream-${name}`),
      });
      await waitFor(() => inboxesNamed(`stream-${name}`).length === 0, { describe: 'the inbox being gone' });
      expect(await rowsOf(`act_stream-${name}`)).toEqual([]);
    });

    it('first finishes deleting the inbox that it could not delete, then makes a new one', async () => {
      fixture.api.behave(503);
      const broken = fixture.chatwoot.faults.add({ method: 'DELETE', action: { kind: 'status', status: 502 } });
      expect(await activate('undeleted')).toMatchObject({ status: 502, body: { error: { code: 'bridge_stream_unavailable' } } });
      const [doomed] = inboxesNamed('undeleted');
      expect(await rowsOf('act_undeleted')).toMatchObject([{ state: 'creating', inboxId: doomed?.id }]);
      fixture.api.behave('well');
      broken.clear();
      const { status, body } = await activate('undeleted');
      expect(status).toBe(201);
      expect(body.inbox_id).not.toBe(doomed?.id);
      await waitFor(() => inboxesNamed('undeleted').length === 1, { describe: 'the first inbox being gone' });
    });
  });

  it('starts nothing after the deadline', async () => {
    fixture.chatwoot.state.clearRequests();
    const answer = await activate('too-late', { ...deadline(-1), chatwoot_account_id: ACCOUNT + 1 });
    expect(answer).toMatchObject({ status: 504, body: { error: { code: 'activation_expired' } } });
    // Whoever runs the integration of an earlier test may ask for the language of its account, or look after its inbox, only now.
    expect(calls().filter((call) => !new RegExp(`^GET /api/v1/accounts/${ACCOUNT}(/inboxes)?$`).test(call))).toEqual([]);
    expect(await rowsOf('act_too-late')).toEqual([]);
  });

  it('refuses a key that was used for another Chatwoot account', async () => {
    await activate('reused');
    const answer = await activate('reused', { chatwoot_account_id: 6 });
    expect(answer).toMatchObject({ status: 409, body: { error: { code: 'idempotency_key_reused' } } });
  });

  describe('the edge', () => {
    it('answers 401 to everybody without BRIDGE_TOKEN, and to nobody else', async () => {
      const answer = await bridge.call('POST', '/v1/integrations/activate', {
        key: 'act_x',
        body: fixture.body(),
        token: 'wrong',
      });
      expect(answer).toMatchObject({ status: 401, body: { success: false, error: { code: 'bridge_unauthorized' } } });
      const bare = await fetch(`${bridge.url}/v1/integrations/int_x`);
      expect(bare.status).toBe(401);
    });

    it('names every field at fault and repeats no value', async () => {
      const body = fixture.body({ chatwoot_base_url: 'ftp://x', chatwoot_account_id: 0, chatwoot_api_token: 'with a space' });
      const answer = await bridge.call('POST', '/v1/integrations/activate', { key: 'act_x', body });
      expect(answer).toMatchObject({ status: 400, body: { error: { code: 'invalid_body' } } });
      for (const field of ['chatwoot_base_url', 'chatwoot_account_id', 'chatwoot_api_token']) {
        expect(answer.body.error?.message).toContain(field);
      }
      expect(answer.body.error?.message).not.toContain('with a space');
    });

    it('wants an Idempotency-Key', async () => {
      const answer = await bridge.call('POST', '/v1/integrations/activate', { body: fixture.body() });
      expect(answer).toMatchObject({ status: 400, body: { error: { code: 'invalid_request' } } });
    });

    it('answers an unsigned webhook of a known inbox with 401 and one of an unknown inbox with 404', async () => {
      await activate('hooked');
      const path = new URL(inboxesNamed('hooked')[0]?.webhookUrl ?? '').pathname;
      const known = await fetch(`${bridge.url}${path}`, { method: 'POST', body: '{"event":"conversation_updated"}' });
      expect(known.status).toBe(401);
      const unknown = await fetch(`${bridge.url}/webhooks/chatwoot/ptw_unknown`, { method: 'POST', body: '{}' });
      expect(unknown.status).toBe(404);
    });

    it('is alive and ready', async () => {
      expect((await fetch(`${bridge.url}/healthz`)).status).toBe(200);
      expect((await fetch(`${bridge.url}/readyz`)).status).toBe(200);
    });
  });
});
