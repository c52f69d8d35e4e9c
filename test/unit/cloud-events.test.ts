import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dedupeKey } from '../../shared/engines/dedupe-key.ts';
import type { WhatsappEvent } from '../../shared/engines/event.ts';
import { engineOf } from '../../shared/engines/registry.ts';

const NUMBER_ID = '106540352242922';
const cloud = engineOf('cloud');
const ana = { profile: { name: 'Ana', username: '@ana' }, wa_id: '5511900000001', user_id: 'BR.1349' };

const deliveryOf = (body: unknown, name = NUMBER_ID) => ({
  body,
  rawBody: Buffer.from(JSON.stringify(body) ?? ''),
  headers: {},
  name,
});
const change = (value: object, field = 'messages') => ({
  field,
  value: {
    messaging_product: 'whatsapp',
    metadata: { display_phone_number: '551130000000', phone_number_id: NUMBER_ID },
    ...value,
  },
});
const batch = (...changes: object[]) => ({ object: 'whatsapp_business_account', entry: [{ id: 'WABA', changes }] });

function readAll(body: unknown): WhatsappEvent[] {
  return cloud.unpack(deliveryOf(body)).map((payload) => {
    // It is stored as JSON in between.
    const parsed = cloud.readEvent(JSON.parse(JSON.stringify(payload)));
    if (!parsed.ok) throw new Error(parsed.fault);
    return parsed.event;
  });
}
function read(message: object, contact: object = ana): WhatsappEvent {
  const common = { from: '5511900000001', from_user_id: 'BR.1349', id: 'wamid.X', timestamp: '1749416383' };
  const [event, ...more] = readAll(batch(change({ contacts: [contact], messages: [{ ...common, ...message }] })));
  expect(more).toEqual([]);
  if (event === undefined) throw new Error('there is no event');
  return event;
}
const echo = (message: object): WhatsappEvent | undefined =>
  readAll(
    batch(
      change(
        { message_echoes: [{ from: '551130000000', to: '5511900000001', id: 'wamid.E', timestamp: '1749416383', ...message }] },
        'smb_message_echoes',
      ),
    ),
  )[0];
const status = (fields: object): WhatsappEvent | undefined =>
  readAll(
    batch(
      change({
        statuses: [{ id: 'wamid.S', status: 'sent', timestamp: '1749416383', recipient_id: '5511900000001', ...fields }],
      }),
    ),
  )[0];

