import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChatwootSimulator, createChatwootSimulator } from '../../simulators/chatwoot/index.ts';
import { expectNoDefects } from '../support/defects.ts';
import { createFaultProxy, type FaultProxy } from '../support/fault-proxy.ts';
import { freePort } from '../support/ports.ts';
import { createRedisDatabase } from '../support/redis.ts';
import { type Answer, type Stack, type StackProcess, startStack } from '../support/stack.ts';
import { waitFor } from '../support/wait-for.ts';
import { newInstance } from './error-table/outcome.ts';
import { DEADLINE_MS } from './error-table/row.ts';

/** Of an answer that something of Ponte is away: promised is 2.5 s, of which a busy machine takes its own share here. */
const AWAY_WITHIN_MS = 4_000;

describe('what the client of set is told of its own request and of Ponte', () => {
  let stack: Stack;
  let chatwoot: ChatwootSimulator;
  let database: FaultProxy;
  let token: string;
  let admin: string;
  /** Apis beside the first one that lack something. */
  let without: { bridge: StackProcess; queue: StackProcess; workers: StackProcess };
  const account = 5;

  beforeAll(async () => {
    chatwoot = createChatwootSimulator();
    admin = chatwoot.state.addUser({ name: 'Ana', accounts: [{ id: account, role: 'administrator' }] });
    const env = { ACTIVATION_TIMEOUT_MS: String(DEADLINE_MS) };
    const [idleQueue, started] = await Promise.all([
      createRedisDatabase(),
      startStack({ engine: 'redis', env }),
      chatwoot.start(),
    ]);
    stack = started;
    const url = new URL(stack.databaseUrl);
    database = await createFaultProxy({ target: { port: Number(url.port) } });
    url.port = String(database.port);
    const [bridge, queue, workers] = await Promise.all([
      stack.startApi(undefined, { BRIDGE_URL: '', RATE_LIMIT_PER_MINUTE: '2' }),
      stack.startApi(undefined, { REDIS_URL: `redis://127.0.0.1:${await freePort()}` }),
      // Nobody works on what it queues, and its way to the database can be cut.
      stack.startApi(undefined, { REDIS_URL: idleQueue.url, DATABASE_URL: url.href, ACTIVATION_TIMEOUT_MS: '1500' }),
    ]);
    without = { bridge, queue, workers };
    ({ token } = await stack.createAccount());
  });
  afterAll(async () => {
    chatwoot?.faults.clear();
    await database?.set({ mode: 'pass' });
    await stack?.stop();
    await Promise.all([chatwoot?.stop(), database?.stop()]);
  });

  const body = (overrides: object = {}) => ({
    chatwootBaseUrl: chatwoot.url(),
    chatwootAccountId: account,
    chatwootApiToken: admin,
    inboxName: 'WhatsApp',
    ...overrides,
  });
  const set = (instance: string, more: Partial<Parameters<Stack['request']>[0]> = {}): Promise<Answer> =>
    stack.request({ path: `/api/chatwoot/set/${instance}`, token, body: body(), ...more });
  const told = (answer: Answer) => ({ status: answer.status, body: answer.body });
  const error = (status: number, code: string, message: string) => ({
    status,
    body: { success: false, error: { code, message } },
  });

  it('400, a body with several faults', async () => {
    await newInstance(stack, token, 'faulty');
    const answer = await set('faulty', {
      body: body({ chatwootBaseUrl: 'chatwoot', chatwootAccountId: '5', chatwootApiToken: undefined }),
    });
    expect(told(answer)).toEqual(
      error(
        400,
        'invalid_body',
        'invalid body: chatwootBaseUrl: must be an http:// or https:// URL; chatwootAccountId: must be a number; chatwootApiToken: is required',
      ),
    );
  });

  it('401, no token and a wrong one; 403, the token of another instance; 404, no such instance', async () => {
    const { token: ofOther } = await newInstance(stack, token, 'other');
    await newInstance(stack, token, 'mine');
    expect(told(await set('mine', { token: undefined }))).toEqual(error(401, 'missing_token', 'Missing token in header'));
    expect(told(await set('mine', { token: 'pta_wrong' }))).toEqual(error(401, 'invalid_token', 'Invalid token'));
    expect(told(await set('mine', { token: ofOther }))).toEqual(
      error(403, 'instance_token_mismatch', 'Instance token does not match this instance'),
    );
    expect(told(await set('nobody'))).toEqual(error(404, 'instance_not_found', 'instance not found'));
    const { token: ofStranger } = await stack.createAccount();
    expect(told(await set('mine', { token: ofStranger }))).toEqual(error(404, 'instance_not_found', 'instance not found'));
  });

  it('409, another activation with other settings is running', async () => {
    await newInstance(stack, token, 'twice');
    chatwoot.faults.add({ method: 'POST', path: /\/inboxes$/, times: 1, action: { kind: 'delay', delayMs: 1_000 } });
    const first = set('twice');
    await waitFor(() => chatwoot.faults.list().length === 0, { describe: 'the first one being under way' });
    const second = await set('twice', { body: body({ inboxName: 'Another' }) });
    const { headers, status } = await first;
    expect(status).toBe(201);
    const message = `another activation of this instance, with other settings, is still running — wait for activation ${headers.get('x-activation-id')} to finish, then try again`;
    expect(told(second)).toEqual(error(409, 'activation_conflict', message));
  });

  it('503, no bridge is configured; 429, too many requests, which comes first', async () => {
    // The limit counts what a token asks for at every api.
    const { token: fresh } = await stack.createAccount();
    await newInstance(stack, fresh, 'moduleless');
    const gateway = error(503, 'gateway_not_configured', 'integration gateway not configured (set BRIDGE_URL and BRIDGE_TOKEN)');
    const asFresh = { token: fresh, api: without.bridge };
    expect(told(await set('moduleless', asFresh))).toEqual(gateway);
    expect(told(await set('nobody', asFresh))).toEqual(gateway);
    const limited = await set('moduleless', asFresh);
    expect(told(limited)).toEqual(error(429, 'rate_limited', 'Rate limit exceeded. Try again later.'));
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('503, the queue is down, and what was asked for then never runs', async () => {
    await newInstance(stack, token, 'queueless');
    const startedAt = performance.now();
    expect(told(await set('queueless', { api: without.queue }))).toEqual(
      error(503, 'queue_unavailable', 'the queue is unavailable — nothing was changed, try again in a few seconds'),
    );
    expect(performance.now() - startedAt).toBeLessThan(AWAY_WITHIN_MS);
    const history = await stack.request({ method: 'GET', path: '/api/chatwoot/activations/queueless', token });
    expect(history.body.activations).toMatchObject([{ state: 'failed', attempt: 0 }]);
    expect((await set('queueless')).status).toBe(201);
  });

  it('504, nobody has finished it in time: names the activation and where to look', async () => {
    await newInstance(stack, token, 'workerless');
    const answer = await set('workerless', { api: without.workers });
    const id = answer.headers.get('x-activation-id');
    const look = 'it may still succeed: look at GET /api/chatwoot/activations/workerless';
    expect(told(answer)).toEqual(error(504, 'activation_timeout', `activation ${id} has not finished within 1.5 s — ${look}`));
    const history = await stack.request({ method: 'GET', path: '/api/chatwoot/activations/workerless', token });
    expect(history.body.activations).toMatchObject([{ id, state: 'pending', attempt: 0 }]);
    // The next request does not have to wait for it.
    expect((await set('workerless')).status).toBe(201);
    expect(chatwoot.state.countRequests('POST', /\/inboxes$/)).toBeGreaterThan(0);
  });

  it('503, the database is down', async () => {
    await newInstance(stack, token, 'baseless');
    await database.set({ mode: 'refuse' });
    const startedAt = performance.now();
    expect(told(await set('baseless', { api: without.workers }))).toEqual(
      error(503, 'database_unavailable', 'the database is unavailable — nothing was changed, try again in a few seconds'),
    );
    expect(performance.now() - startedAt).toBeLessThan(AWAY_WITHIN_MS);
  });

  it('no process has met anything it did not expect', () => expectNoDefects(stack));
});
