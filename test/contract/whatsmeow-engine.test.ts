import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EngineAccess } from '../../shared/engines/engine.ts';
import { engineOf } from '../../shared/engines/registry.ts';
import { FRESH_CONNECTION } from '../../shared/http/exchange.ts';
import { createWhatsmeowSimulator } from '../../simulators/engines/whatsmeow/index.ts';
import type { ContentInput } from '../../simulators/whatsapp-engine/content.ts';
import { makeMediaFile } from '../../simulators/whatsapp-engine/media-files.ts';
import { createDoor, type Door } from '../support/engine-door.ts';
import { createEngineHands, idOf, text } from '../support/engine-hands.ts';
import { waitFor } from '../support/wait-for.ts';

const whatsmeow = engineOf('whatsmeow');
const NAME = 'loja';
const TOKEN = 'token-of-the-instance';
const SECRET = 'a-secret-of-thirty-two-characters-or-more';
const ANA = { phone: '5511900000001', lid: '135000000000001', name: 'Ana' };

const cases = [
  { flavour: 'wuzapi', transport: 'form' },
  { flavour: 'wuzapi', transport: 'json' },
  { flavour: 'evolution-go', transport: 'json' },
] as const;

describe.each(cases)('$flavour, by $transport', ({ flavour, transport }) => {
  const isWuzapi = flavour === 'wuzapi';
  const simulator = createWhatsmeowSimulator({
    flavour,
    transport,
    token: TOKEN,
    secondMs: 1,
    unknownNumbers: ['5511900000404'],
  });
  let door: Door;
  let access: EngineAccess;
  const call = (timeoutMs = 5_000) => ({ access, instance: NAME, timeoutMs });
  const session = () => simulator.world.named(NAME);
  beforeAll(async () => {
    door = await createDoor(NAME);
    simulator.addInstance({ name: NAME, number: '5511999990000' });
    const { url } = await simulator.start();
    access = { url, token: TOKEN, route: FRESH_CONNECTION, routeTo: async () => FRESH_CONNECTION };
  });
  beforeEach(async () => {
    door.answerWith(200);
    simulator.sendFiles(true);
    expect(await whatsmeow.webhook?.set({ ...call(), address: door.url, secret: SECRET })).toEqual({ kind: 'done' });
  });
  afterEach(async () => {
    simulator.faults.clear();
    simulator.setConnected(NAME, true);
    await simulator.idle();
    door.deliveries.length = 0;
  });
  afterAll(async () => {
    await simulator.stop();
    door.stop();
  });

  const { send, sent, told, one } = createEngineHands({
    engine: whatsmeow,
    simulator,
    name: NAME,
    call,
    door: () => door,
    from: ANA,
    secret: TOKEN,
  });

  it.each<[ContentInput, object]>([
    [
      { type: 'text', text: 'oi + tchau & 100%' },
      { kind: 'message', body: { type: 'text', text: 'oi + tchau & 100%' } },
    ],
    [
      { type: 'image', caption: 'Veja' },
      { body: { caption: 'Veja', media: { kind: 'image', base64: makeMediaFile('image').bytes.toString('base64') } } },
    ],
    [{ type: 'audio' }, { body: { media: { kind: 'voice', mimeType: 'audio/ogg' } } }],
    [{ type: 'document' }, { body: { media: { kind: 'document', fileName: 'document.pdf' } } }],
    [{ type: 'sticker' }, { body: { media: { kind: 'sticker' } } }],
    [{ type: 'location', latitude: -23.5, longitude: -46.6 }, { body: { type: 'location' } }],
    [{ type: 'contact', contacts: [{ name: 'João', phone: '5511977776666' }] }, { body: { contacts: [{ name: 'João' }] } }],
    [
      { type: 'reaction', messageId: '3EB0A', emoji: '👍' },
      { kind: 'reaction', originalId: '3EB0A' },
    ],
    [
      { type: 'edit', messageId: '3AEE', text: 'novo' },
      { kind: 'edit', originalId: '3AEE', text: 'novo' },
    ],
    [
      { type: 'message_revoke', messageId: '3AEE' },
      { kind: 'revoke', originalId: '3AEE' },
    ],
  ])('what a customer sends is understood: %j', async (content, event) => {
    const chat = { type: 'private', address: ANA.phone, number: ANA.phone, lid: '135000000000001@lid' };
    expect(await one(content)).toMatchObject({ direction: 'incoming', chat, ...event });
  });

  it('signs what it delivers where it can', async () => {
    simulator.receive(NAME, { from: ANA, content: { type: 'text', text: 'oi + tchau' } });
    await simulator.idle();
    const [delivery] = door.deliveries;
    if (delivery === undefined) throw new Error('nothing was delivered');
    const genuine = { ...delivery, body: undefined };
    expect(delivery.headers['x-hmac-signature'] !== undefined).toBe(isWuzapi);
    expect(whatsmeow.isGenuine?.(genuine, SECRET)).toBe(true);
    expect(whatsmeow.isGenuine?.({ ...genuine, rawBody: Buffer.from('{}') }, SECRET)).toBe(!isWuzapi);
  });

  it('fetches a file that does not stand in its event', async () => {
    simulator.sendFiles(false);
    const event = await one({ type: 'image' });
    const reference = event?.kind === 'message' && event.body.type === 'media' ? event.body.media.reference : undefined;
    const outcome = await whatsmeow.fetchFile({ ...call(), whatsappId: '3A', reference });
    if (outcome.kind === 'failed') throw outcome.error;
    expect(JSON.parse(String(outcome.answer))).toMatchObject({
      mime_type: 'image/png',
      base64: makeMediaFile('image').bytes.toString('base64'),
    });
    session().files.clear();
    expect(await whatsmeow.fetchFile({ ...call(), whatsappId: '3A', reference })).toMatchObject({ kind: 'failed' });
    expect(await whatsmeow.fetchFile({ ...call(), whatsappId: '3A' })).toMatchObject({ error: { code: 'engine_refused' } });
  });

  it('sends under an id of ours, once however often, with its quote; and tells of it what it tells', async () => {
    const quoted = simulator.receive(NAME, { from: ANA, content: { type: 'text', text: 'oi' } });
    await told();
    const count = simulator.sent(NAME).length;
    const id = idOf(await send(text(ANA.phone, 'olá', { quotedId: quoted, delaySeconds: 0.01 }), { key: 'int_1:7:0' }));
    expect(sent()).toMatchObject({ id, to: ANA.phone, type: 'text', text: 'olá', about: quoted });
    expect(idOf(await send(text(ANA.phone, 'olá'), { key: 'int_1:7:0' }))).toBe(id);
    expect(simulator.sent(NAME)).toHaveLength(count + 1);
    await waitFor(() => door.deliveries.length >= (isWuzapi ? 2 : 4), { describe: 'what is told of it' });
    const events = await told();
    expect(events).toContainEqual(expect.objectContaining({ kind: 'status', messageIds: [id], status: 'delivered' }));
    expect(events.some((event) => event.kind === 'message' && event.id === id && event.direction === 'outgoing')).toBe(!isWuzapi);
  });

  it('sends a file of any kind, by its address as well', async () => {
    const { bytes, mimeType } = makeMediaFile('document');
    const content = { kind: 'base64', base64: bytes.toString('base64') } as const;
    await send({
      kind: 'media',
      recipient: ANA.phone,
      caption: 'A nota',
      file: { type: 'document', content, fileName: 'nota.pdf', mimeType },
    });
    expect(sent()).toMatchObject({ type: 'document', text: 'A nota', fileName: 'nota.pdf', bytes: bytes.length });
    await send({ kind: 'media', recipient: ANA.phone, file: { type: 'image', content } });
    expect(sent()).toMatchObject({ type: 'image', bytes: bytes.length });
    await send({ kind: 'media', recipient: ANA.phone, file: { type: 'audio', content, isVoice: true } });
    expect(sent()).toMatchObject({ type: 'voice' });
    simulator.faults.add({ path: '^/a-file', times: 1, action: { kind: 'status', status: 200, body: 'the bytes' } });
    const url = `${access.url}/a-file`;
    expect(
      await send({
        kind: 'media',
        recipient: ANA.phone,
        file: { type: 'document', content: { kind: 'url', url }, fileName: 'a.txt' },
      }),
    ).toMatchObject({ kind: 'sent' });
    expect(sent()).toMatchObject({ type: 'document', fileName: 'a.txt' });
    const gone = await send({ kind: 'media', recipient: ANA.phone, file: { type: 'document', content: { kind: 'url', url } } });
    expect(gone).toMatchObject({ kind: 'failed', error: { code: isWuzapi ? 'engine_refused' : 'engine_unreachable' } });
  });

  it('reacts, takes back, edits and deletes', async () => {
    const action = { recipient: ANA.phone, messageId: '3EB0AA' };
    const act = (more: object) =>
      whatsmeow.act?.({ ...call(), idempotencyKey: undefined, action: { ...action, isOurs: true, ...more } as never });
    await act({ kind: 'reaction', emoji: '👍' });
    expect(sent()).toMatchObject({ type: 'reaction', text: '👍', about: '3EB0AA' });
    await act({ kind: 'reaction', emoji: '', isOurs: false });
    expect(sent()).toMatchObject({ type: 'reaction', text: '', about: '3EB0AA' });
    await act({ kind: 'edit', text: 'novo' });
    expect(sent()).toMatchObject({ type: 'edit', text: 'novo', about: '3EB0AA' });
    await act({ kind: 'revoke' });
    expect(sent()).toMatchObject({ type: 'revoke', about: '3EB0AA' });
    expect(await act({ kind: 'edit', text: ' ' })).toMatchObject({ error: { code: 'engine_refused' } });
  });

  it('says that it is not connected, that the token is wrong, that the number cannot be reached', async () => {
    const message = text(ANA.phone, 'oi');
    expect(await send(text('5511900000404', 'oi'))).toMatchObject({ error: { code: 'engine_refused' } });
    expect(await send(text('status@broadcast', 'oi'))).toMatchObject({ error: { code: 'engine_refused' } });
    const wrong = { ...access, token: 'wrong' };
    expect(await whatsmeow.send({ ...call(), access: wrong, message, idempotencyKey: undefined })).toMatchObject({
      error: { code: 'engine_refused', message: expect.stringContaining('token') },
    });
    simulator.setConnected(NAME, false);
    expect(await send(message)).toMatchObject({ error: { code: 'engine_not_connected' } });
    expect(await told()).toMatchObject([{ kind: 'state', phone: 'logged_out' }]);
  });

  it.each([
    [{ status: 500, error: 'error sending message: timed out waiting for message send response' }, 'engine_outcome_unknown'],
    [{ status: 500, error: 'failed to upload file: x' }, 'engine_unreachable'],
    [{ status: 500, error: 'error sending message: server returned error 479' }, 'engine_refused'],
    [{ status: 429, error: 'slow' }, 'engine_rate_limited'],
    [{ status: 503, error: 'x' }, 'engine_unreachable'],
  ])('takes %j for %s', async ({ status, error }, code) => {
    simulator.faults.add({
      path: '/send/text$',
      action: { kind: 'status', status, body: { code: status, success: false, error } },
    });
    expect(await send(text(ANA.phone, 'oi'))).toMatchObject({ kind: 'failed', error: { code } });
  });

  it('delivers again until it is taken, five times at most', async () => {
    door.answerWith(503);
    const id = simulator.receive(NAME, { from: ANA, content: { type: 'text', text: 'oi' } });
    await waitFor(() => simulator.pending() > 0, { describe: 'a delivery being tried' });
    door.answerWith(200);
    expect(await told()).toMatchObject([{ id }]);
  });

  it('tells how the phone is, and what to scan', async () => {
    expect(await whatsmeow.check?.(call())).toMatchObject({
      kind: 'found',
      phone: 'connected',
      number: isWuzapi ? '5511999990000' : undefined,
    });
    expect(await whatsmeow.pair?.(call())).toEqual({ kind: 'connected' });
    simulator.setConnected(NAME, false);
    expect(await whatsmeow.check?.(call())).toMatchObject({ phone: 'disconnected' });
    // wuzapi is started first.
    if (isWuzapi) expect(await whatsmeow.pair?.(call())).toMatchObject({ error: { code: 'engine_not_connected' } });
    expect(await whatsmeow.pair?.(call())).toMatchObject({ kind: 'image', base64: 'iVBORw0KGgo=' });
    expect(await whatsmeow.check?.({ ...call(), access: { ...access, token: 'wrong' } })).toMatchObject({
      error: { code: 'engine_refused' },
    });
  });

  it.runIf(isWuzapi)('gives back the webhook and the events that stood there', async () => {
    Object.assign(session(), { webhook: 'https://other.example/hook', events: ['Message', 'QR'], hmacKey: '' });
    const before = await whatsmeow.webhook?.read(call());
    expect(before).toMatchObject({
      address: 'https://other.example/hook',
      previous: { events: ['Message', 'QR'], isSigned: false },
    });
    const previous = before?.kind === 'webhook' ? before.previous : undefined;
    await whatsmeow.webhook?.set({ ...call(), address: door.url, secret: SECRET });
    expect(session()).toMatchObject({ webhook: door.url, hmacKey: SECRET });
    expect(session().events).toContain('ReadReceipt');
    expect(await whatsmeow.webhook?.restore({ ...call(), previous })).toEqual({ kind: 'done' });
    expect(session()).toMatchObject({ webhook: 'https://other.example/hook', events: ['Message', 'QR'], hmacKey: '' });
    session().hmacKey = 'their-own-key';
    expect(await whatsmeow.webhook?.read(call())).toMatchObject({ warnings: [expect.stringContaining('signs')] });
  });

  it.runIf(!isWuzapi)('says that evolution-go does not tell where it delivered before', async () => {
    expect(await whatsmeow.webhook?.read(call())).toMatchObject({
      address: undefined,
      warnings: [expect.stringContaining('evolution-go')],
    });
  });
});
