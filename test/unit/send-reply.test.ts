import { describe, expect, it } from 'vitest';
import type { IntegrationRow } from '../../bridge/integrations/store.ts';
import type { Sending } from '../../bridge/relay/to-whatsapp/message-api.ts';
import type { Part } from '../../bridge/relay/to-whatsapp/parts.ts';
import { type ClaimedReply, type Reply, type SendOutcome, toStored } from '../../bridge/relay/to-whatsapp/reply.ts';
import { createSendReply } from '../../bridge/relay/to-whatsapp/send-reply.ts';
import { pt } from '../../bridge/texts/pt.ts';

// What of an integration sending reads.
const ROW = {
  ryzeapiUrl: 'http://api.example.com',
  instanceId: 'ins_1',
  language: null,
  accountLocale: 'pt_BR',
} as IntegrationRow;
const GROUP = '120363000000000000@g.us';
const MEMBERS = [{ address: '5511988887777', name: 'Maria Silva' }];
const MEDIA = {
  kind: 'media',
  type: 'image',
  url: 'https://chat.example.com/a.png',
  caption: 'for @Maria',
  mimeType: 'image/png',
  fileName: 'a.png',
  isVoice: false,
} satisfies Part;
const text = (written: string): Part => ({ kind: 'text', text: written });

/** A reply as its row has it is sent; with what, and what was asked for meanwhile. */
async function send(reply: Reply | 'unreadable', { databaseIsAway = false, missing = '' } = {}) {
  const sendings: Sending[] = [];
  const questions: unknown[][] = [];
  const files: string[] = [];
  const answer = async <Value>(value: Value, ...question: unknown[]): Promise<Value> => {
    questions.push(question);
    if (databaseIsAway) throw new Error('away');
    return value;
  };
  const sendReply = createSendReply({
    api: {
      async send(sending) {
        sendings.push(sending);
        return { kind: 'sent', whatsappId: 'WA1' };
      },
    },
    store: {
      whatsappIdOf: (integrationId, messageId) => answer(`WA-of-${messageId}`, 'whatsappIdOf', integrationId, messageId),
      membersOf: (integrationId, chat) => answer(MEMBERS, 'membersOf', integrationId, chat),
    },
    isFileMissing: async (url) => {
      files.push(url);
      return url === missing;
    },
  });
  const claimed: ClaimedReply = {
    id: '1',
    integrationId: 'int_1',
    conversationId: 3,
    chatwootMessageId: 40,
    part: 2,
    chat: 'the chat',
    // As JSON, in which PostgreSQL keeps it.
    payload: reply === 'unreadable' ? { number: 5 } : JSON.parse(JSON.stringify(toStored(reply))),
    attempts: 1,
    waitedMs: 0,
    epoch: 1,
  };
  const outcome: SendOutcome = await sendReply(claimed, ROW);
  return { outcome, sending: sendings[0], questions, files };
}

describe('a stored reply is sent', () => {
  it.each<[string, Part]>([
    ['a text', text('bom dia')],
    ['a file', MEDIA],
    ['a deletion', { kind: 'revoke', whatsappId: 'WA7' }],
    ['what cannot be sent', { kind: 'impossible', reason: 'empty' }],
  ])('as it was written: %s', async (_name, part) => {
    const { outcome, sending, questions, files } = await send({ recipient: '5511988887777', part });
    expect(outcome).toEqual({ kind: 'sent', whatsappId: 'WA1' });
    expect(sending).toMatchObject({
      ryzeapiUrl: 'http://api.example.com',
      instanceId: 'ins_1',
      key: { integrationId: 'int_1', chatwootMessageId: 40, part: 2 },
      texts: pt,
      quotedId: undefined,
    });
    expect(sending?.reply).toStrictEqual({ recipient: '5511988887777', part, quoted: undefined });
    expect(questions).toEqual([]);
    expect(files).toEqual(part.kind === 'media' ? [MEDIA.url] : []);
  });

  it('with what it quotes: by its id in WhatsApp, or by that of the message in Chatwoot, which is asked for now', async () => {
    const one = { recipient: '5511988887777', part: text('sim') };
    const known = await send({ ...one, quoted: { whatsappId: 'WA0', messageId: 7 } });
    expect(known.sending?.quotedId).toBe('WA0');
    expect(known.questions).toEqual([]);
    const asked = await send({ ...one, quoted: { messageId: 7 } });
    expect(asked.sending?.quotedId).toBe('WA-of-7');
    expect(asked.questions).toEqual([['whatsappIdOf', 'int_1', 7]]);
    expect((await send({ ...one, quoted: {} })).sending?.quotedId).toBeUndefined();
  });

  it('mentions members of a group that it names, in a text and in the caption of a file', async () => {
    const written = await send({ recipient: GROUP, part: text('for @Maria') });
    expect(written.questions).toEqual([['membersOf', 'int_1', 'the chat']]);
    expect(written.sending?.reply).toMatchObject({ part: text('for @5511988887777'), mentions: ['5511988887777'] });
    const file = await send({ recipient: GROUP, part: MEDIA });
    expect(file.sending?.reply).toMatchObject({ part: { ...MEDIA, caption: 'for @5511988887777' }, mentions: ['5511988887777'] });
  });

  it('as it is where it names nobody, no member, or is for no group', async () => {
    const plain = await send({ recipient: GROUP, part: text('for Maria') });
    expect(plain.questions).toEqual([]);
    const stranger = await send({ recipient: GROUP, part: text('for @Pedro') });
    expect(stranger.sending?.reply).toEqual({ recipient: GROUP, part: text('for @Pedro'), quoted: undefined });
    const person = await send({ recipient: '5511988887777', part: text('for @Maria') });
    expect(person.questions).toEqual([]);
    expect(person.sending?.reply.part).toEqual(text('for @Maria'));
    const deletion = await send({ recipient: GROUP, part: { kind: 'revoke', whatsappId: '@1' } });
    expect(deletion.questions).toEqual([]);
    expect(deletion.outcome).toEqual({ kind: 'sent', whatsappId: 'WA1' });
  });
});

describe('a stored reply is not sent', () => {
  it('where it cannot be read, which the agent is told in his language', async () => {
    const { outcome, sending } = await send('unreadable');
    expect(outcome).toEqual({ kind: 'refused', reason: pt.replyReasons.unreadable });
    expect(sending).toBeUndefined();
  });

  it('yet, while its file is not at its address: a moment later it may be', async () => {
    const { outcome, sending } = await send({ recipient: '5511988887777', part: MEDIA }, { missing: MEDIA.url });
    expect(outcome).toEqual({ kind: 'refused', reason: pt.replyReasons.attachmentMissing, mayPass: true });
    expect(sending).toBeUndefined();
  });

  it('yet, while the database does not tell what it quotes', async () => {
    const { outcome, sending } = await send(
      { recipient: '5511988887777', part: text('sim'), quoted: { messageId: 7 } },
      { databaseIsAway: true },
    );
    expect(outcome).toEqual({ kind: 'later', reason: pt.databaseSilent('Error: away'), afterMs: undefined });
    expect(sending).toBeUndefined();
  });
});
