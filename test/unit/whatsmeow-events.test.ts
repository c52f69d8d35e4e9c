import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Delivery } from '../../shared/engines/engine.ts';
import type { WhatsappEvent } from '../../shared/engines/event.ts';
import { engineOf } from '../../shared/engines/registry.ts';
import { encodeMultipart } from '../../shared/http/multipart.ts';

const whatsmeow = engineOf('whatsmeow');
const ANA = '5511900000001@s.whatsapp.net';
const GROUP = '120363000000000001@g.us';
const SECRET = 'a-secret-of-thirty-two-characters-or-more';

type Json = Record<string, unknown>;
const info = (more: Json = {}): Json => ({
  Chat: '135000000000001@lid',
  Sender: '135000000000001@lid',
  IsFromMe: false,
  IsGroup: false,
  AddressingMode: 'lid',
  SenderAlt: ANA,
  RecipientAlt: '',
  ID: '3A01',
  Type: 'text',
  PushName: 'Ana',
  Timestamp: '2026-11-26T09:10:11-03:00',
  Category: '',
  Edit: '',
  DeviceSentMeta: null,
  ...more,
});
const json = (body: unknown): Delivery => ({ body, rawBody: Buffer.from(JSON.stringify(body)), headers: {}, name: 'loja' });
const form = (told: unknown, raw?: string): Delivery => {
  const rawBody =
    raw ?? new URLSearchParams({ instanceName: 'loja', jsonData: JSON.stringify(told), token: 'SECRET', userID: '7' }).toString();
  return { body: Object.fromEntries(new URLSearchParams(rawBody)), rawBody: Buffer.from(rawBody), headers: {}, name: 'loja' };
};
function read(delivery: Delivery): WhatsappEvent {
  const [stored, ...more] = whatsmeow.unpack(delivery);
  expect(more).toEqual([]);
  const parsed = whatsmeow.readEvent(JSON.parse(JSON.stringify(stored)));
  if (!parsed.ok) throw new Error(parsed.fault);
  return parsed.event;
}
const message = (Message: Json, ofInfo: Json = {}, beside: Json = {}) =>
  read(form({ type: 'Message', event: { Info: info(ofInfo), Message, RawMessage: Message }, ...beside }));
const mediaOf = (event: WhatsappEvent) =>
  event.kind === 'message' && event.body.type === 'media' ? event.body.media : undefined;

