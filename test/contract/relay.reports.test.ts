import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ryzeapi } from '../../shared/engines/ryzeapi/engine.ts';
import { makeMediaFile } from '../../simulators/whatsapp-engine/media-files.ts';
import { ACCOUNT, createRelayFixture, INSTANCE, type Message, type RelayFixture } from '../support/relay-fixture.ts';
import { waitFor } from '../support/wait-for.ts';

// What people reported about bridges between WhatsApp and Chatwoot, by its effect on what agents see.

let fixture: RelayFixture;
beforeAll(async () => {
  fixture = await createRelayFixture({ timeouts: { filePauses: { firstMs: 400, maxMs: 400 }, pollEveryMs: 200 } });
});
afterAll(() => fixture.stop());
afterEach(async () => {
  fixture.chatwoot.faults.clear();
  fixture.engine.faults.clear();
  delete ryzeapi.act;
  delete ryzeapi.fetchAvatar;
});

let count = 0;
const next = () => {
  count += 1;
  return count;
};
const somebody = (name = 'Maria') => ({ phone: `55119${String(70_000_000 + next())}`, name });
const text = (value: string) => ({ type: 'text', text: value }) as const;
/** An event as an engine sends it, in whatever form. */
const exchange = (id: string, from: { phone: string }, message: Record<string, unknown>, more: Record<string, unknown> = {}) =>
  fixture.ingest('message.exchange', {
    id,
    direction: 'incoming',
    chat: { jid: `${from.phone}@s.whatsapp.net`, name: 'Maria', type: 'private' },
    message,
    ...more,
  });
/** What agents see of a chat, without what was deleted. */
const thread = (message: Message) =>
  fixture.chatwoot.state
    .messages(ACCOUNT)
    .filter((other) => other.conversationId === message.conversationId && other.messageType !== 'activity')
    .filter(({ contentAttributes }) => contentAttributes.deleted !== true);
/** The message with that text in a chat, as soon as it is there. */
const shown = (within: Message, content: string | RegExp): Promise<Message> =>
  waitFor(() => thread(within).find((message) => new RegExp(content).test(message.content ?? '')), {
    describe: `${content} in Chatwoot`,
    timeoutMs: 25_000,
  });
const agentWrites = async (message: Message, content: string, more: object = {}) => {
  const { displayId } = fixture.conversationOf(message);
  const written = fixture.chatwoot.state.reply(ACCOUNT, displayId, { content, ...more });
  await waitFor(async () => {
    const rows = await fixture.prisma.bridgeReply.findMany({ where: { chatwootMessageId: written.id } });
    return rows.length > 0 && rows.every(({ state }) => state === 'sent');
  });
  return { ...written, displayId };
};
/** What the engine, which can do it, is asked to do from now on. */
function actionsAsked(): unknown[] {
  const asked: unknown[] = [];
  ryzeapi.act = async ({ action }) => {
    asked.push(action);
    return { kind: 'sent', answer: {} };
  };
  return asked;
}
const sentTo = (phone: string) => fixture.engine.state.sent(INSTANCE).filter(({ chat }) => chat.jid.startsWith(phone));

