import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { EngineAccess, OutgoingMessage } from '../../shared/engines/engine.ts';
import { engineOf } from '../../shared/engines/registry.ts';
import { FRESH_CONNECTION } from '../../shared/http/exchange.ts';
import { createCloudSimulator } from '../../simulators/engines/cloud/index.ts';
import { makeMediaFile } from '../../simulators/whatsapp-engine/media-files.ts';
import { waitFor } from '../support/wait-for.ts';

const cloud = engineOf('cloud');
const NUMBER_ID = '106540352242922';
const ANA = '5511900000001';
const WORD = 'the-word-by-which-the-address-is-verified';

interface Received {
  readonly body: unknown;
  readonly isGenuine: boolean;
}
const received: Received[] = [];
const received200 = { status: 200 };
/** What the api's door does: answers the verification, and takes deliveries. */
const door = createServer((request, response) => {
  if (request.method === 'GET') {
    const query = Object.fromEntries(new URL(request.url ?? '', 'http://x').searchParams);
    const answer = cloud.answerVerification?.(query, WORD);
    response.writeHead(answer === undefined ? 403 : 200).end(answer);
    return;
  }
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const rawBody = Buffer.concat(chunks);
    const body: unknown = JSON.parse(rawBody.toString());
    const headers = { 'x-hub-signature-256': request.headers['x-hub-signature-256']?.toString() };
    const isGenuine = cloud.isGenuine?.({ body, rawBody, headers, name: NUMBER_ID }, 'app-secret') ?? false;
    response.writeHead(received200.status).end();
    if (received200.status === 200) received.push({ body, isGenuine });
  });
});
let doorUrl: string;

const simulator = createCloudSimulator({
  token: 'EAAG-token',
  appSecret: 'app-secret',
  retries: { delaysMs: [20] },
  unknownNumbers: ['5511900000404'],
});
let access: EngineAccess;

beforeAll(async () => {
  simulator.addInstance({ name: NUMBER_ID, number: '551130000000' });
  const { url } = await simulator.start();
  access = { url, token: 'EAAG-token', secret: 'app-secret', route: FRESH_CONNECTION };
  door.listen(0, '127.0.0.1');
  await once(door, 'listening');
  const address = door.address();
  if (address === null || typeof address === 'string') throw new Error('the door has no port');
  doorUrl = `http://127.0.0.1:${address.port}/api/events/engine/key`;
});
afterAll(async () => {
  await simulator.stop();
  door.closeAllConnections();
  door.close();
});
afterEach(() => simulator.faults.clear());

const call = () => ({ access, instance: NUMBER_ID, timeoutMs: 5_000 });
const send = (message: OutgoingMessage, timeoutMs = 5_000) =>
  cloud.send({ ...call(), timeoutMs, message, idempotencyKey: undefined });
const events = () =>
  received
    .splice(0)
    .flatMap(({ body }) => cloud.unpack({ body, rawBody: Buffer.alloc(0), headers: {}, name: NUMBER_ID }))
    .map((payload) => {
      const parsed = cloud.readEvent(payload);
      if (!parsed.ok) throw new Error(parsed.fault);
      return parsed.event;
    });
async function told() {
  await simulator.idle();
  return events();
}
const text = (recipient: string, body: string, more: object = {}): OutgoingMessage => ({
  kind: 'text',
  recipient,
  text: body,
  ...more,
});
const idOf = (outcome: Awaited<ReturnType<typeof send>>): string => {
  if (outcome.kind === 'failed') throw outcome.error;
  return String((outcome.answer.data as { messageId: string }).messageId);
};

