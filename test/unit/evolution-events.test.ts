import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dedupeKey } from '../../shared/engines/dedupe-key.ts';
import type { WhatsappEvent } from '../../shared/engines/event.ts';
import { evolution } from '../../shared/engines/evolution/engine.ts';
import { protoForms } from '../support/whatsapp-protobuf.ts';

const SECRET = 'A1B2C3D4-SECRET-KEY';
const OWN = '5511900000009@s.whatsapp.net';
const ANA = '5511900000001@s.whatsapp.net';

const envelope = (event: string, data: unknown) => ({
  event,
  instance: 'loja',
  data,
  destination: 'https://ponte.example/api/events/engine/ours-secret',
  date_time: '2026-11-26T06:10:11.000Z',
  sender: OWN,
  server_url: 'https://evo.example',
  apikey: SECRET,
});

const unpack = (body: unknown) => evolution.unpack({ body, rawBody: Buffer.alloc(0), headers: {}, name: 'loja' });

function parse(event: string, data: unknown): WhatsappEvent {
  const [payload] = unpack(envelope(event, data));
  const parsed = evolution.readEvent(payload);
  if (!parsed.ok) throw new Error(parsed.fault);
  return parsed.event;
}

const upsert = (message: unknown, more: object = {}) => ({
  key: { remoteJid: ANA, fromMe: false, id: '3A01' },
  pushName: 'Ana',
  status: 'DELIVERY_ACK',
  message,
  messageType: 'conversation',
  messageTimestamp: 1_771_373_387,
  instanceId: 'uuid',
  source: 'android',
  ...more,
});

