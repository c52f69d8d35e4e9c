import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EngineAccess } from '../../shared/engines/engine.ts';
import { engineOf } from '../../shared/engines/registry.ts';
import { FRESH_CONNECTION } from '../../shared/http/exchange.ts';
import { createGowaSimulator } from '../../simulators/engines/gowa/index.ts';
import type { ContentInput } from '../../simulators/whatsapp-engine/content.ts';
import { makeMediaFile } from '../../simulators/whatsapp-engine/media-files.ts';
import { createDoor, type Door } from '../support/engine-door.ts';
import { createEngineHands, idOf, text } from '../support/engine-hands.ts';
import { waitFor } from '../support/wait-for.ts';

const gowa = engineOf('gowa');
const DEVICE = 'loja da esquina+1';
const TOKEN = 'user:password-of-gowa';
const SECRET = 'a-secret-of-thirty-two-characters-or-more';
const ANA = { phone: '5511900000001', name: 'Ana' };

const simulator = createGowaSimulator({ token: TOKEN, secondMs: 10, unknownNumbers: ['5511900000404'] });
let door: Door;
let access: EngineAccess;
const call = (timeoutMs = 5_000) => ({ access, instance: DEVICE, timeoutMs });
const device = () => simulator.world.named(DEVICE);

beforeAll(async () => {
  door = await createDoor(DEVICE);
  simulator.addInstance({ name: DEVICE, number: '5511999990000' });
  simulator.addInstance({ name: 'another' });
  const { url } = await simulator.start();
  access = { url, token: TOKEN, route: FRESH_CONNECTION };
});
beforeEach(async () => {
  door.answerWith(200);
  simulator.setDownloads('kept');
  simulator.setConnected(DEVICE, true);
  await gowa.webhook?.set({ ...call(), address: door.url, secret: SECRET });
});
afterEach(async () => {
  simulator.faults.clear();
  await simulator.idle();
  door.deliveries.length = 0;
});
afterAll(async () => {
  await simulator.stop();
  door.stop();
});

const { send, sent, told, one } = createEngineHands({
  engine: gowa,
  simulator,
  name: DEVICE,
  call,
  door: () => door,
  from: ANA,
  secret: TOKEN,
});

describe('what GOWA delivers', () => {
  it.each<[ContentInput, object]>([
    [
      { type: 'text', text: 'oi' },
      { kind: 'message', body: { type: 'text', text: 'oi' } },
    ],
    [{ type: 'image', caption: 'Veja' }, { body: { type: 'media', caption: 'Veja', media: { kind: 'image', urls: [] } } }],
    [{ type: 'video' }, { body: { media: { kind: 'video' } } }],
    [{ type: 'audio' }, { body: { media: { kind: 'voice' } } }],
    [{ type: 'document' }, { body: { media: { kind: 'document', fileName: expect.stringMatching(/\.pdf$/) } } }],
    [{ type: 'sticker' }, { body: { media: { kind: 'sticker' } } }],
    [{ type: 'location', latitude: -23.5, longitude: -46.6 }, { body: { type: 'location', location: { latitude: -23.5 } } }],
    [
      { type: 'contact', contacts: [{ name: 'João', phone: '5511977776666' }] },
      { body: { type: 'contacts', contacts: [{ name: 'João' }] } },
    ],
    [
      { type: 'reaction', messageId: '3EB0A', emoji: '👍' },
      { kind: 'reaction', originalId: '3EB0A', emoji: '👍' },
    ],
    [
      { type: 'edit', messageId: '3AEE', text: 'novo' },
      { kind: 'edit', originalId: '3AEE', text: 'novo' },
    ],
    [
      { type: 'message_revoke', messageId: '3AEE' },
      { kind: 'revoke', originalId: '3AEE' },
    ],
    [
      { type: 'other', name: 'pollCreationMessage' },
      { kind: 'message', body: { type: 'placeholder' } },
    ],
  ])('is understood: %j', async (content, event) => {
    expect(await one(content)).toMatchObject({
      direction: 'incoming',
      chat: { type: 'private', address: ANA.phone, number: ANA.phone },
      ...event,
    });
  });

  it('is proven by the secret that was set, and by no other', async () => {
    simulator.receive(DEVICE, { from: ANA, content: { type: 'text', text: 'oi' } });
    await simulator.idle();
    const [delivery] = door.deliveries;
    if (delivery === undefined) throw new Error('nothing was delivered');
    const genuine = { ...delivery, body: undefined };
    expect(gowa.isGenuine?.(genuine, SECRET)).toBe(true);
    expect(gowa.isGenuine?.(genuine, 'secret')).toBe(false);
    expect(gowa.isGenuine?.({ ...genuine, rawBody: Buffer.from('{}') }, SECRET)).toBe(false);
    expect(gowa.isGenuine?.({ ...genuine, headers: {} }, SECRET)).toBe(false);
  });

  it('tells the member of a group, and a person of whom only the lid is known', async () => {
    const group = { id: '120363000000000001', name: 'Turma' };
    expect(await one({ type: 'text', text: 'oi' }, { group })).toMatchObject({
      chat: { type: 'group', address: '120363000000000001@g.us' },
      sender: { number: ANA.phone, name: 'Ana' },
    });
    expect(await one({ type: 'text', text: 'oi' }, { from: { lid: '135', name: 'Bia' } })).toMatchObject({
      chat: { address: '135@lid', number: undefined },
    });
  });

  it('tells what is typed on the phone, and of what its API sends the receipts alone', async () => {
    const typed = simulator.typeOnPhone(DEVICE, { to: ANA, content: { type: 'text', text: 'do celular' } });
    const id = idOf(await send(text(ANA.phone, 'da Ponte')));
    await waitFor(() => door.deliveries.length === 2, { describe: 'the receipt' });
    expect(await told()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: 'message', id: typed, direction: 'outgoing' }),
        expect.objectContaining({ kind: 'status', messageIds: [id], status: 'delivered' }),
      ]),
    );
    simulator.reportStatus(DEVICE, [id], 'read');
    expect(await told()).toMatchObject([{ kind: 'status', status: 'read', chat: { address: ANA.phone } }]);
  });

  it('comes again until it is taken, five times at most', async () => {
    door.answerWith(503);
    const id = simulator.receive(DEVICE, { from: ANA, content: { type: 'text', text: 'oi' } });
    await waitFor(() => simulator.pending() > 0, { describe: 'a delivery being tried' });
    door.answerWith(200);
    expect(await told()).toMatchObject([{ id }]);
    const before = simulator.dropped();
    door.answerWith(503);
    simulator.receive(DEVICE, { from: ANA, content: { type: 'text', text: 'nunca' } });
    await simulator.idle();
    expect(simulator.dropped()).toBe(before + 1);
  });
});

