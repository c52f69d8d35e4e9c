import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WhatsappEvent } from '../../shared/contracts/whatsapp-event.ts';
import { dedupeKey } from '../../shared/whatsapp/dedupe-key.ts';
import { parseWhatsappEvent } from '../../shared/whatsapp/parse-event.ts';

const JID = '5511999999999@s.whatsapp.net';

/** What the wire carries: half in `data`, half in `data.message`, the content a string. */
const wire = (message: object, data: object = {}) => ({
  event: 'message.exchange',
  data: {
    id: '3EB0AA',
    direction: 'incoming',
    timestamp: '2026-04-28T10:30:00Z',
    chat: { jid: JID, lid: '100@lid', name: 'Maria', type: 'private' },
    sender: { jid: JID, lid: '100@lid', name: 'Maria' },
    recipient: {},
    ...data,
    message: {
      type: 'text',
      content: '',
      source: '',
      isEdit: false,
      edit: null,
      context: null,
      location: {},
      contact: {},
      reaction: {},
      interactive: {},
      ...message,
    },
  },
  instanceData: { baseUrl: 'https://api.example.com', instance: 'suporte', token: 'secret' },
});

/** What the documentation shows: everything in `data.message`, the content an object, numbers without a suffix. */
const documented = (message: object) => ({
  event: 'message.exchange',
  data: {
    id: '3EB0AA',
    message: {
      id: '3EB0AA',
      direction: 'incoming',
      timestamp: '2026-04-28T10:30:00Z',
      chat: { jid: '5511999999999', lid: '100@s.whatsapp.net', name: 'Maria', type: 'private' },
      sender: { jid: '5511999999999', lid: '100@s.whatsapp.net', name: 'Maria' },
      ...message,
    },
  },
});

function parse(envelope: unknown): WhatsappEvent {
  const parsed = parseWhatsappEvent(envelope);
  if (!parsed.ok) throw new Error(parsed.fault);
  return parsed.event;
}

const text = (value: string) => ({ type: 'text', text: value });
const media = (values: object, caption = '') => ({
  type: 'media',
  media: { mimeType: '', fileName: '', base64: undefined, urls: [], ...values },
  caption,
});

