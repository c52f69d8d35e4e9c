import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { OutgoingAction } from '../../shared/engines/action.ts';
import type { EngineAccess, OutgoingMessage } from '../../shared/engines/engine.ts';
import type { WhatsappEvent } from '../../shared/engines/event.ts';
import { engineOf } from '../../shared/engines/registry.ts';
import { FRESH_CONNECTION } from '../../shared/http/exchange.ts';
import { createEvolutionSimulator, type EvolutionSimulator } from '../../simulators/engines/evolution/index.ts';
import { type Receiver, startReceiver } from './chatwoot/receiver.ts';

const evolution = engineOf('evolution');
const KEY = 'GLOBAL-KEY-0001';
const SECRET = 'proof-of-origin-'.repeat(3);
const ANA = '5511900000001';
const NOBODY = '5511900000404';
const layouts = ['2.2', '2.3', '2.4'] as const;

let receiver: Receiver;
const running: EvolutionSimulator[] = [];
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(async () => {
  for (const simulator of running) await simulator.stop();
  await receiver.stop();
});
afterEach(() => {
  for (const simulator of running) simulator.faults.clear();
});

let lastInstance = 0;

/** An instance of an engine of its own, whose events come here. */
async function setUp(options: Parameters<typeof createEvolutionSimulator>[0] = {}) {
  const simulator = createEvolutionSimulator({ token: KEY, retries: { delaysMs: [20] }, unknownNumbers: [NOBODY], ...options });
  running.push(simulator);
  const { url } = await simulator.start();
  lastInstance += 1;
  const instance = `loja ${lastInstance}`;
  const path = `in-${lastInstance}`;
  simulator.addInstance({ name: instance, number: '5511900000009' });
  const access: EngineAccess = { url, token: KEY, route: FRESH_CONNECTION };
  const call = { access, instance, timeoutMs: 5_000 };
  const address = receiver.address(path);
  return {
    simulator,
    instance,
    path,
    address,
    call,
    send: (message: OutgoingMessage) => evolution.send({ ...call, message, idempotencyKey: undefined }),
    act: (action: OutgoingAction) => evolution.act?.({ ...call, action, idempotencyKey: undefined }),
    listen: () => evolution.webhook?.set({ ...call, address, secret: SECRET }),
    async told(): Promise<WhatsappEvent[]> {
      await simulator.idle();
      return receiver.of(path).flatMap(({ body, headers }) => {
        const delivery = {
          body,
          rawBody: Buffer.alloc(0),
          headers: { 'x-ponte-secret': headers['x-ponte-secret']?.toString() },
          name: instance,
        };
        expect(evolution.isGenuine?.(delivery, SECRET)).toBe(true);
        return evolution.unpack(delivery).map((payload) => {
          expect(JSON.stringify(payload)).not.toContain('apikey');
          const parsed = evolution.readEvent(payload);
          if (!parsed.ok) throw new Error(parsed.fault);
          return parsed.event;
        });
      });
    },
  };
}
type Setup = Awaited<ReturnType<typeof setUp>>;

const text = (recipient: string, body = 'Oi'): OutgoingMessage => ({ kind: 'text', recipient, text: body });
const codeOf = (outcome: { kind: string; error?: { code: string } } | undefined) => outcome?.error?.code ?? outcome?.kind;

