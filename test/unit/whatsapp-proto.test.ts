import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readContent } from '../../shared/engines/whatsapp-proto/content.ts';
import { readKey } from '../../shared/engines/whatsapp-proto/key.ts';
import { readBytes, readEnum, readLong, readTime } from '../../shared/engines/whatsapp-proto/values.ts';
import { file, key, MESSAGE_BODIES } from '../support/whatsapp-messages.ts';
import { type ProtoMessage, protoForms } from '../support/whatsapp-protobuf.ts';

describe.each(Object.entries(protoForms))('a message of WhatsApp %s', (_form, write) => {
  it.each(MESSAGE_BODIES)('is read: %s', (_name, message, body) => {
    expect(readContent(write(message))).toMatchObject({ kind: 'message', body });
  });

  it('is read with what it quotes, whom it names, and whether it was forwarded', () => {
    const contextInfo = {
      stanzaId: '3A00BB',
      quotedMessage: { conversation: 'antes' },
      mentionedJid: ['100@lid', '5511900000002@s.whatsapp.net'],
      isForwarded: true,
    };
    expect(readContent(write({ extendedTextMessage: { text: '@100', contextInfo } }))).toMatchObject({
      replyTo: '3A00BB',
      quotedText: 'antes',
      forwarded: true,
      mentions: [{ lid: '100@lid' }, { number: '5511900000002' }],
    });
  });

  it('is read with the ad it came from, and a preview of a link is no ad', () => {
    const withReply = (externalAdReply: object) =>
      write({ extendedTextMessage: { text: 'Oi', contextInfo: { externalAdReply } } });
    expect(
      readContent(withReply({ title: 'Oferta', sourceUrl: 'https://fb.me/x', sourceId: '12', sourceType: 'ad', ctwaClid: 'c' })),
    ).toMatchObject({
      ad: { title: 'Oferta', body: '', url: 'https://fb.me/x', sourceId: '12', sourceType: 'ad', clickId: 'c' },
    });
    expect(readContent(withReply({ title: 'Loja', sourceUrl: 'https://a.example' }))).toMatchObject({ ad: undefined });
  });

  it.each<readonly [string, ProtoMessage, object]>([
    [
      'a reaction',
      { reactionMessage: { key, text: '👍', senderTimestampMs: 1_771_373_387_000 } },
      { kind: 'reaction', originalId: '3EB0SENT', emoji: '👍' },
    ],
    ['a reaction taken back', { reactionMessage: { key, text: '' } }, { kind: 'reaction', originalId: '3EB0SENT', emoji: '' }],
    ['a deletion', { protocolMessage: { key, type: 0 } }, { kind: 'revoke', originalId: '3EB0SENT' }],
    [
      'an edit',
      { protocolMessage: { key, type: 14, editedMessage: { conversation: 'novo' } } },
      { kind: 'edit', originalId: '3EB0SENT', text: 'novo' },
    ],
    [
      'an edit in its wrapper',
      {
        editedMessage: {
          message: { protocolMessage: { key, type: 14, editedMessage: { extendedTextMessage: { text: 'novo' } } } },
        },
      },
      { kind: 'edit', originalId: '3EB0SENT', text: 'novo' },
    ],
    [
      'an edit of a caption',
      { protocolMessage: { key, type: 14, editedMessage: { imageMessage: { ...file, caption: 'nova' } } } },
      { kind: 'edit', originalId: '3EB0SENT', text: 'nova' },
    ],
    [
      'an edit that nobody can open',
      { secretEncryptedMessage: { targetMessageKey: key, secretEncType: 2 } },
      { kind: 'edit', originalId: '3EB0SENT', text: '' },
    ],
    ['a setting of disappearing messages', { protocolMessage: { type: 3, ephemeralExpiration: 86_400 } }, { kind: 'nothing' }],
    ['a key of a group', { senderKeyDistributionMessage: { groupId: 'g' } }, { kind: 'nothing' }],
    ['a pinned message', { pinInChatMessage: { key, type: 1 } }, { kind: 'nothing' }],
  ])('is told apart from %s', (_name, message, content) => {
    expect(readContent(write(message))).toMatchObject(content);
  });
});

