import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeMediaFile } from '../../simulators/whatsapp-engine/media-files.ts';
import { messageBody, signed } from '../support/chatwoot-webhook.ts';
import { createRepliesRig, type RepliesRig } from '../support/replies-rig.ts';
import { waitFor } from '../support/wait-for.ts';

let rig: RepliesRig;
beforeAll(async () => {
  rig = await createRepliesRig();
});
afterAll(() => rig?.stop());
afterEach(async () => {
  await rig.prisma.bridgeIntegration.update({
    where: { id: rig.integrationId },
    data: { signMessages: false, ignoreGroups: false },
  });
});

let lastNumber = 5_511_900_000_000;
const newNumber = (): string => String(++lastNumber);
const set = (data: { signMessages?: boolean; ignoreGroups?: boolean }) =>
  rig.prisma.bridgeIntegration.update({ where: { id: rig.integrationId }, data });
const textsTo = (sourceId: string): unknown[] =>
  rig.sentTo(sourceId).map(({ content }) => ('text' in content ? content.text : content.type));
const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('an agent’s reply', () => {
  it('reaches WhatsApp in its notation, named as ours, and its content is not kept', async () => {
    const maria = await rig.converse(newNumber());
    const message = rig.reply(maria, 'Olá **Maria**, tudo *bem*?');
    const [row] = await rig.settled(message.id, 'sent');
    const [sent] = rig.sentTo(maria.sourceId);
    expect(sent).toMatchObject({
      content: { type: 'text', text: 'Olá *Maria*, tudo _bem_?' },
      source: `chatwoot:${rig.integrationId}:${message.id}:0`,
    });
    expect(row).toMatchObject({ whatsappId: sent?.id, payload: {}, attempts: 1, error: '', report: '' });
    expect(rig.message(message.id)).toMatchObject({ status: 'sent' });
    const integration = await rig.prisma.bridgeIntegration.findUniqueOrThrow({ where: { id: rig.integrationId } });
    expect(integration.lastToWhatsappAt?.getTime()).toBeGreaterThan(Date.now() - 20_000);
  });

  it('can be found by its id in WhatsApp afterwards', async () => {
    const maria = await rig.converse(newNumber());
    const message = rig.reply(maria, 'Oi');
    await rig.settled(message.id, 'sent');
    const whatsappId = rig.sentTo(maria.sourceId)[0]?.id ?? '';
    const where = { integrationId_whatsappId: { integrationId: rig.integrationId, whatsappId } };
    expect(await rig.prisma.bridgeMessage.findUnique({ where })).toMatchObject({
      direction: 'to_whatsapp',
      chat: maria.sourceId,
      conversationId: maria.id,
      chatwootMessageId: message.id,
    });
  });

  it('is answered to Chatwoot within a second', async () => {
    const maria = await rig.converse(newNumber());
    const message = rig.reply(maria, 'Oi');
    await rig.settled(message.id, 'sent');
    const delivery = rig.chatwoot.state.webhooks.deliveries.find(({ messageId }) => messageId === message.id);
    expect(delivery).toMatchObject({ status: 200, error: null });
    expect(delivery?.durationMs).toBeLessThan(1_000);
  });

  it('is signed where that is wanted, but for what Chatwoot itself says', async () => {
    await set({ signMessages: true });
    const maria = await rig.converse(newNumber());
    const signed = rig.reply(maria, { content: 'Bom dia', agentName: 'Bia Souza' });
    await rig.settled(signed.id, 'sent');
    const template = rig.reply(maria, { content: 'Avalie: https://cw.example/survey/responses/1', templateMessage: true });
    await rig.settled(template.id, 'sent');
    expect(textsTo(maria.sourceId)).toEqual(['*Bia Souza*:\nBom dia', 'Avalie: https://cw.example/survey/responses/1']);
  });

  it('stays in Chatwoot when it is a private note, empty, typing, or a change of the conversation', async () => {
    const maria = await rig.converse(newNumber());
    rig.reply(maria, { content: 'só entre nós', private: true });
    const empty = rig.reply(maria, { content: ' \n ' });
    rig.chatwoot.state.typing(5, maria.id, 'on');
    rig.chatwoot.state.setStatus(5, maria.id, 'resolved');
    const last = rig.reply(maria, 'para fora');
    await rig.settled(last.id, 'sent');
    await rig.settled(empty.id, 'ignored');
    expect(textsTo(maria.sourceId)).toEqual(['para fora']);
  });

  it('goes to the number, the @lid, the group or the channel that the contact is, and never turns a @lid into a number', async () => {
    const sourceIds = [newNumber(), '123456789012345@lid', '120363041234567890@g.us', '120363000000000001@newsletter'];
    for (const sourceId of sourceIds) {
      const conversation = await rig.converse(sourceId);
      await rig.settled(rig.reply(conversation, `para ${sourceId}`).id, 'sent');
      const [sent] = rig.sentTo(sourceId).filter(({ content }) => 'text' in content && content.text.endsWith(sourceId));
      expect(sent?.request?.number).toBe(sourceId);
    }
  });

  it('goes to the contact’s phone number where an agent began the conversation', async () => {
    const phone = newNumber();
    const conversation = await rig.converse('5d1c6e0e-7a67-4f7e-9a3c-1de8ad4f1a11', { phone_number: `+${phone}` });
    await rig.settled(rig.reply(conversation, 'Olá').id, 'sent');
    expect(textsTo(phone)).toEqual(['Olá']);
  });
});