describe('a message of Evolution API', () => {
  it.each(['messages.upsert', 'MESSAGES_UPSERT', 'send.message'])('is read from %s', (event) => {
    expect(parse(event, upsert({ conversation: 'oi' }))).toEqual({
      kind: 'message',
      id: '3A01',
      direction: 'incoming',
      sentAt: new Date('2026-02-18T00:09:47.000Z'),
      chat: { type: 'private', address: '5511900000001', number: '5511900000001', lid: undefined, name: 'Ana' },
      sender: { number: '5511900000001', lid: undefined, name: 'Ana' },
      source: '',
      body: { type: 'text', text: 'oi' },
      replyTo: undefined,
      forwarded: false,
      mentions: undefined,
      ad: undefined,
    });
  });

  it.each(Object.entries(protoForms))('has its quote and its file whatever form its values have: %s', (_form, write) => {
    const message = write({
      imageMessage: {
        mimetype: 'image/jpeg',
        caption: 'olha',
        mediaKey: Buffer.from([1, 2, 3]),
        fileLength: 226_806,
        directPath: '/v/a',
        url: 'https://mmg.whatsapp.net/a.enc',
      },
    });
    const event = parse(
      'messages.upsert',
      upsert({ ...Object(message), base64: '/9j/' }, { contextInfo: { stanzaId: '3A00BB' } }),
    );
    expect(event).toMatchObject({
      replyTo: '3A00BB',
      body: { type: 'media', caption: 'olha', media: { kind: 'image', base64: '/9j/', urls: [] } },
    });
    const reference = event.kind === 'message' && event.body.type === 'media' ? event.body.media.reference : undefined;
    expect(JSON.parse(reference ?? '')).toEqual({
      key: { id: '3A01', remoteJid: ANA, fromMe: false },
      message: {
        imageMessage: {
          mimetype: 'image/jpeg',
          mediaKey: 'AQID',
          fileLength: '226806',
          directPath: '/v/a',
          url: 'https://mmg.whatsapp.net/a.enc',
        },
      },
    });
  });

  it('has its file at the engine’s own store, where it uses one', () => {
    expect(
      parse('messages.upsert', upsert({ audioMessage: { ptt: true }, mediaUrl: 'https://s3.example/a.ogg?sig=1' })),
    ).toMatchObject({
      body: { media: { kind: 'voice', urls: ['https://s3.example/a.ogg?sig=1'] } },
    });
  });

  it.each([
    ['2.3.6 and 2.3.7', { remoteJid: '135@lid', remoteJidAlt: ANA, addressingMode: 'lid' }],
    ['2.3.0', { remoteJid: '135@lid', senderPn: ANA }],
    ['2.4', { remoteJid: ANA, remoteJidAlt: '135@lid', addressingMode: 'pn' }],
  ])('knows a person by number and lid: %s', (_version, key) => {
    expect(
      parse('messages.upsert', upsert({ conversation: 'oi' }, { key: { ...key, fromMe: false, id: '3A01' } })),
    ).toMatchObject({
      chat: { number: '5511900000001', lid: '135@lid' },
    });
  });

  it('never takes digits of a lid for a number, nor the owner’s name for the customer’s', () => {
    const key = { remoteJid: '135000000000001@lid', fromMe: true, id: '3A01' };
    expect(parse('messages.upsert', upsert({ conversation: 'oi' }, { key, pushName: 'Você' }))).toMatchObject({
      direction: 'outgoing',
      source: '',
      chat: { address: '135000000000001@lid', number: undefined, name: undefined },
    });
  });

  it('of a group tells who wrote it', () => {
    const key = { remoteJid: '120363000000000001@g.us', fromMe: false, id: '3A01', participant: '135@lid', participantAlt: ANA };
    expect(parse('messages.upsert', upsert({ conversation: 'oi' }, { key }))).toMatchObject({
      chat: { type: 'group', address: '120363000000000001@g.us' },
      sender: { number: '5511900000001', lid: '135@lid', name: 'Ana' },
    });
  });

  it('that is a vote tells what its sender chose', () => {
    const pollUpdates = [
      { name: 'Sim', voters: [ANA] },
      { name: 'Não', voters: ['5511900000003@s.whatsapp.net'] },
    ];
    expect(
      parse('messages.upsert', upsert({ pollUpdateMessage: { pollCreationMessageKey: { id: 'P' } } }, { pollUpdates })),
    ).toMatchObject({
      body: { type: 'vote', options: ['Sim'] },
    });
  });

  it('that could not be decrypted leaves a placeholder', () => {
    expect(
      parse('messages.upsert', upsert(undefined, { messageStubType: 2, messageStubParameters: ['No session'] })),
    ).toMatchObject({
      kind: 'message',
      body: { type: 'placeholder' },
    });
  });

  it.each([
    ['a stranger kind', { weirdMessage: { title: 'Algo' } }, { type: 'unsupported', name: 'weird', text: 'Algo' }],
    ['view once', { viewOnceMessageV2: { message: { imageMessage: { mimetype: 'image/png' } } } }, { type: 'media' }],
  ])('leaves a trace: %s', (_name, message, body) => {
    expect(parse('messages.upsert', upsert(message))).toMatchObject({ kind: 'message', body });
  });

  it('is one under each of its two names, and in a list as alone', () => {
    const [first, second] = ['messages.upsert', 'send.message'].map((event) => {
      const [payload] = unpack(envelope(event, [upsert({ conversation: 'oi' })]));
      const parsed = evolution.readEvent(payload);
      return parsed.ok ? dedupeKey(parsed.event, payload) : undefined;
    });
    expect(first).toBe('message:3A01');
    expect(second).toBe(first);
    expect(unpack(envelope('messages.upsert', [upsert({}), upsert({})]))).toHaveLength(2);
  });
});

