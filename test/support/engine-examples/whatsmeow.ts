import { ANA, type EngineExample, EXAMPLE_SECRET, type Json, type Short, said } from './example.ts';

const info = (more: Json = {}): Json => ({
  Chat: ANA,
  Sender: ANA,
  IsFromMe: false,
  IsGroup: false,
  ID: '3A01',
  Type: 'text',
  PushName: 'Ana',
  Timestamp: '2026-11-26T09:10:11-03:00',
  ...more,
});
const lidInfo = info({
  Chat: '135000000000001@lid',
  Sender: '135000000000001@lid',
  AddressingMode: 'lid',
  SenderAlt: ANA,
  RecipientAlt: '',
  Category: '',
  MediaType: '',
  Edit: '',
  DeviceSentMeta: null,
});
const ofSender = { remoteJID: ANA, fromMe: true, ID: '3A01' };
/** Of both: they differ in what stands around it. */
const whatsmeowMessages: readonly (readonly [title: string, data: Json, event: object])[] = [
  [
    'a text, by lid and number',
    { Info: lidInfo, Message: { conversation: 'oi' }, IsEphemeral: false, IsViewOnce: false, IsEdit: false },
    { ...said('oi'), id: '3A01', chat: { number: '5511900000001', lid: '135000000000001@lid', name: 'Ana' } },
  ],
  [
    'an emoji',
    {
      Info: info({ ID: '3AREACT', Type: 'reaction' }),
      Message: {
        reactionMessage: {
          key: { remoteJID: ANA, fromMe: true, ID: '3EB0SENT' },
          text: '👍',
          senderTimestampMS: 1_771_373_387_000,
        },
      },
    },
    { kind: 'reaction', originalId: '3EB0SENT', emoji: '👍' },
  ],
  [
    'an edit',
    {
      Info: info({ ID: '3AEDIT', Edit: '1' }),
      Message: { protocolMessage: { type: 14, key: { ID: '3A01' }, editedMessage: { conversation: 'novo texto' } } },
      IsEdit: true,
    },
    { kind: 'edit', originalId: '3A01', text: 'novo texto' },
  ],
  [
    'a deletion',
    { Info: info({ ID: '3AREV', Edit: '7' }), Message: { protocolMessage: { type: 0, key: ofSender } } },
    { kind: 'revoke', originalId: '3A01', direction: 'incoming' },
  ],
  [
    'a quote',
    {
      Info: info(),
      Message: {
        extendedTextMessage: {
          text: 'oi',
          contextInfo: {
            stanzaID: '3EB0Q',
            participant: ANA,
            quotedMessage: { conversation: 'antes' },
            mentionedJID: [ANA],
          },
        },
      },
    },
    { ...said('oi'), replyTo: '3EB0Q' },
  ],
  [
    'a picture',
    {
      Info: info({ Type: 'media', MediaType: 'image' }),
      Message: {
        imageMessage: {
          URL: 'https://mmg.whatsapp.net/a.enc',
          directPath: '/v/a',
          mediaKey: 'a2V5',
          mimetype: 'image/jpeg',
          fileEncSHA256: 'QUJD',
          fileSHA256: 'REVG',
          fileLength: 226_806,
          caption: 'olha',
          JPEGThumbnail: 'QUJD',
        },
      },
    },
    { kind: 'message', body: { type: 'media', caption: 'olha', media: { kind: 'image', mimeType: 'image/jpeg' } } },
  ],
];
const receipt = {
  Chat: ANA,
  Sender: ANA,
  IsFromMe: false,
  MessageIDs: ['3EB0'],
  Timestamp: '2026-11-26T09:10:12-03:00',
  Type: '',
};
const paired = { ID: '5511900000009:20@s.whatsapp.net', LID: '135:20@lid', BusinessName: '', Platform: 'smba' };
const wuzapiShort: readonly Short[] = [
  ...whatsmeowMessages.map(
    ([title, event, expected]): Short => [title, { type: 'Message', event: { ...event, RawMessage: event.Message } }, expected],
  ),
  [
    'a receipt',
    { type: 'ReadReceipt', state: 'Delivered', event: receipt },
    { kind: 'status', messageIds: ['3EB0'], status: 'delivered' },
  ],
  [
    'a QR code',
    { type: 'QR', event: 'code', qrCodeBase64: `data:image/png;base64,${EXAMPLE_SECRET}` },
    { kind: 'state', phone: 'qr_ready' },
  ],
  ['a pairing', { type: 'PairSuccess', event: paired }, { kind: 'state' }],
];
const evolutionGoShort: readonly Short[] = [
  ...whatsmeowMessages.map(([title, data, expected]): Short => [title, { event: 'Message', data }, expected]),
  [
    'the echo of what the API sent',
    { event: 'SendMessage', data: { Info: info({ IsFromMe: true, ID: '3EB0' }), Message: { conversation: 'oi' } } },
    { ...said('oi'), direction: 'outgoing', id: '3EB0' },
  ],
  [
    'a receipt',
    { event: 'Receipt', state: 'Read', data: { ...receipt, Type: 'read' } },
    { kind: 'status', messageIds: ['3EB0'], status: 'read' },
  ],
  ['the connection', { event: 'Connected', data: {} }, { kind: 'state', phone: 'connected' }],
];
/** Of wuzapi and of evolution-go. */
export const whatsmeow = [
  ...wuzapiShort.map(
    ([title, told, event]): EngineExample => ({
      kind: 'whatsmeow',
      title: `wuzapi, ${title}`,
      body: { ...told, token: EXAMPLE_SECRET, userID: '7', instanceName: 'loja' },
      events: [event],
    }),
  ),
  ...evolutionGoShort.map(
    ([title, told, event]): EngineExample => ({
      kind: 'whatsmeow',
      title: `evolution-go, ${title}`,
      body: { ...told, instanceToken: EXAMPLE_SECRET, instanceId: 'b7c1', instanceName: 'loja' },
      events: [event],
    }),
  ),
];
