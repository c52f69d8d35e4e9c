import type { EngineKind } from '../../shared/engines/registry.ts';

/** A delivery as the documents and the source of an engine show it, and what it tells: nothing where it carries no event. */
export interface EngineExample {
  readonly kind: EngineKind;
  readonly title: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly events: readonly object[];
}

/** What the instance of all examples is called in its engine. */
export const EXAMPLE_NAMES: Readonly<Record<EngineKind, string>> = {
  ryzeapi: 'loja',
  evolution: 'loja',
  cloud: '106540352242922',
  waha: 'default',
  whatsmeow: 'loja',
  gowa: 'loja',
};
/** Stands wherever an engine puts a secret. */
export const EXAMPLE_SECRET = 'SecretOfTheExampleMarker';

type Json = Readonly<Record<string, unknown>>;
/** An example of one event, in the words of the engine. */
type Short = readonly [title: string, told: Json, event: object];

const ANA = '5511900000001@s.whatsapp.net';
const ANA_C_US = '5511900000001@c.us';
const GROUP = '120363000000000001@g.us';
const VCARD = 'BEGIN:VCARD\nVERSION:3.0\nFN:Bruno\nTEL;type=CELL;waid=5511900000002:+55 11 90000-0002\nEND:VCARD';
const said = (text: string): object => ({ kind: 'message', body: { type: 'text', text } });
const inPrivate = { type: 'private', number: '5511900000001' };
const bruno = { kind: 'message', body: { type: 'contacts', contacts: [{ name: 'Bruno', phones: ['+55 11 90000-0002'] }] } };

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
const evolution = evolutionShort.map(
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
const waha = wahaShort.map(
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
const whatsmeow = [
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

const gowaCommon = {
  id: '3A01',
  chat_id: ANA,
  from: ANA,
  from_name: 'Ana',
  timestamp: '2026-11-26T12:10:11Z',
  is_from_me: false,
};
const gowa = (
  [
    [
      'a text, by number and lid, with a quote',
      {
        event: 'message',
        payload: { chat_lid: '135@lid', from_lid: '135@lid', body: 'oi', replied_to_id: '3EB0', quoted_body: 'citado' },
      },
      { ...said('oi'), replyTo: '3EB0', chat: { ...inPrivate, lid: '135@lid', name: 'Ana' } },
    ],
    [
      'a picture',
      { event: 'message', payload: { image: { path: 'statics/media/1732.jpe', caption: 'foto' } } },
      { kind: 'message', body: { type: 'media', caption: 'foto', media: { kind: 'image' } } },
    ],
    [
      'an emoji',
      { event: 'message.reaction', payload: { reaction: '👍', reacted_message_id: '3EB0' } },
      { kind: 'reaction', originalId: '3EB0', emoji: '👍' },
    ],
    [
      'an edit',
      { event: 'message.edited', payload: { original_message_id: '3A01', body: 'novo' } },
      { kind: 'edit', originalId: '3A01', text: 'novo' },
    ],
    [
      'a deletion',
      { event: 'message.revoked', payload: { revoked_message_id: '3A01', revoked_from_me: false, revoked_chat: ANA } },
      { kind: 'revoke', originalId: '3A01' },
    ],
    [
      'a receipt',
      { event: 'message.ack', payload: { ids: ['3EB0'], receipt_type: 'read' } },
      { kind: 'status', messageIds: ['3EB0'], status: 'read' },
    ],
  ] as const
).map(
  ([title, { event, payload }, expected]): EngineExample => ({
    kind: 'gowa',
    title,
    body: {
      event,
      device_id: '5511900000009@s.whatsapp.net',
      session_id: 'loja',
      payload: { ...gowaCommon, ...payload, webhook_secret: EXAMPLE_SECRET },
    },
    events: [expected],
  }),
);

const cloudFrom = { from: '5511900000001', from_user_id: 'BR.1349', id: 'wamid.X', timestamp: '1749416383' };
const cloudMedia = { id: '1013859600285441', mime_type: 'image/jpeg', sha256: 'QUJD' };
const cloudMessages: readonly (readonly [title: string, message: Json, event: object])[] = [
  [
    'a text, with a quote',
    { type: 'text', text: { body: 'oi' }, context: { from: '551130000000', id: 'wamid.Q' } },
    { ...said('oi'), replyTo: 'wamid.Q', chat: { ...inPrivate, name: 'Ana' } },
  ],
  [
    'a picture',
    { type: 'image', image: { ...cloudMedia, caption: 'foto', url: 'https://lookaside.fbsbx.com/a' } },
    { body: { caption: 'foto', media: { kind: 'image', mimeType: 'image/jpeg', urls: [] } } },
  ],
  ['a video', { type: 'video', video: { ...cloudMedia, mime_type: 'video/mp4' } }, { body: { media: { kind: 'video' } } }],
  [
    'a document',
    { type: 'document', document: { ...cloudMedia, mime_type: 'application/pdf', filename: 'nota.pdf' } },
    { body: { media: { kind: 'document', fileName: 'nota.pdf' } } },
  ],
  [
    'a sticker',
    { type: 'sticker', sticker: { ...cloudMedia, mime_type: 'image/webp', animated: false } },
    { body: { media: { kind: 'sticker' } } },
  ],
  [
    'a voice message',
    { type: 'audio', audio: { ...cloudMedia, mime_type: 'audio/ogg; codecs=opus', voice: true } },
    { body: { media: { kind: 'voice' } } },
  ],
  [
    'a location',
    { type: 'location', location: { latitude: -23.5, longitude: -46.6, name: 'Loja', address: 'Rua A', url: 'https://x' } },
    { body: { type: 'location', location: { latitude: -23.5, longitude: -46.6, name: 'Loja' } } },
  ],
  [
    'a card',
    {
      type: 'contacts',
      contacts: [
        {
          name: { formatted_name: 'Bruno', first_name: 'Bruno' },
          phones: [{ phone: '+55 11 90000-0002', wa_id: '5511900000002', type: 'CELL' }],
        },
      ],
    },
    bruno,
  ],
  [
    'an emoji',
    { type: 'reaction', reaction: { message_id: 'wamid.Q', emoji: '👍' } },
    { kind: 'reaction', originalId: 'wamid.Q', emoji: '👍' },
  ],
  [
    'an emoji that is taken back',
    { type: 'reaction', reaction: { message_id: 'wamid.Q' } },
    { kind: 'reaction', originalId: 'wamid.Q', emoji: '' },
  ],
  [
    'a button of a template',
    { type: 'button', button: { payload: 'p', text: 'Sim' }, context: { from: '551130000000', id: 'wamid.Q' } },
    { body: { type: 'choice', text: 'Sim' } },
  ],
  [
    'a button',
    { type: 'interactive', interactive: { type: 'button_reply', button_reply: { id: '1', title: 'Sim' } } },
    { body: { type: 'choice', text: 'Sim' } },
  ],
  [
    'an entry of a list',
    { type: 'interactive', interactive: { type: 'list_reply', list_reply: { id: '1', title: 'Vendas', description: 'preços' } } },
    { body: { type: 'choice' } },
  ],
  [
    'the answer to a flow',
    {
      type: 'interactive',
      interactive: { type: 'nfm_reply', nfm_reply: { response_json: '{"a":1}', body: 'Sent', name: 'flow' } },
    },
    { kind: 'message' },
  ],
  ['an order', { type: 'order', order: { catalog_id: '1', product_items: [{ quantity: 1 }] } }, { kind: 'message' }],
  [
    'a new number',
    { type: 'system', system: { type: 'user_changed_number', wa_id: '5511900000003', body: 'A changed to B' } },
    { kind: 'message' },
  ],
  [
    'what the API does not support',
    { type: 'unsupported', errors: [{ code: 131_051 }], unsupported: { type: 'poll' } },
    { kind: 'message', body: { type: 'unsupported' } },
  ],
  [
    'an edit',
    { type: 'edit', edit: { original_message_id: 'wamid.O', message: { type: 'text', text: { body: 'novo' } } } },
    { kind: 'edit', originalId: 'wamid.O', text: 'novo' },
  ],
  ['a deletion', { type: 'revoke', revoke: { original_message_id: 'wamid.O' } }, { kind: 'revoke', originalId: 'wamid.O' }],
  [
    'a text in a group',
    { type: 'text', text: { body: 'oi' }, group_id: '120363000000000001' },
    { ...said('oi'), chat: { type: 'group' } },
  ],
  [
    'a text that came by an ad',
    {
      type: 'text',
      text: { body: 'oi' },
      context: { forwarded: true },
      referral: {
        source_url: 'https://fb.me/x',
        source_type: 'ad',
        headline: 'Promo',
        body: 'Hoje',
        media_type: 'image',
        image_url: 'https://x',
        ctwa_clid: 'CLICK',
      },
    },
    { ...said('oi'), forwarded: true, ad: { title: 'Promo', clickId: 'CLICK', url: 'https://fb.me/x' } },
  ],
];
const cloudBody = (value: Json, field = 'messages'): Json => ({
  object: 'whatsapp_business_account',
  entry: [
    {
      id: 'WABA',
      changes: [
        {
          field,
          value: {
            messaging_product: 'whatsapp',
            metadata: { display_phone_number: '551130000000', phone_number_id: EXAMPLE_NAMES.cloud },
            access_token: EXAMPLE_SECRET,
            ...value,
          },
        },
      ],
    },
  ],
});
const cloudContact = { profile: { name: 'Ana', username: '@ana' }, wa_id: '5511900000001', user_id: 'BR.1349' };
const cloud: readonly EngineExample[] = [
  ...cloudMessages.map(
    ([title, message, event]): EngineExample => ({
      kind: 'cloud',
      title,
      body: cloudBody({ contacts: [cloudContact], messages: [{ ...cloudFrom, ...message }] }),
      events: [event],
    }),
  ),
  {
    kind: 'cloud',
    title: 'a text of somebody who hides the number',
    body: cloudBody({
      contacts: [{ profile: { name: 'Ana' }, user_id: 'BR.1349' }],
      messages: [{ from_user_id: 'BR.1349', id: 'wamid.H', timestamp: '1749416383', type: 'text', text: { body: 'oi' } }],
    }),
    events: [{ ...said('oi'), chat: { lid: 'BR.1349@bsuid', number: undefined } }],
  },
  {
    kind: 'cloud',
    title: 'what was typed on the phone',
    body: cloudBody(
      {
        message_echoes: [
          {
            from: '551130000000',
            to: '5511900000001',
            id: 'wamid.E',
            timestamp: '1749416383',
            type: 'text',
            text: { body: 'oi' },
          },
        ],
      },
      'smb_message_echoes',
    ),
    events: [{ ...said('oi'), direction: 'outgoing', chat: inPrivate }],
  },
  {
    kind: 'cloud',
    title: 'statuses, of which one failed',
    body: cloudBody({
      statuses: [
        {
          id: 'wamid.S1',
          status: 'sent',
          timestamp: '1749416383',
          recipient_id: '5511900000001',
          biz_opaque_callback_data: 'other-system',
          pricing: {},
        },
        {
          id: 'wamid.S2',
          status: 'failed',
          timestamp: '1749416383',
          recipient_user_id: 'BR.1349',
          errors: [{ code: 131_047, title: 'Re-engagement message', message: 'm', error_data: { details: 'd' } }],
        },
      ],
    }),
    events: [
      { kind: 'status', messageIds: ['wamid.S1'] },
      { kind: 'status', messageIds: ['wamid.S2'], status: 'failed' },
    ],
  },
];

export const ENGINE_EXAMPLES: readonly EngineExample[] = [...evolution, ...cloud, ...waha, ...whatsmeow, ...gowa];