describe('a delivery of whatsmeow’s events', () => {
  const told = { type: 'Message', event: { Info: info(), Message: { conversation: 'oi + tchau' } } };
  const multipart = () => {
    const { contentType, bytes } = encodeMultipart([
      { name: 'jsonData', value: JSON.stringify(told) },
      { name: 'file', value: '/tmp/<3A>' },
      { name: 'file', fileName: '3A.jpg', contentType: 'image/jpeg', bytes: Buffer.from('FILE\r\n--x') },
    ]);
    return { body: undefined, rawBody: bytes, headers: { 'content-type': contentType }, name: 'loja' };
  };

  it.each<[string, () => Delivery]>([
    ['a form', () => form(told)],
    ['JSON', () => json({ ...told, instanceName: 'loja', userID: '7' })],
    ['a form with a file', multipart],
    [
      'evolution-go',
      () => json({ event: 'Message', data: told.event, instanceToken: 'SECRET', instanceId: 'x', instanceName: 'loja' }),
    ],
  ])('is the same as %s', (_name, delivery) => {
    expect(read(delivery())).toMatchObject({
      kind: 'message',
      id: '3A01',
      direction: 'incoming',
      sentAt: new Date('2026-11-26T12:10:11Z'),
      chat: { type: 'private', address: '5511900000001', number: '5511900000001', lid: '135000000000001@lid', name: 'Ana' },
      sender: { number: '5511900000001', lid: '135000000000001@lid', name: 'Ana' },
      body: { type: 'text', text: 'oi + tchau' },
    });
    expect(JSON.stringify(whatsmeow.unpack(delivery()))).not.toContain('SECRET');
  });

  it('that has a file beside its form brings that file', () => {
    const { contentType, bytes } = encodeMultipart([
      {
        name: 'jsonData',
        value: JSON.stringify({
          type: 'Message',
          event: { Info: info(), Message: { imageMessage: { mimetype: 'image/jpeg' } } },
        }),
      },
      { name: 'file', fileName: '3A.jpg', contentType: 'image/jpeg', bytes: Buffer.from('FILE\r\n--x') },
    ]);
    const event = read({ body: undefined, rawBody: bytes, headers: { 'content-type': contentType }, name: 'loja' });
    expect(Buffer.from(mediaOf(event)?.base64 ?? '', 'base64').toString()).toBe('FILE\r\n--x');
  });

  it('is read even where base64 was put into a form carelessly, and its plus signs came as blanks', () => {
    const image = { imageMessage: { mimetype: 'image/jpeg', mediaKey: 'a+/b', fileEncSHA256: 'AA+=', fileSHA256: 'AA+=' } };
    const jsonData = JSON.stringify({ type: 'Message', event: { Info: info(), Message: image }, base64: 'A+/+' });
    const event = read(form(undefined, `instanceName=loja&jsonData=${jsonData.replaceAll('%', '%25')}`));
    expect(mediaOf(event)).toMatchObject({ base64: 'A+/+', reference: expect.stringContaining('"a+/b"') });
  });

  it('signed is genuine by its key alone; unsigned by its address', () => {
    const raw = form(told);
    const signature = createHmac('sha256', SECRET).update(raw.rawBody).digest('hex');
    const signed = { ...raw, headers: { 'x-hmac-signature': signature } };
    expect(whatsmeow.isGenuine?.(signed, SECRET)).toBe(true);
    expect(whatsmeow.isGenuine?.(signed, 'another-secret')).toBe(false);
    expect(whatsmeow.isGenuine?.({ ...signed, rawBody: Buffer.from('x') }, SECRET)).toBe(false);
    expect(whatsmeow.isGenuine?.({ ...raw, headers: { 'x-hmac-signature': 'x' } }, SECRET)).toBe(false);
    expect(whatsmeow.isGenuine?.(raw, SECRET)).toBe(true);
    const withFile = multipart();
    const overFields = `{"file":"/tmp/\\u003c3A\\u003e","jsonData":${JSON.stringify(JSON.stringify(told))}}`;
    const headers = { ...withFile.headers, 'x-hmac-signature': createHmac('sha256', SECRET).update(overFields).digest('hex') };
    expect(whatsmeow.isGenuine?.({ ...withFile, headers }, SECRET)).toBe(true);
    expect(whatsmeow.isGenuine?.({ ...withFile, headers }, 'another-secret')).toBe(false);
  });
});