describe.each(layouts)('what Evolution API %s tells', (layout) => {
  it('is read as what it is, whatever happened', async () => {
    const { simulator, instance, listen, told } = await setUp({ layout, statuses: [] });
    await listen();
    const from = { phone: ANA, name: 'Ana' };
    simulator.receive(instance, { from, content: { type: 'text', text: 'oi' }, id: '3A01' });
    simulator.receive(instance, { from, content: { type: 'text', text: 'sim' }, id: '3A02', replyTo: '3A01' });
    for (const type of ['image', 'video', 'audio', 'document', 'sticker'] as const)
      simulator.receive(instance, { from, content: { type }, id: type });
    simulator.receive(instance, { from, content: { type: 'location', latitude: -23.5, longitude: -46.6 }, id: 'place' });
    simulator.receive(instance, {
      from,
      content: { type: 'contact', contacts: [{ name: 'Bruno', phone: '5511900000002' }] },
      id: 'card',
    });
    simulator.receive(instance, { from, content: { type: 'list_response', id: '1', title: 'Vendas' }, id: 'list' });
    simulator.receive(instance, {
      from,
      content: { type: 'other', name: 'eventMessage', fields: { name: 'Festa' } },
      id: 'event',
    });
    simulator.receive(instance, { from, content: { type: 'reaction', messageId: '3A01', emoji: '👍' }, id: 'like' });
    simulator.receive(instance, { from, content: { type: 'edit', messageId: '3A02', text: 'não' } });
    simulator.receive(instance, { from, content: { type: 'message_revoke', messageId: '3A01' } });
    simulator.typeOnPhone(instance, { to: from, content: { type: 'text', text: 'já vai' }, id: 'typed' });

    const events = await told();
    const bodies = Object.fromEntries(events.flatMap((event) => (event.kind === 'message' ? [[event.id, event.body]] : [])));
    expect(bodies).toMatchObject({
      '3A01': { type: 'text', text: 'oi' },
      '3A02': { type: 'text', text: 'sim' },
      image: { type: 'media', media: { kind: 'image', mimeType: 'image/png', reference: expect.stringContaining('mediaKey') } },
      video: { type: 'media', media: { kind: 'video' } },
      audio: { type: 'media', media: { kind: 'voice', mimeType: 'audio/ogg' } },
      document: { type: 'media', media: { kind: 'document', fileName: 'document.pdf' } },
      sticker: { type: 'media', media: { kind: 'sticker' } },
      place: { type: 'location', location: { latitude: -23.5, longitude: -46.6 } },
      card: { type: 'contacts', contacts: [{ name: 'Bruno', phones: ['5511900000002'] }] },
      list: { type: 'choice', text: 'Vendas' },
      event: { type: 'unsupported', name: 'event', text: 'Festa' },
      typed: { type: 'text', text: 'já vai' },
    });
    expect(events).toContainEqual(
      expect.objectContaining({ id: '3A02', replyTo: '3A01', chat: expect.objectContaining({ number: ANA }) }),
    );
    expect(events).toContainEqual(expect.objectContaining({ id: 'typed', direction: 'outgoing', source: '' }));
    expect(events).toContainEqual(expect.objectContaining({ kind: 'reaction', originalId: '3A01', emoji: '👍' }));
    expect(events).toContainEqual(expect.objectContaining({ kind: 'edit', originalId: '3A02', text: 'não' }));
    expect(events).toContainEqual(expect.objectContaining({ kind: 'revoke', originalId: '3A01' }));
  });

  it('is who wrote, by every address the version knows', async () => {
    const { simulator, instance, listen, told } = await setUp({ layout });
    await listen();
    simulator.receive(instance, {
      from: { phone: ANA, lid: '135', name: 'Ana' },
      content: { type: 'text', text: 'oi' },
      id: '3A01',
    });
    const [event] = await told();
    expect(event).toMatchObject({ chat: { lid: '135@lid', number: layout === '2.2' ? undefined : ANA } });
  });

  it('is its own sendings and their receipts, and how the phone is connected', async () => {
    const { simulator, instance, listen, told, send } = await setUp({ layout, statuses: ['DELIVERY_ACK', 'READ'] });
    await listen();
    const outcome = await send(text(ANA));
    const id = simulator.sent(instance)[0]?.id;
    expect(outcome).toMatchObject({ kind: 'sent', answer: { data: { messageId: id } } });
    simulator.setConnected(instance, false);

    const events = await told();
    expect(events).toContainEqual(expect.objectContaining({ kind: 'message', id, direction: 'outgoing', source: '' }));
    expect(events).toContainEqual(expect.objectContaining({ kind: 'status', messageIds: [id], status: 'delivered' }));
    expect(events).toContainEqual(expect.objectContaining({ kind: 'status', messageIds: [id], status: 'read' }));
    expect(events).toContainEqual(expect.objectContaining({ kind: 'state', phone: 'logged_out' }));
  });
});