describe('content that follows its placeholder under the same id', () => {
  it.each([
    ['what could not be decrypted', { type: 'ciphertext', content: '' }],
    ['what is waited for', { type: 'waiting_for_message' }],
    ['what is marked as undecryptable', { type: 'text', content: '', undecryptable: true }],
  ])('takes the place of %s, once, and is quoted as one message', async (_name, placeholder) => {
    const from = somebody();
    const id = `LATE${next()}`;
    await exchange(id, from, placeholder);
    const waiting = await fixture.arrived(id);
    expect(waiting.content).toMatch(/Waiting for this message/);
    await exchange(id, from, { type: 'text', content: 'the words' });
    const words = await shown(waiting, /^the words$/);
    await exchange(id, from, placeholder);
    await exchange(id, from, { type: 'text', content: 'the words' });
    await fixture.settled();
    expect(thread(waiting).map(({ content }) => content)).toEqual(['the words']);
    const answer = fixture.receive({ from, content: text('as I said'), replyTo: id });
    expect((await fixture.arrived(answer)).contentAttributes).toMatchObject({ in_reply_to: words.id });
  });

  it('takes the place of a note that its file is missing', async () => {
    const from = somebody();
    const id = `FILE${next()}`;
    const media = { mimeType: 'image/png', caption: 'our house' };
    await exchange(id, from, { type: 'image', media });
    const noted = await fixture.arrived(id);
    expect(noted.content).toMatch(/^our house\n\n⚠️ A picture belongs here/);
    await exchange(id, from, { type: 'image', media: { ...media, base64: makeMediaFile('image').bytes.toString('base64') } });
    await shown(noted, /^our house$/);
    await fixture.settled();
    expect(thread(noted)).toMatchObject([{ content: 'our house', attachments: [{ contentType: 'image/png' }] }]);
  });

  it('comes once, whatever dies between the two', async () => {
    const from = somebody();
    const id = `KILL${next()}`;
    await exchange(id, from, { type: 'ciphertext' });
    const waiting = await fixture.arrived(id);
    fixture.chatwoot.faults.add({ method: 'DELETE', path: /messages/, action: { kind: 'reset' } });
    await exchange(id, from, { type: 'text', content: 'the words' });
    await shown(waiting, /^the words$/);
    await fixture.restartBridge();
    fixture.chatwoot.faults.clear();
    await fixture.settled();
    expect(thread(waiting).map(({ content }) => content)).toEqual(['the words']);
  });
});

describe('a file that Chatwoot does not take', () => {
  it.each([
    ['422', { kind: 'status', status: 422, body: { error: 'Integrity error' } }],
    ['500', { kind: 'status', status: 500, body: { status: 500, error: 'Internal Server Error' } }],
  ] as const)('becomes text with a note, the chat goes on, and the file follows: %s', async (_name, action) => {
    const from = somebody();
    const before = await fixture.arrived(fixture.receive({ from, content: text('hello') }));
    const fault = fixture.chatwoot.faults.add({ method: 'POST', path: /messages$/, uploads: true, action });
    fixture.receive({ from, content: { type: 'image', caption: 'our house' } });
    fixture.receive({ from, content: text('did you see it?') });
    const noted = await shown(before, /^our house\n\n⚠️ A picture belongs here, but Chatwoot does not take the file/);
    await shown(before, /^did you see it\?$/);
    fault.clear();
    const whole = await shown(before, /^our house$/);
    expect(whole.attachments).toHaveLength(1);
    await waitFor(() => thread(before).every(({ id }) => id !== noted.id));
    expect(thread(before).map(({ content }) => content)).toEqual(['hello', 'did you see it?', 'our house']);
  });
});

describe('what a file may be', () => {
  it('leaves a note where it is larger than anything takes', async () => {
    const from = somebody();
    const base64 = 'A'.repeat(60 * 1_048_576);
    await exchange(`HUGE${next()}`, from, { type: 'video', media: { mimeType: 'video/mp4', caption: 'party', base64 } });
    expect((await fixture.arrived(`HUGE${count}`)).content).toMatch(/^party\n\n⚠️ A video belongs here/);
  });

  it.each([
    ['Contrato', 'application/pdf', 'Contrato.pdf'],
    ['Contrato v1.2', 'application/pdf', 'Contrato v1.2.pdf'],
    ['planilha', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'planilha.xlsx'],
    ['notes.md', 'text/plain', 'notes.md'],
  ])('has a name with an extension: %s', async (fileName, mimeType, expected) => {
    const id = `NAME${next()}`;
    await exchange(id, somebody(), {
      type: 'document',
      media: { fileName, mimeType, base64: Buffer.from('x').toString('base64') },
    });
    expect((await fixture.arrived(id)).attachments).toMatchObject([{ filename: expected }]);
  });
});