describe('a message of the Cloud API', () => {
  it('tells who wrote it where, when and in answer to what', () => {
    const context = { from: '551130000000', id: 'wamid.Q' };
    expect(read({ type: 'text', text: { body: 'oi' }, context })).toEqual({
      kind: 'message',
      id: 'wamid.X',
      direction: 'incoming',
      sentAt: new Date(1_749_416_383_000),
      chat: { type: 'private', address: '5511900000001', number: '5511900000001', lid: 'BR.1349@bsuid', name: 'Ana' },
      sender: { number: '5511900000001', lid: 'BR.1349@bsuid', name: 'Ana' },
      source: '',
      body: { type: 'text', text: 'oi' },
      replyTo: 'wamid.Q',
      forwarded: false,
      ad: undefined,
    });
  });

  it.each<[object, object]>([
    [
      {
        type: 'image',
        image: { id: '77', mime_type: 'image/jpeg', sha256: 'x', caption: 'Veja', url: 'https://lookaside.fbsbx.com/1' },
      },
      { body: { type: 'media', caption: 'Veja', media: { kind: 'image', mimeType: 'image/jpeg', urls: [], reference: '77' } } },
    ],
    [
      { type: 'video', video: { id: '78', mime_type: 'video/mp4' } },
      { body: { type: 'media', caption: '', media: { kind: 'video', reference: '78' } } },
    ],
    [
      { type: 'sticker', sticker: { id: '79', mime_type: 'image/webp', animated: false } },
      { body: { type: 'media', media: { kind: 'sticker' } } },
    ],
    [
      { type: 'document', document: { id: '80', mime_type: 'application/pdf', filename: 'nota.pdf' } },
      { body: { type: 'media', media: { kind: 'document', fileName: 'nota.pdf' } } },
    ],
    [
      { type: 'audio', audio: { id: '81', mime_type: 'audio/ogg; codecs=opus', voice: true } },
      { body: { type: 'media', media: { kind: 'voice', mimeType: 'audio/ogg' } } },
    ],
    [{ type: 'audio', audio: { id: '82', mime_type: 'audio/mpeg' } }, { body: { type: 'media', media: { kind: 'audio' } } }],
    [
      { type: 'location', location: { latitude: -23.5, longitude: -46.6, name: 'Loja', address: 'Rua A' } },
      { body: { type: 'location', location: { latitude: -23.5, longitude: -46.6, name: 'Loja', address: 'Rua A' } } },
    ],
    [
      {
        type: 'contacts',
        contacts: [
          {
            name: { formatted_name: 'Bia', first_name: 'Bia' },
            phones: [{ phone: '+55 11 90000-0002', wa_id: '5511900000002' }],
          },
        ],
      },
      { body: { type: 'contacts', contacts: [{ name: 'Bia', phones: ['+55 11 90000-0002'] }] } },
    ],
    [
      { type: 'reaction', reaction: { message_id: 'wamid.Q', emoji: '👍' } },
      { kind: 'reaction', originalId: 'wamid.Q', emoji: '👍' },
    ],
    [
      { type: 'reaction', reaction: { message_id: 'wamid.Q' } },
      { kind: 'reaction', originalId: 'wamid.Q', emoji: '' },
    ],
    [{ type: 'button', button: { payload: 'YES', text: 'Sim' } }, { body: { type: 'choice', text: 'Sim' } }],
    [
      { type: 'interactive', interactive: { type: 'button_reply', button_reply: { id: 'b1', title: 'Quero' } } },
      { body: { type: 'choice', text: 'Quero' } },
    ],
    [
      {
        type: 'interactive',
        interactive: { type: 'list_reply', list_reply: { id: 'r', title: 'Azul', description: 'tamanho M' } },
      },
      { body: { type: 'choice', text: 'Azul\ntamanho M' } },
    ],
    [
      {
        type: 'interactive',
        interactive: {
          type: 'nfm_reply',
          nfm_reply: { name: 'flow', body: 'Sent', response_json: '{"cep":"01000","flow_token":"t"}' },
        },
      },
      { body: { type: 'choice', text: 'Sent\ncep: 01000' } },
    ],
    [
      {
        type: 'order',
        order: {
          catalog_id: '9',
          text: 'por favor',
          product_items: [{ product_retailer_id: 'SKU1', quantity: 2, item_price: 10.5, currency: 'BRL' }],
        },
      },
      { body: { type: 'text', text: '🛒 Order\n2 × SKU1 — 10.5 BRL\npor favor' } },
    ],
    [
      { type: 'unsupported', errors: [{ code: 131051, title: 'Message type unknown' }], unsupported: { type: 'poll' } },
      { body: { type: 'unsupported', name: 'poll' } },
    ],
    [{ type: 'hologram', hologram: { caption: 'olá' } }, { body: { type: 'unsupported', name: 'hologram', text: 'olá' } }],
    [
      { type: 'edit', edit: { original_message_id: 'wamid.Q', message: { type: 'text', text: { body: 'novo' } } } },
      { kind: 'edit', originalId: 'wamid.Q', text: 'novo' },
    ],
    [
      { type: 'edit', edit: { original_message_id: 'wamid.Q', message: { type: 'image', image: { id: '1', caption: 'nova' } } } },
      { kind: 'edit', originalId: 'wamid.Q', text: 'nova' },
    ],
    [
      { type: 'revoke', revoke: { original_message_id: 'wamid.Q' } },
      { kind: 'revoke', originalId: 'wamid.Q' },
    ],
    [
      { type: 'text', text: { body: 'oi' }, context: { frequently_forwarded: true } },
      { forwarded: true, replyTo: undefined },
    ],
    [
      {
        type: 'text',
        text: { body: 'tem?' },
        context: { id: 'wamid.Q', referred_product: { catalog_id: '9', product_retailer_id: 'SKU1' } },
      },
      { body: { text: '🛍️ SKU1\ntem?' } },
    ],
    [
      {
        type: 'text',
        text: { body: 'vi o anúncio' },
        referral: {
          source_url: 'https://fb.me/x',
          source_id: '12',
          source_type: 'ad',
          headline: 'Oferta',
          body: 'Só hoje',
          ctwa_clid: 'c1',
        },
      },
      { ad: { title: 'Oferta', body: 'Só hoje', url: 'https://fb.me/x', sourceId: '12', sourceType: 'ad', clickId: 'c1' } },
    ],
    [
      { type: 'text', text: { body: 'oi' }, group_id: 'Y2FwaV9ncm91cDox' },
      { chat: { type: 'group', address: 'Y2FwaV9ncm91cDox@g.us' }, sender: { number: '5511900000001', name: 'Ana' } },
    ],
  ])('is understood: %j', (message, event) => {
    expect(read(message)).toMatchObject(event);
  });

  it('of somebody who hides the number comes from the business-scoped user id', () => {
    const contact = { profile: { name: 'Ana' }, user_id: 'BR.1349' };
    expect(read({ from: undefined, type: 'text', text: { body: 'oi' } }, contact)).toMatchObject({
      chat: { type: 'private', address: 'BR.1349@bsuid', number: undefined, lid: 'BR.1349@bsuid', name: 'Ana' },
    });
  });

  it('that tells of a new number keeps the person, where an id says that it is the same one', () => {
    const system = { type: 'user_changed_number', wa_id: '5511900000099', body: 'Ana changed her number' };
    expect(read({ type: 'system', system })).toMatchObject({
      chat: { address: '5511900000099', lid: 'BR.1349@bsuid' },
      body: { type: 'text', text: 'ℹ️ Ana changed her number' },
    });
    const { user_id: _unknown, ...numberOnly } = ana;
    expect(read({ from_user_id: undefined, type: 'system', system }, numberOnly)).toMatchObject({
      chat: { address: '5511900000001' },
    });
  });

  it.each([
    { type: 'system', system: { type: 'customer_identity_changed', identity: 'x' } },
    { type: 'request_welcome' },
    { type: 'text', text: { body: 'from nowhere' }, from: '', from_user_id: '' },
    { type: 'edit', edit: {} },
    { type: 'revoke' },
  ])('that says nothing to anybody is left alone: %j', (message) => {
    expect(read(message, {})).toMatchObject({ kind: 'other' });
  });

  it('that was typed on the phone of a coexistence number is outgoing, and so are its edits and deletions', () => {
    expect(echo({ type: 'text', text: { body: 'já vai' } })).toMatchObject({
      kind: 'message',
      id: 'wamid.E',
      direction: 'outgoing',
      chat: { address: '5511900000001' },
      source: '',
      body: { type: 'text', text: 'já vai' },
    });
    const edit = { original_message_id: 'wamid.E0', message: { type: 'text', text: { body: 'ok' } } };
    expect(echo({ type: 'edit', edit })).toMatchObject({ kind: 'edit', direction: 'outgoing', originalId: 'wamid.E0' });
    expect(echo({ type: 'revoke', revoke: { original_message_id: 'wamid.E0' } })).toMatchObject({ kind: 'revoke' });
    expect(echo({ to: undefined, to_user_id: 'BR.9', type: 'text', text: { body: 'x' } })).toMatchObject({
      chat: { address: 'BR.9@bsuid' },
    });
  });
});

