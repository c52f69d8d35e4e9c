import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WhatsappEvent } from '../../shared/engines/event.ts';
import { engineOf } from '../../shared/engines/registry.ts';

const gowa = engineOf('gowa');
const ANA = '5511900000001@s.whatsapp.net';
const GROUP = '120363000000000001@g.us';

const envelope = (event: string, payload: unknown, more: object = {}) => ({
  event,
  device_id: '5511900000009@s.whatsapp.net',
  session_id: 'loja',
  payload,
  ...more,
});
const deliveryOf = (body: unknown) => ({ body, rawBody: Buffer.alloc(0), headers: {}, name: 'loja' });

function read(event: string, payload: unknown): WhatsappEvent {
  const [stored, ...more] = gowa.unpack(deliveryOf(envelope(event, payload)));
  expect(more).toEqual([]);
  const parsed = gowa.readEvent(JSON.parse(JSON.stringify(stored)));
  if (!parsed.ok) throw new Error(parsed.fault);
  return parsed.event;
}
const common = {
  id: '3A01',
  chat_id: ANA,
  from: ANA,
  from_name: 'Ana',
  timestamp: '2026-11-26T12:10:11Z',
  is_from_me: false,
};
const message = (fields: object) => read('message', { ...common, ...fields });

describe('a message of GOWA', () => {
  it('tells who wrote, by number and by lid, and what it answers', () => {
    const lids = { chat_lid: '135@lid', from_lid: '135@lid' };
    expect(message({ ...lids, body: 'oi', replied_to_id: '3EB0Q', quoted_body: 'citado' })).toMatchObject({
      kind: 'message',
      id: '3A01',
      direction: 'incoming',
      sentAt: new Date('2026-11-26T12:10:11Z'),
      chat: { type: 'private', address: '5511900000001', number: '5511900000001', lid: '135@lid', name: 'Ana' },
      sender: { number: '5511900000001', lid: '135@lid', name: 'Ana' },
      body: { type: 'text', text: 'oi' },
      replyTo: '3EB0Q',
      quotedText: 'citado',
      forwarded: false,
    });
    expect(message({ chat_id: '135@lid', from: '135@lid', body: 'oi' })).toMatchObject({
      chat: { address: '135@lid', number: undefined, lid: '135@lid' },
    });
    expect(message({ chat_id: GROUP, body: 'oi' })).toMatchObject({
      chat: { type: 'group', address: GROUP },
      sender: { number: '5511900000001', name: 'Ana' },
    });
  });

  it('typed on the phone is outgoing, and does not call the customer by the owner’s name', () => {
    const typed = message({ is_from_me: true, from: '5511900000009@s.whatsapp.net', from_name: 'Loja', body: 'oi' });
    expect(typed).toMatchObject({ direction: 'outgoing', chat: { address: '5511900000001', name: undefined } });
  });

  it.each<[object, object]>([
    [{ image: 'statics/media/1732.jpe' }, { media: { kind: 'image', urls: [] }, caption: '' }],
    [
      { body: 'foto', image: { path: 'statics/media/1732.jpe', caption: 'foto' } },
      { media: { kind: 'image' }, caption: 'foto' },
    ],
    [
      { body: 'v', video: { path: 'statics/media/1.mp4', caption: 'v' } },
      { media: { kind: 'video' }, caption: 'v' },
    ],
    [{ video_note: 'statics/media/1.mp4' }, { media: { kind: 'video_note' } }],
    [{ audio: 'statics/media/1.ogg' }, { media: { kind: 'voice' } }],
    [{ audio: 'statics/media/1.mp3' }, { media: { kind: 'audio' } }],
    [{ sticker: 'statics/media/1.webp' }, { media: { kind: 'sticker' } }],
    [{ document: 'statics/media/1752404965-nota.pdf' }, { media: { kind: 'document', fileName: 'nota.pdf' } }],
    [
      { document: { url: 'https://mmg.whatsapp.net/v/a.enc', filename: 'report.pdf' } },
      { media: { kind: 'document', fileName: 'report.pdf', urls: [] } },
    ],
    [
      { image: { url: 'https://mmg.whatsapp.net/v/a.enc', caption: 'foto' }, view_once: true },
      { caption: 'foto', media: { urls: [] } },
    ],
  ])('with a file %j is asked for it later', (fields, body) => {
    expect(message(fields)).toMatchObject({ body: { type: 'media', ...body } });
    const event = message(fields);
    const media = event.kind === 'message' && event.body.type === 'media' ? event.body.media : undefined;
    expect(JSON.parse(media?.reference ?? '')).toMatchObject({ chat: '5511900000001' });
  });

  it.each<[object, object]>([
    [
      { location: { degreesLatitude: -23.5, degreesLongitude: -46.6, name: 'Loja', address: 'Rua A' } },
      { type: 'location', location: { latitude: -23.5, longitude: -46.6, name: 'Loja', address: 'Rua A' } },
    ],
    [
      { live_location: { degreesLatitude: 1, degreesLongitude: 2 } },
      { type: 'location', location: { latitude: 1, isLive: true } },
    ],
    [
      { contact: { displayName: 'Bia', vcard: 'BEGIN:VCARD\nFN:Bia\nTEL:+55 11 2\nEND:VCARD', phone_number: '+55 11 2' } },
      { type: 'contacts', contacts: [{ name: 'Bia', phones: ['+55 11 2'] }] },
    ],
    [
      {
        contacts_array: [
          { displayName: 'A', phone_number: '+1' },
          { displayName: 'B', phone_number: '+2' },
        ],
      },
      { type: 'contacts', contacts: [{ name: 'A' }, { name: 'B' }] },
    ],
    [{ interactive: 'Visite a loja' }, { type: 'text', text: 'Visite a loja' }],
    [{ list: { title: 'Menu' } }, { type: 'unsupported', name: 'list', text: 'Menu' }],
    [{ order: { orderTitle: 'Pedido' } }, { type: 'unsupported', name: 'order', text: 'Pedido' }],
    [{}, { type: 'placeholder' }],
  ])('%j is read as what it is', (fields, body) => {
    expect(message(fields)).toMatchObject({ body });
  });

  it('that was forwarded, or came by an ad, says so', () => {
    const referral = { ctwa_clid: 'CLICK', source_url: 'https://fb.me/x', source_id: '12', ad_title: 'Promo', source_type: 'ad' };
    expect(message({ body: 'oi', forwarded: true, referral })).toMatchObject({
      forwarded: true,
      ad: { clickId: 'CLICK', url: 'https://fb.me/x', sourceId: '12', title: 'Promo', sourceType: 'ad' },
    });
    expect(message({ body: 'oi', referral: { ad_title: 'A preview', source_url: 'https://x.example' } })).toMatchObject({
      ad: undefined,
    });
  });

  it('of which the phone tells other devices alone is none', () => {
    expect(message({ is_from_me: true })).toEqual({ kind: 'other', name: 'message' });
  });
});