describe('a message of whatsmeow', () => {
  it('in a group tells its member; typed on the phone, whom it goes to', () => {
    expect(message({ conversation: 'oi' }, { Chat: GROUP, IsGroup: true, Sender: '135000000000001:9@lid' })).toMatchObject({
      chat: { type: 'group', address: GROUP },
      sender: { number: '5511900000001', lid: '135000000000001@lid', name: 'Ana' },
    });
    const own = { IsFromMe: true, Sender: '5511900000009:12@s.whatsapp.net', SenderAlt: '', RecipientAlt: ANA, PushName: 'Loja' };
    expect(message({ conversation: 'oi' }, own)).toMatchObject({
      direction: 'outgoing',
      chat: { address: '5511900000001', lid: '135000000000001@lid', name: undefined },
    });
    const groupData = { JID: GROUP, Name: 'Turma' };
    expect(
      read(json({ event: 'Message', data: { Info: info({ Chat: GROUP }), Message: { conversation: 'oi' }, groupData } })),
    ).toMatchObject({
      chat: { name: 'Turma' },
    });
  });

  it('answers, and quotes in evolution-go’s own words', () => {
    const contextInfo = { stanzaID: '3EB0Q', participant: ANA, quotedMessage: { conversation: 'antes' }, mentionedJID: [ANA] };
    expect(message({ extendedTextMessage: { text: 'oi', contextInfo } })).toMatchObject({
      body: { type: 'text', text: 'oi' },
      replyTo: '3EB0Q',
      mentions: [{ number: '5511900000001' }],
    });
    const data = { Info: info(), Message: { conversation: 'oi' }, quoted: { stanzaID: '3EB0Q' }, isQuoted: true };
    expect(read(json({ event: 'Message', data }))).toMatchObject({ replyTo: '3EB0Q' });
  });

  it.each<[Json, object]>([
    [{ imageMessage: { mimetype: 'image/jpeg', caption: 'foto' } }, { type: 'media', caption: 'foto', media: { kind: 'image' } }],
    [{ audioMessage: { mimetype: 'audio/ogg; codecs=opus', PTT: true } }, { media: { kind: 'voice', mimeType: 'audio/ogg' } }],
    [{ audioMessage: { mimetype: 'audio/mpeg' } }, { media: { kind: 'audio' } }],
    [{ videoMessage: { mimetype: 'video/mp4' } }, { media: { kind: 'video' } }],
    [{ ptvMessage: { mimetype: 'video/mp4' } }, { media: { kind: 'video_note' } }],
    [
      { documentMessage: { fileName: 'nota.pdf', title: 'nota', caption: 'c' } },
      { caption: 'c', media: { kind: 'document', fileName: 'nota.pdf' } },
    ],
    [{ stickerMessage: { mimetype: 'image/webp' } }, { media: { kind: 'sticker' } }],
    [
      { locationMessage: { degreesLatitude: 1, degreesLongitude: 2, name: 'Loja' } },
      { type: 'location', location: { latitude: 1, name: 'Loja' } },
    ],
    [{ liveLocationMessage: { degreesLatitude: 1, degreesLongitude: 2 } }, { type: 'location', location: { isLive: true } }],
    [
      { contactMessage: { displayName: 'Bia', vcard: 'BEGIN:VCARD\nTEL:+1\nEND:VCARD' } },
      { type: 'contacts', contacts: [{ name: 'Bia' }] },
    ],
    [
      { contactsArrayMessage: { contacts: [{ displayName: 'A' }, { displayName: 'B' }] } },
      { contacts: [{ name: 'A' }, { name: 'B' }] },
    ],
    [{ buttonsResponseMessage: { selectedButtonID: 'b1' } }, { type: 'choice', text: 'b1' }],
    [{ listResponseMessage: { singleSelectReply: { selectedRowID: 'r1' } } }, { type: 'choice', text: 'r1' }],
    [
      { pollCreationMessageV3: { name: 'Quando?', options: [{ optionName: 'Hoje' }] } },
      { type: 'poll', question: 'Quando?', options: ['Hoje'] },
    ],
    [
      { pollUpdateMessage: { pollCreationMessageKey: { ID: '3A' }, vote: { encPayload: 'x' } } },
      { type: 'unsupported', name: 'poll vote' },
    ],
    [{ hologramMessage: { text: 'olá' } }, { type: 'unsupported', name: 'hologram', text: 'olá' }],
  ])('%j is read as what it is', (proto, body) => {
    expect(message(proto)).toMatchObject({ kind: 'message', body });
  });

  it.each<[Json, Json, object]>([
    [
      {
        reactionMessage: { key: { remoteJID: ANA, fromMe: true, ID: '3EB0' }, text: '👍', senderTimestampMS: 1_771_373_387_000 },
      },
      { Type: 'reaction' },
      { kind: 'reaction', originalId: '3EB0', emoji: '👍' },
    ],
    [
      { protocolMessage: { type: 14, key: { ID: '3A00' }, editedMessage: { conversation: 'novo texto' } } },
      { Edit: '1' },
      { kind: 'edit', originalId: '3A00', text: 'novo texto' },
    ],
    [
      { secretEncryptedMessage: { targetMessageKey: { ID: '3A00' }, secretEncType: 2 } },
      {},
      { kind: 'edit', originalId: '3A00', text: '' },
    ],
    [
      { protocolMessage: { type: 0, key: { remoteJID: ANA, fromMe: true, ID: '3A00' } } },
      { Edit: '7' },
      { kind: 'revoke', originalId: '3A00' },
    ],
    [
      { protocolMessage: { key: { ID: '3A00' } } },
      { Edit: '8', Chat: GROUP },
      { kind: 'revoke', originalId: '3A00', chat: { type: 'group' } },
    ],
    [{ protocolMessage: { type: 5 } }, { IsFromMe: true }, { kind: 'other' }],
    [{ protocolMessage: { type: 6 } }, { IsFromMe: true }, { kind: 'other' }],
    [{ protocolMessage: { type: 9 } }, { IsFromMe: true }, { kind: 'other' }],
    [{ conversation: 'x' }, { Category: 'peer' }, { kind: 'other' }],
    [{ senderKeyDistributionMessage: { groupID: GROUP } }, { Chat: GROUP }, { kind: 'other' }],
    [{ conversation: 'x' }, { Chat: 'status@broadcast' }, { kind: 'message', chat: { type: 'broadcast' } }],
    [{ conversation: 'x' }, { Chat: '1203@newsletter' }, { kind: 'message', chat: { type: 'newsletter' } }],
  ])('%j (%j) is told as such', (proto, ofInfo, expected) => {
    expect(message(proto, ofInfo)).toMatchObject(expected);
  });

  it('brings its file, tells where it is, or what it takes to download it', () => {
    const image = {
      imageMessage: { URL: 'https://mmg.whatsapp.net/a.enc', mediaKey: 'a2V5', fileLength: 7, mimetype: 'image/jpeg' },
    };
    expect(mediaOf(message(image, {}, { base64: 'QUJD', mimeType: 'image/jpeg' }))).toMatchObject({ base64: 'QUJD' });
    expect(mediaOf(message({ ...image, base64: 'QUJD' }))).toMatchObject({ base64: 'QUJD' });
    expect(mediaOf(message({ ...image, mediaUrl: 'https://s3.example/a?sig=1' }))).toMatchObject({
      urls: ['https://s3.example/a?sig=1'],
    });
    expect(mediaOf(message(image, {}, { s3: { url: 'https://s3.example/b', bucket: 'x' } }))).toMatchObject({
      urls: ['https://s3.example/b'],
    });
    // Of a business' offer as well, whose picture stands in its header.
    const offer = { templateMessage: { hydratedTemplate: { ...image, hydratedContentText: 'Chegou' } } };
    expect(mediaOf(message(offer))?.reference).toBe(mediaOf(message(image))?.reference);
    expect(JSON.parse(mediaOf(message(image))?.reference ?? '')).toMatchObject({
      kind: 'image',
      mediaKey: 'a2V5',
      fileLength: 7,
    });
  });

  it('that could not be decrypted is a placeholder', () => {
    expect(read(form({ type: 'UndecryptableMessage', event: { Info: info(), IsUnavailable: false } }))).toMatchObject({
      body: { type: 'placeholder' },
    });
    const unavailable = { Info: info(), IsUnavailable: true, UnavailableType: 'view_once' };
    expect(read(json({ event: 'Message', data: unavailable }))).toMatchObject({ kind: 'message', body: { type: 'placeholder' } });
  });
});

