import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKeyring } from '../../../shared/encryption/keyring.ts';
import { parseKeys } from '../../../shared/encryption/keys.ts';
import { DELIVERY_PATH, type DeliveryKey, openDeliveryKey } from '../../../shared/engines/delivery-key.ts';
import { wishForEvents } from '../../../shared/instances/webhook-wish.ts';
import { dumpDatabase } from '../../support/dump.ts';
import { createFaultProxy } from '../../support/fault-proxy.ts';
import { type ScriptedEvolution, startScriptedEvolution } from '../../support/scripted-evolution.ts';
import { type Answer, call, createHarness, type Harness, newInstance, type RunningApi } from './harness.ts';

const APIKEY = 'EvolutionApikeyMarker';
const MARKERS = ['ApikeyInEventMarker', 'HeaderOfAnotherMarker', APIKEY];

let harness: Harness;
let api: RunningApi;
let token: string;
let evolution: ScriptedEvolution;

beforeAll(async () => {
  evolution = await startScriptedEvolution(APIKEY);
  harness = await createHarness('postgres', { ADMIN_USER: 'admin', ADMIN_PASSWORD: 'a-password-for-tests' });
  api = await harness.startApi();
  ({ token } = await harness.createAccount());
});
afterAll(async () => {
  const seen = [await dumpDatabase(harness.databaseUrl), harness.log()].join('\n');
  expect(seen.includes('ins_')).toBe(true);
  expect(MARKERS.filter((marker) => seen.includes(marker))).toEqual([]);
  expect(/ptd_|unexpected error/.exec(harness.log())).toBeNull();
  await harness.stop();
  await evolution.stop();
});

let count = 0;
const nextName = (): string => `phone-${++count}`;
const create = (engine: unknown, more: Record<string, unknown> = {}): Promise<Answer> =>
  call(api.url, 'POST', '/api/instance/new', { token, body: { name: nextName(), engine, ...more } });
const patch = (name: string, engine: unknown, as = token): Promise<Answer> =>
  call(api.url, 'PATCH', `/api/instance/${name}`, { token: as, body: { engine } });
const engineAt = () => ({ kind: 'evolution', url: evolution.url, token: APIKEY });

async function created(engine: unknown): Promise<{ id: string; name: string; token: string }> {
  const { status, body } = await create(engine);
  expect(body).toMatchObject({ success: true });
  expect(status).toBe(201);
  return body.instance;
}

const rowOf = (id: string) => harness.prisma.instance.findUniqueOrThrow({ where: { id } });
const listed = async (name: string) =>
  (await call(api.url, 'GET', `/api/instance/list?instanceName=${name}`, { token })).body.instances[0];