describe('the webhook of a number', () => {
  it('is set after our address was verified, tells what stood there, and is given back', async () => {
    expect(await cloud.webhook?.read(call())).toMatchObject({
      kind: 'webhook',
      previous: undefined,
      address: undefined,
      warnings: [],
    });
    expect(await cloud.webhook?.set({ ...call(), address: doorUrl, secret: 'a wrong word' })).toMatchObject({
      kind: 'failed',
      error: { code: 'engine_refused', message: expect.stringContaining('Callback verification failed') },
    });
    for (let time = 0; time < 2; time += 1) {
      expect(await cloud.webhook?.set({ ...call(), address: doorUrl, secret: WORD })).toEqual({ kind: 'done' });
    }
    expect(simulator.webhookOf(NUMBER_ID)).toBe(doorUrl);
    expect(await cloud.webhook?.read(call())).toMatchObject({ address: doorUrl, warnings: [] });
    expect(await cloud.webhook?.restore({ ...call(), previous: undefined })).toEqual({ kind: 'done' });
    expect(simulator.webhookOf(NUMBER_ID)).toBeUndefined();
    simulator.world.named(NUMBER_ID).override = 'https://chat.example/webhooks/whatsapp/SecretPath';
    const theirs = await cloud.webhook?.read(call());
    expect(theirs).toMatchObject({
      warnings: [expect.stringContaining('verify token'), expect.stringContaining('WhatsApp inbox')],
    });
    expect(JSON.stringify(theirs?.kind === 'webhook' ? theirs.warnings : '')).not.toContain('SecretPath');
    await cloud.webhook?.set({ ...call(), address: doorUrl, secret: WORD });
  });

  it('brings what customers write, in batches, each signed, and again until it is taken', async () => {
    received200.status = 500;
    const first = simulator.receive(NUMBER_ID, { from: { phone: ANA, name: 'Ana' }, content: { type: 'text', text: 'um' } });
    const second = simulator.receive(NUMBER_ID, { from: { lid: '1349', name: 'Bia' }, content: { type: 'text', text: 'dois' } });
    await waitFor(() => simulator.pending() > 0, { describe: 'a delivery being tried' });
    received200.status = 200;
    await simulator.idle();
    expect(received.every(({ isGenuine }) => isGenuine)).toBe(true);
    expect(received[0]?.body).toMatchObject({ entry: [{ changes: [{ value: { messages: [{}, {}], contacts: [{}, {}] } }] }] });
    expect(events().slice(0, 2)).toMatchObject([
      { id: first, chat: { address: ANA, name: 'Ana' }, body: { text: 'um' } },
      { id: second, chat: { address: 'BR.1349@bsuid', name: 'Bia' }, body: { text: 'dois' } },
    ]);
  });

  it('brings what is typed on the phone', async () => {
    const id = simulator.typeOnPhone(NUMBER_ID, { to: { phone: ANA }, content: { type: 'text', text: 'do celular' } });
    expect(await told()).toContainEqual(expect.objectContaining({ id, direction: 'outgoing', source: '' }));
  });
});

