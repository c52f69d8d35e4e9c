import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dedupeKey } from '../../shared/engines/dedupe-key.ts';
import { documented, JID, parse, readEvent, wire } from './ryzeapi-events.fixture.ts';

describe('events of RyzeAPI', () => {
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

  it('never takes one message for another whose id only begins alike, however long', () => {
    const ids = ['1', '2'].map((end) => `${'👍'.repeat(2_000)}${end}`);
    const read = ids.map((id) => parse(wire({ content: 'Oi', reply: { messageId: id } }, { id })));
    expect(read[0]).not.toMatchObject({ id: Reflect.get(read[1] ?? {}, 'id') });
    for (const event of read) {
      // So that an index of PostgreSQL takes it, and an answer finds what it quotes.
      expect(event).toEqual({ ...event, id: expect.stringMatching(/^.{1,600}$/u), replyTo: Reflect.get(event, 'id') });
    }
  });

  it.each([
    ['one of several people', '👩🏽‍❤️‍💋‍👨🏿', '👩🏽‍❤️‍💋‍👨🏿'],
    ['a flag', '🏴󠁧󠁢󠁳󠁣󠁴󠁿', '🏴󠁧󠁢󠁳󠁣󠁴󠁿'],
    ['more than a reaction can be', '🇧🇷'.repeat(60), '🇧🇷'.repeat(25)],
  ])('keeps the emoji of a reaction whole: %s', (_name, emoji, expected) => {
    expect(parse(wire({ type: 'reaction', reaction: { emoji, message_id: '3EB0BB' } }))).toMatchObject({ emoji: expected });
  });

  it.each([
    [{ content: '   ' }, { type: 'text', text: '   ' }],
    [{ content: { text: ' \n' } }, { type: 'text', text: ' \n' }],
    [
      { content: ' ', text: 'Oi' },
      { type: 'text', text: 'Oi' },
    ],
    [{ content: '\u0000' }, { type: 'unsupported' }],
    [{ type: 'hologram', content: ' ' }, { type: 'unsupported' }],
  ])('reads a text of blanks as the text it is, where there is nothing else: %j', (message, body) => {
    expect(parse(wire(message))).toMatchObject({ body });
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
    [
      'state',
      { event: 'instance.state', data: { instance: 'x', state: 'logged_out' } },
      { kind: 'state', state: 'logged_out', phone: 'logged_out' },
    ],
    [
      'state of a phone that is back',
      { event: 'instance.state', data: { state: 'keepalive_restored' } },
      { kind: 'state', phone: 'connected' },
    ],
    [
      'state that says nothing of the phone',
      { event: 'instance.state', data: { state: 'manual_reconnect' } },
      { phone: undefined },
    ],
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
    expect(readEvent(envelope)).toEqual({ ok: false, fault });
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
        const parsed = readEvent(value);
        if (!parsed.ok) return;
        const key = dedupeKey(parsed.event, value);
        expect(key.length).toBeLessThanOrEqual(200);
        expect(key).not.toContain('\u0000');
        if (parsed.event.kind !== 'state') expect(dedupeKey(parsed.event, value)).toBe(key);
      }),
      { numRuns: 300 },
    );
  });
});