describe('what GOWA tells beside messages', () => {
  it.each<[string, object, object]>([
    [
      'message.reaction',
      { reaction: '👍', reacted_message_id: '3EB0' },
      { kind: 'reaction', emoji: '👍', originalId: '3EB0', id: '3A01' },
    ],
    ['message.reaction', { reaction: '', reacted_message_id: '3EB0' }, { kind: 'reaction', emoji: '' }],
    ['message.edited', { original_message_id: '3A00', body: 'novo' }, { kind: 'edit', originalId: '3A00', text: 'novo' }],
    ['message.edited', { original_message_id: '3A00' }, { kind: 'edit', text: '' }],
    [
      'message.revoked',
      { revoked_message_id: '3A00', revoked_from_me: true, revoked_chat: '5511900000009@s.whatsapp.net' },
      { kind: 'revoke', originalId: '3A00', direction: 'incoming', chat: { address: '5511900000001' } },
    ],
    [
      'message.ack',
      { ids: ['3EB0', '3EB1'], receipt_type: 'read' },
      { kind: 'status', messageIds: ['3EB0', '3EB1'], status: 'read' },
    ],
    ['message.ack', { ids: ['3EB0'], receipt_type: 'delivered' }, { status: 'delivered', told: 'delivered', member: undefined }],
    ['message.ack', { ids: ['3EB0'], receipt_type: 'played' }, { status: 'read' }],
    ['message.ack', { ids: ['3EB0'], receipt_type: 'sender' }, { status: 'other' }],
    ['message.ack', { ids: ['3EB0'], receipt_type: 'read', chat_id: GROUP }, { chat: { type: 'group' }, member: ANA }],
    ['call.offer', { call_id: 'CALL' }, { kind: 'call', id: 'CALL', chat: { address: '5511900000001' } }],
    ['message.deleted', { deleted_message_id: '3A00' }, { kind: 'other', name: 'message.deleted' }],
    ['newsletter.message', { newsletter_id: '1@newsletter' }, { kind: 'other' }],
    ['chat_presence', { state: 'composing' }, { kind: 'other' }],
  ])('%s %j', (event, payload, expected) => {
    expect(read(event, { ...common, ...payload })).toMatchObject(expected);
  });

  it('about another device of the same process is not ours', () => {
    const body = envelope('message', { ...common, body: 'oi' }, { session_id: 'another' });
    expect(gowa.unpack(deliveryOf(body))).toEqual([]);
    expect(gowa.unpack({ ...deliveryOf(body), name: '5511900000009@s.whatsapp.net' })).toHaveLength(1);
  });
});

it('nothing of any shape throws, is refused for what stands in it, or leaves a secret', () => {
  const names = ['message', 'message.reaction', 'message.edited', 'message.revoked', 'message.ack', 'call.offer', 'x'];
  const keys = [
    'id',
    'ids',
    'chat_id',
    'chat_lid',
    'from',
    'from_lid',
    'body',
    'image',
    'document',
    'path',
    'caption',
    'location',
    'contact',
    'contacts_array',
    'list',
    'referral',
    'reaction',
    'reacted_message_id',
    'original_message_id',
    'revoked_message_id',
    'receipt_type',
    'is_from_me',
    'timestamp',
  ];
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof({ depthSize: 'small' }, fc.constantFrom(ANA, GROUP, '3A', '', 7, null, true), tie('list'), tie('object')),
    list: fc.array(tie('value'), { maxLength: 3 }),
    object: fc.dictionary(fc.constantFrom(...keys), tie('value'), { maxKeys: 6 }),
  }));
  const payloads = fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 8 });
  fc.assert(
    fc.property(fc.constantFrom(...names), payloads, (event, payload) => {
      const secrets = { apikey: 'SECRET-KEY', nested: { token: 'SECRET-TOKEN', webhook_secret: 'SECRET-HOOK' } };
      for (const stored of gowa.unpack(deliveryOf({ ...envelope(event, { ...payload, ...secrets }), token: 'SECRET-TOP' }))) {
        expect(gowa.readEvent(JSON.parse(JSON.stringify(stored)))).toMatchObject({ ok: true });
        expect(JSON.stringify(stored)).not.toContain('SECRET-');
      }
    }),
    { numRuns: 300 },
  );
  fc.assert(
    fc.property(fc.jsonValue(), (body) => {
      for (const stored of gowa.unpack(deliveryOf(body))) gowa.readEvent(stored);
    }),
  );
});