describe('what whatsmeow tells beside messages', () => {
  const receipt = {
    Chat: ANA,
    Sender: ANA,
    IsFromMe: false,
    MessageIDs: ['3EB0'],
    Timestamp: '2026-11-26T09:10:12-03:00',
    Type: '',
  };
  it.each<[object, object]>([
    [
      { type: 'ReadReceipt', state: 'Delivered', event: receipt },
      { kind: 'status', messageIds: ['3EB0'], status: 'delivered' },
    ],
    [
      { type: 'ReadReceipt', state: 'Read', event: { ...receipt, Type: 'read' } },
      { status: 'read', told: 'read', chat: { address: '5511900000001' } },
    ],
    [{ type: 'ReadReceipt', state: 'ReadSelf', event: { ...receipt, Type: 'read-self' } }, { status: 'other' }],
    [{ type: 'ReadReceipt', state: 'Delivered', event: { ...receipt, IsFromMe: true } }, { status: 'other' }],
    [
      { type: 'ReadReceipt', state: 'Read', event: { ...receipt, Chat: GROUP, IsGroup: true } },
      { status: 'read', member: ANA },
    ],
    [{ event: 'Receipt', data: receipt }, { status: 'delivered' }],
    [
      { type: 'Connected', event: {} },
      { kind: 'state', state: 'connected', phone: 'connected' },
    ],
    [{ event: 'Connected', data: { status: 'open', jid: ANA } }, { phone: 'connected' }],
    [{ type: 'Disconnected', event: {} }, { phone: 'disconnected' }],
    [{ event: 'LoggedOut', data: { reason: '401: logged out from another device' } }, { phone: 'logged_out' }],
    [{ type: 'QR', event: 'code', qrCodeBase64: 'data:image/png;base64,AAAA' }, { phone: 'qr_ready' }],
    [{ event: 'QRCode', data: { qrcode: 'data:image/png;base64,AAAA', code: '2@x' } }, { phone: 'qr_ready' }],
    [
      { type: 'PairSuccess', event: { ID: '5511:20@s.whatsapp.net' } },
      { kind: 'state', phone: undefined },
    ],
    [{ type: 'TemporaryBan', event: { Code: 101 } }, { phone: 'temp_banned' }],
    [
      { type: 'CallOffer', event: { From: '135@lid', CallCreator: '135@lid', CallCreatorAlt: ANA, CallID: 'C' } },
      { kind: 'call', id: 'C', video: false, chat: { number: '5511900000001', lid: '135@lid' } },
    ],
    [
      { event: 'CallOfferNotice', data: { From: ANA, CallID: 'C', Media: 'video' } },
      { kind: 'call', video: true },
    ],
    [
      { type: 'GroupInfo', event: { JID: GROUP, Name: { Name: 'Turma' } } },
      { kind: 'group', chat: { address: GROUP, name: 'Turma' } },
    ],
    [
      { event: 'JoinedGroup', data: { JID: GROUP, Name: 'Turma' } },
      { kind: 'group', chat: { name: 'Turma' } },
    ],
    [
      { type: 'HistorySync', event: {} },
      { kind: 'other', name: 'HistorySync' },
    ],
  ])('%j', (body, expected) => {
    expect(read(json(body))).toMatchObject(expected);
    expect(JSON.stringify(whatsmeow.unpack(json(body)))).not.toMatch(/AAAA|2@x/);
  });
});

