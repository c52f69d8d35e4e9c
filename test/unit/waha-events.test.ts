import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WhatsappEvent } from '../../shared/engines/event.ts';
import { engineOf } from '../../shared/engines/registry.ts';

const waha = engineOf('waha');
const ANA = '5511900000001@c.us';

const envelope = (event: string, payload: unknown, more: object = {}) => ({
  id: 'evt_01',
  timestamp: 1_768_580_591_344,
  event,
  session: 'default',
  metadata: {},
  me: { id: '5511900000009@c.us', pushName: 'Loja' },
  payload,
  engine: 'NOWEB',
  environment: { version: '2026.2.1', engine: 'NOWEB', tier: 'CORE' },
  ...more,
});
const deliveryOf = (body: unknown) => ({ body, rawBody: Buffer.alloc(0), headers: {}, name: 'default' });

function read(event: string, payload: unknown): WhatsappEvent {
  const [stored, ...more] = waha.unpack(deliveryOf(envelope(event, payload)));
  expect(more).toEqual([]);
  const parsed = waha.readEvent(JSON.parse(JSON.stringify(stored)));
  if (!parsed.ok) throw new Error(parsed.fault);
  return parsed.event;
}
const message = (fields: object) =>
  read('message.any', {
    id: `false_${ANA}_3A01`,
    timestamp: 1_768_580_591,
    from: ANA,
    fromMe: false,
    source: 'app',
    body: null,
    ...fields,
  });
const noweb = (proto: object, more: object = {}) =>
  message({
    _data: { key: { remoteJid: '5511900000001@s.whatsapp.net', fromMe: false, id: '3A01' }, message: proto, pushName: 'Ana' },
    ...more,
  });

describe('a message of WAHA', () => {
  it('is read without anything of the engine below, where nothing of it is handed over', () => {
    expect(message({ body: 'oi', hasMedia: false, replyTo: { id: `true_${ANA}_3EB0Q`, body: 'citado' } })).toMatchObject({
      kind: 'message',
      id: '3A01',
      direction: 'incoming',
      sentAt: new Date(1_768_580_591_000),
      chat: { type: 'private', address: '5511900000001' },
      body: { type: 'text', text: 'oi' },
      replyTo: '3EB0Q',
      quotedText: 'citado',
    });
    expect(
      read('message.any', {
        id: `false_120363000000000001@g.us_3EB0AA01_${ANA}`,
        from: '120363000000000001@g.us',
        participant: ANA,
        fromMe: false,
        body: 'olha',
        hasMedia: true,
        media: { url: 'http://localhost:3000/api/files/default/3EB0AA01.jpeg', mimetype: 'image/jpeg', filename: null },
      }),
    ).toMatchObject({
      id: '3EB0AA01',
      chat: { type: 'group', address: '120363000000000001@g.us' },
      sender: { number: '5511900000001' },
      body: {
        type: 'media',
        caption: 'olha',
        media: { kind: 'image', urls: [], reference: expect.stringContaining('"/api/files/default/3EB0AA01.jpeg"') },
      },
    });
    expect(
      message({ body: '', location: { live: false, latitude: '-23.5', longitude: '-46.6', name: 'Loja', address: null } }),
    ).toMatchObject({ body: { type: 'location', location: { latitude: -23.5, longitude: -46.6, name: 'Loja' } } });
    expect(message({ vCards: ['BEGIN:VCARD\nFN:Bruno\nTEL:+5511900000002\nEND:VCARD'] })).toMatchObject({
      body: { type: 'contacts', contacts: [{ name: 'Bruno', phones: ['+5511900000002'] }] },
    });
  });

  it('is unwrapped where WAHA’s own fields say nothing: an ephemeral location with its quote', () => {
    const location = { degreesLatitude: -23.5, degreesLongitude: -46.6, contextInfo: { stanzaId: '3EB0Q' } };
    expect(
      noweb({ ephemeralMessage: { message: { locationMessage: location } } }, { location: null, replyTo: null }),
    ).toMatchObject({
      body: { type: 'location', location: { latitude: -23.5, longitude: -46.6 } },
      replyTo: '3EB0Q',
    });
  });

  it('that is an edit which stays secret says that it was edited; one that no person wrote says nothing', () => {
    const secret = { secretEncType: 'MESSAGE_EDIT', targetMessageKey: { id: '3AORIG' }, encPayload: 'AA==' };
    expect(noweb({ secretEncryptedMessage: secret })).toMatchObject({ kind: 'edit', originalId: '3AORIG', text: '' });
    for (const proto of [
      { protocolMessage: { type: 'EPHEMERAL_SETTING' } },
      { pinInChatMessage: { key: { id: '3A' } } },
      { albumMessage: { expectedImageCount: 2 } },
      { messageContextInfo: { messageSecret: 'c2VjcmV0' } },
      { reactionMessage: { key: { id: '3A' }, text: '👍' } },
      { protocolMessage: { key: { id: '3A' }, type: 'REVOKE' } },
      { pollUpdateMessage: { pollCreationMessageKey: { id: '3A' }, vote: {} } },
    ]) {
      expect(noweb(proto)).toMatchObject({ kind: 'other' });
    }
  });

  it('of a kind that nobody knows leaves a trace', () => {
    expect(noweb({ hologramMessage: { text: 'olá' } })).toMatchObject({
      body: { type: 'unsupported', name: 'hologram', text: 'olá' },
    });
    expect(message({ _data: { type: 'product' } })).toMatchObject({ body: { type: 'unsupported', name: 'product' } });
  });

  it('that the phone has and the engine not yet is a placeholder', () => {
    expect(read('message.waiting', { id: `false_${ANA}_3A01`, from: ANA, fromMe: false })).toMatchObject({
      kind: 'message',
      id: '3A01',
      body: { type: 'placeholder' },
    });
  });

  it('whose file is in a store that needs no key has its address', () => {
    const media = { url: 'https://bucket.example/a.jpeg?signature=1', mimetype: 'image/jpeg', s3: { Bucket: 'b' } };
    expect(message({ hasMedia: true, media })).toMatchObject({ body: { media: { urls: [media.url] } } });
  });

  it('whose file could not be downloaded is still one, to be asked for again', () => {
    expect(
      noweb({ imageMessage: { mimetype: 'image/jpeg' } }, { hasMedia: true, media: { url: null, error: { details: 'x' } } }),
    ).toMatchObject({
      body: { media: { kind: 'image', urls: [], reference: expect.stringContaining('3A01') } },
    });
  });

  it('to or from a channel or the stories is told as such', () => {
    for (const [chat, type] of [
      ['status@broadcast', 'broadcast'],
      ['120363000000000009@newsletter', 'newsletter'],
    ]) {
      expect(read('message.any', { id: `false_${chat}_3A`, from: chat, body: 'x' })).toMatchObject({ chat: { type } });
    }
  });
});