describe('a message', () => {
  it('goes out with its quote, and its first status proves which one it was', async () => {
    const quoted = simulator.receive(NUMBER_ID, { from: { phone: ANA, name: 'Ana' }, content: { type: 'text', text: 'oi' } });
    const id = idOf(await send(text(ANA, 'olá', { quotedId: quoted, source: 'chatwoot:int_1:7:0' })));
    expect(id).toMatch(/^wamid\./);
    expect(simulator.sent(NUMBER_ID).at(-1)).toMatchObject({ id, to: ANA, type: 'text', text: 'olá', about: quoted });
    expect(await told()).toContainEqual(
      expect.objectContaining({ messageIds: [id], told: 'sent', source: 'chatwoot:int_1:7:0' }),
    );
  });

  it('goes to a hidden number by its user id, and to a group by the group’s', async () => {
    await send(text('BR.1349@bsuid', 'olá'));
    expect(simulator.sent(NUMBER_ID).at(-1)).toMatchObject({ to: 'BR.1349@bsuid' });
    await send(text('Y2Fw@g.us', 'olá'));
    expect(simulator.sent(NUMBER_ID).at(-1)).toMatchObject({ to: 'Y2Fw@g.us' });
    expect(await send(text('123@lid', 'x'))).toMatchObject({ error: { code: 'engine_refused' } });
  });

  it('with a file is a link, or an upload of its bytes; an audio in ogg is a voice message; what is no picture is a document', async () => {
    const ogg = makeMediaFile('audio');
    const file = createServer((_request, response) => response.writeHead(200, { 'content-type': 'image/png' }).end('png'));
    file.listen(0, '127.0.0.1');
    await once(file, 'listening');
    const address = file.address();
    const link = typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}/a.png` : '';
    const media = (fields: object, caption?: string): OutgoingMessage =>
      ({ kind: 'media', recipient: ANA, caption, file: { content: { kind: 'url', url: link }, ...fields } }) as OutgoingMessage;
    await send(media({ type: 'image', mimeType: 'image/png' }, 'Veja'));
    expect(simulator.sent(NUMBER_ID).at(-1)).toMatchObject({ type: 'image', text: 'Veja', bytes: 3 });
    await send(media({ type: 'image', mimeType: 'image/gif', fileName: 'a.gif' }));
    expect(simulator.sent(NUMBER_ID).at(-1)).toMatchObject({ type: 'document', fileName: 'a.gif' });
    const content = { kind: 'base64', base64: ogg.bytes.toString('base64') };
    await send(media({ type: 'audio', mimeType: ogg.mimeType, content, isVoice: true }, 'no caption on a voice'));
    expect(simulator.sent(NUMBER_ID).at(-1)).toMatchObject({ type: 'voice', text: '', bytes: ogg.bytes.length });
    file.close();
  });

  it('that is a reaction goes out; nothing can be edited or deleted', async () => {
    const action = { recipient: ANA, messageId: 'wamid.Q', isOurs: false } as const;
    await cloud.act?.({ ...call(), idempotencyKey: undefined, action: { ...action, kind: 'reaction', emoji: '👍' } });
    expect(simulator.sent(NUMBER_ID).at(-1)).toMatchObject({ type: 'reaction', text: '👍', about: 'wamid.Q' });
    for (const refused of [{ kind: 'revoke' } as const, { kind: 'edit', text: 'x' } as const]) {
      expect(
        await cloud.act?.({ ...call(), idempotencyKey: undefined, action: { ...action, isOurs: true, ...refused } }),
      ).toMatchObject({
        error: { code: 'engine_cannot' },
      });
    }
  });

  it('outside of the 24 hours, or to a number that is not on WhatsApp, is taken and fails by its status, with the next step', async () => {
    const late = idOf(await send(text('5511900000777', 'oi')));
    const nowhere = idOf(await send(text('5511900000404', 'oi')));
    const statuses = await told();
    expect(statuses).toContainEqual(
      expect.objectContaining({ messageIds: [late], status: 'failed', reason: expect.stringMatching(/24 hours.*template/) }),
    );
    expect(statuses).toContainEqual(
      expect.objectContaining({ messageIds: [nowhere], status: 'failed', reason: expect.stringContaining('not on WhatsApp') }),
    );
  });

  it('that is too long is refused before it is sent', async () => {
    const before = simulator.sent(NUMBER_ID).length;
    expect(await send(text(ANA, 'x'.repeat(4_097)))).toMatchObject({ error: { message: expect.stringContaining('4096') } });
    expect(simulator.sent(NUMBER_ID)).toHaveLength(before);
  });

  it.each([
    [{ status: 401, code: 190 }, 'engine_refused', /permanent token/],
    [{ status: 400, code: 131047 }, 'engine_refused', /template/],
    [{ status: 429, code: 130429 }, 'engine_rate_limited', /limiting/],
    [{ status: 400, code: 131056 }, 'engine_rate_limited', /limiting/],
    [{ status: 500, code: 131016 }, 'engine_unreachable', /131016/],
    [{ status: 500, code: 1 }, 'engine_outcome_unknown', /may or may not/],
    [{ status: 400, code: 133010 }, 'engine_refused', /not registered/],
    [{ status: 403, code: 131031 }, 'engine_refused', /WhatsApp Manager/],
    [{ status: 400, code: 131053 }, 'engine_refused', /another format/],
  ] as const)('that is answered %j is %s', async ({ status, code }, expected, message) => {
    const error = {
      message: `(#${code}) of EAAG-token`,
      type: 'OAuthException',
      code,
      error_data: { details: `details of ${code}` },
    };
    simulator.faults.add({ path: '/messages$', action: { kind: 'status', status, body: { error } } });
    const outcome = await send(text(ANA, 'oi'));
    expect(outcome).toMatchObject({ kind: 'failed', error: { code: expected, message: expect.stringMatching(message) } });
    expect(JSON.stringify(outcome)).not.toContain('EAAG-token');
  });

  it('whose answer is lost has an unknown outcome, which its status resolves', async () => {
    simulator.faults.add({ path: '/messages$', times: 1, action: { kind: 'hangAfterEffect' } });
    expect(await send(text(ANA, 'oi', { source: 'chatwoot:int_1:8:0' }), 500)).toMatchObject({
      error: { code: 'engine_outcome_unknown' },
    });
    const { id } = simulator.sent(NUMBER_ID).at(-1) ?? {};
    expect(await told()).toContainEqual(expect.objectContaining({ messageIds: [id], source: 'chatwoot:int_1:8:0' }));
  });
});

