import { describe, expect, it } from 'vitest';
import { dedupeKey } from '../../shared/engines/dedupe-key.ts';
import { documented, parse, wire } from './ryzeapi-events.fixture.ts';

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

  it('tells apart who of a group has read a message, and takes the same one twice for the same', () => {
    const read = (messageSender: unknown) => ({
      event: 'message.status',
      data: { messageIds: ['3EB0AA'], status: 'read', chat: { jid: '12@g.us' }, messageSender },
    });
    const senders = ['1@lid', '2@lid', { jid: '1@lid' }, { jid: '2@lid' }, undefined];
    expect(new Set(senders.map((sender) => keyOf(read(sender)))).size).toBe(senders.length);
    for (const sender of senders) expect(keyOf(read(sender))).toBe(keyOf(read(sender)));
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