describe('what GOWA is asked to do', () => {
  it('sends texts with their quote, and files as a form or by their address', async () => {
    const quoted = simulator.receive(DEVICE, { from: ANA, content: { type: 'text', text: 'oi' } });
    const id = idOf(await send(text(ANA.phone, 'olá', { quotedId: quoted, delaySeconds: 0.01 })));
    expect(sent()).toMatchObject({ id, to: ANA.phone, type: 'text', text: 'olá', about: quoted });
    const { bytes, mimeType } = makeMediaFile('document');
    const content = { kind: 'base64', base64: bytes.toString('base64') } as const;
    const file = { type: 'document', content, fileName: 'nota.pdf', mimeType } as const;
    await send({ kind: 'media', recipient: '120363000000000001@g.us', caption: 'A nota', file });
    expect(sent()).toMatchObject({
      to: '120363000000000001@g.us',
      type: 'document',
      text: 'A nota',
      fileName: 'nota.pdf',
      bytes: bytes.length,
    });
    const voice = { kind: 'base64', base64: makeMediaFile('audio').bytes.toString('base64') } as const;
    await send({ kind: 'media', recipient: ANA.phone, file: { type: 'audio', content: voice, isVoice: true } });
    expect(sent()).toMatchObject({ type: 'voice' });
    await send({ kind: 'media', recipient: ANA.phone, file: { type: 'audio', content: voice, isVoice: false } });
    expect(sent()).toMatchObject({ type: 'audio' });
  });

  it('reacts, edits and deletes', async () => {
    const action = { recipient: ANA.phone, messageId: '3EB0AA', isOurs: true } as const;
    await gowa.act?.({ ...call(), idempotencyKey: undefined, action: { ...action, kind: 'reaction', emoji: '👍' } });
    expect(sent()).toMatchObject({ type: 'reaction', text: '👍', about: '3EB0AA' });
    await gowa.act?.({ ...call(), idempotencyKey: undefined, action: { ...action, kind: 'edit', text: 'novo' } });
    expect(sent()).toMatchObject({ type: 'edit', text: 'novo', about: '3EB0AA' });
    await gowa.act?.({ ...call(), idempotencyKey: undefined, action: { ...action, kind: 'revoke' } });
    expect(sent()).toMatchObject({ type: 'revoke', about: '3EB0AA' });
  });

  it('says that a number is not on WhatsApp, the device unknown or not connected, the password wrong', async () => {
    const message = text(ANA.phone, 'oi');
    const failing = (more: object) => gowa.send({ ...call(), message, idempotencyKey: undefined, ...more });
    expect(await send(text('5511900000404', 'oi'))).toMatchObject({
      error: { code: 'engine_refused', message: expect.stringContaining('not on whatsapp') },
    });
    expect(await send(text('status@broadcast', 'oi'))).toMatchObject({ error: { code: 'engine_refused' } });
    expect(await failing({ instance: 'x' })).toMatchObject({
      error: { code: 'engine_refused', message: expect.stringContaining('make the device') },
    });
    expect(await failing({ access: { ...access, token: 'user:wrong' } })).toMatchObject({
      error: { code: 'engine_refused', message: expect.stringContaining('password') },
    });
    simulator.setConnected(DEVICE, false);
    expect(await send(message)).toMatchObject({ error: { code: 'engine_not_connected' } });
  });

  it.each([
    [{ status: 504, code: 'GATEWAY_TIMEOUT' }, 'engine_outcome_unknown'],
    [{ status: 500, code: 'INTERNAL_SERVER_ERROR' }, 'engine_outcome_unknown'],
    [{ status: 429, code: 'x' }, 'engine_rate_limited'],
    [{ status: 503, code: 'DEVICE_MANAGER_UNAVAILABLE' }, 'engine_unreachable'],
  ])('takes %j for %s', async ({ status, code }, expected) => {
    simulator.faults.add({ path: '/send/message', action: { kind: 'status', status, body: { code, message: 'no' } } });
    expect(await send(text(ANA.phone, 'oi'))).toMatchObject({ kind: 'failed', error: { code: expected } });
  });

  it('does not know what became of a message whose answer was lost', async () => {
    simulator.faults.add({ path: '/send/message', times: 1, action: { kind: 'resetAfterEffect' } });
    expect(await send(text(ANA.phone, 'chegou?'))).toMatchObject({ error: { code: 'engine_outcome_unknown' } });
    expect(sent()).toMatchObject({ text: 'chegou?' });
  });

  it.each(['kept', 'off'] as const)('fetches a file where downloads are %s, anew where it is gone', async (downloads) => {
    simulator.setDownloads(downloads);
    const event = await one({ type: 'image' });
    if (event?.kind !== 'message' || event.body.type !== 'media') throw new Error('no file');
    const { reference } = event.body.media;
    const fetched = async () => {
      const outcome = await gowa.fetchFile({ ...call(), whatsappId: event.id, reference });
      if (outcome.kind === 'failed') throw outcome.error;
      return JSON.parse(String(outcome.answer)) as unknown;
    };
    const file = { mime_type: 'image/png', base64: makeMediaFile('image').bytes.toString('base64') };
    expect(await fetched()).toMatchObject(file);
    for (const { file: stored } of device().messages.values()) if (stored !== undefined) stored.path = undefined;
    expect(await fetched()).toMatchObject(file);
    expect(await gowa.fetchFile({ ...call(), whatsappId: 'x' })).toMatchObject({ error: { code: 'engine_refused' } });
  });

  it.each([
    'statics/../devices',
    '../devices',
    'statics/..%2fdevices',
    'devices/loja',
    'statics/media/a?x=1',
    'https://x.example/a',
  ])('asks for nothing but files: %s', async (path) => {
    const asked = simulator.faults.add({ path: '^/(?:statics|devices)', action: { kind: 'status', status: 200, body: 'LEAK' } });
    const reference = JSON.stringify({ path, chat: ANA.phone });
    expect(await gowa.fetchFile({ ...call(), whatsappId: '3A', reference })).toMatchObject({ kind: 'failed' });
    expect(asked.hits).toBe(0);
  });

  it('tells how the phone is, and what to scan', async () => {
    expect(await gowa.check?.(call())).toEqual({
      kind: 'found',
      phone: 'connected',
      told: 'connected',
      number: '5511999990000',
      warnings: [],
    });
    expect(await gowa.pair?.(call())).toEqual({ kind: 'connected' });
    simulator.setConnected(DEVICE, false);
    expect(await gowa.check?.(call())).toMatchObject({ phone: 'logged_out', number: undefined });
    expect(await gowa.pair?.(call())).toMatchObject({ kind: 'image', base64: expect.stringMatching(/^iVBOR/) });
    expect(await gowa.check?.({ ...call(), instance: 'x' })).toMatchObject({ error: { code: 'engine_refused' } });
  });

  it('gives the webhook that stood there back, and says where a GOWA is too old to have one of a device', async () => {
    const theirs = {
      webhook_url: 'https://other.example/hook',
      webhook_secret: 's',
      webhook_events: 'message',
      webhook_insecure_skip_verify: true,
    };
    device().webhook = theirs;
    const before = await gowa.webhook?.read(call());
    expect(before).toMatchObject({ kind: 'webhook', address: theirs.webhook_url, previous: theirs });
    const previous = before?.kind === 'webhook' ? before.previous : undefined;
    await gowa.webhook?.set({ ...call(), address: door.url, secret: SECRET });
    expect(device().webhook).toMatchObject({ webhook_url: door.url, webhook_secret: SECRET });
    expect(await gowa.webhook?.read(call())).toMatchObject({ address: door.url, previous: undefined });
    expect(await gowa.webhook?.restore({ ...call(), previous })).toEqual({ kind: 'done' });
    expect(device().webhook).toEqual(theirs);
    await gowa.webhook?.restore({ ...call(), previous: undefined });
    expect(simulator.webhookOf(DEVICE)).toBeUndefined();
    simulator.faults.add({ path: '/webhook$', action: { kind: 'status', status: 404, body: 'Cannot GET' } });
    expect(await gowa.webhook?.read(call())).toMatchObject({ error: { message: expect.stringContaining('version 8') } });
  });
});