describe('parseWhatsappEvent', () => {
  it.each([
    ['text on the wire', wire({ content: 'Oi' }), text('Oi')],
    ['text as documented', documented({ content: { text: 'Oi' } }), text('Oi')],
    ['text with NUL and half a surrogate pair', wire({ content: 'a\u0000b\ud800' }), text('ab\ufffd')],
    [
      'image on the wire',
      wire({ type: 'image', content: 'look', media: { mimeType: 'image/jpeg', base64: 'AAAA', caption: 'look' } }),
      media({ kind: 'image', mimeType: 'image/jpeg', base64: 'AAAA' }, 'look'),
    ],
    [
      'image as documented',
      documented({
        content: {},
        media: {
          type: 'image',
          mimetype: 'image/png',
          s3Url: 'https://s3.example.com/a.png',
          url: 'https://media-gru1.whatsapp.net/x.enc',
        },
      }),
      media({ kind: 'image', mimeType: 'image/png', urls: ['https://s3.example.com/a.png'] }),
    ],
    [
      'image whose caption stands in content only',
      wire({ type: 'image', content: 'look', media: { mime_type: 'image/webp', url: 'https://x.example.com/a' } }),
      media({ kind: 'image', mimeType: 'image/webp', urls: ['https://x.example.com/a'] }, 'look'),
    ],
    [
      'voice message on the wire',
      wire({
        type: 'audio',
        media: { mimeType: 'audio/ogg; codecs=opus', base64: 'data:audio/ogg;base64,BBBB', isVoiceNote: true },
      }),
      media({ kind: 'voice', mimeType: 'audio/ogg', base64: 'BBBB' }),
    ],
    [
      'voice message as documented',
      documented({ media: { type: 'ptt', mimetype: 'audio/ogg', base64: 'BBBB' } }),
      media({ kind: 'voice', mimeType: 'audio/ogg', base64: 'BBBB' }),
    ],
    [
      'audio',
      wire({ type: 'audio', media: { mimeType: 'audio/mpeg', base64: 'BBBB' } }),
      media({ kind: 'audio', mimeType: 'audio/mpeg', base64: 'BBBB' }),
    ],
    [
      'video note',
      documented({ media: { type: 'ptv', mimetype: 'video/mp4' } }),
      media({ kind: 'video_note', mimeType: 'video/mp4' }),
    ],
    [
      'video of a type that is in no documentation',
      wire({ type: 'gif_playback', media: { mimeType: 'video/mp4', base64: 'CCCC' } }),
      media({ kind: 'video', mimeType: 'video/mp4', base64: 'CCCC' }),
    ],
    [
      'sticker',
      wire({ type: 'sticker', media: { mimetype: 'image/webp', base64: 'DDDD' } }),
      media({ kind: 'sticker', mimeType: 'image/webp', base64: 'DDDD' }),
    ],
    [
      'document on the wire',
      wire({ type: 'document', media: { mimeType: 'application/pdf', fileName: 'a.pdf', base64: 'EEEE' } }),
      media({ kind: 'document', mimeType: 'application/pdf', fileName: 'a.pdf', base64: 'EEEE' }),
    ],
    [
      'picture sent as a document',
      documented({ media: { type: 'document', mimetype: 'image/jpeg', filename: 'a.jpg' } }),
      media({ kind: 'document', mimeType: 'image/jpeg', fileName: 'a.jpg' }),
    ],
    [
      'document with file_name',
      wire({ type: 'document', media: { mime_type: 'text/csv', file_name: 'a.csv' } }),
      media({ kind: 'document', mimeType: 'text/csv', fileName: 'a.csv' }),
    ],
    [
      'location',
      wire({ type: 'location', location: { latitude: -23.5, longitude: '-46.6', name: 'Sé', address: 'Praça' } }),
      { type: 'location', location: { latitude: -23.5, longitude: -46.6, name: 'Sé', address: 'Praça' } },
    ],
    [
      'contact card',
      wire({
        type: 'contact',
        contact: { displayName: 'Ana', vcard: 'BEGIN:VCARD\nFN:Ana B\nTEL;type=CELL;waid=5511:+55 11 98888-7777\nEND:VCARD' },
      }),
      { type: 'contacts', contacts: [{ name: 'Ana', phones: ['+55 11 98888-7777'] }] },
    ],
    [
      'contact card with nothing but a vCard',
      documented({ type: 'contact', contact: { vcard: 'BEGIN:VCARD\r\nFN:Ana B\r\nitem1.TEL:+551198\r\n' } }),
      { type: 'contacts', contacts: [{ name: 'Ana B', phones: ['+551198'] }] },
    ],
    [
      'several contacts',
      wire({
        type: 'contacts',
        contacts: [
          { name: 'A', phone: '1' },
          { name: 'B', phones: [{ number: '2' }, '3'] },
        ],
      }),
      {
        type: 'contacts',
        contacts: [
          { name: 'A', phones: ['1'] },
          { name: 'B', phones: ['2', '3'] },
        ],
      },
    ],
    [
      'button',
      wire({ type: 'buttons_response', content: '', interactive: { id: 'b1', displayText: 'Yes' } }),
      { type: 'choice', text: 'Yes' },
    ],
    ['list entry', wire({ type: 'list_response', content: 'Sales' }), { type: 'choice', text: 'Sales' }],
    [
      'poll',
      wire({ type: 'poll_creation', poll: { name: 'Lunch?', options: ['Yes', { optionName: 'No' }] } }),
      { type: 'poll', question: 'Lunch?', options: ['Yes', 'No'] },
    ],
    ['a type that nobody knows, with text', wire({ type: 'hologram', content: 'hi' }), text('hi')],
    [
      'a type that nobody knows, without',
      wire({ type: 'hologram', hologram: { inner: { title: 'Cube' } } }),
      { type: 'unsupported', name: 'hologram', text: 'Cube' },
    ],
    ['nothing at all', wire({}), { type: 'unsupported', name: 'text', text: '' }],
  ])('reads the body of a message: %s', (_name, envelope, body) => {
    expect(parse(envelope)).toMatchObject({ kind: 'message', id: '3EB0AA', direction: 'incoming', body });
  });

  it('reads the same people and the same chat out of both shapes', () => {
    const party = { number: '5511999999999', lid: '100@lid', name: 'Maria' };
    for (const envelope of [wire({ content: 'Oi' }), documented({ content: { text: 'Oi' } })]) {
      expect(parse(envelope)).toMatchObject({ chat: { type: 'private', address: '5511999999999', ...party }, sender: party });
      expect(parse(envelope)).toHaveProperty('sentAt', new Date('2026-04-28T10:30:00Z'));
    }
  });

  it.each([
    ['only a lid', { jid: '123456789012345@lid' }, { lid: '123456789012345@lid', number: undefined }],
    ['a lid without its suffix, in the field of lids', { lid: '5511999999999' }, { lid: '5511999999999@lid', number: undefined }],
    ['a device', { jid: '5511999999999:12@s.whatsapp.net' }, { number: '5511999999999', lid: undefined }],
    ['a plus sign', { jid: '+5511999999999' }, { number: '5511999999999' }],
    ['a name that is only the number', { jid: JID, name: '+55 11 99999-9999' }, { number: '5511999999999', name: undefined }],
  ])('never takes a lid for a phone number, nor an address for a name: %s', (_name, who, party) => {
    expect(parse(wire({ content: 'Oi' }, { chat: undefined, sender: who }))).toMatchObject({
      chat: { type: 'private' },
      sender: party,
    });
  });

  it.each([
    [
      'group',
      { jid: '120363000000000000@g.us', name: 'Team', type: 'group' },
      { type: 'group', address: '120363000000000000@g.us', name: 'Team' },
    ],
    ['group without suffix', { jid: '120363000000000000', type: 'group' }, { type: 'group', address: '120363000000000000@g.us' }],
    ['newsletter', { jid: '1203@newsletter', type: 'newsletter' }, { type: 'newsletter', address: '1203@newsletter' }],
    ['story', { jid: 'status@broadcast', type: 'private' }, { type: 'broadcast', address: 'status@broadcast' }],
  ])('tells chats of persons from others: %s', (_name, chat, expected) => {
    expect(parse(wire({ content: 'Oi' }, { chat }))).toMatchObject({ chat: expected });
  });

  it('takes the other side of an outgoing message for the chat, and never the name of the phone’s owner for the contact’s', () => {
    const outgoing = { direction: 'outgoing', sender: { jid: '5511000000000', name: 'Shop' } };
    expect(parse(wire({ content: 'Oi' }, { ...outgoing, chat: { jid: JID, name: 'Shop' } }))).toMatchObject({
      direction: 'outgoing',
      chat: { address: '5511999999999', name: undefined },
    });
    expect(
      parse(wire({ content: 'Oi' }, { ...outgoing, chat: undefined, recipient: { jid: JID, name: 'Maria' } })),
    ).toMatchObject({
      chat: { address: '5511999999999', name: 'Maria' },
    });
  });

  it.each([
    ['edit', wire({ isEdit: true, edit: { original_id: 'OLD', text: 'new' } }), { kind: 'edit', originalId: 'OLD', text: 'new' }],
    [
      'edit as documented',
      documented({ type: 'text', edit: { original_id: 'OLD', text: 'new' } }),
      { kind: 'edit', originalId: 'OLD', text: 'new' },
    ],
    [
      'edit whose text is the content',
      wire({ isEdit: true, content: 'new', context: { id: 'OLD' } }),
      { kind: 'edit', originalId: 'OLD', text: 'new' },
    ],
    ['revocation', wire({ type: 'message_revoke', content: 'OLDOLDOLD' }), { kind: 'revoke', originalId: 'OLDOLDOLD' }],
    [
      'revocation that refers to its message',
      wire({ type: 'message_revoke', context: { message_id: 'OLD' } }),
      { kind: 'revoke', originalId: 'OLD' },
    ],
    ['revocation that carries the id of its message', wire({ type: 'message_revoke' }), { kind: 'revoke', originalId: '3EB0AA' }],
    [
      'reaction',
      wire({ type: 'reaction', reaction: { emoji: '👍', message_id: 'OLD' } }),
      { kind: 'reaction', originalId: 'OLD', emoji: '👍' },
    ],
    [
      'reaction whose emoji is the content',
      documented({ type: 'reaction', content: { text: '👍' }, reaction: { key: { id: 'OLD' } } }),
      { kind: 'reaction', originalId: 'OLD', emoji: '👍' },
    ],
    [
      'reaction taken back',
      wire({ type: 'reaction', reaction: { emoji: '', messageId: 'OLD' } }),
      { kind: 'reaction', originalId: 'OLD', emoji: '' },
    ],
    ['reply', wire({ content: 'yes', reply: { message_id: 'OLD' } }), { kind: 'message', replyTo: 'OLD' }],
    ['reply told in the context', wire({ content: 'yes', context: { stanzaId: 'OLD' } }), { kind: 'message', replyTo: 'OLD' }],
    ['what phones tell each other', wire({ type: 'protocolMessage' }), { kind: 'other' }],
    [
      'delivery',
      { event: 'message.status', data: { messageIds: ['A', 'B'], status: 'delivered', chat: { jid: JID } } },
      { kind: 'status', messageIds: ['A', 'B'], status: 'delivered' },
    ],
    [
      'played voice message',
      { event: 'message.status', data: { messageIds: 'A', status: 'played' } },
      { kind: 'status', messageIds: ['A'], status: 'read' },
    ],
    [
      'read by the phone’s owner',
      { event: 'message.status', data: { messageIds: ['A'], status: 'read_self' } },
      { kind: 'status', status: 'other' },
    ],
    ['state', { event: 'instance.state', data: { instance: 'x', state: 'logged_out' } }, { kind: 'state', state: 'logged_out' }],
    [
      'call',
      { event: 'call.update', data: { callId: 'C', from: JID, isVideo: true } },
      { kind: 'call', id: 'C', video: true, chat: { address: '5511999999999' } },
    ],
    [
      'group',
      { event: 'group.flow', data: { chat: { jid: '12@g.us' }, subject: 'Team' } },
      { kind: 'group', chat: { address: '12@g.us', name: 'Team' } },
    ],
    ['label', { event: 'label.update', data: {} }, { kind: 'other', name: 'label.update' }],
    ['an event of tomorrow', { event: 'moon.phase', data: { full: true } }, { kind: 'other', name: 'moon.phase' }],
  ])('reads what is no message of its own: %s', (_name, envelope, expected) => {
    expect(parse(envelope)).toMatchObject(expected);
  });

  it.each([
    ['no object', 'hello', 'body: is not a JSON object'],
    ['a list', [], 'body: is not a JSON object'],
    ['no event', { data: {} }, 'event: is missing'],
    ['no data', { event: 'message.exchange' }, 'data: is not an object'],
    ['no chat', { event: 'message.exchange', data: { message: { content: 'hi' } } }, 'data.chat: holds no address (jid or lid)'],
    ['no ids', { event: 'message.status', data: { status: 'read' } }, 'data.messageIds: is missing'],
  ])('says what is missing where nothing can be made of it: %s', (_name, envelope, fault) => {
    expect(parseWhatsappEvent(envelope)).toEqual({ ok: false, fault });
  });

  it('never throws, whatever it is given, and always makes a key of sane length that two readings agree on', () => {
    const field = fc.constantFrom(
      ...[
        'event',
        'data',
        'message',
        'chat',
        'sender',
        'jid',
        'lid',
        'id',
        'type',
        'content',
        'media',
        'edit',
        'reaction',
        'context',
        'reply',
      ],
      ...[
        'messageIds',
        'status',
        'state',
        'contact',
        'contacts',
        'location',
        'poll',
        'base64',
        'url',
        'timestamp',
        'interactive',
        'key',
      ],
    );
    const leaf = fc.oneof(
      fc.constantFrom(
        'message.exchange',
        'message.status',
        'instance.state',
        'call.update',
        'group.flow',
        JID,
        '1@lid',
        'image',
        'reaction',
        'poll',
      ),
      fc.string({ unit: 'binary' }),
      fc.double(),
      fc.boolean(),
      fc.constant(null),
    );
    const { envelope } = fc.letrec<{ envelope: unknown }>((tie) => ({
      envelope: fc.oneof(
        { maxDepth: 5 },
        leaf,
        fc.array(tie('envelope'), { maxLength: 3 }),
        fc.dictionary(field, tie('envelope'), { maxKeys: 8 }),
      ),
    }));
    const likely = fc.record({
      event: fc.constantFrom('message.exchange', 'message.status', 'instance.state', 'call.update', 'group.flow', 'x'),
      data: fc.dictionary(field, envelope, { maxKeys: 8 }),
    });
    fc.assert(
      fc.property(fc.oneof(envelope, likely, fc.jsonValue()), (value) => {
        const parsed = parseWhatsappEvent(value);
        if (!parsed.ok) return;
        const key = dedupeKey(parsed.event, value);
        expect(key.length).toBeLessThanOrEqual(200);
        expect(key).not.toContain('\u0000');
        if (parsed.event.kind !== 'state') expect(dedupeKey(parsed.event, value)).toBe(key);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('dedupeKey', () => {
  const keyOf = (envelope: unknown) => dedupeKey(parse(envelope), envelope);

  it('is the same for one event delivered twice, also in the other shape', () => {
    expect(keyOf(wire({ content: 'Oi' }))).toBe(keyOf(wire({ content: 'Oi' })));
    expect(keyOf(wire({ content: 'Oi' }))).toBe(keyOf(documented({ content: { text: 'Oi' } })));
  });

  it('tells apart what happens to one message', () => {
    const edit = (words: string) => wire({ isEdit: true, edit: { original_id: '3EB0AA', text: words } });
    const status = (value: string) => ({ event: 'message.status', data: { messageIds: ['3EB0AA'], status: value } });
    const all = [
      wire({ content: 'Oi' }),
      edit('one'),
      edit('two'),
      wire({ type: 'message_revoke' }),
      wire({ type: 'reaction', reaction: { emoji: '👍', message_id: '3EB0AA' } }),
      status('delivered'),
      status('read'),
    ];
    expect(new Set(all.map(keyOf)).size).toBe(all.length);
  });

  it('keeps two changes of the connection apart, unless they carry one time', () => {
    const state = (timestamp?: string) => ({ event: 'instance.state', data: { state: 'connected', timestamp } });
    expect(keyOf(state())).not.toBe(keyOf(state()));
    expect(keyOf(state('2026-01-01T00:00:00Z'))).toBe(keyOf(state('2026-01-01T00:00:00Z')));
  });

  it('hashes an id that is too long for an index', () => {
    const envelope = wire({ content: 'Oi' }, { id: 'x'.repeat(5_000) });
    expect(keyOf(envelope).length).toBeLessThanOrEqual(200);
  });
});