describe('what WAHA tells beside messages', () => {
  it.each<[string, object, object]>([
    [
      'message.reaction',
      { id: `false_${ANA}_AA`, from: ANA, timestamp: 1_710_481_111.853, reaction: { text: '👍', messageId: `true_${ANA}_3EB0` } },
      { kind: 'reaction', id: 'AA', originalId: '3EB0', emoji: '👍', sentAt: new Date(1_710_481_111_853) },
    ],
    ['message.reaction', { id: `false_${ANA}_AA`, reaction: { text: '', messageId: '3EB0' } }, { emoji: '', originalId: '3EB0' }],
    [
      'message.edited',
      { id: `false_${ANA}_BB`, editedMessageId: '3A01', body: 'novo texto', _data: {} },
      { kind: 'edit', id: 'BB', originalId: '3A01', text: 'novo texto' },
    ],
    ['message.edited', { id: `false_${ANA}_3A01`, body: 'novo' }, { kind: 'edit', originalId: '3A01' }],
    [
      'message.edited',
      {
        id: `false_${ANA}_BB`,
        body: null,
        _data: {
          message: { protocolMessage: { key: { id: '3A01' }, type: 14, editedMessage: { imageMessage: { caption: 'nova' } } } },
        },
      },
      { originalId: '3A01', text: 'nova' },
    ],
    [
      'message.revoked',
      { after: { id: `false_${ANA}_BB`, _data: {} }, before: null, revokedMessageId: '3A01' },
      { kind: 'revoke', originalId: '3A01', direction: 'incoming' },
    ],
    [
      'message.revoked',
      { after: { id: `true_${ANA}_BB`, _data: { protocolMessageKey: { id: '3A01' } } }, before: null },
      { kind: 'revoke', originalId: '3A01', direction: 'outgoing' },
    ],
    [
      'message.ack',
      { id: `true_${ANA}_3EB0`, from: ANA, fromMe: true, ack: 3, ackName: 'READ' },
      { messageIds: ['3EB0'], status: 'read', told: 'read' },
    ],
    ['message.ack', { id: `true_${ANA}_3EB0`, ack: 2, ackName: 'DEVICE' }, { status: 'delivered' }],
    ['message.ack', { id: `true_${ANA}_3EB0`, ack: 4, ackName: 'PLAYED' }, { status: 'read' }],
    ['message.ack', { id: `true_${ANA}_3EB0`, ack: -1, ackName: 'ERROR' }, { status: 'failed' }],
    ['message.ack', { id: `true_${ANA}_3EB0`, ack: null, ackName: null }, { status: 'other' }],
    ['message.ack', { id: `false_${ANA}_3A01`, ack: 3, ackName: 'READ' }, { status: 'other' }],
    [
      'message.ack.group',
      { id: 'true_120363000000000001@g.us_3EB0', participant: ANA, ack: 3, ackName: 'READ' },
      { chat: { type: 'group' }, member: ANA, status: 'read' },
    ],
    [
      'poll.vote',
      {
        vote: { id: `false_${ANA}_CC`, from: ANA, fromMe: false, selectedOptions: ['Sim'], timestamp: 1_692_861_427 },
        poll: { id: `true_${ANA}_3EB0` },
      },
      { kind: 'message', id: 'CC', body: { type: 'vote', options: ['Sim'] }, replyTo: '3EB0' },
    ],
    [
      'poll.vote.failed',
      { vote: { id: `false_${ANA}_CC` }, poll: { id: `true_${ANA}_3EB0` } },
      { body: { type: 'unsupported', name: 'poll vote' } },
    ],
    [
      'call.received',
      { id: 'CALL', from: ANA, timestamp: 1, isVideo: true },
      { kind: 'call', id: 'CALL', video: true, chat: { address: '5511900000001' } },
    ],
    [
      'group.v2.update',
      { group: { id: '120363000000000001@g.us', subject: 'Turma' } },
      { kind: 'group', chat: { address: '120363000000000001@g.us', name: 'Turma' } },
    ],
    [
      'session.status',
      { name: 'default', status: 'WORKING' },
      { kind: 'state', phone: 'connected', at: '2026-01-16T16:23:11.344Z' },
    ],
    ['session.status', { status: 'STOPPED' }, { phone: 'disconnected' }],
    ['session.status', { status: 'FAILED' }, { phone: 'connect_failure' }],
    [
      'session.status',
      {
        status: 'SCAN_QR_CODE',
        statuses: [
          { status: 'STARTING', timestamp: 1 },
          { status: 'SCAN_QR_CODE', timestamp: 1_700_000_002_000 },
        ],
      },
      { phone: 'qr_ready', at: '2023-11-14T22:13:22.000Z' },
    ],
    ['session.status', { status: 'STARTING' }, { phone: undefined }],
    ['presence.update', { id: ANA }, { kind: 'other', name: 'presence.update' }],
  ])('%s %j', (event, payload, expected) => {
    expect(read(event, payload)).toMatchObject(expected);
  });
});