describe('a file', () => {
  it('is fetched by its id: first its address, then what is there', async () => {
    simulator.receive(NUMBER_ID, { from: { phone: ANA, name: 'Ana' }, content: { type: 'image', media: {} } });
    const message = (await told()).find((event) => event.kind === 'message' && event.body.type === 'media');
    const media = message?.kind === 'message' && message.body.type === 'media' ? message.body.media : undefined;
    const outcome = await cloud.fetchFile({ ...call(), whatsappId: 'wamid.X', reference: media?.reference });
    if (outcome.kind === 'failed') throw outcome.error;
    const { bytes } = makeMediaFile('image');
    expect(JSON.parse(String(outcome.answer))).toMatchObject({ mime_type: 'image/png', base64: bytes.toString('base64') });
  });

  it('that is unknown, or said to be on a stranger’s server, is refused, and the token stays here', async () => {
    expect(await cloud.fetchFile({ ...call(), whatsappId: 'wamid.X', reference: '404' })).toMatchObject({
      error: { code: 'engine_refused' },
    });
    expect(await cloud.fetchFile({ ...call(), whatsappId: 'wamid.X' })).toMatchObject({ error: { code: 'engine_refused' } });
    const url = 'https://attacker.example/file';
    simulator.faults.add({ action: { kind: 'status', status: 200, body: { url, mime_type: 'image/png' } } });
    expect(await cloud.fetchFile({ ...call(), whatsappId: 'wamid.X', reference: '7' })).toMatchObject({
      error: { code: 'engine_refused', message: expect.stringContaining('not Meta’s') },
    });
  });
});

describe('a check', () => {
  it('tells the number, whether it is registered, and that a token is dead', async () => {
    expect(await cloud.check?.(call())).toEqual({
      kind: 'found',
      phone: 'connected',
      told: 'CONNECTED',
      number: '551130000000',
      warnings: [],
    });
    simulator.setConnected(NUMBER_ID, false);
    expect(await cloud.check?.(call())).toMatchObject({
      phone: 'disconnected',
      warnings: [expect.stringContaining('not registered'), expect.stringContaining('phone_number')],
    });
    simulator.setConnected(NUMBER_ID, true);
    const dead = { ...call(), access: { ...access, token: 'EAAG-dead' } };
    expect(await cloud.check?.(dead)).toMatchObject({
      error: { code: 'engine_refused', message: expect.stringContaining('permanent token') },
    });
    expect(await cloud.check?.({ ...call(), instance: '1' })).toMatchObject({ error: { code: 'engine_refused' } });
  });
});
