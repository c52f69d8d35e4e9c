import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createKeyring } from '../../../shared/encryption/keyring.ts';
import { parseKeys } from '../../../shared/encryption/keys.ts';
import { waitFor } from '../../support/wait-for.ts';
import { CHATWOOT_TOKEN, call, createHarness, ENGINES, type Harness, newInstance, type RunningApi, setBody } from './harness.ts';
import { settle, startTinyWorker } from './tiny-worker.ts';

describe.each(ENGINES)('POST /api/chatwoot/set/:instance, queue in %s', (engine) => {
  let harness: Harness;
  let api: RunningApi;
  let token: string;
  let worker: ReturnType<typeof startTinyWorker> | undefined;
  let count = 0;
  const fresh = () => newInstance(api.url, token, `set-${++count}`);
  const set = (
    name: string,
    body: unknown = setBody(),
    { base = api.url, headers = {}, ...extra }: { token?: string; base?: string; headers?: Record<string, string> } = {},
  ) => call(base, 'POST', `/api/chatwoot/set/${name}`, { token: extra.token ?? token, body, headers });

  beforeAll(async () => {
    harness = await createHarness(engine);
    api = await harness.startApi();
    ({ token } = await harness.createAccount());
  });
  afterEach(async () => {
    await worker?.stop();
    worker = undefined;
  });
  afterAll(() => harness.stop());

  it('answers 201 with exactly the four documented fields once the worker has recorded the integration', async () => {
    worker = startTinyWorker(harness);
    const { name } = await fresh();
    const answer = await set(name);
    expect(answer.status).toBe(201);
    const integration = await harness.prisma.chatwootIntegration.findFirstOrThrow({ where: { instance: { name } } });
    expect(answer.body).toEqual({
      instance: name,
      status: 'active',
      bridge_integration_id: integration.bridgeIntegrationId,
      message: 'chatwoot integration activated',
    });
    expect(answer.headers.get('x-activation-id')).toMatch(/^act_/);
    expect(answer.headers.get('x-request-id')).toMatch(/^req_/);
  });

  it('queues nothing but the id of the activation, and stores the token only encrypted for this instance', async () => {
    const { name, id: instanceId } = await fresh();
    const pending = set(name);
    const row = await waitFor(() => harness.prisma.activation.findFirst({ where: { instanceId } }));
    const [envelope] = [row.chatwootToken ?? ''];
    expect(JSON.stringify(row)).not.toContain(CHATWOOT_TOKEN);
    const parsed = parseKeys(harness.env.ENCRYPTION_KEYS ?? '');
    if ('fault' in parsed) throw new Error(parsed.fault);
    const keyring = createKeyring(parsed.keys);
    expect(keyring.decrypt(envelope, { purpose: 'chatwoot-token', owner: instanceId })).toBe(CHATWOOT_TOKEN);
    worker = startTinyWorker(harness);
    const { headers } = await pending;
    expect(worker.jobs).toEqual([{ v: 1, activationId: row.id, requestId: headers.get('x-request-id') }]);
  });

  it('fills in the documented defaults and normalises the address', async () => {
    worker = startTinyWorker(harness);
    const { name, id: instanceId } = await fresh();
    await set(
      name,
      setBody({
        chatwootBaseUrl: ' HTTPS://Chatwoot.Example.com/sub/ ',
        chatwootApiToken: ` ${CHATWOOT_TOKEN} `,
        inboxName: null,
      }),
    );
    const row = await harness.prisma.activation.findFirstOrThrow({ where: { instanceId } });
    expect(row.settings).toEqual({
      chatwootBaseUrl: 'https://chatwoot.example.com/sub',
      chatwootAccountId: 5,
      inboxName: 'RyzeAPI',
      deleteOldInbox: false,
      signMessages: false,
      ignoreGroups: false,
      startAsPending: false,
      reopenResolved: false,
    });
  });

  it("answers a failure with the row's status, code and text, word for word", async () => {
    const error = {
      code: 'chatwoot_token_invalid' as const,
      httpStatus: 401,
      message: 'Chatwoot rejected the API token — verify chatwootApiToken. Detail: https://c.example HTTP 401: {}',
      retryable: false,
    };
    worker = startTinyWorker({ ...harness, decide: () => ({ kind: 'fail', error }) });
    const answer = await set((await fresh()).name);
    expect(answer.status).toBe(401);
    expect(answer.body).toEqual({ success: false, error: { message: error.message, code: error.code } });
  });

  it('sends Retry-After where the failure knows when another try makes sense', async () => {
    const error = {
      code: 'chatwoot_rate_limited' as const,
      httpStatus: 503,
      message: 'busy',
      retryable: true,
      retryAfterSeconds: 41.2,
    };
    worker = startTinyWorker({ ...harness, decide: () => ({ kind: 'fail', error }) });
    const answer = await set((await fresh()).name);
    expect(answer.headers.get('retry-after')).toBe('42');
  });

  it('names every field at fault, and repeats no value', async () => {
    const { name } = await fresh();
    const answer = await set(name, {
      chatwootBaseUrl: 'ftp://user:pass@x',
      chatwootAccountId: 2_147_483_648,
      chatwootApiToken: 'secret with spaces',
      inboxName: 'null',
      signMessages: 'yes',
    });
    expect(answer.status).toBe(400);
    expect(answer.body.error).toEqual({
      code: 'invalid_body',
      message:
        'invalid body: chatwootBaseUrl: must be an http:// or https:// URL; chatwootAccountId: must be from 1 to 2147483647; ' +
        'chatwootApiToken: must not contain spaces, control characters or letters outside ASCII; ' +
        'inboxName: must not be the word null; signMessages: must be true or false',
    });
  });

  it('says which fields are missing', async () => {
    const answer = await set((await fresh()).name, {});
    expect(answer.body.error.message).toBe(
      'invalid body: chatwootBaseUrl: is required; chatwootAccountId: is required; chatwootApiToken: is required',
    );
  });

  it('joins an identical request to the activation that is running, and refuses a different one with its id', async () => {
    const { name } = await fresh();
    const first = set(name);
    const row = await waitFor(() => harness.prisma.activation.findFirst({ where: { instance: { name } } }));
    const second = set(name, setBody(), { headers: { 'idempotency-key': 'joins' } });
    await waitFor(async () => (await harness.prisma.activationKey.count({ where: { key: 'joins' } })) === 1);
    const other = await set(name, setBody({ signMessages: true }));
    expect(other.status).toBe(409);
    expect(other.body.error.code).toBe('activation_conflict');
    expect(other.body.error.message).toContain(row.id);
    worker = startTinyWorker(harness);
    const [a, b] = await Promise.all([first, second]);
    expect([a.status, b.status]).toEqual([201, 201]);
    expect(a.body).toEqual(b.body);
    expect(await harness.prisma.activation.count({ where: { instance: { name } } })).toBe(1);
  });

  it('answers 504 at the deadline with the id of the activation and where to look', async () => {
    const impatient = await harness.startApi({ ACTIVATION_TIMEOUT_MS: '1500' });
    const { name } = await fresh();
    const begun = Date.now();
    const answer = await set(name, setBody(), { base: impatient.url });
    const took = Date.now() - begun;
    const id = answer.headers.get('x-activation-id');
    await impatient.stop();
    expect(answer.status).toBe(504);
    expect(answer.body.error.message).toBe(
      `activation ${id} has not finished within 1.5 s — it may still succeed: look at GET /api/chatwoot/activations/${name}`,
    );
    expect(took).toBeGreaterThanOrEqual(1_490);
    expect(took).toBeLessThan(2_100);
  });

  it('ends an activation that was left unfinished past its deadline, and begins anew', async () => {
    const { name, id: instanceId } = await fresh();
    const left = await harness.prisma.activation.create({
      data: {
        id: 'act_left_behind',
        instanceId,
        requestHash: 'another',
        settings: {},
        state: 'running',
        attempt: 1,
        deadlineAt: new Date(Date.now() - 1_000),
      },
    });
    worker = startTinyWorker(harness);
    expect((await set(name)).status).toBe(201);
    const ended = await harness.prisma.activation.findUniqueOrThrow({ where: { id: left.id } });
    expect(ended).toMatchObject({ state: 'failed', error: { code: 'activation_expired' } });
    const removal = await harness.prisma.removal.findFirstOrThrow({ where: { activationId: left.id } });
    expect(removal).toMatchObject({ state: 'pending', reason: 'activation_failed', instanceId });
    await harness.prisma.activation.delete({ where: { id: left.id } });
  });

  it('answers although every notification is lost, within the safety poll', async () => {
    const { name } = await fresh();
    const pending = set(name);
    const row = await waitFor(() => harness.prisma.activation.findFirst({ where: { instance: { name } } }));
    const begun = Date.now();
    await settle(harness.prisma, row.id, { kind: 'succeed' }, false);
    expect((await pending).status).toBe(201);
    expect(Date.now() - begun).toBeLessThan(2_500);
  });

  it('writes no token into the log', async () => {
    expect(harness.log()).not.toContain(CHATWOOT_TOKEN);
    expect(harness.log()).not.toContain(token);
    expect(harness.log()).toContain('"path":"/api/chatwoot/set/set-1"');
  });
});