describe('what stands beside a message of WhatsApp', () => {
  it('says where its file is', () => {
    const found = { base64: 'AAAA', urls: ['https://s3.example/a'], reference: 'r' };
    expect(readContent({ imageMessage: { mimetype: 'image/png' } }, { file: found })).toMatchObject({ body: { media: found } });
  });

  it('says what was chosen in a poll', () => {
    const vote = { question: 'Quando?', options: ['Hoje'] };
    expect(readContent({ pollUpdateMessage: { pollCreationMessageKey: key } }, { vote })).toMatchObject({
      body: { type: 'vote', ...vote },
    });
  });
});

describe('values of protobuf in JSON', () => {
  it('are read in every form', () => {
    expect([226_806, '226806', { low: 226_806, high: 0, unsigned: true }].map(readLong)).toEqual([226_806, 226_806, 226_806]);
    expect(readLong({ low: 1, high: 409 })).toBe(409 * 2 ** 32 + 1);
    expect(readLong({ low: -1, high: -1 })).toBe(-1);
    expect(['AQID', { 0: 1, 1: 2, 2: 3 }, [1, 2, 3], { type: 'Buffer', data: [1, 2, 3] }].map(readBytes)).toEqual(
      Array(4).fill('AQID'),
    );
    expect([0, '0', 'REVOKE', 'revoke'].map((value) => readEnum(value, { 0: 'REVOKE' }))).toEqual(Array(4).fill('REVOKE'));
    expect(readTime('1771373387')).toEqual(readTime(1_771_373_387_000));
  });

  it('are undefined where they are none, whatever stands there', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        readLong(value);
        readBytes(value);
        readTime(value);
        readEnum(value, { 0: 'A' });
      }),
    );
    expect([readLong('x'), readLong(null), readBytes({ 0: 300 }), readBytes({ a: 1 }), readTime(0)]).toEqual(
      Array(5).fill(undefined),
    );
  });
});

describe('the key of a message', () => {
  const chat = { type: 'private', address: '5511900000001', number: '5511900000001', lid: '135@lid' };
  it.each([
    ['the number beside a lid', { remoteJid: '135@lid', remoteJidAlt: '5511900000001@s.whatsapp.net' }],
    ['the lid beside a number', { remoteJid: '5511900000001@s.whatsapp.net', remoteJidAlt: '135@lid' }],
    ['the older names', { remoteJid: '135@lid', senderPn: '5511900000001@s.whatsapp.net' }],
    ['the older names the other way round', { remoteJid: '5511900000001:12@s.whatsapp.net', senderLid: '135@lid' }],
  ])('tells both addresses of a person: %s', (_name, told) => {
    expect(readKey({ ...told, fromMe: false, id: '3A' }, 'Ana')).toMatchObject({
      id: '3A',
      direction: 'incoming',
      chat: { ...chat, name: 'Ana' },
      sender: { number: chat.number, lid: chat.lid, name: 'Ana' },
    });
  });

  it('does not take the phone itself for its partner, nor its name for theirs', () => {
    const own = { remoteJid: '135@lid', fromMe: true, id: '3A', senderPn: '5511999999999@s.whatsapp.net' };
    expect(readKey(own, 'Loja')).toMatchObject({
      direction: 'outgoing',
      chat: { address: '135@lid', number: undefined, name: undefined },
    });
  });

  it('tells who wrote in a group', () => {
    const told = {
      remoteJid: '120363@g.us',
      fromMe: false,
      id: '3A',
      participant: '135@lid',
      participantAlt: '5511900000001@s.whatsapp.net',
    };
    expect(readKey(told, 'Ana')).toMatchObject({
      chat: { type: 'group', address: '120363@g.us' },
      sender: { number: '5511900000001', lid: '135@lid', name: 'Ana' },
    });
  });
});

describe('the reader of protobuf messages', () => {
  it('never throws', () => {
    const names = [
      'conversation',
      'imageMessage',
      'protocolMessage',
      'message',
      'key',
      'type',
      'editedMessage',
      'contextInfo',
      'options',
      'vote',
      'templateMessage',
      'interactiveMessage',
      'contacts',
      'pollUpdateMessage',
      'reactionMessage',
    ];
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 6 },
        fc.anything({ maxDepth: 1 }),
        fc.dictionary(fc.constantFrom(...names), tie('tree'), { maxKeys: 4 }),
        fc.array(tie('tree'), { maxLength: 3 }),
      ),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        readContent(value, { context: value });
        readKey(value, '');
      }),
      { numRuns: 500 },
    );
  });
});