describe('a status of the Cloud API', () => {
  it.each([
    ['sent', 'other'],
    ['delivered', 'delivered'],
    ['read', 'read'],
    ['played', 'read'],
    ['failed', 'failed'],
    ['warning', 'other'],
  ])('%s is %s', (told, meant) => {
    expect(status({ status: told })).toMatchObject({
      kind: 'status',
      messageIds: ['wamid.S'],
      status: meant,
      told,
      chat: { address: '5511900000001' },
      source: undefined,
    });
  });

  it('says which of our messages was sent, and is silent about those of other systems', () => {
    expect(status({ biz_opaque_callback_data: 'ponte:chatwoot:int_1:7:0' })).toMatchObject({ source: 'chatwoot:int_1:7:0' });
    expect(status({ biz_opaque_callback_data: 'chatwoot:int_1:7:0' })).toMatchObject({ source: undefined });
  });

  it('that failed tells the agent why, and what to do about a closed 24-hour window', () => {
    const errors = [
      {
        code: 131047,
        title: 'Re-engagement message',
        message: 'Re-engagement message',
        error_data: { details: 'More than 24 hours' },
      },
    ];
    expect(status({ status: 'failed', errors })).toMatchObject({
      reason: expect.stringMatching(/24 hours.*template.*More than 24 hours \(code 131047\)/),
    });
  });

  it('of a group names the member, and of a hidden number the user id', () => {
    const group = { recipient_id: 'Y2Fw', recipient_type: 'group', recipient_participant_id: '5511900000002', status: 'read' };
    expect(status(group)).toMatchObject({ chat: { type: 'group', address: 'Y2Fw@g.us' }, member: '5511900000002' });
    expect(status({ recipient_id: undefined, recipient_user_id: 'BR.1349' })).toMatchObject({
      chat: { address: 'BR.1349@bsuid' },
    });
  });
});

