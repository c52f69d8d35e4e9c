import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeMediaFile } from '../../simulators/whatsapp-engine/media-files.ts';
import { messageBody, signed } from '../support/chatwoot-webhook.ts';
import { createRepliesFixture, type RepliesFixture } from '../support/replies-fixture.ts';
import { waitFor } from '../support/wait-for.ts';

let fixture: RepliesFixture;
beforeAll(async () => {
  fixture = await createRepliesFixture();
});
afterAll(() => fixture?.stop());
afterEach(async () => {
  await fixture.prisma.bridgeIntegration.update({
    where: { id: fixture.integrationId },
    data: { signMessages: false, ignoreGroups: false },
  });
});

let lastNumber = 5_511_900_000_000;
const newNumber = (): string => String(++lastNumber);
const set = (data: { signMessages?: boolean; ignoreGroups?: boolean }) =>
  fixture.prisma.bridgeIntegration.update({ where: { id: fixture.integrationId }, data });
const textsTo = (sourceId: string): unknown[] =>
  fixture.sentTo(sourceId).map(({ content }) => ('text' in content ? content.text : content.type));
const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('an agent’s reply', () => {
  it('reaches WhatsApp in its notation, named as ours, and its content is not kept', async () => {
    const maria = await fixture.converse(newNumber());
    const message = fixture.reply(maria, 'Olá **Maria**, tudo *bem*?');
    const [row] = await fixture.settled(message.id, 'sent');
    const [sent] = fixture.sentTo(maria.sourceId);
    expect(sent).toMatchObject({
      content: { type: 'text', text: 'Olá *Maria*, tudo _bem_?' },
      source: `chatwoot:${fixture.integrationId}:${message.id}:0`,
    });
    expect(row).toMatchObject({ whatsappId: sent?.id, payload: {}, attempts: 1, error: '', report: '' });
    expect(fixture.message(message.id)).toMatchObject({ status: 'sent' });
    const integration = await fixture.prisma.bridgeIntegration.findUniqueOrThrow({ where: { id: fixture.integrationId } });
    expect(integration.lastToWhatsappAt?.getTime()).toBeGreaterThan(Date.now() - 20_000);
  });

  it('can be found by its id in WhatsApp afterwards', async () => {
    const maria = await fixture.converse(newNumber());
    const message = fixture.reply(maria, 'Oi');
    await fixture.settled(message.id, 'sent');
    const whatsappId = fixture.sentTo(maria.sourceId)[0]?.id ?? '';
    const where = { integrationId_whatsappId: { integrationId: fixture.integrationId, whatsappId } };
    expect(await fixture.prisma.bridgeMessage.findUnique({ where })).toMatchObject({
      direction: 'to_whatsapp',
      chat: maria.sourceId,
      conversationId: maria.id,
      chatwootMessageId: message.id,
    });
  });

  it('is answered to Chatwoot within a second', async () => {
    const maria = await fixture.converse(newNumber());
    const message = fixture.reply(maria, 'Oi');
    await fixture.settled(message.id, 'sent');
    const delivery = fixture.chatwoot.state.webhooks.deliveries.find(({ messageId }) => messageId === message.id);
    expect(delivery).toMatchObject({ status: 200, error: null });
    expect(delivery?.durationMs).toBeLessThan(1_000);
  });

  it('is signed where that is wanted, but for what Chatwoot itself says', async () => {
    await set({ signMessages: true });
    const maria = await fixture.converse(newNumber());
    const signed = fixture.reply(maria, { content: 'Bom dia', agentName: 'Bia Souza' });
    await fixture.settled(signed.id, 'sent');
    const template = fixture.reply(maria, { content: 'Avalie: https://cw.example/survey/responses/1', templateMessage: true });
    await fixture.settled(template.id, 'sent');
    expect(textsTo(maria.sourceId)).toEqual(['*Bia Souza*:\nBom dia', 'Avalie: https://cw.example/survey/responses/1']);
  });

  it('stays in Chatwoot when it is a private note, empty, typing, or a change of the conversation', async () => {
    const maria = await fixture.converse(newNumber());
    fixture.reply(maria, { content: 'só entre nós', private: true });
    const empty = fixture.reply(maria, { content: ' \n ' });
    fixture.chatwoot.state.typing(5, maria.id, 'on');
    fixture.chatwoot.state.setStatus(5, maria.id, 'resolved');
    const last = fixture.reply(maria, 'para fora');
    await fixture.settled(last.id, 'sent');
    await fixture.settled(empty.id, 'ignored');
    expect(textsTo(maria.sourceId)).toEqual(['para fora']);
  });

  it('goes to the number, the @lid, the group or the channel that the contact is, and never turns a @lid into a number', async () => {
    const sourceIds = [newNumber(), '123456789012345@lid', '120363041234567890@g.us', '120363000000000001@newsletter'];
    for (const sourceId of sourceIds) {
      const conversation = await fixture.converse(sourceId);
      await fixture.settled(fixture.reply(conversation, `para ${sourceId}`).id, 'sent');
      const [sent] = fixture.sentTo(sourceId).filter(({ content }) => 'text' in content && content.text.endsWith(sourceId));
      expect(sent?.request?.number).toBe(sourceId);
    }
  });

  it('goes to the contact’s phone number where an agent began the conversation', async () => {
    const phone = newNumber();
    const conversation = await fixture.converse('5d1c6e0e-7a67-4f7e-9a3c-1de8ad4f1a11', { phone_number: `+${phone}` });
    await fixture.settled(fixture.reply(conversation, 'Olá').id, 'sent');
    expect(textsTo(phone)).toEqual(['Olá']);
  });
});

