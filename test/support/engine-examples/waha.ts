import { ANA_C_US, bruno, type EngineExample, GROUP, inPrivate, type Json, type Short, said, VCARD } from './example.ts';

const wahaMessage = (payload: Json): Json => ({
  event: 'message.any',
  payload: { timestamp: 1_768_580_591, fromMe: false, hasMedia: false, ...payload },
});
const wahaShort: readonly Short[] = [
  [
    'a text, with a quote',
    wahaMessage({
      id: `false_${ANA_C_US}_3A0123456789ABCD0123`,
      from: ANA_C_US,
      source: 'app',
      to: null,
      participant: null,
      body: 'oi',
      media: null,
      ack: 2,
      ackName: 'DEVICE',
      location: null,
      vCards: null,
      replyTo: { id: '3EB0', participant: ANA_C_US, body: 'texto citado' },
      _data: {},
    }),
    { ...said('oi'), id: '3A0123456789ABCD0123', replyTo: '3EB0', chat: inPrivate },
  ],
  [
    'an emoji',
    {
      event: 'message.reaction',
      payload: {
        id: `false_${ANA_C_US}_AA`,
        from: ANA_C_US,
        fromMe: false,
        participant: null,
        to: null,
        timestamp: 1_710_481_111.853,
        reaction: { text: '👍', messageId: `true_${ANA_C_US}_3EB0` },
      },
    },
    { kind: 'reaction', originalId: '3EB0', emoji: '👍' },
  ],
  [
    'an edit',
    {
      event: 'message.edited',
      payload: { id: `false_${ANA_C_US}_BB`, editedMessageId: '3A01', body: 'novo texto', _data: {} },
    },
    { kind: 'edit', originalId: '3A01', text: 'novo texto' },
  ],
  [
    'a deletion',
    {
      event: 'message.revoked',
      payload: { after: { id: `false_${ANA_C_US}_BB`, _data: {} }, before: null, revokedMessageId: '3A01' },
    },
    { kind: 'revoke', originalId: '3A01' },
  ],
  [
    'a receipt',
    {
      event: 'message.ack',
      payload: { id: `true_${ANA_C_US}_3EB0`, from: ANA_C_US, participant: null, fromMe: true, ack: 3, ackName: 'READ' },
    },
    { kind: 'status', messageIds: ['3EB0'], status: 'read' },
  ],
  [
    'a vote',
    {
      event: 'poll.vote',
      payload: {
        vote: {
          id: `false_${ANA_C_US}_CC`,
          from: ANA_C_US,
          fromMe: false,
          selectedOptions: ['Sim'],
          timestamp: 1_692_861_427,
        },
        poll: { id: `true_${ANA_C_US}_3EB0`, fromMe: true },
      },
    },
    { kind: 'message', body: { type: 'vote', options: ['Sim'] } },
  ],
  [
    'the session',
    {
      event: 'session.status',
      payload: { name: 'default', status: 'SCAN_QR_CODE', statuses: [{ status: 'STARTING', timestamp: 1_700_000_002_000 }] },
    },
    { kind: 'state', phone: 'qr_ready' },
  ],
  [
    'a picture in a group',
    wahaMessage({
      id: `false_${GROUP}_3EB0AA01_${ANA_C_US}`,
      from: GROUP,
      participant: ANA_C_US,
      body: 'olha',
      hasMedia: true,
      media: { url: 'http://localhost:3000/api/files/default/3EB0AA01.jpeg', mimetype: 'image/jpeg', filename: null },
    }),
    {
      kind: 'message',
      id: '3EB0AA01',
      chat: { type: 'group', address: GROUP },
      sender: { number: '5511900000001' },
      body: { type: 'media', caption: 'olha', media: { kind: 'image', urls: [] } },
    },
  ],
  [
    'a location',
    wahaMessage({
      id: `false_${ANA_C_US}_3ALOC`,
      from: ANA_C_US,
      body: '',
      location: { live: false, latitude: '-23.5', longitude: '-46.6', name: 'Loja', address: null },
    }),
    { body: { type: 'location', location: { latitude: -23.5, longitude: -46.6, name: 'Loja' } } },
  ],
  ['a card', wahaMessage({ id: `false_${ANA_C_US}_3ACARD`, from: ANA_C_US, body: null, vCards: [VCARD] }), bruno],
];
/** Of WAHA. */
export const waha = wahaShort.map(
  ([title, told, event]): EngineExample => ({
    kind: 'waha',
    title,
    body: {
      id: `evt_${title.replace(/\W/g, '')}`,
      timestamp: 1_768_580_591_344,
      ...told,
      session: 'default',
      metadata: {},
      me: { id: '5511900000009@c.us', pushName: 'Loja', lid: '135@lid', jid: '5511900000009:12@s.whatsapp.net' },
      engine: 'NOWEB',
      environment: { version: '2026.2.1', engine: 'NOWEB', tier: 'CORE' },
    },
    events: [event],
  }),
);
