import { describe, expect, it } from 'vitest';
import type { WhatsappEvent } from '../../shared/engines/event.ts';
import { evolution } from '../../shared/engines/evolution/engine.ts';
import { file, key, MESSAGE_BODIES } from '../support/whatsapp-messages.ts';
import { evolutionForms, type ProtoMessage, type WebMessage } from '../support/whatsapp-protobuf.ts';

const SECRET = 'SecretOfTheExampleMarker';
const ANA = '5511900000001@s.whatsapp.net';
const BYTES = Buffer.from(SECRET);

describe.each(Object.entries(evolutionForms))('an event of Evolution API that was written %s', (_form, write) => {
  function read(info: WebMessage): WhatsappEvent {
    const stored = evolution.unpack({
      body: { event: 'messages.upsert', instance: 'loja', data: write(info), apikey: SECRET },
      rawBody: Buffer.alloc(0),
      headers: {},
      name: 'loja',
    });
    const text = JSON.stringify(stored);
    expect(text).not.toContain(SECRET);
    // The secret of the message, from which its votes and edits are opened, and its preview.
    expect(text).not.toMatch(/messageSecret|jpegThumbnail/);
    expect(stored).toHaveLength(1);
    const parsed = evolution.readEvent(JSON.parse(text)[0]);
    if (!parsed.ok) throw new Error(parsed.fault);
    return parsed.event;
  }
  const upsert = (message: ProtoMessage, more: WebMessage = {}): WhatsappEvent =>
    read({
      key: { remoteJid: ANA, fromMe: false, id: '3A01' },
      pushName: 'Ana',
      messageTimestamp: 1_771_373_387,
      message: { ...message, messageContextInfo: { messageSecret: BYTES } },
      ...more,
    });

  it.each(MESSAGE_BODIES)('is read as what it is: %s', (_name, message, body) => {
    const { media, ...rest } = Object(body);
    // Beside what the message tells, the engine can be asked for its file.
    const expected = media === undefined ? rest : { ...rest, media: { ...media, reference: expect.any(String) } };
    expect(upsert(message)).toMatchObject({
      kind: 'message',
      id: '3A01',
      sentAt: new Date('2026-02-18T00:09:47.000Z'),
      chat: { type: 'private', number: '5511900000001', name: 'Ana' },
      body: expected,
    });
  });

  it.each<readonly [string, ProtoMessage, object]>([
    [
      'an emoji',
      { reactionMessage: { key, text: '👍', senderTimestampMs: 1_771_373_387_000 } },
      { kind: 'reaction', originalId: '3EB0SENT', emoji: '👍' },
    ],
    ['an emoji that is taken back', { reactionMessage: { key, text: '' } }, { kind: 'reaction', emoji: '' }],
    ['a deletion', { protocolMessage: { key, type: 0 } }, { kind: 'revoke', originalId: '3EB0SENT' }],
    [
      'an edit',
      { protocolMessage: { key, type: 14, editedMessage: { conversation: 'novo' } } },
      { kind: 'edit', originalId: '3EB0SENT', text: 'novo' },
    ],
    [
      'an edit of a caption',
      { protocolMessage: { key, type: 14, editedMessage: { imageMessage: { ...file, caption: 'nova' } } } },
      { kind: 'edit', text: 'nova' },
    ],
    [
      'an edit that nobody can open',
      { secretEncryptedMessage: { targetMessageKey: key, secretEncType: 2 } },
      { kind: 'edit', originalId: '3EB0SENT', text: '' },
    ],
    ['a setting', { protocolMessage: { type: 3, ephemeralExpiration: 86_400 } }, { kind: 'other' }],
    ['a key of a group', { senderKeyDistributionMessage: { groupId: 'g' } }, { kind: 'other' }],
  ])('is told apart: %s', (_name, message, event) => {
    expect(upsert(message)).toMatchObject(event);
  });

  it('tells who wrote in a group, and what was quoted', () => {
    const contextInfo = { stanzaId: '3A00BB', participant: '135@lid', quotedMessage: { conversation: 'antes' } };
    const group = { remoteJid: '120363000000000001@g.us', fromMe: false, id: '3A02', participant: ANA };
    expect(upsert({ extendedTextMessage: { text: 'oi', contextInfo } }, { key: group })).toMatchObject({
      chat: { type: 'group', address: '120363000000000001@g.us' },
      sender: { number: '5511900000001', name: 'Ana' },
      replyTo: '3A00BB',
      body: { type: 'text', text: 'oi' },
    });
  });
});