describe('what happens to a message of Evolution API', () => {
  it.each([
    ['newer', { keyId: '3EB0', remoteJid: ANA, fromMe: true, status: 'READ', messageId: 'cmf' }, 'read'],
    ['older', [{ key: { id: '3EB0', remoteJid: ANA, fromMe: true }, status: 3 }], 'delivered'],
    ['of Baileys itself', { key: { id: '3EB0', remoteJid: ANA, fromMe: true }, update: { status: 'ERROR' } }, 'failed'],
    ['of an edit', { keyId: '3EB0', remoteJid: ANA, fromMe: true, status: 'DELETED' }, 'other'],
    ['of a message to us', { keyId: '3EB0', remoteJid: ANA, fromMe: false, status: 'READ' }, 'other'],
  ])('is read from its receipt: %s', (_name, data, status) => {
    expect(parse('messages.update', data)).toMatchObject({
      kind: 'status',
      messageIds: ['3EB0'],
      status,
      chat: { address: '5511900000001' },
    });
  });

  it.each([
    ['by the customer: the chat is that of the original', OWN, { chat: { type: 'unknown', address: '' }, direction: 'incoming' }],
    ['by somebody with a lid', '135@lid', { chat: { type: 'unknown', address: '135@lid' } }],
    ['on the phone', ANA, { chat: { type: 'private', address: '5511900000001' }, direction: 'outgoing' }],
  ])('is an edit %s', (_name, remoteJid, expected) => {
    const data = {
      key: { remoteJid, fromMe: true, id: '3A01' },
      type: 'MESSAGE_EDIT',
      editedMessage: { conversation: 'novo' },
      timestampMs: '1744200000000',
    };
    const edit = { kind: 'edit', originalId: '3A01', text: 'novo', sentAt: new Date(1_744_200_000_000), ...expected };
    expect(parse('messages.edited', data)).toMatchObject(edit);
    expect(parse('send.message.update', { ...data, type: 14, timestampMs: 1_744_200_000_000 })).toMatchObject(edit);
  });

  it('is an edit in a version that tells it as an update', () => {
    const key = { remoteJid: ANA, fromMe: false, id: '3A01' };
    const told = { editedMessage: { message: { conversation: 'novo' } } };
    expect(parse('messages.update', { key, message: told })).toMatchObject({ kind: 'edit', originalId: '3A01', text: 'novo' });
    expect(parse('messages.update', [{ key, update: { message: told } }])).toMatchObject({ kind: 'edit', direction: 'incoming' });
  });

  it.each([
    ['by a person', 'messages.delete', { remoteJid: ANA, fromMe: false, id: '3A01', status: 'DELETED' }],
    ['by the API', 'messages.delete', { id: 'cmf', key: { id: '3A01', fromMe: true, remoteJid: ANA }, status: 'DELETED' }],
    ['as an edit', 'messages.edited', { key: { remoteJid: ANA, fromMe: true, id: '3A01' }, type: 'REVOKE' }],
    [
      'as an update',
      'messages.update',
      { key: { remoteJid: ANA, fromMe: false, id: '3A01' }, update: { message: null, messageStubType: 1 } },
    ],
  ])('is a deletion %s, which counts once', (_name, event, data) => {
    const read = parse(event, data);
    expect(read).toMatchObject({ kind: 'revoke', originalId: '3A01' });
    expect(dedupeKey(read, {})).toBe('revoke:3A01');
  });

  it('is a reaction', () => {
    const message = {
      reactionMessage: {
        key: { remoteJid: OWN, fromMe: true, id: '3EB0SENT' },
        text: '👍',
        senderTimestampMs: { low: 1, high: 409, unsigned: false },
      },
    };
    expect(parse('messages.upsert', upsert(message))).toMatchObject({
      kind: 'reaction',
      originalId: '3EB0SENT',
      emoji: '👍',
      direction: 'incoming',
    });
  });

  it.each([
    ['messages.edited', { type: 'EPHEMERAL_SETTING', ephemeralExpiration: 86_400 }],
    ['messages.edited', { type: 'EPHEMERAL_SETTING', key: { id: 'x' } }],
    ['messages.upsert', upsert({ senderKeyDistributionMessage: { groupId: 'g' } })],
    ['messages.upsert', upsert({})],
    ['messages.upsert', { no: 'key' }],
    ['contacts.update', [{ remoteJid: ANA, pushName: '' }]],
    ['presence.update', {}],
    ['messages.update', {}],
  ])('is nothing that anybody acts on: %s %j', (event, data) => {
    expect(parse(event, data)).toMatchObject({ kind: 'other' });
  });
});

describe('the connection of Evolution API', () => {
  it.each([
    ['connection.update', { state: 'open', statusReason: 200 }, 'connected'],
    ['connection.update', { state: 'connecting' }, undefined],
    ['connection.update', { state: 'close', statusReason: 401 }, 'logged_out'],
    ['connection.update', { state: 'close', statusReason: 428 }, 'disconnected'],
    ['connection.update', { state: 'refused', statusReason: 500 }, 'connect_failure'],
    ['status.instance', { status: 'closed', disconnectionReasonCode: 403 }, 'temp_banned'],
    ['qrcode.updated', { qrcode: { code: '2@pairing', base64: 'data:image/png;base64,AA' } }, 'qr_ready'],
    ['qrcode.updated', { message: 'QR code limit reached', statusCode: 500 }, 'pair_error'],
    ['logout.instance', {}, 'logged_out'],
    ['remove.instance', null, 'logged_out'],
  ])('is read from %s %j', (event, data, phone) => {
    expect(parse(event, data)).toMatchObject({ kind: 'state', phone });
  });
});