describe('quotes in an agent’s reply', () => {
  it('quotes an agent’s own earlier message by its id in WhatsApp', async () => {
    const maria = await fixture.converse(newNumber());
    const first = fixture.reply(maria, 'primeira');
    await fixture.settled(first.id, 'sent');
    const second = fixture.reply(maria, { content: 'segunda', contentAttributes: { in_reply_to: first.id } });
    await fixture.settled(second.id, 'sent');
    const [one, two] = fixture.sentTo(maria.sourceId);
    expect(two?.replyTo).toBe(one?.id);
  });

  it('quotes the customer’s message, and sends without a quote what quotes something unknown', async () => {
    const maria = await fixture.converse(newNumber());
    const attributes = { in_reply_to_external_id: 'WAID:3EB0CUSTOMER' };
    const incoming = await postIncoming(maria.id, 'WAID:3EB0CUSTOMER');
    const known = fixture.reply(maria, { content: 'sobre isso', contentAttributes: attributes });
    const unknown = fixture.reply(maria, { content: 'sobre nada', contentAttributes: { in_reply_to: 999_999 } });
    await fixture.settled(known.id, 'sent');
    await fixture.settled(unknown.id, 'sent');
    expect(incoming).toBeGreaterThan(0);
    expect(fixture.sentTo(maria.sourceId).map(({ replyTo }) => replyTo)).toEqual(['3EB0CUSTOMER', null]);
  });

  async function postIncoming(conversationId: number, sourceId: string): Promise<number> {
    const token = fixture.chatwoot.state.addUser({ name: 'Robô', accounts: [{ id: 5, role: 'administrator' }] });
    const response = await fetch(`${fixture.chatwoot.url()}/api/v1/accounts/5/conversations/${conversationId}/messages`, {
      method: 'POST',
      headers: { 'api-access-token': token, 'content-type': 'application/json' },
      body: JSON.stringify({ content: 'pergunta', message_type: 'incoming', source_id: sourceId }),
    });
    return ((await response.json()) as { id: number }).id;
  }
});

describe('an agent’s replies to groups', () => {
  it('are left alone with ignoreGroups, which the agent is told', async () => {
    await set({ ignoreGroups: true });
    const group = await fixture.converse('120363041234567999@g.us');
    const message = fixture.reply(group, 'Olá grupo');
    await fixture.settled(message.id, 'failed');
    await waitFor(() => fixture.message(message.id).status === 'failed');
    expect(fixture.message(message.id).contentAttributes.external_error).toContain('ignoreGroups');
    expect(textsTo('120363041234567999@g.us')).toEqual([]);
  });
});