describe('what a message is about', () => {
  it('is, after a click on an ad, its title and link, and attributes of contact and conversation', async () => {
    const from = somebody();
    const id = `AD${next()}`;
    const externalAdReply = {
      title: 'Summer sale',
      body: 'All shoes',
      sourceUrl: 'https://fb.me/x1',
      sourceId: '1202',
      sourceType: 'ad',
      ctwaClid: 'clid-1',
    };
    await exchange(id, from, { type: 'text', content: 'I want to know more', context: { externalAdReply } });
    const message = await fixture.arrived(id);
    expect(message.content).toBe('I want to know more\n\n📣 From an ad: **Summer sale**\nhttps://fb.me/x1');
    const attributes = { whatsapp_ad_title: 'Summer sale', whatsapp_ad_url: 'https://fb.me/x1', whatsapp_ad_click_id: 'clid-1' };
    await waitFor(() => fixture.conversationOf(message).customAttributes.whatsapp_ad_title !== undefined);
    expect(fixture.conversationOf(message).customAttributes).toMatchObject(attributes);
    expect(fixture.contactOf(message).customAttributes).toMatchObject(attributes);
  });

  it.each([
    ['a vote', { type: 'poll_update', pollUpdate: { name: 'Lunch?', selectedOptions: ['Yes'] } }, '🗳️ **Lunch?**\nvoted: Yes'],
    ['a vote taken back', { type: 'poll_update', pollUpdate: { selectedOptions: [] } }, '🗳️ took the vote back'],
    [
      'a live location',
      { type: 'live_location', location: { latitude: -23.5, longitude: -46.6 } },
      '📍 Live location\nhttps://www.google.com/maps?q=-23.5,-46.6',
    ],
  ])('is shown: %s', async (_name, message, expected) => {
    const id = `KIND${next()}`;
    await exchange(id, somebody(), message);
    expect((await fixture.arrived(id)).content).toBe(expected);
  });

  it('is nothing to show for what carries nothing, which is counted', async () => {
    const from = somebody();
    const first = await fixture.arrived(fixture.receive({ from, content: text('hi') }));
    for (const type of ['album', 'protocol', 'call_log', 'senderKeyDistributionMessage', 'poll_update', 'e2e_notification']) {
      await exchange(`NIL${next()}`, from, { type });
    }
    await fixture.settled();
    expect(thread(first)).toHaveLength(1);
  });
});

describe('in a group', () => {
  const group = { id: '120363049999999999', name: 'Sales' };

  it('mentions have names, and agents mention by name and by number', async () => {
    const ana = { phone: '5511970009901', name: 'Ana Souza' };
    const bruno = { phone: '5511970009902', name: 'Bruno Lima' };
    await fixture.arrived(fixture.receive({ from: bruno, group, content: text('bom dia') }));
    const asked = fixture.receive({ from: ana, group, content: text('@5511970009902 viu? @551133334444 também') });
    const message = await fixture.arrived(asked);
    expect(message.content).toContain('@Bruno Lima viu? @551133334444 também');
    await agentWrites(message, 'oi @bruno lima e @Ana, e @+55 11 3333-4444; não é@bruno.com');
    const [sent] = sentTo(group.id).slice(-1);
    expect(sent?.request).toMatchObject({
      message: 'oi @5511970009902 e @5511970009901, e @551133334444; não é@bruno.com',
      mention: ['551133334444', '5511970009902', '5511970009901'],
    });
  });
});

describe('an agent’s file', () => {
  const attachments = [
    { filename: 'proposta', contentType: 'application/pdf', base64: makeMediaFile('document').bytes.toString('base64') },
  ];

  it('is sent a moment later where the engine cannot fetch it yet, and has an extension', async () => {
    const from = somebody();
    const message = await fixture.arrived(fixture.receive({ from, content: text('hi') }));
    const body = { success: false, error: { message: 'Failed to download media: HTTP 404' } };
    const fault = { method: 'POST', path: /message\/media/, times: 2, action: { kind: 'status', status: 400, body } } as const;
    fixture.engine.faults.add(fault);
    await agentWrites(message, 'segue', { attachments });
    expect(sentTo(from.phone)).toHaveLength(1);
    expect(sentTo(from.phone)[0]?.request).toMatchObject({ fileName: 'proposta.pdf', message: 'segue' });
  });
});

