import { bruno, type EngineExample, EXAMPLE_NAMES, EXAMPLE_SECRET, inPrivate, type Json, said } from './example.ts';

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
/** Of the Cloud API, one in a batch but for the last. */
export const cloud: readonly EngineExample[] = [
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