describe.concurrent('attachments', () => {
  const files = {
    image: makeMediaFile('image'),
    video: makeMediaFile('video'),
    voice: makeMediaFile('audio', { voice: true }),
    document: makeMediaFile('document'),
    sticker: makeMediaFile('sticker'),
  };

  it.each<[string, { filename: string; contentType: string; bytes: Buffer }, { type: string; request: object }]>([
    [
      'a photo',
      { filename: 'foto.png', contentType: 'image/png', bytes: files.image.bytes },
      { type: 'image', request: { mediaType: 'image', mimeType: 'image/png', fileName: 'foto.png' } },
    ],
    [
      'a video',
      { filename: 'v.mp4', contentType: 'video/mp4', bytes: files.video.bytes },
      { type: 'video', request: { mediaType: 'video' } },
    ],
    [
      'a recording',
      { filename: '0c6de1f4-9f0e-4b0e-8a53-6c7f0d6f3a11.mp3', contentType: 'audio/mpeg', bytes: Buffer.from('ID3') },
      { type: 'audio', request: { mediaType: 'audio', isVoice: true } },
    ],
    [
      'a recording from a phone',
      { filename: 'gravação.ogg', contentType: 'audio/ogg', bytes: files.voice.bytes },
      { type: 'audio', request: { mediaType: 'audio', isVoice: true } },
    ],
    [
      'a song',
      { filename: 'm.mp3', contentType: 'audio/mpeg', bytes: Buffer.from('ID3') },
      { type: 'audio', request: { mediaType: 'audio', isVoice: false } },
    ],
    [
      'a PDF',
      { filename: 'Orçamento 1.pdf', contentType: 'application/pdf', bytes: files.document.bytes },
      { type: 'document', request: { mediaType: 'document', fileName: 'Orçamento 1.pdf' } },
    ],
    [
      'a picture in WebP',
      { filename: 's.webp', contentType: 'image/webp', bytes: files.sticker.bytes },
      { type: 'image', request: { mediaType: 'image' } },
    ],
    [
      'an animation',
      { filename: 'a.gif', contentType: 'image/gif', bytes: Buffer.from('GIF89a') },
      { type: 'document', request: { mediaType: 'document', mimeType: 'image/gif' } },
    ],
    [
      'a table',
      { filename: 'a.csv', contentType: 'text/csv', bytes: Buffer.from('a;b') },
      { type: 'document', request: { mediaType: 'document' } },
    ],
  ])('%s arrives byte for byte', async (_, { filename, contentType, bytes }, { type, request }) => {
    const maria = await fixture.converse(newNumber());
    const message = fixture.reply(maria, { attachments: [{ filename, contentType, base64: bytes.toString('base64') }] });
    await fixture.settled(message.id, 'sent');
    const [sent, ...more] = fixture.sentTo(maria.sourceId);
    expect(more).toEqual([]);
    expect(sent).toMatchObject({ content: { type }, request });
    expect(sent?.request).not.toHaveProperty('message');
    expect(Buffer.from(sent?.media?.base64 ?? '', 'base64').equals(bytes)).toBe(true);
  });

  it('several leave in order, the text once as the caption of the first', async () => {
    const maria = await fixture.converse(newNumber());
    const png = files.image.bytes.toString('base64');
    const message = fixture.reply(maria, {
      content: 'As **fotos**',
      attachments: [
        { filename: '1.png', contentType: 'image/png', base64: png },
        { filename: '2.png', contentType: 'image/png', base64: png },
        { filename: '3.pdf', contentType: 'application/pdf', base64: base64('%PDF-1.4') },
      ],
    });
    const rows = await fixture.settled(message.id, 'sent');
    const sent = fixture.sentTo(maria.sourceId);
    expect(sent.map(({ request }) => request?.fileName)).toEqual(['1.png', '2.png', '3.pdf']);
    expect(sent.map(({ request }) => request?.message)).toEqual(['As *fotos*', undefined, undefined]);
    expect(rows.map(({ whatsappId }) => whatsappId)).toEqual(sent.map(({ id }) => id));
  });

  it('a recording with words is sent after them', async () => {
    const maria = await fixture.converse(newNumber());
    const voice = files.voice.bytes.toString('base64');
    const message = fixture.reply(maria, {
      content: 'Ouça',
      attachments: [{ filename: 'a.ogg', contentType: 'audio/ogg', base64: voice }],
    });
    await fixture.settled(message.id, 'sent');
    expect(textsTo(maria.sourceId)).toEqual(['Ouça', 'audio']);
  });
});

describe('the order of an agent’s replies', () => {
  it('a webhook that comes several times is one message', async () => {
    const maria = await fixture.converse(newNumber());
    const message = fixture.reply(maria, 'uma vez');
    await fixture.settled(message.id, 'sent');
    const body = messageBody({ id: message.id, inboxId: fixture.inboxId, content: 'uma vez' });
    const answers = await Promise.all(Array.from({ length: 20 }, () => signed(fixture, body)));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    const next = fixture.reply(maria, 'outra');
    await fixture.settled(next.id, 'sent');
    expect(textsTo(maria.sourceId)).toEqual(['uma vez', 'outra']);
  });
});

describe('messages that overtake each other on their way to us', () => {
  it('leave in the order they were written, in each conversation; conversations do not wait for each other', async () => {
    const own = await createRepliesFixture({ timing: { holdBackMs: 3_000 } });
    try {
      own.chatwoot.state.webhooks.shuffle = true;
      const people = await Promise.all(Array.from({ length: 5 }, () => own.converse(newNumber())));
      const texts = Array.from({ length: 5 }, (_, index) => `mensagem ${index}`);
      const messages = texts.flatMap((text) => people.map((person) => own.reply(person, text)));
      for (const message of messages) await own.settled(message.id, 'sent');
      const rows = await own.prisma.bridgeReply.findMany({ orderBy: { id: 'asc' } });
      const arrived = rows.map(({ chatwootMessageId }) => chatwootMessageId);
      expect(arrived).not.toEqual([...arrived].sort((left, right) => left - right));
      for (const { sourceId } of people) {
        const sent = own.sentTo(sourceId).map(({ content }) => ('text' in content ? content.text : ''));
        expect(sent).toEqual(texts);
      }
    } finally {
      await own.stop();
    }
  });
});