it('nothing of any shape throws, is refused for what stands in it, or leaves a secret', () => {
  const names = [
    'Message',
    'SendMessage',
    'UndecryptableMessage',
    'ReadReceipt',
    'Receipt',
    'CallOffer',
    'GroupInfo',
    'Connected',
    'x',
  ];
  const keys = [
    'Info',
    'Message',
    'Chat',
    'Sender',
    'SenderAlt',
    'IsFromMe',
    'ID',
    'Edit',
    'MessageIDs',
    'JID',
    'Name',
    'Data',
    'Content',
    'quoted',
    'conversation',
    'imageMessage',
    'mediaKey',
    'protocolMessage',
    'key',
    'type',
    'contextInfo',
    'groupData',
    'Timestamp',
    'base64',
  ];
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom<unknown>(ANA, GROUP, '3A', '', 7, null, true),
      tie('list'),
      tie('object'),
    ),
    list: fc.array(tie('value'), { maxLength: 3 }),
    object: fc.dictionary(fc.constantFrom(...keys), tie('value'), { maxKeys: 6 }),
  }));
  const payloads = fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 8 });
  fc.assert(
    fc.property(fc.constantFrom(...names), payloads, fc.constantFrom('form', 'json', 'go'), (name, payload, way) => {
      const data = { ...payload, nested: { token: 'SECRET-A' }, instanceToken: 'SECRET-B' };
      const told =
        way === 'go' ? { event: name, data, instanceToken: 'SECRET-C' } : { type: name, event: data, token: 'SECRET-D' };
      for (const stored of whatsmeow.unpack(way === 'form' ? form(told) : json(told))) {
        expect(whatsmeow.readEvent(JSON.parse(JSON.stringify(stored)))).toMatchObject({ ok: true });
        expect(JSON.stringify(stored)).not.toContain('SECRET');
      }
    }),
    { numRuns: 300 },
  );
  fc.assert(
    fc.property(fc.jsonValue(), (body) => {
      for (const stored of whatsmeow.unpack(json(body))) whatsmeow.readEvent(stored);
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const rawBody = Buffer.concat([Buffer.from('--b\r\n'), bytes, Buffer.from('\r\n--b--')]);
      const delivery = { body: undefined, rawBody, headers: { 'content-type': 'multipart/form-data; boundary=b' }, name: 'loja' };
      for (const stored of whatsmeow.unpack(delivery)) whatsmeow.readEvent(stored);
      whatsmeow.isGenuine?.({ ...delivery, headers: { ...delivery.headers, 'x-hmac-signature': 'a'.repeat(64) } }, SECRET);
    }),
  );
});
