import {
  ANA,
  bruno,
  type EngineExample,
  EXAMPLE_SECRET,
  GROUP,
  inPrivate,
  type Json,
  type Short,
  said,
  VCARD,
} from './example.ts';

const evolutionKey = (id: string, more: Json = {}): Json => ({ remoteJid: ANA, fromMe: false, id, ...more });
const evolutionShort: readonly Short[] = [
  [
    'a text, by lid and number',
    {
      event: 'messages.upsert',
      data: {
        key: { ...evolutionKey('3A0123456789ABCD0123'), remoteJidAlt: ANA, participant: '', addressingMode: 'lid' },
        pushName: 'Ana',
        status: 'DELIVERY_ACK',
        message: { conversation: 'oi' },
        contextInfo: {},
        messageType: 'conversation',
        messageTimestamp: 1_771_373_387,
        instanceId: 'uuid',
        source: 'android',
      },
    },
    { ...said('oi'), id: '3A0123456789ABCD0123', direction: 'incoming', chat: { ...inPrivate, name: 'Ana' } },
  ],
  [
    'a picture in a group, with a quote',
    {
      event: 'messages.upsert',
      data: {
        key: {
          remoteJid: GROUP,
          fromMe: false,
          id: '3EB0AA01',
          participant: '135000000000001@lid',
          participantAlt: ANA,
          addressingMode: 'lid',
        },
        pushName: 'Ana',
        message: {
          imageMessage: {
            mimetype: 'image/jpeg',
            caption: 'olha',
            fileLength: { low: 226_806, high: 0, unsigned: true },
            mediaKey: { 0: 1, 1: 2 },
          },
          base64: '/9j/',
        },
        contextInfo: { stanzaId: '3A00BB', participant: '135000000000002@lid', quotedMessage: { conversation: 'antes' } },
        messageType: 'imageMessage',
        messageTimestamp: 1_771_373_387,
      },
    },
    {
      kind: 'message',
      chat: { type: 'group', address: GROUP },
      sender: { number: '5511900000001', lid: '135000000000001@lid', name: 'Ana' },
      replyTo: '3A00BB',
      body: { type: 'media', caption: 'olha', media: { kind: 'image', base64: '/9j/' } },
    },
  ],
  [
    'an emoji',
    {
      event: 'messages.upsert',
      data: {
        key: evolutionKey('3AREACT01'),
        message: {
          reactionMessage: {
            key: { remoteJid: ANA, fromMe: true, id: '3EB0SENT' },
            text: '👍',
            senderTimestampMs: { low: 1, high: 409, unsigned: false },
          },
        },
        messageType: 'reactionMessage',
      },
    },
    { kind: 'reaction', originalId: '3EB0SENT', emoji: '👍' },
  ],
  ...(
    [
      [
        'a voice message',
        { audioMessage: { mimetype: 'audio/ogg; codecs=opus', seconds: 3, ptt: true }, base64: 'T2dnUw==' },
        { body: { media: { kind: 'voice', mimeType: 'audio/ogg' } } },
      ],
      [
        'a document',
        { documentMessage: { mimetype: 'application/pdf', fileName: 'nota.pdf', title: 'nota.pdf', caption: 'segue' } },
        { body: { caption: 'segue', media: { kind: 'document', fileName: 'nota.pdf' } } },
      ],
      [
        'a location',
        { locationMessage: { degreesLatitude: -23.5, degreesLongitude: -46.6, name: 'Loja' } },
        { body: { type: 'location', location: { latitude: -23.5, longitude: -46.6, name: 'Loja' } } },
      ],
      ['a card', { contactMessage: { displayName: 'Bruno', vcard: VCARD } }, bruno],
      [
        'an entry of a list',
        { listResponseMessage: { title: 'Vendas', singleSelectReply: { selectedRowId: '1' }, description: 'falar com vendas' } },
        { body: { type: 'choice', text: 'Vendas\nfalar com vendas' } },
      ],
    ] as const
  ).map(
    ([title, message, event]): Short => [
      title,
      { event: 'messages.upsert', data: { key: evolutionKey('3AKIND'), message, messageTimestamp: 1_771_373_387 } },
      { kind: 'message', ...event },
    ],
  ),
  [
    'a vote',
    {
      event: 'messages.upsert',
      data: {
        key: evolutionKey('3AVOTE'),
        message: { pollUpdateMessage: { pollCreationMessageKey: { id: '3EB0POLL' }, vote: { selectedOptions: ['Sim'] } } },
        pollUpdates: [{ name: 'Sim', voters: [ANA] }],
        messageType: 'pollUpdateMessage',
      },
    },
    { kind: 'message', body: { type: 'vote', options: ['Sim'] } },
  ],
  [
    'an edit, seen from the side of who edits',
    {
      event: 'messages.edited',
      data: {
        key: { remoteJid: '5511900000009@s.whatsapp.net', fromMe: true, id: 'ORIGINAL_ID' },
        type: 'MESSAGE_EDIT',
        editedMessage: { conversation: 'novo texto' },
        timestampMs: '1744200000000',
      },
    },
    { kind: 'edit', originalId: 'ORIGINAL_ID', text: 'novo texto', chat: { type: 'unknown' } },
  ],
  [
    'a deletion by a person',
    {
      event: 'messages.delete',
      data: { remoteJid: ANA, fromMe: false, id: 'ORIGINAL_ID', participant: null, status: 'DELETED' },
    },
    { kind: 'revoke', originalId: 'ORIGINAL_ID', chat: inPrivate },
  ],
  [
    'a deletion by the API',
    {
      event: 'messages.delete',
      data: { id: 'cmfdbid', key: evolutionKey('ORIGINAL_ID', { fromMe: true }), messageType: 'conversation', status: 'DELETED' },
    },
    { kind: 'revoke', originalId: 'ORIGINAL_ID', direction: 'outgoing' },
  ],
  [
    'a receipt',
    {
      event: 'messages.update',
      data: {
        keyId: '3EB0',
        remoteJid: ANA,
        fromMe: true,
        participant: null,
        status: 'READ',
        instanceId: 'uuid',
        messageId: 'cmf',
      },
    },
    { kind: 'status', messageIds: ['3EB0'], status: 'read' },
  ],
  [
    'the connection',
    { event: 'connection.update', data: { instance: 'loja', state: 'close', statusReason: 401 } },
    { kind: 'state', state: 'close', phone: 'logged_out' },
  ],
  [
    'a QR code',
    {
      event: 'qrcode.updated',
      data: {
        qrcode: {
          instance: 'loja',
          pairingCode: null,
          code: `2@${EXAMPLE_SECRET}`,
          base64: `data:image/png;base64,${EXAMPLE_SECRET}`,
        },
      },
    },
    { kind: 'state', phone: 'qr_ready' },
  ],
];
/** Of Evolution API: each in its envelope, which holds a key. */
export const evolution = evolutionShort.map(
  ([title, told, event]): EngineExample => ({
    kind: 'evolution',
    title,
    body: {
      ...told,
      instance: 'loja',
      destination: 'https://ponte.example',
      date_time: '2026-11-26T09:10:11.000Z',
      sender: '5511900000009@s.whatsapp.net',
      server_url: 'https://evo.example',
      apikey: EXAMPLE_SECRET,
    },
    events: [event],
  }),
);