describe('what Evolution API is asked to send', () => {
  let shared: Setup;
  beforeAll(async () => {
    shared = await setUp();
  });

  it('arrives: text with a quote, every medium, a voice message', async () => {
    const { simulator, instance, send } = shared;
    simulator.receive(instance, { from: { phone: ANA }, content: { type: 'text', text: 'oi' }, id: '3A01' });
    const base64 = Buffer.from('file').toString('base64');
    const media = (type: 'image' | 'video' | 'document' | 'audio', more: object = {}, caption?: string): OutgoingMessage => ({
      kind: 'media',
      recipient: `${ANA}@s.whatsapp.net`,
      file: { type, content: { kind: 'base64', base64: `data:x/y;base64,${base64}` }, ...more },
      caption,
    });
    const messages: OutgoingMessage[] = [
      { ...text(`+55 (11) 90000-0001`), quotedId: '3A01' },
      media('image', { mimeType: 'image/png' }, 'olha'),
      media('video'),
      media('document', { fileName: 'nota.pdf' }),
      media('audio', { isVoice: false, mimeType: 'audio/mpeg' }),
      media('audio', { isVoice: true }),
    ];
    for (const message of messages) expect(await send(message)).toMatchObject({ kind: 'sent' });
    expect(simulator.sent(instance)).toMatchObject([
      { type: 'text', text: 'Oi', about: '3A01' },
      { type: 'image', text: 'olha', bytes: 4, mimeType: 'image/png' },
      { type: 'video', bytes: 4 },
      { type: 'document', fileName: 'nota.pdf' },
      { type: 'audio', mimeType: 'audio/mpeg' },
      { type: 'voice' },
    ]);
  });

  it('is done to a message that was sent: deleted, edited, answered with an emoji', async () => {
    const { simulator, instance, send, act } = shared;
    await send(text(ANA, 'antes'));
    const id = simulator.sent(instance).at(-1)?.id ?? '';
    const on = { recipient: ANA, messageId: id, isOurs: true };
    expect(await act({ kind: 'edit', ...on, text: 'depois' })).toMatchObject({ kind: 'sent' });
    expect(await act({ kind: 'reaction', ...on, emoji: '👍' })).toMatchObject({ kind: 'sent' });
    expect(await act({ kind: 'revoke', ...on })).toMatchObject({ kind: 'sent' });
    expect(simulator.sent(instance).slice(-3)).toMatchObject([
      { type: 'edit', text: 'depois', about: id },
      { type: 'reaction', text: '👍', about: id },
      { type: 'revoke', about: id },
    ]);
    // The engine does not know it any more.
    expect(codeOf(await act({ kind: 'edit', ...on, text: 'x' }))).toBe('engine_refused');
  });

  it('is refused for a number that is not on WhatsApp', async () => {
    const outcome = await shared.send(text(NOBODY));
    expect(outcome.kind === 'failed' && outcome.error.message).toContain('this number is not on WhatsApp');
  });

  it.each([
    ['a wrong key', { token: 'wrong' }, {}, 'engine_refused', 'verify engineToken'],
    ['an instance that it does not have', {}, { instance: 'nobody' }, 'engine_refused', 'does not exist'],
    ['an address with something else', { url: 'http://127.0.0.1:1' }, {}, 'engine_unreachable', 'unreachable'],
  ])('is told apart: %s', async (_name, access, more, code, reason) => {
    const call = { ...shared.call, ...more, access: { ...shared.call.access, ...access } };
    const outcome = await evolution.send({ ...call, message: text(ANA), idempotencyKey: undefined });
    expect(codeOf(outcome)).toBe(code);
    expect(outcome.kind === 'failed' && outcome.error.message).toContain(reason);
  });

  it('waits where the phone is not connected, in each of the ways that the engine says it', async () => {
    const { simulator, instance, send } = await setUp();
    simulator.receive(instance, { from: { phone: ANA }, content: { type: 'text', text: 'oi' } });
    simulator.setConnected(instance, false);
    expect(codeOf(await send(text(ANA)))).toBe('engine_not_connected');
    expect(codeOf(await send(text('5511900000777')))).toBe('engine_not_connected');
    simulator.addInstance({ name: instance, connected: false });
    expect(codeOf(await send(text(ANA)))).toBe('engine_not_connected');
  });

  it.each([
    [
      'a failure without a reason',
      { status: 500, body: { status: 500, error: 'Internal Server Error', response: { message: 'boom' } } },
    ],
    [
      'a breakdown while the phone is connected',
      { status: 500, body: { response: { message: "Cannot read properties of undefined (reading 'id')" } } },
    ],
    ['a proxy without its engine', { status: 502, body: 'Bad Gateway' }],
    ['a time-out of WhatsApp', { status: 400, body: { response: { message: ['Error: Timed Out'] } } }],
  ])('has an unknown outcome after %s', async (_name, { status, body }) => {
    shared.simulator.faults.add({
      path: '/message/',
      times: 1,
      action: { kind: 'status', status, body },
    });
    expect(codeOf(await shared.send(text(ANA)))).toBe('engine_outcome_unknown');
  });

  it('of which nothing is heard in time has an unknown outcome', async () => {
    shared.simulator.faults.add({ path: '/message/', times: 1, action: { kind: 'hang' } });
    const outcome = await evolution.send({ ...shared.call, timeoutMs: 300, message: text(ANA), idempotencyKey: undefined });
    expect(codeOf(outcome)).toBe('engine_outcome_unknown');
  });

  it('without a licence is told in words', async () => {
    const body = { code: 'LICENSE_REQUIRED', message: 'x' };
    shared.simulator.faults.add({ path: '/message/', times: 1, action: { kind: 'status', status: 503, body } });
    const outcome = await shared.send(text(ANA));
    expect(outcome.kind === 'failed' && outcome.error.message).toContain('no licence');
  });
});