describe('quotes', () => {
  it('quotes an agent’s own earlier message by its id in WhatsApp', async () => {
    const maria = await rig.converse(newNumber());
    const first = rig.reply(maria, 'primeira');
    await rig.settled(first.id, 'sent');
    const second = rig.reply(maria, { content: 'segunda', contentAttributes: { in_reply_to: first.id } });
    await rig.settled(second.id, 'sent');
    const [one, two] = rig.sentTo(maria.sourceId);
    expect(two?.replyTo).toBe(one?.id);
  });

  it('quotes the customer’s message, and sends without a quote what quotes something unknown', async () => {
    const maria = await rig.converse(newNumber());
    const attributes = { in_reply_to_external_id: 'WAID:3EB0CUSTOMER' };
    const incoming = await postIncoming(maria.id, 'WAID:3EB0CUSTOMER');
    const known = rig.reply(maria, { content: 'sobre isso', contentAttributes: attributes });
    const unknown = rig.reply(maria, { content: 'sobre nada', contentAttributes: { in_reply_to: 999_999 } });
    await rig.settled(known.id, 'sent');
    await rig.settled(unknown.id, 'sent');
    expect(incoming).toBeGreaterThan(0);
    expect(rig.sentTo(maria.sourceId).map(({ replyTo }) => replyTo)).toEqual(['3EB0CUSTOMER', null]);
  });

  async function postIncoming(conversationId: number, sourceId: string): Promise<number> {
    const token = rig.chatwoot.state.addUser({ name: 'Robô', accounts: [{ id: 5, role: 'administrator' }] });
    const response = await fetch(`${rig.chatwoot.url()}/api/v1/accounts/5/conversations/${conversationId}/messages`, {
      method: 'POST',
      headers: { 'api-access-token': token, 'content-type': 'application/json' },
      body: JSON.stringify({ content: 'pergunta', message_type: 'incoming', source_id: sourceId }),
    });
    return ((await response.json()) as { id: number }).id;
  }
});

describe('groups', () => {
  it('are left alone with ignoreGroups, which the agent is told', async () => {
    await set({ ignoreGroups: true });
    const group = await rig.converse('120363041234567999@g.us');
    const message = rig.reply(group, 'Olá grupo');
    await rig.settled(message.id, 'failed');
    await waitFor(() => rig.message(message.id).status === 'failed');
    expect(rig.message(message.id).contentAttributes.external_error).toContain('ignoreGroups');
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
    const maria = await rig.converse(newNumber());
    const message = rig.reply(maria, { attachments: [{ filename, contentType, base64: bytes.toString('base64') }] });
    await rig.settled(message.id, 'sent');
    const [sent, ...more] = rig.sentTo(maria.sourceId);
    expect(more).toEqual([]);
    expect(sent).toMatchObject({ content: { type }, request });
    expect(sent?.request).not.toHaveProperty('message');
    expect(Buffer.from(sent?.media?.base64 ?? '', 'base64').equals(bytes)).toBe(true);
  });

  it('several leave in order, the text once as the caption of the first', async () => {
    const maria = await rig.converse(newNumber());
    const png = files.image.bytes.toString('base64');
    const message = rig.reply(maria, {
      content: 'As **fotos**',
      attachments: [
        { filename: '1.png', contentType: 'image/png', base64: png },
        { filename: '2.png', contentType: 'image/png', base64: png },
        { filename: '3.pdf', contentType: 'application/pdf', base64: base64('%PDF-1.4') },
      ],
    });
    const rows = await rig.settled(message.id, 'sent');
    const sent = rig.sentTo(maria.sourceId);
    expect(sent.map(({ request }) => request?.fileName)).toEqual(['1.png', '2.png', '3.pdf']);
    expect(sent.map(({ request }) => request?.message)).toEqual(['As *fotos*', undefined, undefined]);
    expect(rows.map(({ whatsappId }) => whatsappId)).toEqual(sent.map(({ id }) => id));
  });

  it('a recording with words is sent after them', async () => {
    const maria = await rig.converse(newNumber());
    const voice = files.voice.bytes.toString('base64');
    const message = rig.reply(maria, {
      content: 'Ouça',
      attachments: [{ filename: 'a.ogg', contentType: 'audio/ogg', base64: voice }],
    });
    await rig.settled(message.id, 'sent');
    expect(textsTo(maria.sourceId)).toEqual(['Ouça', 'audio']);
  });
});

describe('order', () => {
  it('a webhook that comes several times is one message', async () => {
    const maria = await rig.converse(newNumber());
    const message = rig.reply(maria, 'uma vez');
    await rig.settled(message.id, 'sent');
    const body = messageBody({ id: message.id, inboxId: rig.inboxId, content: 'uma vez' });
    const answers = await Promise.all(Array.from({ length: 20 }, () => signed(rig, body)));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    const next = rig.reply(maria, 'outra');
    await rig.settled(next.id, 'sent');
    expect(textsTo(maria.sourceId)).toEqual(['uma vez', 'outra']);
  });
});

describe('messages that overtake each other on their way to us', () => {
  it('leave in the order they were written, in each conversation; conversations do not wait for each other', async () => {
    const own = await createRepliesRig({ timing: { holdBackMs: 1_500 } });
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