describe('the engine of an instance', () => {
  it('is told in one object, shown without its secrets, and kept encrypted', async () => {
    const { id, name } = await created({ ...engineAt(), name: 'Loja 1' });
    const row = await rowOf(id);
    expect(row).toMatchObject({ engineKind: 'evolution', engineUrl: evolution.url, engineName: 'Loja 1', engineSecret: null });
    expect((await listed(name)).engine).toEqual({
      kind: 'evolution',
      url: evolution.url,
      name: 'Loja 1',
      webhook: 'not_set_by_ponte',
      warnings: [],
      unread_events: 0,
      last_unread: null,
      last_event_at: null,
    });
  });

  it.each<[string, unknown, Record<string, unknown>, string]>([
    ['an address without a token', { kind: 'evolution', url: 'https://e.example' }, {}, 'engine.token: is required — the apikey'],
    ['a token without an address', { kind: 'evolution', token: 'x' }, {}, 'engine.url: is required — the address of Evolution'],
    ['a secret that the engine has no use for', { kind: 'ryzeapi', secret: 'x' }, {}, 'engine.secret: is not used by RyzeAPI'],
    [
      'a number of the Cloud API that is not named',
      { kind: 'cloud', token: 'x', secret: 'y' },
      {},
      'engine.name: is required — the phone number ID',
    ],
    ['a name that none of its numbers has', { kind: 'cloud', token: 'x', secret: 'y', name: 'loja' }, {}, 'engine.name: is none'],
    [
      'the Cloud API without the app secret',
      { kind: 'cloud', token: 'x', name: '106540352242922' },
      {},
      'engine.secret: is required — the app secret',
    ],
    ['a kind that there is not', { kind: 'telepathy' }, {}, 'engine.kind: must be ryzeapi'],
    [
      'both forms that say different things',
      { url: 'https://a.example', token: 'x' },
      { engineUrl: 'https://b.example' },
      'engine.url: engineUrl says otherwise',
    ],
    [
      'the earlier form without a token',
      undefined,
      { engineUrl: 'https://b.example' },
      'engineToken: is required — the TokenInstance',
    ],
    ['what is no object', 'evolution', {}, 'engine: must be an object'],
  ])('is refused with what to do: %s', async (_what, engine, more, message) => {
    const { status, body } = await create(engine, more);
    expect(status).toBe(400);
    expect(body.error.message).toContain(`invalid body: ${message}`);
  });

  it('may be told in both forms where they agree, and in the earlier one alone', async () => {
    const url = 'https://ryze.example';
    expect((await create({ url, token: 'x' }, { engineUrl: url, engineToken: 'x' })).status).toBe(201);
    expect((await create(undefined, { engineUrl: url, engineToken: 'x' })).status).toBe(201);
  });

  it('is changed later, without touching anything else; what is left out stays', async () => {
    const { id, name } = await created(engineAt());
    await harness.prisma.instance.update({ where: { id }, data: { deliveryKey: 'v1.x', deliveryKeyHash: id } });
    const before = await rowOf(id);
    const answer = await patch(name, { name: 'loja' });
    expect(answer).toMatchObject({
      status: 200,
      body: { success: true, instance: { name, engine: { name: 'loja', url: evolution.url } } },
    });
    const after = await rowOf(id);
    expect(after).toMatchObject({ engineName: 'loja', engineToken: before.engineToken, tokenHash: before.tokenHash });
    // Whoever hears the events of the one before is not to know the address of this one.
    expect(after.deliveryKey).toBeNull();
    expect(JSON.stringify(answer.body)).not.toMatch(/pti_|v1\.k1/);
  });

  it('never has its token sent to another address than it was given for', async () => {
    const { name } = await created(engineAt());
    const elsewhere = await patch(name, { url: 'https://thief.example' });
    expect(elsewhere).toMatchObject({ status: 400, body: { error: { code: 'invalid_body' } } });
    expect(elsewhere.body.error.message).toContain('engine.token: is required');
    expect((await patch(name, { kind: 'ryzeapi', url: evolution.url })).status).toBe(400);
    expect((await patch(name, { url: 'https://other.example', token: 'y' })).status).toBe(200);
  });

  it('is changed by the account alone', async () => {
    const { name, token: own } = await created(engineAt());
    expect(await patch(name, { name: 'x' }, own)).toMatchObject({
      status: 403,
      body: { error: { code: 'account_token_required' } },
    });
    expect((await patch('nobody', { name: 'x' })).status).toBe(404);
    expect((await call(api.url, 'PATCH', `/api/instance/${name}`, { token, body: {} })).body.error.message).toBe(
      'invalid body: engine: is required',
    );
  });
});