describe('a delivery of the Cloud API', () => {
  const bia = { profile: { name: 'Bia' }, wa_id: '5511900000002' };
  const text = (from: string, id: string) => ({ from, id, timestamp: '1749416383', type: 'text', text: { body: id } });

  it('is split into its messages and statuses, each with the right profile, whatever their order', () => {
    const events = readAll({
      object: 'whatsapp_business_account',
      entry: [
        {
          id: 'W1',
          changes: [
            change({ contacts: [bia, ana], messages: [text('5511900000001', 'wamid.1'), text('5511900000002', 'wamid.2')] }),
            change({ statuses: [{ id: 'wamid.3', status: 'read', recipient_id: '5511900000001' }] }),
          ],
        },
        { id: 'W1', changes: [change({ contacts: [bia], messages: [text('5511900000002', 'wamid.4')] })] },
      ],
    });
    expect(events).toMatchObject([
      { id: 'wamid.1', chat: { name: 'Ana' } },
      { id: 'wamid.2', chat: { name: 'Bia' } },
      { kind: 'status', messageIds: ['wamid.3'] },
      { id: 'wamid.4', chat: { name: 'Bia' } },
    ]);
    expect(new Set(events.map((event) => dedupeKey(event, null))).size).toBe(4);
  });

  it('about another number of the same app is nobody’s here', () => {
    const metadata = { display_phone_number: '1', phone_number_id: '999' };
    expect(readAll(batch(change({ metadata, messages: [text('5511900000001', 'wamid.1')] })))).toEqual([]);
  });

  it('of another field is noted by its name only', () => {
    const value = { event: 'ACCOUNT_RESTRICTION', access_token: 'EAAG' };
    expect(readAll(batch({ field: 'account_update', value }))).toEqual([{ kind: 'other', name: 'account_update' }]);
    expect(JSON.stringify(cloud.unpack(deliveryOf(batch({ field: 'account_update', value }))))).not.toContain('EAAG');
  });

  it('never throws, is never refused for what stands in one of its parts, and keeps no token, whatever it holds', () => {
    const known = [
      'type',
      'text',
      'image',
      'id',
      'from',
      'statuses',
      'status',
      'errors',
      'edit',
      'context',
      'token',
      'group_id',
      'interactive',
    ];
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom('text', 'edit', 'SECRET', '', 7, null, true),
        tie('list'),
        tie('object'),
      ),
      list: fc.array(tie('value'), { maxLength: 3 }),
      object: fc.dictionary(fc.constantFrom(...known), tie('value'), { maxKeys: 6 }),
    }));
    const messages = fc.record({
      messages: fc.array(value, { maxLength: 3 }),
      statuses: value,
      contacts: value,
      message_echoes: value,
      access_token: fc.constant('SECRET-TOKEN'),
    });
    fc.assert(
      fc.property(messages, fc.constantFrom('messages', 'smb_message_echoes', 7), (parts, field) => {
        for (const payload of cloud.unpack(deliveryOf(batch(change(parts, String(field)))))) {
          expect(cloud.readEvent(JSON.parse(JSON.stringify(payload)))).toMatchObject({ ok: true });
          expect(JSON.stringify(payload)).not.toContain('SECRET-TOKEN');
        }
      }),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(fc.jsonValue(), (body) => {
        for (const payload of cloud.unpack(deliveryOf(body))) cloud.readEvent(payload);
      }),
    );
  });
});

describe('the proof of origin', () => {
  const rawBody = Buffer.from('{"object":"whatsapp_business_account","entry":[]}');
  const signature = `sha256=${createHmac('sha256', 'app-secret').update(rawBody).digest('hex')}`;
  const genuine = (header: string | undefined, secret = 'app-secret') =>
    cloud.isGenuine?.({ body: {}, rawBody, headers: { 'x-hub-signature-256': header }, name: NUMBER_ID }, secret);

  it('is the signature over the bytes as they came, with the app secret', () => {
    expect(genuine(signature)).toBe(true);
    for (const wrong of [
      undefined,
      '',
      'sha256=',
      signature.slice(7),
      `${signature}0`,
      signature.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
    ]) {
      expect(genuine(wrong)).toBe(false);
    }
    expect(genuine(signature, 'another')).toBe(false);
    expect(genuine(signature, '')).toBe(false);
  });

  it('of the address is the word that was given with it', () => {
    const query = { 'hub.mode': 'subscribe', 'hub.verify_token': 'word', 'hub.challenge': '1158201444' };
    expect(cloud.answerVerification?.(query, 'word')).toBe('1158201444');
    for (const wrong of [
      { ...query, 'hub.verify_token': 'x' },
      { ...query, 'hub.mode': 'x' },
      { ...query, 'hub.challenge': '<b>' },
      {},
    ]) {
      expect(cloud.answerVerification?.(wrong, 'word')).toBeUndefined();
    }
  });
});