describe('other events of Evolution API', () => {
  it('are calls, by whoever calls', () => {
    expect(parse('call', { id: 'C1', from: '135@lid', callerPn: ANA, isVideo: true, status: 'offer' })).toMatchObject({
      kind: 'call',
      id: 'C1',
      chat: { number: '5511900000001', lid: '135@lid' },
      video: true,
    });
  });

  it('are groups with their names, each of a list', () => {
    expect(
      parse('groups.upsert', [
        { id: '120@g.us', subject: 'Família' },
        { id: '121@g.us', subject: 'Time' },
      ]),
    ).toMatchObject({
      kind: 'group',
      chat: { type: 'group', address: '120@g.us', name: 'Família' },
    });
    expect(unpack(envelope('groups.update', [{ id: '120@g.us' }, { id: '121@g.us' }]))).toHaveLength(2);
  });
});

describe('a delivery of Evolution API', () => {
  const events = [
    'messages.upsert',
    'send.message',
    'messages.update',
    'messages.edited',
    'send.message.update',
    'messages.delete',
    'connection.update',
    'qrcode.updated',
    'status.instance',
    'call',
    'groups.upsert',
    'chats.set',
    '',
  ];
  const names = [
    'key',
    'remoteJid',
    'id',
    'fromMe',
    'message',
    'conversation',
    'imageMessage',
    'mediaKey',
    'base64',
    'apikey',
    'apiKey',
    'token',
    'Chatwoot',
    'contextInfo',
    'pollUpdates',
    'messageTimestamp',
    'editedMessage',
    'type',
    'status',
    'update',
    'participant',
    'qrcode',
    'instance',
    'text',
  ];
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 7 },
      fc.jsonValue({ maxDepth: 1 }),
      fc.constantFrom(SECRET, `Bearer ${SECRET}`, ANA, '135@lid', 'MESSAGE_EDIT', 14, 0, true),
      fc.dictionary(fc.constantFrom(...names), tie('tree'), { maxKeys: 5 }),
      fc.array(tie('tree'), { maxLength: 3 }),
    ),
  }));

  it('of any shape is read without a throw, is never refused where it names an event, and leaves no secret', () => {
    fc.assert(
      fc.property(fc.constantFrom(...events), tree, (event, data) => {
        const payloads = unpack(envelope(event, data));
        expect(JSON.stringify(payloads)).not.toContain(SECRET);
        expect(JSON.stringify(payloads)).not.toContain('ours-secret');
        for (const payload of payloads) {
          const parsed = evolution.readEvent(payload);
          expect(parsed.ok).toBe(event !== '');
          if (parsed.ok) dedupeKey(parsed.event, payload);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('leaves neither the instance’s key, nor a QR code, nor a preview in what is stored', () => {
    const stored = JSON.stringify([
      unpack(envelope('messages.upsert', upsert({ imageMessage: { jpegThumbnail: { 0: 255 }, caption: `key ${SECRET}` } }))),
      unpack(envelope('qrcode.updated', { qrcode: { code: '2@pairing', base64: 'data:AA' }, token: 'other-secret' })),
    ]);
    for (const secret of [SECRET, '2@pairing', 'other-secret', 'jpegThumbnail', 'ours-secret'])
      expect(stored).not.toContain(secret);
    expect(stored).toContain('key [redacted]');
  });

  it('is genuine with the secret that was given with the webhook, and with no other', () => {
    const delivery = (secret?: string) => ({
      body: {},
      rawBody: Buffer.alloc(0),
      headers: { 'x-ponte-secret': secret },
      name: 'loja',
    });
    const secret = 's'.repeat(48);
    expect(evolution.isGenuine?.(delivery(secret), secret)).toBe(true);
    for (const other of [undefined, '', 's', `${secret}s`]) expect(evolution.isGenuine?.(delivery(other), secret)).toBe(false);
  });
});
