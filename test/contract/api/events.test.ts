import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createRetention } from '../../../api/events/retention.ts';
import { STREAM_PROBE_AFTER, STREAM_SUPERSEDED, storedEventPath, streamPath } from '../../../shared/contracts/stream.ts';
import { createLogger } from '../../../shared/logging/logger.ts';
import { createFaultProxy } from '../../support/fault-proxy.ts';
import { waitFor } from '../../support/wait-for.ts';
import { BRIDGE_TOKEN, call, createHarness, type Harness, newInstance, type RunningApi } from './harness.ts';

interface TestInstance {
  readonly id: string;
  readonly name: string;
  readonly token: string;
}
interface Frame {
  readonly type: string;
  readonly sequence: number;
  readonly redelivered: boolean;
  readonly outline?: boolean;
  readonly event: { data: { id: string; chat: { jid: string } } };
}

const ENGINE_SECRET = 'engine-secret-marker-93';
const message = (id: string, phone = '5511999999999', content = 'secret-content-marker') => ({
  event: 'message.exchange',
  data: {
    id,
    direction: 'incoming',
    chat: { jid: `${phone}@s.whatsapp.net`, type: 'private' },
    message: { type: 'text', content },
  },
  instanceData: { instance: 'x', token: ENGINE_SECRET },
});

let harness: Harness;
let api: RunningApi;
let other: RunningApi;
let account: { id: string; token: string };

beforeAll(async () => {
  harness = await createHarness('postgres');
  [api, other] = await Promise.all([harness.startApi(), harness.startApi()]);
  account = await harness.createAccount();
});
afterAll(() => harness.stop());