describe('an agent who deletes a message that was sent', () => {
  it('deletes it for everyone, once, and is not told of it', async () => {
    const asked = actionsAsked();
    const from = somebody();
    const message = await fixture.arrived(fixture.receive({ from, content: text('hi') }));
    const written = await agentWrites(message, 'oops');
    const [sent] = sentTo(from.phone);
    fixture.chatwoot.state.deleteMessage(ACCOUNT, written.displayId, written.id);
    await waitFor(() => asked.length > 0);
    expect(asked).toEqual([{ kind: 'revoke', recipient: from.phone, messageId: sent?.id, isOurs: true }]);
    // WhatsApp tells of it as of any deletion.
    fixture.type({ to: from, content: { type: 'message_revoke', messageId: sent?.id ?? '' } });
    await fixture.settled();
    expect(thread(message).map(({ content }) => content)).toEqual(['hi']);
  });

  it('deletes what was typed on the phone, too', async () => {
    const asked = actionsAsked();
    const from = somebody();
    const typed = fixture.type({ to: from, content: text('from the phone') });
    const message = await fixture.arrived(typed);
    fixture.chatwoot.state.deleteMessage(ACCOUNT, fixture.conversationOf(message).displayId, message.id);
    await waitFor(() => asked.length > 0);
    expect(asked).toMatchObject([{ kind: 'revoke', messageId: typed }]);
  });

  it('deletes it also where Chatwoot has not yet answered that it has it', async () => {
    const asked = actionsAsked();
    const from = somebody();
    await fixture.arrived(fixture.type({ to: from, content: text('one before') }));
    const late = { method: 'POST', path: /messages$/, times: 1, action: { kind: 'delayAfterEffect', delayMs: 1_000 } } as const;
    fixture.chatwoot.faults.add(late);
    const typed = fixture.type({ to: from, content: text('from the phone') });
    const message = await fixture.arrived(typed);
    fixture.chatwoot.state.deleteMessage(ACCOUNT, fixture.conversationOf(message).displayId, message.id);
    await waitFor(() => asked.length > 0);
    expect(asked).toMatchObject([{ kind: 'revoke', messageId: typed }]);
  });

  it('is told by a note where the engine cannot, in the language of the account', async () => {
    const from = somebody();
    const message = await fixture.arrived(fixture.receive({ from, content: text('hi') }));
    const written = await agentWrites(message, 'oops');
    fixture.chatwoot.state.deleteMessage(ACCOUNT, written.displayId, written.id);
    const note = await shown(message, /^⚠️ Deleted here only, the customer still sees the message/);
    expect(note.private).toBe(true);
  });

  it('is told so once, though Chatwoot’s answer to the note is lost', async () => {
    const from = somebody();
    const message = await fixture.arrived(fixture.receive({ from, content: text('hi') }));
    const written = await agentWrites(message, 'oops');
    fixture.chatwoot.faults.add({ method: 'POST', path: /messages$/, times: 1, action: { kind: 'resetAfterEffect' } });
    fixture.chatwoot.state.deleteMessage(ACCOUNT, written.displayId, written.id);
    await waitFor(
      async () => (await fixture.prisma.bridgeReply.count({ where: { chatwootMessageId: written.id, report: 'note' } })) > 0,
    );
    await waitFor(
      async () => (await fixture.prisma.bridgeReply.count({ where: { chatwootMessageId: written.id, report: 'note' } })) === 0,
    );
    expect(thread(message).filter(({ content }) => content?.startsWith('⚠️ Deleted here only'))).toHaveLength(1);
  });

  it('does nothing to a customer’s message', async () => {
    const from = somebody();
    const message = await fixture.arrived(fixture.receive({ from, content: text('hi') }));
    fixture.chatwoot.state.deleteMessage(ACCOUNT, fixture.conversationOf(message).displayId, message.id);
    await agentWrites(message, 'still here');
    expect(await fixture.prisma.bridgeReply.count({ where: { chatwootMessageId: message.id } })).toBe(0);
  });
});

