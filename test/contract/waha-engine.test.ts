import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EngineAccess } from '../../shared/engines/engine.ts';
import { engineOf } from '../../shared/engines/registry.ts';
import { FRESH_CONNECTION } from '../../shared/http/exchange.ts';
import { createWahaSimulator } from '../../simulators/engines/waha/index.ts';
import type { ContentInput } from '../../simulators/whatsapp-engine/content.ts';
import { makeMediaFile } from '../../simulators/whatsapp-engine/media-files.ts';
import { createDoor, type Door } from '../support/engine-door.ts';
import { createEngineHands, idOf, text } from '../support/engine-hands.ts';
import { waitFor } from '../support/wait-for.ts';

const waha = engineOf('waha');
const SESSION = 'loja';
const KEY = 'waha-api-key';
const SECRET = 'a-secret-of-thirty-two-characters-or-more';
const ANA = { phone: '5511900000001', name: 'Ana' };
const BIA = { phone: '5511900000002', lid: '135', name: 'Bia' };

let door: Door;
beforeAll(async () => {
  door = await createDoor(SESSION);
});
afterAll(() => door.stop());

describe.each(['NOWEB', 'GOWS', 'WEBJS'] as const)('WAHA over %s', (engine) => {
  const simulator = createWahaSimulator({
    engine,
    token: KEY,
    secondMs: 10,
    restartMs: 20,
    patienceMs: 200,
    fileDelayMs: 5,
    fileLifeMs: 1_000,
    takesOwnIds: true,
    unknownNumbers: ['5511900000404'],
  });
  let access: EngineAccess;
  beforeAll(async () => {
    simulator.addInstance({ name: SESSION, number: '5511999990000' });
    const { url } = await simulator.start();
    access = { url, token: KEY, route: FRESH_CONNECTION };
    await waha.webhook?.set({ ...call(), address: door.url, secret: SECRET });
    await working();
    await simulator.idle();
    door.deliveries.length = 0;
  });
  afterAll(() => simulator.stop());
  beforeEach(() => {
    door.answerWith(200);
  });
  afterEach(() => simulator.faults.clear());

  const session = () => simulator.world.named(SESSION);
  const working = () => waitFor(() => session().status === 'WORKING', { describe: 'the session working again' });
  const call = (timeoutMs = 5_000) => ({ access, instance: SESSION, timeoutMs });
  const { send, sent, told, one } = createEngineHands({
    engine: waha,
    simulator,
    name: SESSION,
    call,
    door: () => door,
    from: ANA,
    secret: KEY,
  });

  const contents: [ContentInput, object][] = [
    [
      { type: 'text', text: 'oi' },
      { kind: 'message', body: { type: 'text', text: 'oi' } },
    ],
    [
      { type: 'image', caption: 'Veja' },
      { body: { type: 'media', caption: 'Veja', media: { kind: 'image', mimeType: 'image/png', urls: [] } } },
    ],
    [{ type: 'video' }, { body: { type: 'media', media: { kind: 'video' } } }],
    [{ type: 'audio' }, { body: { type: 'media', media: { kind: 'voice', mimeType: 'audio/ogg' } } }],
    [{ type: 'audio', voice: false }, { body: { type: 'media', media: { kind: 'audio' } } }],
    [{ type: 'document' }, { body: { type: 'media', media: { kind: 'document', fileName: 'document.pdf' } } }],
    [{ type: 'sticker' }, { body: { type: 'media', media: { kind: 'sticker', mimeType: 'image/webp' } } }],
    [
      { type: 'location', latitude: -23.5, longitude: -46.6, name: 'Loja' },
      { body: { type: 'location', location: { latitude: -23.5, longitude: -46.6, name: 'Loja' } } },
    ],
    [
      { type: 'contact', contacts: [{ name: 'João', phone: '5511977776666' }] },
      { body: { type: 'contacts', contacts: [{ name: 'João', phones: [expect.stringContaining('5511977776666')] }] } },
    ],
    [
      { type: 'reaction', messageId: '3EB0A', emoji: '👍' },
      { kind: 'reaction', originalId: '3EB0A', emoji: '👍' },
    ],
    [
      { type: 'reaction', messageId: '3EB0A', emoji: '' },
      { kind: 'reaction', originalId: '3EB0A', emoji: '' },
    ],
    [
      { type: 'edit', messageId: '3AEE', text: 'novo' },
      { kind: 'edit', originalId: '3AEE', text: 'novo' },
    ],
    [
      { type: 'message_revoke', messageId: '3AEE' },
      { kind: 'revoke', originalId: '3AEE' },
    ],
    [{ type: 'buttons_response', id: 'b1', text: 'Sim' }, { body: { type: 'choice', text: 'Sim' } }],
  ];

  it.each(contents)('what a customer sends is understood: %j', async (content, event) => {
    expect(await one(content)).toMatchObject({
      direction: 'incoming',
      chat: { type: 'private', address: ANA.phone, number: ANA.phone },
      source: '',
      ...event,
    });
  });

  it('tells who wrote, what it answers, and that it is proven to come from WAHA', async () => {
    simulator.receive(SESSION, { from: ANA, content: { type: 'text', text: 'oi' }, replyTo: '3EB0QUOTED' });
    await simulator.idle();
    const [delivery] = door.deliveries;
    if (delivery === undefined) throw new Error('nothing was delivered');
    expect(waha.isGenuine?.(delivery, SECRET)).toBe(true);
    expect(waha.isGenuine?.({ ...delivery, rawBody: Buffer.from('{}') }, SECRET)).toBe(false);
    expect(waha.isGenuine?.({ ...delivery, headers: {} }, SECRET)).toBe(false);
    expect(waha.unpack({ ...delivery, name: 'another session' })).toEqual([]);
    expect(JSON.stringify(waha.unpack(delivery))).not.toMatch(/messageSecret|mediaKey/);
    expect(await told()).toMatchObject([
      { replyTo: '3EB0QUOTED', chat: { name: 'Ana' }, sender: { number: ANA.phone, name: 'Ana' } },
    ]);
  });

  it.skipIf(engine === 'WEBJS')('knows the number of somebody who is called by a lid', async () => {
    expect(await one({ type: 'text', text: 'oi' }, { from: BIA })).toMatchObject({
      chat: { address: BIA.phone, number: BIA.phone, lid: '135@lid' },
    });
  });

  it('tells the group and its member, with and without a number', async () => {
    const group = { id: '120363000000000001', name: 'Turma' };
    expect(await one({ type: 'text', text: 'oi' }, { group })).toMatchObject({
      chat: { type: 'group', address: '120363000000000001@g.us' },
      sender: { number: ANA.phone, name: 'Ana' },
    });
    expect(await one({ type: 'text', text: 'oi' }, { group, from: { lid: '135', name: 'Bia' } })).toMatchObject({
      sender: { number: undefined, lid: '135@lid' },
    });
  });

  it('tells what was typed on the phone like what was sent by API: as outgoing, without saying which', async () => {
    const typed = simulator.typeOnPhone(SESSION, { to: ANA, content: { type: 'text', text: 'do celular' } });
    const id = idOf(await send(text(ANA.phone, 'da Ponte')));
    const events = await told();
    for (const expected of [typed, id]) {
      expect(events).toContainEqual(
        expect.objectContaining({
          kind: 'message',
          id: expected,
          direction: 'outgoing',
          source: '',
          chat: expect.objectContaining({ address: ANA.phone }),
        }),
      );
    }
    expect(events).toContainEqual(expect.objectContaining({ kind: 'status', messageIds: [id], status: 'delivered' }));
    simulator.reportStatus(SESSION, [id], 'read');
    simulator.reportStatus(SESSION, [id], 'read');
    expect(await told()).toMatchObject([{ kind: 'status', status: 'read', chat: { address: ANA.phone } }]);
  });

  it('says when the phone connects and disconnects', async () => {
    simulator.setConnected(SESSION, false);
    simulator.setConnected(SESSION, true);
    expect(await told()).toMatchObject([
      { kind: 'state', state: 'scan_qr_code', phone: 'qr_ready', at: expect.stringMatching(/^\d{4}-.*Z$/) },
      { kind: 'state', state: 'working', phone: 'connected' },
    ]);
  });

  it('delivers again until it is taken', async () => {
    door.answerWith(404);
    const id = simulator.receive(SESSION, { from: ANA, content: { type: 'text', text: 'oi' } });
    await waitFor(() => simulator.pending() > 0, { describe: 'a delivery being tried' });
    door.answerWith(200);
    expect(await told()).toMatchObject([{ id }]);
  });

  it('sends texts with their quote and under an id of ours, and takes a file as a link or in base64', async () => {
    const quoted = simulator.receive(SESSION, { from: ANA, content: { type: 'text', text: 'oi' } });
    const first = idOf(await send(text(ANA.phone, 'olá', { quotedId: quoted, delaySeconds: 0.01 }), { key: 'int_1:7:0' }));
    expect(sent()).toMatchObject({ id: first, to: ANA.phone, type: 'text', text: 'olá', about: quoted });
    expect(idOf(await send(text(ANA.phone, 'olá'), { key: 'int_1:7:0' }))).toBe(first);
    const ogg = makeMediaFile('audio');
    const content = { kind: 'base64', base64: ogg.bytes.toString('base64') } as const;
    await send({ kind: 'media', recipient: ANA.phone, file: { type: 'audio', content, isVoice: true } });
    expect(sent()).toMatchObject({ type: 'voice', bytes: ogg.bytes.length });
    await send({
      kind: 'media',
      recipient: '120363000000000001@g.us',
      caption: 'Veja',
      file: { type: 'document', content, fileName: 'a.ogg' },
    });
    expect(sent()).toMatchObject({ to: '120363000000000001@g.us', type: 'document', text: 'Veja', fileName: 'a.ogg' });
    await told();
  });

  it('reacts, edits and deletes by full names, and never edits to nothing', async () => {
    const action = { recipient: ANA.phone, messageId: '3EB0AA' };
    const act = (more: object) =>
      waha.act?.({ ...call(), idempotencyKey: undefined, action: { ...action, isOurs: true, ...more } as never });
    await act({ kind: 'reaction', emoji: '👍', isOurs: false });
    expect(sent()).toMatchObject({ type: 'reaction', text: '👍', about: '3EB0AA' });
    await act({ kind: 'edit', text: 'novo' });
    expect(sent()).toMatchObject({ type: 'edit', text: 'novo', about: '3EB0AA' });
    await act({ kind: 'revoke' });
    expect(sent()).toMatchObject({ type: 'revoke', about: '3EB0AA' });
    expect(await act({ kind: 'edit', text: ' ' })).toMatchObject({ error: { code: 'engine_refused' } });
    expect(sent()).toMatchObject({ type: 'revoke' });
  });

  it('refuses a number that is not on WhatsApp, which WAHA would not', async () => {
    expect(await send(text('5511900000404', 'oi'))).toMatchObject({
      error: { code: 'engine_refused', message: expect.stringContaining('not on WhatsApp') },
    });
    expect(await send(text('status@broadcast', 'oi'))).toMatchObject({ error: { code: 'engine_refused' } });
  });

  it('says that the session is not connected, that it is missing, and that the key is wrong', async () => {
    simulator.setConnected(SESSION, false);
    expect(await send(text(ANA.phone, 'oi'))).toMatchObject({ error: { code: 'engine_not_connected' } });
    simulator.setConnected(SESSION, true);
    const message = text(ANA.phone, 'oi');
    expect(await waha.send({ ...call(), instance: 'x', message, idempotencyKey: undefined })).toMatchObject({
      error: { code: 'engine_refused', message: expect.stringContaining('make the session') },
    });
    const wrong = { ...access, token: 'wrong-key' };
    expect(await waha.send({ ...call(), access: wrong, message, idempotencyKey: undefined })).toMatchObject({
      error: { code: 'engine_refused', message: expect.stringContaining('API key') },
    });
    expect(await send(message)).toMatchObject({ kind: 'sent' });
    await told();
  });

  it.each([
    [{ status: 500, message: 'Connection Closed' }, 'engine_not_connected'],
    [{ status: 500, message: 'Evaluation failed' }, 'engine_outcome_unknown'],
    [{ status: 501, message: 'not implemented' }, 'engine_refused'],
    [{ status: 429, message: 'slow down' }, 'engine_rate_limited'],
    [{ status: 502, message: '' }, 'engine_outcome_unknown'],
  ])('takes %j for %s, and keeps what WAHA repeats of the request to itself', async ({ status: answered, message }, code) => {
    const body = { statusCode: answered, exception: { message }, request: { body: { text: 'PRIVATE' } } };
    simulator.faults.add({ path: '/api/sendText', action: { kind: 'status', status: answered, body } });
    const outcome = await send(text(ANA.phone, 'PRIVATE'));
    expect(outcome).toMatchObject({ kind: 'failed', error: { code } });
    expect(JSON.stringify(outcome)).not.toContain('PRIVATE');
  });

  it('fetches a file with the key while it is there, and has it downloaded anew when it is gone', async () => {
    const event = await one({ type: 'image' });
    const media = event?.kind === 'message' && event.body.type === 'media' ? event.body.media : undefined;
    const fetched = async () => {
      const outcome = await waha.fetchFile({ ...call(), whatsappId: '3A', reference: media?.reference });
      if (outcome.kind === 'failed') throw outcome.error;
      return JSON.parse(String(outcome.answer)) as unknown;
    };
    const file = { mime_type: 'image/png', base64: makeMediaFile('image').bytes.toString('base64') };
    expect(await fetched()).toMatchObject(file);
    for (const { file: stored } of session().messages.values()) if (stored !== undefined) stored.untilMs = 0;
    expect(await fetched()).toMatchObject(file);
    expect(await waha.fetchFile({ ...call(), whatsappId: '3A' })).toMatchObject({ error: { code: 'engine_refused' } });
  });

  it.each([
    '/api/files/../sessions/loja',
    '/api/files/loja/../../sessions/loja',
    '/api/files/loja/..%2f..%2fsessions/loja',
    '/api/files/another/3A.jpeg',
    '/api/files/loja/3A.jpeg?x-api-key=1',
  ])('asks for nothing but files of its own session: %s', async (path) => {
    const reference = JSON.stringify({ path, message: 'false_5511900000001@c.us_3ANOWHERE' });
    const asked = simulator.faults.add({
      path: '/api/(?:files|sessions)',
      action: { kind: 'status', status: 200, body: 'LEAK' },
    });
    expect(await waha.fetchFile({ ...call(), whatsappId: '3A', reference })).toMatchObject({ kind: 'failed' });
    expect(asked.hits).toBe(0);
  });

  it('knows of what was sent under its own id though the answer was lost', async () => {
    simulator.faults.add({ path: '/api/sendText', times: 1, action: { kind: 'resetAfterEffect' } });
    const id = idOf(await send(text(ANA.phone, 'chegou?'), { key: 'int_1:9:0' }));
    expect(sent()).toMatchObject({ id, text: 'chegou?' });
    simulator.faults.add({ path: '/api/sendText', times: 1, action: { kind: 'reset' } });
    expect(await send(text(ANA.phone, 'nunca'), { key: 'int_1:10:0' })).toMatchObject({
      error: { code: 'engine_outcome_unknown' },
    });
    await told();
  });

  it('tells how the session stands, whether another Chatwoot is switched on, and what to scan', async () => {
    expect(await waha.check?.(call())).toEqual({
      kind: 'found',
      phone: 'connected',
      told: 'WORKING',
      number: '5511999990000',
      warnings: [],
    });
    session().apps.push({ id: 'app_1', app: 'chatwoot', enabled: true, config: {} });
    expect(await waha.check?.(call())).toMatchObject({ warnings: [expect.stringContaining('Chatwoot app')] });
    session().apps.length = 0;
    expect(await waha.pair?.(call())).toEqual({ kind: 'connected' });
    simulator.setConnected(SESSION, false);
    expect(await waha.pair?.(call())).toMatchObject({ kind: 'image', base64: expect.stringMatching(/^iVBOR/) });
    expect(await waha.check?.({ ...call(), instance: 'x' })).toMatchObject({ error: { code: 'engine_refused' } });
    simulator.setConnected(SESSION, true);
    await told();
  });

  it('adds its webhook to those that are there, restarts nothing that needs no change, and takes only its own away', async () => {
    const other = { url: 'https://other.example/hook', events: ['message'], hmac: { key: 'their-key' } };
    const noweb = { store: { enabled: true } };
    session().config = { ...session().config, webhooks: [other], noweb };
    const before = await waha.webhook?.read(call());
    expect(before).toMatchObject({ kind: 'webhook', address: undefined, previous: { urls: [other.url] } });
    expect(JSON.stringify(before)).not.toContain('their-key');
    for (let time = 0; time < 2; time += 1) {
      expect(await waha.webhook?.set({ ...call(), address: door.url, secret: SECRET })).toEqual({ kind: 'done' });
    }
    await working();
    expect(session().config).toMatchObject({ noweb, webhooks: [other, { url: door.url, hmac: { key: SECRET } }] });
    expect((session().config.webjs as object | undefined) !== undefined).toBe(engine === 'WEBJS');
    const restarts = () => session().statuses.filter((past) => past.status === 'STARTING').length;
    const count = restarts();
    await waha.webhook?.set({ ...call(), address: door.url, secret: SECRET });
    expect(restarts()).toBe(count);
    expect(await waha.webhook?.read(call())).toMatchObject({ address: door.url });
    const previous = before?.kind === 'webhook' ? before.previous : undefined;
    expect(await waha.webhook?.restore({ ...call(), previous })).toEqual({ kind: 'done' });
    expect(session().config).toMatchObject({ noweb, webhooks: [other] });
    await working();
  });

  it('asks for fewer events where a version does not know them all', async () => {
    const body = {
      statusCode: 400,
      message: ['config.webhooks.0.each value in events must be one of the following values: message'],
    };
    simulator.faults.add({ method: 'PUT', times: 1, action: { kind: 'status', status: 400, body } });
    expect(await waha.webhook?.set({ ...call(), address: door.url, secret: SECRET })).toEqual({ kind: 'done' });
    expect(session().config.webhooks.at(-1)?.events).not.toContain('call.received');
    expect(session().config.webhooks.at(-1)?.events).toContain('message.any');
  });
});
