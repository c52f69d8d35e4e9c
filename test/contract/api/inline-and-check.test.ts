import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startFakeBridge } from './fake-bridge.ts';
import { CHATWOOT_TOKEN, call, createHarness, type Harness, newInstance, type RunningApi, setBody } from './harness.ts';
import { startTinyWorker } from './tiny-worker.ts';

describe('Chatwoot at the creation of an instance, its end, and the dry run', () => {
  let harness: Harness;
  let api: RunningApi;
  let token: string;
  let bridge: Awaited<ReturnType<typeof startFakeBridge>>;
  let worker: ReturnType<typeof startTinyWorker> | undefined;
  let count = 0;

  beforeAll(async () => {
    bridge = await startFakeBridge();
    harness = await createHarness('postgres', { BRIDGE_URL: bridge.url });
    api = await harness.startApi();
    ({ token } = await harness.createAccount());
  });
  afterEach(async () => {
    await worker?.stop();
    worker = undefined;
    bridge.visits.length = 0;
  });
  afterAll(async () => {
    await harness.stop();
    await bridge.stop();
  });

  const inline = (changes: Record<string, unknown> = {}) => ({
    name: `inline-${++count}`,
    chatwootEnabled: true,
    chatwootBaseUrl: 'https://chatwoot.example.com',
    chatwootAccountId: 5,
    chatwootApiToken: CHATWOOT_TOKEN,
    chatwootInboxName: 'Suporte',
    chatwootSignMessages: true,
    ...changes,
  });
  const create = (body: unknown, base = api.url) => call(base, 'POST', '/api/instance/new', { token, body });

  describe('POST /api/instance/new with chatwoot*', () => {
    it('creates and activates in one request', async () => {
      worker = startTinyWorker(harness);
      const body = inline();
      const answer = await create(body);
      expect(answer.status).toBe(201);
      expect(answer.body).toMatchObject({
        success: true,
        instance: { name: body.name, token: expect.any(String) },
        chatwoot: {
          status: 'active',
          bridge_integration_id: expect.stringMatching(/^int_/),
          message: 'chatwoot integration activated',
        },
      });
      const row = await harness.prisma.activation.findFirstOrThrow({ where: { instance: { name: body.name } } });
      expect(row.settings).toMatchObject({ inboxName: 'Suporte', signMessages: true, ignoreGroups: false });
      expect(JSON.stringify([answer.body, row.settings])).not.toContain(CHATWOOT_TOKEN);
    });

    it('creates the instance whatever goes wrong with Chatwoot, says what did, and set mends it', async () => {
      const error = {
        code: 'chatwoot_not_admin' as const,
        httpStatus: 403,
        message: 'Chatwoot denied the request',
        retryable: false,
      };
      worker = startTinyWorker({ ...harness, decide: () => ({ kind: 'fail', error }) });
      const refused = inline();
      expect(await create(refused)).toMatchObject({
        status: 201,
        body: { success: true, chatwoot: { status: 'error', error: 'Chatwoot denied the request', code: 'chatwoot_not_admin' } },
      });
      expect((await create(inline({ chatwootAccountId: 'x', chatwootApiToken: undefined }))).body.chatwoot).toEqual({
        status: 'error',
        error: 'invalid body: chatwootAccountId: must be a number; chatwootApiToken: is required',
        code: 'invalid_body',
      });
      await worker.stop();
      worker = startTinyWorker(harness);
      expect((await call(api.url, 'POST', `/api/chatwoot/set/${refused.name}`, { token, body: setBody() })).status).toBe(201);
    });

    it('tells when the module is off, or the activation takes too long', async () => {
      const off = await harness.startApi({ BRIDGE_URL: undefined });
      expect((await create(inline(), off.url)).body.chatwoot).toMatchObject({ status: 'error', code: 'gateway_not_configured' });
      await off.stop();
      const impatient = await harness.startApi({ ACTIVATION_TIMEOUT_MS: '1000' });
      expect((await create(inline(), impatient.url)).body).toMatchObject({
        success: true,
        chatwoot: { status: 'error', code: 'activation_timeout' },
      });
      await impatient.stop();
    });

    it('leaves Chatwoot alone unless it is enabled', async () => {
      const answer = await create(inline({ chatwootEnabled: false, chatwootAccountId: 'nonsense' }));
      expect(answer.status).toBe(201);
      expect(answer.body).not.toHaveProperty('chatwoot');
    });
  });

  describe('DELETE /api/instance/delete/:instance', () => {
    const remove = (name: string, as = token) => call(api.url, 'DELETE', `/api/instance/delete/${name}`, { token: as });

    it('takes instance, integration and inbox down, and frees the name', async () => {
      worker = startTinyWorker(harness);
      bridge.reply(() => ({ status: 204 }));
      const body = inline();
      const { instance, chatwoot } = (await create(body)).body;
      expect(await remove(body.name)).toMatchObject({
        status: 200,
        body: { success: true, message: 'Instance deleted successfully' },
      });
      expect(bridge.visits).toMatchObject([{ method: 'DELETE', path: `/v1/integrations/${chatwoot.bridge_integration_id}` }]);
      expect(await harness.prisma.removal.findFirst({ where: { instanceId: instance.id } })).toMatchObject({
        state: 'done',
        reason: 'instance_deleted',
      });
      expect((await remove(body.name)).status).toBe(404);
      expect((await call(api.url, 'GET', '/api/instance/list', { token: instance.token })).body.error.code).toBe('invalid_token');
      expect((await create({ name: body.name })).status).toBe(201);
    });

    it('leaves the inbox to a worker when the bridge is away or off', async () => {
      worker = startTinyWorker(harness);
      bridge.reply(() => 'reset');
      const body = inline();
      const { id } = (await create(body)).body.instance;
      expect((await remove(body.name)).status).toBe(200);
      expect(await harness.prisma.removal.findFirst({ where: { instanceId: id } })).toMatchObject({
        state: 'pending',
        attempts: 1,
      });
    });

    it('is for the TokenAccount, and not while an activation runs', async () => {
      const { name, token: own, id } = await newInstance(api.url, token, `kept-${++count}`);
      expect(await remove(name, own)).toMatchObject({ status: 403, body: { error: { code: 'account_token_required' } } });
      await harness.prisma.activation.create({
        data: {
          id: `act_kept_${count}`,
          instanceId: id,
          requestHash: '',
          settings: {},
          deadlineAt: new Date(Date.now() + 60_000),
        },
      });
      expect(await remove(name)).toMatchObject({ status: 409, body: { error: { code: 'activation_running' } } });
      expect((await call(api.url, 'GET', '/api/instance/list', { token: own })).status).toBe(200);
    });
  });

  describe('POST /api/chatwoot/check/:instance', () => {
    it('says that the settings would activate, and changes nothing', async () => {
      bridge.reply(() => ({ status: 200, body: { ok: true } }));
      const { name, id } = await newInstance(api.url, token, `check-${++count}`);
      const answer = await call(api.url, 'POST', `/api/chatwoot/check/${name}`, { token, body: setBody() });
      expect(answer).toMatchObject({
        status: 200,
        body: {
          instance: name,
          ok: true,
          chatwoot_base_url: 'https://chatwoot.example.com',
          chatwoot_account_id: 5,
          chatwoot_inbox_name: 'RyzeAPI',
          message: expect.any(String),
        },
      });
      expect(bridge.visits).toMatchObject([
        {
          method: 'POST',
          path: '/v1/integrations/check',
          body: { instance: name, instance_id: id, chatwoot_account_id: 5, chatwoot_api_token: CHATWOOT_TOKEN },
        },
      ]);
      expect(await harness.prisma.activation.count({ where: { instanceId: id } })).toBe(0);
    });

    it('says that history which the engine cannot tell would be asked for in vain', async () => {
      bridge.reply(() => ({ status: 200, body: { ok: true } }));
      const { name, id } = await newInstance(api.url, token, `check-${++count}`);
      const ask = (importHistoryDays: number) =>
        call(api.url, 'POST', `/api/chatwoot/check/${name}`, { token, body: setBody({ importHistoryDays }) });
      expect((await ask(0)).body).not.toHaveProperty('warnings');
      expect((await ask(7)).body.warnings).toEqual([expect.stringMatching(/^importHistoryDays has no effect: this engine/)]);
      expect((await ask(31)).body.error).toMatchObject({
        code: 'invalid_body',
        message: 'invalid body: importHistoryDays: must be a whole number from 0 to 30',
      });
      await harness.prisma.instance.update({ where: { id }, data: { engineKind: 'evolution' } });
      expect((await ask(7)).body).not.toHaveProperty('warnings');
    });

    it('answers the error that set would give, without the token that the bridge repeats', async () => {
      const url = 'https://chatwoot.example.com/api/v1/accounts/5/inboxes';
      bridge.reply(() => ({
        status: 502,
        body: {
          success: false,
          error: {
            message: `${url} HTTP 401: {"error":"Invalid Access Token ${CHATWOOT_TOKEN}"}`,
            upstream: { method: 'POST', url, status: 401, body: `{"error":"Invalid Access Token ${CHATWOOT_TOKEN}"}` },
          },
        },
      }));
      const { name } = await newInstance(api.url, token, `check-${++count}`);
      const answer = await call(api.url, 'POST', `/api/chatwoot/check/${name}`, { token, body: setBody() });
      expect(answer).toMatchObject({ status: 401, body: { success: false, error: { code: 'chatwoot_token_invalid' } } });
      expect(answer.body.error.message).toMatch(/^Chatwoot rejected the API token — verify chatwootApiToken\. Detail: /);
      expect(JSON.stringify(answer.body)).not.toContain(CHATWOOT_TOKEN);
      expect(harness.log()).not.toContain(CHATWOOT_TOKEN);
    });

    it('checks the body as set does, and says when the bridge is away', async () => {
      const { name } = await newInstance(api.url, token, `check-${++count}`);
      const check = (body: unknown) => call(api.url, 'POST', `/api/chatwoot/check/${name}`, { token, body });
      expect((await check({})).body.error.code).toBe('invalid_body');
      bridge.reply(() => 'reset');
      expect(await check(setBody())).toMatchObject({ status: 502, body: { error: { code: 'bridge_unreachable' } } });
    });
  });

  it('takes a second set on an active instance as a new activation, and lists what it says', async () => {
    worker = startTinyWorker(harness);
    bridge.reply(() => 'reset');
    const { name } = await newInstance(api.url, token, `second-${++count}`);
    const set = (body: unknown) => call(api.url, 'POST', `/api/chatwoot/set/${name}`, { token, body });
    const first = await set(setBody());
    const second = await set(setBody({ inboxName: 'Another', chatwootAccountId: 6 }));
    expect([first.status, second.status]).toEqual([201, 201]);
    const listed = await call(api.url, 'GET', `/api/chatwoot/list/${name}`, { token });
    expect(listed.body).toMatchObject({
      bridge_integration_id: second.body.bridge_integration_id,
      chatwoot_inbox_name: 'Another',
      chatwoot_account_id: 6,
    });
    const history = await call(api.url, 'GET', `/api/chatwoot/activations/${name}`, { token });
    expect(history.body.activations.map((one: { id: string }) => one.id)).toEqual([
      second.headers.get('x-activation-id'),
      first.headers.get('x-activation-id'),
    ]);
  });
});
