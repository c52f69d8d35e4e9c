import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createWhatsappEngineSimulator } from '../../simulators/whatsapp-engine/index.ts';
import { waitFor } from '../support/wait-for.ts';
import { ACCOUNT_TOKEN, INSTANCE_TOKEN, maria, refused, useWhatsappEngine } from '../support/whatsapp-engine.ts';

const { engine, ingest, call } = useWhatsappEngine();

const sendText = (body: object, token?: string) => call('/api/message/text/suporte', body, token);
const sendMedia = (body: object) => call('/api/message/media/suporte', body);

describe('sending through the WhatsApp engine simulator', () => {
  it('answers a text as RyzeAPI does, with an id of its own kind', async () => {
    const { status, body } = await sendText({ number: '5511988887777', message: 'Olá', source: 'chatwoot' });

    expect(status).toBe(200);
    expect(body).toMatchObject({
      success: true,
      message: 'Message sent successfully',
      status: 'sent',
      data: { direction: 'outgoing', chat: { jid: '5511988887777@s.whatsapp.net', type: 'private' } },
    });
    expect(body).toHaveProperty('data.messageId', expect.stringMatching(/^3EB0[0-9A-F]{18}$/));
    expect(body).toHaveProperty('data.timestamp', expect.stringMatching(/^\d{4}-\d\d-\d\dT/));
    expect(engine().state.sent('suporte')).toMatchObject([{ content: { text: 'Olá' }, source: 'chatwoot', origin: 'api' }]);
  });

  it('takes a null for nothing', async () => {
    const nothing = { delay: null, replyTo: null, mention: null, source: null };

    expect(await sendText({ number: '5511988887777', message: 'x', ...nothing })).toMatchObject({ status: 200 });
    expect(await sendText({ number: '5511988887777', message: null })).toEqual(refused(400, 'message is required'));
  });

  it('takes digits with punctuation, and addresses of persons, groups and lids', async () => {
    const jids: unknown[] = [];
    for (const number of ['+55 (11) 98888-7777', '5511988887777@s.whatsapp.net', '120363000000000000@g.us', '123456@lid']) {
      const { body } = await sendText({ number, message: 'x' });
      jids.push(z.looseObject({ data: z.looseObject({ chat: z.looseObject({ jid: z.string() }) }) }).parse(body).data.chat.jid);
    }
    expect(jids).toEqual([
      '5511988887777@s.whatsapp.net',
      '5511988887777@s.whatsapp.net',
      '120363000000000000@g.us',
      '123456@lid',
    ]);
  });

  it('answers a Brazilian number under the address that WhatsApp knows the subscriber by', async () => {
    engine().state.receive('suporte', { from: { phone: '551188887777' }, content: { type: 'text', text: 'oi' } });

    const { body } = await sendText({ number: '5511988887777', message: 'x' });

    expect(body).toHaveProperty('data.chat.jid', '551188887777@s.whatsapp.net');
  });

  it('refuses what RyzeAPI refuses, in its order and its words', async () => {
    const body = { number: '5511988887777', message: 'x' };
    expect(await sendText(body, '')).toEqual(refused(401, 'Missing token in header'));
    expect(await sendText(body, 'wrong')).toEqual(refused(401, 'Invalid token'));
    expect(await call('/api/message/text/unknown', body, ACCOUNT_TOKEN)).toEqual(refused(404, 'Instance not found'));
    engine().state.addInstance({ name: 'other', token: 'other-token' });
    expect(await sendText(body, 'other-token')).toEqual(refused(403, 'Instance token does not match this instance'));
    expect(await sendText({ number: '5511988887777', text: 'x' })).toEqual(refused(400, 'message is required'));
    expect(await sendText({ message: 'x' })).toEqual(refused(400, 'Invalid request body'));
    expect(await sendText({ number: 'Maria', message: 'x' })).toEqual(refused(400, 'Invalid number: Maria'));
    engine().state.setConnected('suporte', false);
    expect(await sendText(body)).toEqual(refused(503, 'Instance is not connected to WhatsApp'));
    engine().state.configure('suporte', { notConnectedStatus: 400 });
    expect(await sendText(body)).toEqual(refused(400, 'Instance is not connected to WhatsApp'));
    expect(engine().state.sent()).toEqual([]);
  });

  it('opens every instance to the account’s token, and takes a Bearer token too', async () => {
    expect(await sendText({ number: '5511988887777', message: 'x' }, ACCOUNT_TOKEN)).toMatchObject({ status: 200 });
    const response = await fetch(`${engine().url()}/api/message/text/suporte`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${INSTANCE_TOKEN}` },
      body: JSON.stringify({ number: '5511988887777', message: 'x' }),
    });
    expect(response.status).toBe(200);
  });

  it('takes a file as exactly one of address and base64, and fetches the address', async () => {
    const file = engine().state.receive('suporte', { from: maria, content: { type: 'document' } });
    const mediaUrl = `${engine().url()}/media/${file.media?.key}/contract.pdf`;
    const common = { number: '5511988887777', mediaType: 'document' };

    expect(await sendMedia(common)).toEqual(refused(400, 'exactly one of mediaUrl and mediaBase64 is required'));
    expect(await sendMedia({ ...common, mediaUrl, mediaBase64: 'eA==' })).toMatchObject({ status: 400 });
    expect(await sendMedia({ ...common, mediaType: 'gif', mediaUrl })).toMatchObject({ status: 400 });
    expect(await sendMedia({ ...common, mediaUrl: `${engine().url()}/media/none/none` })).toEqual(
      refused(400, 'Failed to download media: HTTP 404'),
    );
    expect(await sendMedia({ ...common, mediaUrl, message: 'Here' })).toMatchObject({ status: 200 });
    expect(await sendMedia({ ...common, mediaType: 'audio', mediaBase64: 'data:audio/ogg;base64,T2dnUw==' })).toMatchObject({
      status: 200,
    });

    const [document, voice] = engine().state.sent();
    expect(document).toMatchObject({
      content: { type: 'document', caption: 'Here' },
      media: { fileName: 'contract.pdf', mimeType: 'application/pdf', base64: file.media?.base64 },
    });
    expect(voice).toMatchObject({
      content: { type: 'audio', voice: true },
      media: { mimeType: 'audio/ogg', base64: 'T2dnUw==' },
    });
    expect(voice?.request).not.toHaveProperty('mediaBase64');
  });

  it('echoes what it sent, with its source, and then reports what became of it', async () => {
    engine().state.configure('suporte', { statuses: ['delivered', 'read'] });
    const { body } = await sendText({ number: '5511988887777', message: 'Olá', source: 'chatwoot' });
    const id = z.looseObject({ data: z.looseObject({ messageId: z.string() }) }).parse(body).data.messageId;

    await waitFor(() => ingest().received.length === 3);

    expect(ingest().received.map(({ frame }) => frame.event)).toEqual(['message.exchange', 'message.status', 'message.status']);
    expect(ingest().received[0]?.frame.data).toMatchObject({
      id,
      direction: 'outgoing',
      message: { content: 'Olá', source: 'chatwoot' },
    });
    expect(ingest().received[1]?.frame.data).toMatchObject({ messageIds: [id], status: 'delivered', isFromMe: true });
    expect(ingest().received[2]?.frame.data).toMatchObject({ messageIds: [id], status: 'read' });
  });

  it('can tell of a message before it has answered the request that sent it', async () => {
    engine().state.configure('suporte', { echo: 'before' });
    engine().faults.add({ path: '/api/message/text/', action: { kind: 'hangAfterEffect' }, times: 1 });
    const hanging = sendText({ number: '5511988887777', message: 'Olá' }).catch(() => 'no answer');

    await waitFor(() => ingest().received.length === 1);
    engine().faults.clear();

    expect(await hanging).toBe('no answer');
    expect(ingest().received[0]?.frame.data).toMatchObject({ direction: 'outgoing', message: { content: 'Olá' } });
  });
});

describe('trouble with the WhatsApp engine simulator', () => {
  const body = { number: '5511988887777', message: 'x' };

  it('is had on demand: refusals, cut connections, and effects without an answer', async () => {
    engine().faults.add({ path: '/api/message/', times: 1, action: { kind: 'status', status: 429, body: { success: false } } });
    expect(await sendText(body)).toEqual({ status: 429, body: { success: false } });

    engine().faults.add({ path: '/api/message/', times: 1, action: { kind: 'reset' } });
    await expect(sendText(body)).rejects.toThrow();
    expect(engine().state.sent()).toHaveLength(0);

    engine().faults.add({ path: '/api/message/', times: 1, action: { kind: 'resetAfterEffect' } });
    await expect(sendText(body)).rejects.toThrow();
    expect(engine().state.sent()).toHaveLength(1);

    expect(await sendText(body)).toMatchObject({ status: 200 });
  });

  it('leaves no message and no event unsent over a restart with a data file', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'ponte-engine-'));
    const file = join(dir, 'engine.json');
    ingest().answers.push(...Array.from({ length: 1_000 }, () => 503));
    const first = createWhatsappEngineSimulator({ token: 't', retries: { delaysMs: [5_000] }, dataFile: file });
    try {
      await first.start();
      first.state.addInstance({ name: 'suporte', token: INSTANCE_TOKEN, ingestUrl: ingest().url });
      first.state.receive('suporte', { from: maria, content: { type: 'image' }, id: 'KEPT' });
      await waitFor(() => first.state.deliveries()[0]?.attempts === 1);
      await first.stop();
      ingest().answers.length = 0;

      const second = createWhatsappEngineSimulator({ token: 't', dataFile: file });
      await second.start();
      await second.state.idle();
      await second.stop();

      expect(ingest().received).toMatchObject([{ frame: { data: { id: 'KEPT' } } }]);
      expect(second.state.messages('suporte')).toEqual(first.state.messages('suporte'));
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });
});