describe('the files of Evolution API', () => {
  it('are had by the id of their message, and after its deletion not at all', async () => {
    const { simulator, instance, call } = await setUp();
    simulator.receive(instance, {
      from: { phone: ANA },
      content: { type: 'image', media: { base64: 'AAAA', mimeType: 'image/png' } },
      id: '3A01',
    });
    const found = await evolution.fetchFile({ ...call, whatsappId: '3A01' });
    expect(found.kind === 'file' && JSON.parse(String(found.answer))).toMatchObject({ mime_type: 'image/png', base64: 'AAAA' });
    simulator.receive(instance, { from: { phone: ANA }, content: { type: 'message_revoke', messageId: '3A01' } });
    expect(codeOf(await evolution.fetchFile({ ...call, whatsappId: '3A01' }))).toBe('engine_refused');
  });
});

describe('the connection to Evolution API', () => {
  it('is told by the state itself, with what the owner should know', async () => {
    const { simulator, instance, call } = await setUp();
    expect(await evolution.check?.(call)).toEqual({
      kind: 'found',
      phone: 'connected',
      told: 'open',
      number: '5511900000009',
      warnings: [],
    });
    simulator.setChatwoot(instance, { ...CHATWOOT, enabled: true });
    simulator.setConnected(instance, false);
    expect(await evolution.check?.(call)).toMatchObject({
      phone: 'disconnected',
      warnings: [expect.stringContaining('https://chat.example, account 7')],
    });
    expect(codeOf(await evolution.check?.({ ...call, access: { ...call.access, token: 'wrong' } }))).toBe('engine_refused');
  });

  it('is made by a QR code', async () => {
    const { simulator, instance, call } = await setUp();
    expect(await evolution.pair?.(call)).toEqual({ kind: 'connected' });
    simulator.setConnected(instance, false);
    expect(await evolution.pair?.(call)).toMatchObject({ kind: 'qr', qr: expect.stringMatching(/^2@/) });
  });
});