it('nothing of any shape throws, is refused for what stands in it, or leaves a secret', () => {
  const names = [
    'message.any',
    'message.reaction',
    'message.edited',
    'message.revoked',
    'message.ack',
    'poll.vote',
    'session.status',
    'group.v2.join',
    'x',
  ];
  const keys = [
    'id',
    'from',
    'body',
    'reaction',
    'vote',
    'poll',
    'after',
    'before',
    '_data',
    'key',
    'message',
    'Info',
    'Message',
    'media',
    'location',
    'status',
    'statuses',
    'apikey',
  ];
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom(`false_${ANA}_3A`, '3A', ANA, '', 7, null, true),
      tie('list'),
      tie('object'),
    ),
    list: fc.array(tie('value'), { maxLength: 3 }),
    object: fc.dictionary(fc.constantFrom(...keys), tie('value'), { maxKeys: 6 }),
  }));
  const payloads = fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 8 });
  fc.assert(
    fc.property(fc.constantFrom(...names), payloads, (event, payload) => {
      const secrets = { apikey: 'SECRET-KEY', nested: { token: 'SECRET-TOKEN' } };
      for (const stored of waha.unpack(deliveryOf(envelope(event, { ...payload, ...secrets })))) {
        expect(waha.readEvent(JSON.parse(JSON.stringify(stored)))).toMatchObject({ ok: true });
        expect(JSON.stringify(stored)).not.toContain('SECRET-');
      }
    }),
    { numRuns: 300 },
  );
  fc.assert(
    fc.property(fc.jsonValue(), (body) => {
      for (const stored of waha.unpack(deliveryOf(body))) waha.readEvent(stored);
    }),
  );
});
