import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeMediaFile } from '../../simulators/whatsapp-engine/media-files.ts';
import { ACCOUNT, createRelayFixture, INSTANCE, type RelayFixture } from '../support/relay-fixture.ts';
import { waitFor } from '../support/wait-for.ts';

let fixture: RelayFixture;
beforeAll(async () => {
  fixture = await createRelayFixture();
});
afterAll(() => fixture.stop());

let people = 0;
/** Somebody who has never written before. */
const somebody = (name = 'Maria') => {
  people += 1;
  return { phone: `55119${String(80_000_000 + people)}`, name };
};
/** A conversation without what Chatwoot itself notes in it. */
const thread = (displayId: number) =>
  fixture.chatwoot.state.messages(ACCOUNT, displayId).filter(({ messageType }) => messageType !== 'activity');
const text = (value: string) => ({ type: 'text', text: value }) as const;
const group = { id: '120363041234567890', name: 'Sales' };

describe('a message from WhatsApp', () => {
  it('makes contact, conversation and message, once', async () => {
    const from = somebody('João Silva');
    const id = fixture.receive({ from, content: text('Olá *mundo*') });
    const message = await fixture.arrived(id);
    expect(message).toMatchObject({ messageType: 'incoming', content: 'Olá **mundo**', private: false, attachments: [] });
    expect(fixture.contactOf(message)).toMatchObject({
      name: 'João Silva',
      phoneNumber: `+${from.phone}`,
      identifier: `${from.phone}@s.whatsapp.net`,
    });
    expect(fixture.conversationOf(message)).toMatchObject({ status: 'open', inboxId: fixture.inboxId });
    await fixture.settled();
    expect(fixture.posted(id)).toHaveLength(1);
  });

  it.each([
    ['live', 'image'],
    ['live', 'video'],
    ['live', 'audio'],
    ['live', 'sticker'],
    ['live', 'document'],
    ['catalogue', 'image'],
    ['catalogue', 'video'],
    ['catalogue', 'audio'],
    ['catalogue', 'sticker'],
    ['catalogue', 'document'],
  ] as const)('arrives with its file, byte for byte (%s shape): %s', async (shape, type) => {
    fixture.engine.state.configure(INSTANCE, { shape });
    const made = makeMediaFile(type);
    const id = fixture.receive({
      from: somebody(),
      content: { type, ...(type === 'document' ? { caption: 'see *this*' } : {}) },
    });
    const message = await fixture.arrived(id);
    fixture.engine.state.configure(INSTANCE, { shape: 'live' });
    expect(message.attachments).toHaveLength(1);
    const { bytes, contentType } = await fixture.file(message);
    expect(bytes.equals(made.bytes)).toBe(true);
    expect(contentType).toBe(made.mimeType.split(';')[0]);
    // The caption once, and nothing else.
    expect(message.content).toBe(type === 'document' ? 'see **this**' : '');
    if (type === 'document') expect(message.attachments[0]?.filename).toBe(made.fileName);
  });

  it.each(['plain', 's3', 'encrypted', 'none'] as const)(
    'has its file though it does not come with the event (address: %s)',
    async (mediaUrl) => {
      fixture.engine.state.configure(INSTANCE, { mediaBase64: false, mediaUrl });
      const bytes = randomBytes(200_000);
      const media = { base64: bytes.toString('base64'), mimeType: 'application/zip', fileName: 'Relatório 1.zip' };
      const message = await fixture.arrived(fixture.receive({ from: somebody(), content: { type: 'document', media } }));
      fixture.engine.state.configure(INSTANCE, { mediaBase64: true });
      expect((await fixture.file(message)).bytes.equals(bytes)).toBe(true);
      expect(message.attachments[0]).toMatchObject({ filename: 'Relatório 1.zip', contentType: 'application/zip' });
    },
  );

  it('comes with a note where its file is not to be had', async () => {
    await fixture.ingest('message.exchange', {
      id: 'LOST1',
      direction: 'incoming',
      chat: { jid: `${somebody().phone}@s.whatsapp.net` },
      message: { type: 'image', content: '', media: { mimeType: 'image/jpeg', caption: 'our house' } },
    });
    const message = await fixture.arrived('LOST1');
    expect(message.content).toMatch(/^our house\n\n⚠️ A picture belongs here, but .*see it on the phone$/);
    expect(message.attachments).toEqual([]);
  });

  it('comes with a note where a proxy lets no file of that size through', async () => {
    fixture.chatwoot.faults.add({
      method: 'POST',
      path: /messages$/,
      times: 1,
      action: { kind: 'status', status: 413, body: '<html>413</html>' },
    });
    const message = await fixture.arrived(fixture.receive({ from: somebody(), content: { type: 'video', caption: 'party' } }));
    expect(message.content).toBe('party\n\n⚠️ A video belongs here, but Chatwoot takes no file of 1 MB — see it on the phone');
  });

  it.each([
    [
      'location',
      { type: 'location', latitude: -23.5, longitude: -46.6, name: 'Sé' },
      '📍 Sé\nhttps://www.google.com/maps?q=-23.5,-46.6',
    ],
    ['contact', { type: 'contact', contacts: [{ name: 'Rui', phone: '351912345678' }] }, '👤 **Rui**\n+351912345678'],
    ['button', { type: 'buttons_response', id: 'b', text: 'Yes' }, '☑️ Yes'],
    ['list entry', { type: 'list_response', id: 'l', title: 'Sales' }, '☑️ Sales'],
    [
      'poll',
      { type: 'other', name: 'poll', fields: { poll: { name: 'Lunch?', options: ['Yes', 'No'] } } },
      '📊 **Lunch?**\n- Yes\n- No',
    ],
    [
      'what nobody knows',
      { type: 'other', name: 'hologram' },
      'ℹ️ A message of a kind that cannot be shown here (hologram) — see it on the phone',
    ],
  ] as const)('is readable whatever its kind: %s', async (_name, content, expected) => {
    // The readonly arrays of the table are as good as those of the type.
    const message = await fixture.arrived(fixture.receive({ from: somebody(), content: content as never }));
    expect(message.content).toBe(expected);
  });

  it('quotes what it answers', async () => {
    const from = somebody();
    const first = fixture.receive({ from, content: text('question') });
    const second = fixture.receive({ from, content: text('answer'), replyTo: first });
    const [question, answer] = [await fixture.arrived(first), await fixture.arrived(second)];
    expect(answer.contentAttributes).toMatchObject({ in_reply_to: question.id, in_reply_to_external_id: `WAID:${first}` });
  });

  it('quotes what an agent wrote', async () => {
    const from = somebody();
    const asked = await fixture.arrived(fixture.receive({ from, content: text('hi') }));
    const written = fixture.chatwoot.state.reply(ACCOUNT, fixture.conversationOf(asked).displayId, {
      content: 'how can I help?',
    });
    const sent = await waitFor(() => fixture.engine.state.sent(INSTANCE).find(({ chat }) => chat.jid.startsWith(from.phone)));
    const answer = await fixture.arrived(fixture.receive({ from, content: text('like this'), replyTo: sent.id }));
    expect(answer.contentAttributes).toMatchObject({ in_reply_to: written.id });
  });

  it('stays in one order with those before and after it', async () => {
    const from = somebody();
    const ids = Array.from({ length: 30 }, (_, index) => fixture.receive({ from, content: text(`message ${index}`) }));
    const last = await fixture.arrived(ids.at(-1) ?? '');
    const messages = fixture.chatwoot.state.messages(ACCOUNT, fixture.conversationOf(last).displayId);
    expect(messages.map(({ content }) => content)).toEqual(ids.map((_, index) => `message ${index}`));
  });
});