const CHATWOOT = {
  enabled: false,
  accountId: '7',
  token: 'chatwoot-token',
  url: 'https://chat.example',
  nameInbox: 'Loja',
  signMsg: false,
  reopenConversation: true,
  conversationPending: false,
};

describe('the webhook of Evolution API', () => {
  it.each(layouts)('is set and given back as it was, secret headers and all: %s', async (layout) => {
    const { simulator, instance, call, listen, address } = await setUp({ layout });
    const theirs = {
      enabled: true,
      url: 'https://n8n.example/hook',
      byEvents: true,
      base64: true,
      headers: { 'x-key': 'k' },
      events: ['MESSAGES_UPSERT'],
    };
    await evolution.webhook?.restore({ ...call, previous: theirs });
    const stood = simulator.webhookSettingsOf(instance);
    const found = await evolution.webhook?.read(call);
    expect(found).toMatchObject({ kind: 'webhook', address: theirs.url, warnings: [] });

    expect(await listen()).toEqual({ kind: 'done' });
    expect(await listen()).toEqual({ kind: 'done' });
    expect(simulator.webhookSettingsOf(instance)).toMatchObject({
      enabled: true,
      url: address,
      webhookByEvents: false,
      webhookBase64: false,
      headers: { 'x-ponte-secret': SECRET },
      events: expect.arrayContaining(['MESSAGES_UPSERT', 'SEND_MESSAGE', 'CONNECTION_UPDATE']),
    });
    expect(simulator.webhookSettingsOf(instance)?.events.includes('MESSAGES_EDITED')).toBe(layout !== '2.2');

    const previous = found?.kind === 'webhook' ? JSON.parse(JSON.stringify(found.previous)) : undefined;
    expect(await evolution.webhook?.restore({ ...call, previous })).toEqual({ kind: 'done' });
    expect(simulator.webhookSettingsOf(instance)).toEqual(stood);
  });

  it('ends where there was none', async () => {
    const { simulator, instance, call, listen } = await setUp();
    expect(await evolution.webhook?.read(call)).toMatchObject({ previous: undefined, address: undefined });
    await listen();
    await evolution.webhook?.restore({ ...call, previous: undefined });
    expect(simulator.webhookOf(instance)).toBeUndefined();
    expect(simulator.webhookSettingsOf(instance)).toMatchObject({ headers: {} });
  });

  it('is read with a warning where the engine’s own Chatwoot is switched on', async () => {
    const { simulator, instance, call } = await setUp();
    simulator.setChatwoot(instance, { ...CHATWOOT, enabled: true });
    expect(await evolution.webhook?.read(call)).toMatchObject({ warnings: [expect.stringContaining('switched on')] });
  });

  it('keeps an event that is told to come later, and loses one that is told to be wrong', async () => {
    const { simulator, instance, listen, path } = await setUp({ retries: { delaysMs: [50], maxAttempts: 10 } });
    await listen();
    receiver.answer(path, 503);
    simulator.receive(instance, { from: { phone: ANA }, content: { type: 'text', text: 'oi' } });
    await expect.poll(() => receiver.of(path).length).toBeGreaterThan(1);
    receiver.answer(path, 200);
    await simulator.idle();
    expect(simulator.dropped()).toBe(0);
    receiver.answer(path, 404);
    simulator.receive(instance, { from: { phone: ANA }, content: { type: 'text', text: 'oi' } });
    await simulator.idle();
    expect(simulator.dropped()).toBe(1);
  });
});