let instances = 0;
/** An instance with an integration, so that somebody wants its events. */
async function newTarget(): Promise<TestInstance> {
  instances += 1;
  const instance = await newInstance(api.url, account.token, `target-${instances}`);
  await harness.prisma.chatwootIntegration.create({
    data: {
      id: `cwi_${instances}`,
      instanceId: instance.id,
      bridgeIntegrationId: `int_${instances}`,
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
  return instance;
}

const ingest = ({ name, token }: TestInstance, body: unknown, base = api.url) =>
  call(base, 'POST', `/api/events/ingest/${name}`, { token, body });

/** A bridge on the stream: everything it was sent, and its end. */
function read(instance: TestInstance, { base = api.url, after = 0, outlines = false } = {}) {
  const query = `after=${after}${outlines ? '&outlines' : ''}`;
  const socket = new WebSocket(`${base.replace('http', 'ws')}${streamPath(instance.id)}?${query}`, {
    headers: { authorization: `Bearer ${BRIDGE_TOKEN}` },
  });
  const frames: Frame[] = [];
  socket.on('message', (data) => frames.push(JSON.parse(String(data))));
  const closed = once(socket, 'close').then(([code]) => code as number);
  const events = () => frames.filter(({ type }) => type === 'event');
  return {
    socket,
    closed,
    hello: () => waitFor(() => frames.find(({ type }) => type === 'hello'), { describe: 'the greeting' }),
    events,
    ids: () => events().map(({ event }) => event.data.id),
    has: (count: number) => waitFor(() => events().length >= count, { describe: `${count} events` }),
    ack: (sequence: number) => socket.send(JSON.stringify({ type: 'ack', sequence })),
    close: async () => {
      socket.close();
      await closed;
    },
  };
}

const rowsOf = ({ id }: TestInstance) =>
  harness.prisma.engineEvent.findMany({ where: { instanceId: id }, orderBy: { sequence: 'asc' } });

describe('POST /api/events/ingest/:instance', () => {
  it('stores an event before it is acknowledged, without the secret of the engine and without logging a word of it', async () => {
    const target = await newTarget();
    expect(await ingest(target, message('A'))).toMatchObject({ status: 200, body: { success: true, status: 'stored' } });
    const [row] = await rowsOf(target);
    expect(row).toMatchObject({ sequence: 1n, dedupeKey: 'message:A', chat: '5511999999999', firstSentAt: null, ackedAt: null });
    expect(JSON.parse(row?.payload ?? '')).toEqual({ ...message('A'), instanceData: undefined });
    expect(harness.log()).not.toMatch(/secret-content-marker|engine-secret-marker|5511999999999/);
  });

  it('stores once what the engine delivers several times, also at the same moment', async () => {
    const target = await newTarget();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => ingest(target, message('A'), index % 2 ? api.url : other.url)),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(answers.filter(({ body }) => body.status === 'stored')).toHaveLength(1);
    expect(await rowsOf(target)).toHaveLength(1);
  });

  it('takes the token from the header, as Bearer or from the URL, and never logs the latter', async () => {
    const target = await newTarget();
    const path = `/api/events/ingest/${target.name}`;
    const by = (options: { token?: string; headers?: Record<string, string> }, query = '') =>
      call(api.url, 'POST', `${path}${query}`, { ...options, body: message('A') });
    expect((await by({ token: target.token })).status).toBe(200);
    expect((await by({ headers: { authorization: `Bearer ${target.token}` } })).status).toBe(200);
    expect((await by({}, `?token=${target.token}`)).status).toBe(200);
    expect((await by({})).body).toMatchObject({ success: false, error: { message: 'Missing token in header' } });
    // An engine that adds a header of its own.
    expect((await by({ token: 'of-something-else' }, `?token=${target.token}`)).status).toBe(200);
    expect((await by({ headers: { authorization: 'Bearer eyJh.of.another' } }, `?token=${target.token}`)).status).toBe(200);
    expect((await by({ token: 'of-something-else' }, '?token=nobody')).status).toBe(401);
    expect((await by({}, '?token=nobody')).body).toMatchObject({ error: { message: 'Invalid token' } });
    expect((await by({ token: (await newTarget()).token })).status).toBe(403);
    expect(harness.log()).not.toContain(target.token);
  });

  it.each([
    ['no JSON', '{', 400],
    ['no event', { data: {} }, 400],
    ['a message without a chat', { event: 'message.exchange', data: { id: 'A' } }, 400],
    ['nested too deeply', `{"event":"x","data":{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}}`, 400],
    ['made of many values', { ...message('A'), filler: Array.from({ length: 150_000 }, () => 1) }, 400],
    [
      'made of many fields',
      { ...message('A'), filler: Object.fromEntries(Array.from({ length: 9_000 }, (_, n) => [`f${n}`, n])) },
      400,
    ],
    ['larger than 56 MiB, of which no text is a file', { ...message('A'), filler: Array(57).fill('x'.repeat(1_048_576)) }, 413],
    ['an event of tomorrow', { event: 'moon.phase', data: { full: true } }, 200],
    ['NUL and half a surrogate pair', JSON.stringify(message('A\u0000', '5511', 'x\u0000\ud800')), 200],
    ['15 MB of media', message('B', '5511', 'x'.repeat(15_000_000)), 200],
  ])('says what is wrong with a body, and takes what is only unusual: %s', async (_name, body, status) => {
    const target = await newTarget();
    const answer = await ingest(target, body);
    expect(answer.status).toBe(status);
    if (status >= 400) expect(answer.body.error.message).toMatch(/^invalid body: /);
    expect(await rowsOf(target)).toHaveLength(status === 200 ? 1 : 0);
  });

  it('takes one whose file is larger than anything takes without it, also where it says that it is not compressed', async () => {
    const target = await newTarget();
    const media = { mimeType: 'video/mp4', caption: 'party', base64: 'A'.repeat(57 * 1_048_576) };
    const body = { ...message('A'), data: { ...message('A').data, message: { type: 'video', media } } };
    const path = `/api/events/ingest/${target.name}`;
    const headers = { 'content-encoding': 'identity' };
    expect((await call(api.url, 'POST', path, { token: target.token, body, headers })).status).toBe(200);
    expect((await rowsOf(target)).map(({ payload }) => (payload?.length ?? 0) < 65_536)).toEqual([true]);
  });

  it('keeps nothing for an instance without an integration, but everything while one is being activated', async () => {
    const instance = await newInstance(api.url, account.token, 'lonely');
    expect((await ingest(instance, message('A'))).body).toEqual({ success: true, status: 'unwanted' });
    await harness.prisma.activation.create({
      data: {
        id: 'act_lonely',
        instanceId: instance.id,
        requestHash: '',
        settings: {},
        deadlineAt: new Date(),
        state: 'running',
      },
    });
    expect((await ingest(instance, message('A'))).body).toEqual({ success: true, status: 'stored' });
  });

  it('answers 503 while the database is away, so that the engine delivers again, and then takes the event', async () => {
    const target = await newTarget();
    const { hostname, port } = new URL(harness.databaseUrl);
    const proxy = await createFaultProxy({ target: { host: hostname, port: Number(port) } });
    const url = new URL(harness.databaseUrl);
    url.port = String(proxy.port);
    const behind = await harness.startApi({ DATABASE_URL: url.href });
    await proxy.set({ mode: 'refuse' });
    expect(await ingest(target, message('A'), behind.url)).toMatchObject({
      status: 503,
      body: { error: { code: 'database_unavailable' } },
    });
    await proxy.set({ mode: 'pass' });
    const taken = await waitFor(async () => {
      const answer = await ingest(target, message('A'), behind.url);
      return answer.status === 200 && answer.body.status;
    });
    expect(taken).toBe('stored');
    await behind.stop();
    await proxy.stop();
  });
});

describe('the events on /ws/chatwoot/:instance', () => {
  it('come in the order they were stored, live as well as from before, also through another api', async () => {
    const target = await newTarget();
    await ingest(target, message('A'));
    const bridge = read(target);
    await bridge.has(1);
    await ingest(target, message('B'), other.url);
    await ingest(target, message('C'));
    await bridge.has(3);
    expect(bridge.ids()).toEqual(['A', 'B', 'C']);
    expect(bridge.events().map(({ event: _, ...frame }) => frame)).toEqual(
      [1, 2, 3].map((sequence) => ({ type: 'event', sequence, redelivered: false, engineKind: 'ryzeapi' })),
    );
    await bridge.close();
  });

  it('are never passed over, however many are stored at once', async () => {
    const target = await newTarget();
    const bridge = read(target);
    await bridge.hello();
    bridge.socket.on('message', (data) => {
      const frame = JSON.parse(String(data));
      if (frame.type === 'event') bridge.ack(frame.sequence);
    });
    const ids = Array.from({ length: 150 }, (_, index) => `M${index}`);
    await Promise.all(ids.map((id, index) => ingest(target, message(id, `55119${index % 7}`), index % 2 ? api.url : other.url)));
    await bridge.has(150);
    const sequences = bridge.events().map(({ sequence }) => sequence);
    expect(new Set(sequences).size).toBe(150);
    expect([...bridge.ids()].sort()).toEqual([...ids].sort());
    // In order within each chat, whatever the order of the chats.
    const chats = new Set(bridge.events().map(({ event }) => event.data.chat.jid));
    for (const chat of chats) {
      const own = bridge
        .events()
        .filter(({ event }) => event.data.chat.jid === chat)
        .map(({ sequence }) => sequence);
      expect(own).toEqual([...own].sort((left, right) => left - right));
    }
    await waitFor(async () => (await rowsOf(target)).every(({ ackedAt, payload }) => ackedAt !== null && payload === null));
    await bridge.close();
  });

  it('come again, marked as such, until each one is acknowledged, whatever was acknowledged after it', async () => {
    const target = await newTarget();
    for (const id of ['A', 'B', 'C']) await ingest(target, message(id));
    const first = read(target);
    await first.has(3);
    first.ack(2);
    await waitFor(async () => (await rowsOf(target))[1]?.ackedAt);
    await first.close();
    await ingest(target, message('D'));
    const second = read(target, { base: other.url });
    await second.has(3);
    expect(second.ids()).toEqual(['A', 'C', 'D']);
    expect(second.events().map(({ redelivered }) => redelivered)).toEqual([true, true, false]);
    await second.close();
  });

  it('before `after` are not needed any more, unless it is beyond the last of them', async () => {
    const target = await newTarget();
    for (const id of ['A', 'B', 'C']) await ingest(target, message(id));
    const probe = read(target, { after: STREAM_PROBE_AFTER });
    expect(await probe.hello()).toMatchObject({ latest: 3 });
    const ahead = read(target, { after: 1_000 });
    await ahead.has(3);
    await ahead.close();
    const bridge = read(target, { after: 2 });
    await bridge.has(1);
    expect(bridge.ids()).toEqual(['C']);
    expect(probe.events()).toEqual([]);
    await Promise.all([bridge.close(), probe.close()]);
  });

  it('of a chat that is not acknowledged leave room for those of the others', async () => {
    const target = await newTarget();
    for (let index = 0; index < 40; index++) await ingest(target, message(`S${index}`, '551100'));
    for (let index = 0; index < 3; index++) await ingest(target, message(`L${index}`, '551199'));
    const bridge = read(target);
    await bridge.has(19);
    expect(bridge.ids().filter((id) => id.startsWith('L'))).toEqual(['L0', 'L1', 'L2']);
    expect(bridge.ids().filter((id) => id.startsWith('S'))).toHaveLength(16);
    // Its next one comes when its first one is done.
    bridge.ack(1);
    await bridge.has(20);
    expect(bridge.ids().at(-1)).toBe('S16');
    await bridge.close();
  });

  it('do not pile up in memory: of those that wait for acknowledgement a bridge has outlines, and asks for each whole one', async () => {
    const target = await newTarget();
    const filler = 'x'.repeat(4 * 1_048_576);
    for (let index = 0; index < 3; index++) await ingest(target, message(`F${index}`, `55110${index}`, filler));
    await ingest(target, message('small', '551199'));
    const bridge = read(target, { outlines: true });
    await bridge.has(4);
    expect(bridge.events().map(({ outline, event }) => [event.data.id, outline, JSON.stringify(event).length < 500])).toEqual([
      ...['F0', 'F1', 'F2'].map((id) => [id, true, true]),
      ['small', undefined, true],
    ]);
    const whole = (token: string) => call(api.url, 'GET', storedEventPath(target.id, 2), { token });
    expect((await whole(BRIDGE_TOKEN)).body).toEqual({ ...message('F1', '551101', filler), instanceData: undefined });
    expect((await whole(target.token)).status).toBe(401);
    bridge.ack(2);
    await waitFor(async () => (await whole(BRIDGE_TOKEN)).body.error?.code === 'event_gone');
    await bridge.close();
  });

  it('do not pile up in a bridge of an earlier version, which knows no outlines: it has one large event at a time', async () => {
    const target = await newTarget();
    const filler = 'x'.repeat(1_048_576);
    for (let index = 0; index < 2; index++) await ingest(target, message(`F${index}`, `55110${index}`, filler));
    const bridge = read(target);
    await bridge.has(1);
    await ingest(target, message('small', '551199'));
    expect(bridge.ids()).toEqual(['F0']);
    void bridge.ack(1);
    await bridge.has(2);
    expect(bridge.ids()).toEqual(['F0', 'F1']);
    void bridge.ack(2);
    await bridge.has(3);
    await bridge.close();
  });

  it('go to one bridge only: the last to connect, on whichever api, while one that only tries takes nobody’s place', async () => {
    const target = await newTarget();
    const first = read(target);
    await first.hello();
    const probe = read(target, { base: other.url, after: STREAM_PROBE_AFTER });
    await probe.hello();
    await probe.close();
    await ingest(target, message('A'));
    await first.has(1);
    const second = read(target, { base: other.url });
    expect(await first.closed).toBe(STREAM_SUPERSEDED);
    await second.has(1);
    const third = read(target, { base: other.url });
    expect(await second.closed).toBe(STREAM_SUPERSEDED);
    await third.has(1);
    await ingest(target, message('B'));
    await third.has(2);
    await third.close();
  });

  it('end for a bridge that sends what is no acknowledgement', async () => {
    const bridge = read(await newTarget());
    await bridge.hello();
    bridge.socket.send('{"type":"nonsense"}');
    expect(await bridge.closed).toBe(1008);
  });
});

describe('retention of events', () => {
  it('removes what Chatwoot has had for long and what nobody will fetch, and nothing else', async () => {
    const target = await newTarget();
    const lonely = await newInstance(api.url, account.token, 'deactivated');
    const [old, young] = [new Date(Date.now() - 8 * 86_400_000), new Date(Date.now() - 6 * 86_400_000)];
    const event = (instanceId: string, sequence: number, values: object) => ({
      instanceId,
      sequence: BigInt(sequence),
      dedupeKey: `x${sequence}`,
      chat: '',
      payloadBytes: 0,
      receivedAt: old,
      ...values,
    });
    await harness.prisma.engineEvent.createMany({
      data: [
        ...Array.from({ length: 600 }, (_, index) => event(target.id, 1_000 + index, { ackedAt: old })),
        event(target.id, 1, { ackedAt: young }),
        event(target.id, 2, { payload: '{}' }),
        event(lonely.id, 1, { payload: '{}' }),
        event(lonely.id, 2, { payload: '{}', receivedAt: new Date() }),
      ],
    });
    const logger = createLogger({ service: 'test', level: 'fatal' });
    const retention = createRetention({ prisma: harness.prisma, keepDays: 7, logger });
    retention.wake();
    await waitFor(async () => (await harness.prisma.engineEvent.count({ where: { sequence: { gte: 1_000 } } })) === 0);
    await waitFor(async () => (await rowsOf(lonely)).length === 1);
    await retention.stop();
    expect((await rowsOf(target)).map(({ sequence }) => sequence)).toEqual([1n, 2n]);
    expect((await rowsOf(lonely)).map(({ sequence }) => sequence)).toEqual([2n]);
  });
});