describe('what happens to a message', () => {
  it('an edit answers it with the new text; each edit is shown once', async () => {
    const from = somebody();
    const id = fixture.receive({ from, content: text('tomorow') });
    const original = await fixture.arrived(id);
    fixture.receive({ from, content: { type: 'edit', messageId: id, text: 'tomorrow' } });
    fixture.receive({ from, content: { type: 'edit', messageId: id, text: '*today*' } });
    await fixture.settled();
    const messages = fixture.chatwoot.state.messages(ACCOUNT, fixture.conversationOf(original).displayId);
    expect(messages.map(({ content }) => content)).toEqual(['tomorow', '✏️ Edited:\ntomorrow', '✏️ Edited:\n**today**']);
    expect(messages[2]).toMatchObject({ messageType: 'incoming', contentAttributes: { in_reply_to: original.id } });
  });

  it('its deletion is a private note below it, which opens nothing that was resolved; of what was never here it is none', async () => {
    const from = somebody();
    const id = fixture.receive({ from, content: text('oops') });
    const original = await fixture.arrived(id);
    const { displayId } = fixture.conversationOf(original);
    fixture.chatwoot.state.setStatus(ACCOUNT, displayId, 'resolved');
    fixture.receive({ from, content: { type: 'message_revoke', messageId: id } });
    fixture.receive({ from, content: { type: 'message_revoke', messageId: 'UNKNOWN1' } });
    await fixture.settled();
    const [, note, ...rest] = thread(displayId);
    expect(note).toMatchObject({
      content: '🚫 This message was deleted on WhatsApp',
      private: true,
      contentAttributes: { in_reply_to: original.id },
    });
    expect(rest).toEqual([]);
    expect(fixture.conversationOf(original).status).toBe('resolved');
  });

  it('a reaction answers it, and opens nothing that was resolved', async () => {
    const from = somebody();
    const id = fixture.receive({ from, content: text('done') });
    const original = await fixture.arrived(id);
    const { displayId } = fixture.conversationOf(original);
    fixture.receive({ from, content: { type: 'reaction', messageId: id, emoji: '👍' } });
    await fixture.settled();
    fixture.chatwoot.state.setStatus(ACCOUNT, displayId, 'resolved');
    fixture.receive({ from, content: { type: 'reaction', messageId: id, emoji: '' } });
    await fixture.settled();
    const [, given, taken] = thread(displayId);
    expect(given).toMatchObject({ content: '👍', messageType: 'incoming', contentAttributes: { in_reply_to: original.id } });
    expect(taken).toMatchObject({ content: '↩️ Reaction removed', private: true });
    expect(fixture.conversationOf(original).status).toBe('resolved');
  });

  it('ticks follow what WhatsApp tells, only forward, and survive a message that was deleted', async () => {
    const to = somebody();
    const id = fixture.type({ to, content: text('typed on the phone') });
    const message = await fixture.arrived(id);
    fixture.engine.state.reportStatus(INSTANCE, [id], 'read');
    await waitFor(() => message.status === 'read');
    fixture.engine.state.reportStatus(INSTANCE, [id], 'delivered');
    fixture.engine.state.reportStatus(INSTANCE, [id], 'server_error');
    await fixture.settled();
    expect(message.status).toBe('read');
    const failing = fixture.type({ to, content: text('never arrives') });
    const failed = await fixture.arrived(failing);
    fixture.engine.state.reportStatus(INSTANCE, [failing], 'server_error');
    await waitFor(() => failed.status === 'failed');
    expect(failed.contentAttributes.external_error).toBe('WhatsApp could not deliver the message');
  });

  it('ticks come to agents’ messages, too', async () => {
    const from = somebody();
    const asked = await fixture.arrived(fixture.receive({ from, content: text('hi') }));
    const written = fixture.chatwoot.state.reply(ACCOUNT, fixture.conversationOf(asked).displayId, { content: 'hello' });
    await waitFor(() => written.status === 'read');
  });

  it('a call is told once', async () => {
    const { phone } = somebody();
    for (const status of ['offer', 'terminate']) {
      await fixture.ingest('call.update', { callId: 'CALL1', from: `${phone}@s.whatsapp.net`, status, isVideo: true });
    }
    await fixture.settled();
    const told = fixture.posted('CALL1#call');
    expect(told.map(({ content }) => content)).toEqual(['📞 Video call on WhatsApp — it can only be answered on the phone']);
  });
});