describe('what Ponte writes to agents', () => {
  afterEach(() => fixture.change({ language: null, accountLocale: 'en' }));

  it.each([
    ['pt_BR', null, /^📍 Localização em tempo real/, /^⚠️ Apagada só aqui, o cliente ainda vê a mensagem: este tipo de engine/],
    ['es', null, /^📍 Ubicación en tiempo real/, /^⚠️ Eliminado solo aquí, el cliente todavía ve el mensaje: este tipo de motor/],
    ['pt_BR', 'es', /^📍 Ubicación en tiempo real/, /^⚠️ Eliminado solo aquí/],
    ['de', null, /^📍 Live location/, /^⚠️ Deleted here only/],
  ])('is in the language of the account (%s), or the one that was set (%s)', async (locale, language, location, note) => {
    fixture.chatwoot.state.addAccount({ id: ACCOUNT, name: 'Orion', locale });
    await fixture.change({ language, accountLocale: null });
    const from = somebody();
    const id = `LANG${next()}`;
    await exchange(id, from, { type: 'live_location', location: { latitude: 1, longitude: 2 } });
    const message = await fixture.arrived(id);
    expect(message.content).toMatch(location);
    const written = await agentWrites(message, 'oops');
    fixture.chatwoot.state.deleteMessage(ACCOUNT, written.displayId, written.id);
    await waitFor(() => thread(message).find(({ content }) => note.test(content ?? '')));
  });

  it('says in that language why a message failed, the engine’s own words included', async () => {
    await fixture.change({ language: 'pt' });
    const message = await fixture.arrived(fixture.receive({ from: somebody(), content: text('oi') }));
    const { displayId } = fixture.conversationOf(message);
    const body = { success: false, error: { message: 'number is not on WhatsApp' } };
    fixture.engine.faults.add({ method: 'POST', path: /message\/text/, times: 1, action: { kind: 'status', status: 400, body } });
    const written = fixture.chatwoot.state.reply(ACCOUNT, displayId, { content: 'olá' });
    const failed = await waitFor(() => thread(message).find(({ id, status }) => id === written.id && status === 'failed'));
    expect(failed.contentAttributes.external_error).toBe(
      'o engine do WhatsApp recusou a mensagem: HTTP 400: number is not on WhatsApp',
    );
  });
});

describe('the picture of a contact', () => {
  it('is that of WhatsApp, asked for once, and never in place of one that an agent set', async () => {
    const asked: string[] = [];
    const picture = makeMediaFile('image');
    const source = fixture.engine.state.receive(INSTANCE, { from: somebody(), content: { type: 'image' } });
    const url = `${fixture.engine.url()}/media/${source.media?.key}/picture.png`;
    ryzeapi.fetchAvatar = async ({ address }) => {
      asked.push(address);
      return { kind: 'picture', url };
    };
    // One that was told that this engine has no pictures does not ask for a day.
    await fixture.restartBridge();
    const from = somebody();
    const message = await fixture.arrived(fixture.receive({ from, content: text('hi') }));
    await waitFor(() => fixture.contactOf(message).avatarUrl !== '');
    const first = fixture.contactOf(message).avatarUrl;
    fixture.receive({ from, content: text('again') });
    await shown(message, /^again$/);
    expect(asked.filter((address) => address === from.phone)).toEqual([from.phone]);
    // A week later, after an agent has chosen another one.
    const { id } = fixture.contactOf(message);
    const form = new FormData();
    form.append('avatar', new Blob([Buffer.from(picture.bytes)], { type: 'image/png' }), 'mine.png');
    const headers = { 'api-access-token': fixture.adminToken };
    await fetch(`${fixture.chatwoot.url()}/api/v1/accounts/${ACCOUNT}/contacts/${id}`, { method: 'PUT', headers, body: form });
    const chosen = fixture.contactOf(message).avatarUrl;
    expect(chosen).not.toBe(first);
    await fixture.prisma.$executeRaw`UPDATE bridge_contacts SET avatar_asked_at = now() - interval '8 days'`;
    await fixture.restartBridge();
    fixture.receive({ from, content: text('a week later') });
    await waitFor(() => asked.filter((address) => address === from.phone).length === 2);
    await fixture.restartBridge();
    expect(fixture.contactOf(message).avatarUrl).toBe(chosen);
  });
});