describe('asking an engine', () => {
  const check = (engine: unknown) => call(api.url, 'POST', '/api/instance/check', { token, body: { name: 'loja', engine } });

  it('tells that address and token are right, and how the phone is', async () => {
    expect(await check(engineAt())).toMatchObject({
      status: 200,
      body: { success: true, connection: { state: 'connected', told: 'open' }, warnings: [] },
    });
    const { name } = await created(engineAt());
    evolution.script.state = 'close';
    expect(await call(api.url, 'POST', `/api/instance/check/${name}`, { token })).toMatchObject({
      status: 200,
      body: { message: expect.stringContaining('pair it'), connection: { state: 'disconnected' } },
    });
    evolution.script.state = 'open';
  });

  it('tells what is wrong, and what to do', async () => {
    const wrong = await check({ ...engineAt(), token: 'wrong' });
    expect(wrong).toMatchObject({ status: 502, body: { error: { code: 'engine_refused' } } });
    expect(await check({ ...engineAt(), url: 'http://127.0.0.1:9' })).toMatchObject({
      status: 502,
      body: { error: { code: 'engine_unreachable', message: expect.stringContaining('verify engineUrl') } },
    });
  });

  it('asks RyzeAPI for the instance of that name', async () => {
    const instances = [
      { name: 'loja', status: 'connected', connection: { state: 'connected', numberJid: '551199@s.whatsapp.net' } },
    ];
    const ryze = createServer((request, response) => {
      const opens = request.headers.token === 'ryze-token' && request.url === '/api/instance/list?instanceName=loja';
      const body = opens ? { success: true, instances } : { success: false, error: { message: 'Invalid token' } };
      response.writeHead(opens ? 200 : 401, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
    await once(ryze.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${(ryze.address() as AddressInfo).port}`;
    expect(await check({ url, token: 'ryze-token' })).toMatchObject({
      status: 200,
      body: { connection: { state: 'connected', told: 'connected', number: '551199' } },
    });
    expect((await check({ url, token: 'other' })).body.error.message).toContain('verify engineToken');
    ryze.close();
  });

  it('hands the QR code through', async () => {
    const { name, token: own } = await created(engineAt());
    expect(await call(api.url, 'GET', `/api/instance/qr/${name}`, { token: own })).toMatchObject({
      status: 200,
      body: { success: true, status: 'waiting', qr: '2@text-to-draw', code: 'ABCD1234' },
    });
  });
});

describe('the door of engines', () => {
  let instance: { id: string; name: string; token: string };
  let key: DeliveryKey;

  beforeAll(async () => {
    instance = await created(engineAt());
    await harness.prisma.chatwootIntegration.create({
      data: {
        id: 'cwi_door',
        instanceId: instance.id,
        bridgeIntegrationId: 'int_door',
        chatwootBaseUrl: 'https://chatwoot.example.com',
        chatwootAccountId: 1,
        chatwootToken: '',
        chatwootInboxName: 'x',
        signMessages: false,
        ignoreGroups: false,
        startAsPending: false,
        reopenResolved: true,
        activationId: 'act_x',
      },
    });
    key = await keyOf(instance.id);
  });

  async function keyOf(instanceId: string): Promise<DeliveryKey> {
    const keys = parseKeys(harness.env.ENCRYPTION_KEYS ?? '');
    if ('fault' in keys) throw new Error(keys.fault);
    const keyring = createKeyring(keys.keys);
    await harness.prisma.$transaction((tx) => wishForEvents(tx, keyring, instanceId));
    return openDeliveryKey(keyring, instanceId, (await rowOf(instanceId)).deliveryKey ?? '');
  }

  const deliver = (body: unknown, { headers = {}, as = key }: { headers?: Record<string, string>; as?: DeliveryKey } = {}) =>
    call(api.url, 'POST', `${DELIVERY_PATH}${as.key}`, { body, headers: { 'x-ponte-secret': as.proof, ...headers } });
  const message = (id: string, text = 'oi') => ({
    event: 'messages.upsert',
    instance: instance.name,
    data: {
      key: { remoteJid: '5511900000001@s.whatsapp.net', fromMe: false, id },
      pushName: 'Ana',
      message: { conversation: text },
      messageType: 'conversation',
      messageTimestamp: 1_771_373_387,
    },
    apikey: 'ApikeyInEventMarker',
  });
  const rows = () => harness.prisma.engineEvent.findMany({ where: { instanceId: instance.id }, orderBy: { sequence: 'asc' } });

  it('stores what is delivered before it answers, once, without the secret in it, and says by which engine it is read', async () => {
    expect(await deliver(message('DOOR1'))).toMatchObject({ status: 200, body: { success: true, status: 'stored' } });
    expect(await deliver(message('DOOR1'))).toMatchObject({ status: 200, body: { status: 'duplicate' } });
    expect((await rows()).filter(({ dedupeKey }) => dedupeKey === 'message:DOOR1')).toMatchObject([{ engineKind: 'evolution' }]);
  });

  it('takes no delivery without the proof of origin, and lets the owner see that one came', async () => {
    const unread = (await rowOf(instance.id)).unreadEvents;
    const answer = await deliver(message('FORGED'), { headers: { 'x-ponte-secret': 'guessed' } });
    expect(answer).toMatchObject({ status: 401, body: { error: { code: 'delivery_not_genuine' } } });
    const seen = (await listed(instance.name)).engine;
    expect(seen).toMatchObject({ unread_events: unread + 1, last_unread: { reason: 'the proof of origin is missing or wrong' } });
    expect((await rows()).some(({ dedupeKey }) => dedupeKey.includes('FORGED'))).toBe(false);
  });

  it('takes what cannot be read, so that nobody delivers it for ever, and counts it', async () => {
    const before = (await rowOf(instance.id)).unreadEvents;
    expect(await deliver('{"event":')).toMatchObject({ status: 200, body: { status: 'unread' } });
    expect(await deliver('[1]')).toMatchObject({ status: 200, body: { status: 'unread' } });
    expect(await deliver('plain', { headers: { 'content-type': 'text/plain' } })).toMatchObject({ body: { status: 'unread' } });
    expect((await rowOf(instance.id)).unreadEvents).toBe(before + 3);
    const metrics = await fetch(`${api.url}/metrics`, {
      headers: { authorization: `Basic ${Buffer.from('admin:a-password-for-tests').toString('base64')}` },
    });
    const text = await metrics.text();
    expect(text).toMatch(/ponte_engine_events_unread_total\{engine="evolution",service="api"\} [4-9]/);
    expect(text).toContain('route="/api/events/engine/:key"');
    expect(text).not.toContain(key.key);
  });

  it('knows an instance by the key in its path alone, whatever other tokens come along', async () => {
    const other = await newInstance(api.url, token, nextName());
    expect(await deliver(message('DOOR2'), { headers: { token: other.token } })).toMatchObject({ body: { status: 'stored' } });
    const unknown = await deliver(message('X'), { as: { key: `ptd_${'x'.repeat(40)}`, proof: key.proof } });
    expect(unknown).toMatchObject({ status: 404, body: { error: { code: 'delivery_address_unknown' } } });
    expect(await call(api.url, 'GET', `${DELIVERY_PATH}${key.key}?hub.challenge=1`)).toMatchObject({ status: 401 });
  });

  it('tells how the phone is as the engine tells it, and is not led astray by what comes late', async () => {
    const state = (told: string) => ({
      event: 'connection.update',
      instance: instance.name,
      data: { state: told, statusReason: 200 },
    });
    await deliver(state('close'));
    expect(await listed(instance.name)).toMatchObject({
      status: 'disconnected',
      connection: { state: 'disconnected', told: 'close' },
    });
    await deliver(state('open'));
    const { status, connection } = await listed(instance.name);
    expect({ status, connection }).toMatchObject({
      status: 'connected',
      connection: { state: 'connected', told: 'open', changed_at: expect.any(String) },
    });
  });

  it('stops a stranger who guesses keys, and nobody else', async () => {
    const guesses = await Promise.all(
      Array.from({ length: 130 }, (_, index) => call(api.url, 'POST', `${DELIVERY_PATH}guess-${index}`, { body: {} })),
    );
    const statuses = new Set(guesses.map(({ status }) => status));
    expect([...statuses].sort()).toEqual([404, 429]);
    expect(await deliver(message('AFTER'))).toMatchObject({ status: 200 });
  });

  it('says to deliver again while the database is away', async () => {
    const { hostname, port } = new URL(harness.databaseUrl);
    const proxy = await createFaultProxy({ target: { host: hostname, port: Number(port) } });
    const url = new URL(harness.databaseUrl);
    url.port = String(proxy.port);
    const behind = await harness.startApi({ DATABASE_URL: url.href });
    await proxy.set({ mode: 'refuse' });
    const answer = await call(behind.url, 'POST', `${DELIVERY_PATH}${key.key}`, {
      body: message('LATER'),
      headers: { 'x-ponte-secret': key.proof },
    });
    expect(answer).toMatchObject({ status: 503, body: { error: { code: 'delivery_not_stored' } } });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    await behind.stop();
    await proxy.stop();
    expect(await deliver(message('LATER'))).toMatchObject({ body: { status: 'stored' } });
  });
});