describe('what was written on the phone', () => {
  it('is an outgoing message, exactly as it was typed', async () => {
    const to = somebody();
    const typed = 'Dear {{contact.name}}, {% if x %}`{{code}}`{% endif %} costs {1}';
    const message = await fixture.arrived(fixture.type({ to, content: text(typed) }));
    expect(message).toMatchObject({ messageType: 'outgoing', content: typed, private: false });
    // Neither name is the phone owner's.
    expect(fixture.contactOf(message)).toMatchObject({ name: to.name, phoneNumber: `+${to.phone}` });
    await fixture.settled();
    expect(fixture.engine.state.sent(INSTANCE).filter(({ chat }) => chat.jid.startsWith(to.phone))).toEqual([]);
  });

  it('by us is not told a second time, whether its echo comes before or after the answer', async () => {
    for (const echo of ['before', 'after'] as const) {
      fixture.engine.state.configure(INSTANCE, { echo });
      const from = somebody();
      const asked = await fixture.arrived(fixture.receive({ from, content: text('hi') }));
      const { displayId } = fixture.conversationOf(asked);
      fixture.chatwoot.state.reply(ACCOUNT, displayId, { content: 'hello' });
      await waitFor(() => fixture.engine.state.sent(INSTANCE).some(({ chat }) => chat.jid.startsWith(from.phone)));
      await fixture.settled();
      expect(fixture.chatwoot.state.messages(ACCOUNT, displayId).map(({ content }) => content)).toEqual(['hi', 'hello']);
    }
    fixture.engine.state.configure(INSTANCE, { echo: 'after' });
  });
});

describe('a group', () => {
  it('is one contact and one conversation, in which each message says who wrote it', async () => {
    const [maria, rui] = [somebody('Maria'), { lid: '4711', name: 'Rui' }];
    const first = await fixture.arrived(fixture.receive({ from: maria, group, content: text('hello') }));
    const second = await fixture.arrived(fixture.receive({ from: rui, group, content: text('hi') }));
    const third = await fixture.arrived(fixture.receive({ from: maria, group, content: { type: 'image', caption: 'look' } }));
    expect(first.content).toMatch(/^\*\*Maria \(\+55 11 98\d{3} \d{4}\):\*\*\nhello$/);
    expect(second.content).toBe('**Rui:**\nhi');
    expect(third.content).toMatch(/:\*\*\nlook$/);
    expect(new Set([first, second, third].map(({ conversationId }) => conversationId)).size).toBe(1);
    expect(fixture.contactOf(first)).toMatchObject({ name: 'Sales', identifier: '120363041234567890@g.us', phoneNumber: null });
  });

  it('is renamed in Chatwoot when it is on WhatsApp', async () => {
    const message = await fixture.arrived(
      fixture.receive({ from: somebody(), group: { ...group, id: '12036305' }, content: text('x') }),
    );
    await fixture.ingest('group.flow', { chat: { jid: '12036305@g.us' }, subject: 'Sales and more' });
    await waitFor(() => fixture.contactOf(message).name === 'Sales and more');
  });
});

it('channels and stories are nobody’s conversation', async () => {
  const before = fixture.chatwoot.state.messages(ACCOUNT).length;
  for (const [jid, type] of [
    ['1203@newsletter', 'newsletter'],
    ['status@broadcast', 'broadcast'],
  ]) {
    await fixture.ingest('message.exchange', { id: `PUBLIC-${type}`, chat: { jid, type }, message: { content: 'news' } });
  }
  await fixture.settled();
  expect(fixture.chatwoot.state.messages(ACCOUNT).length).toBe(before);
});

it('nothing that anybody wrote is in a log', () => {
  const logged = fixture.log.join('') + fixture.harness.log();
  expect(logged).not.toMatch(/Olá|mundo|João|typed on the phone|our house|Relatório/);
  expect(logged).not.toContain(fixture.adminToken);
});
