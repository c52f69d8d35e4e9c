import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { messageSourceId } from '../../bridge/relay/source-id.ts';
import { hashOf } from '../../shared/content-hash.ts';
import { lengthOf } from '../../shared/text/cut.ts';
import { ACCOUNT, createRelayFixture, INSTANCE, type Message, type RelayFixture } from '../support/relay-fixture.ts';
import { waitFor } from '../support/wait-for.ts';

describe.each(['3.13.0', '4.16.2'])('whatever is written, Chatwoot %s has it', (release) => {
  let fixture: RelayFixture;
  beforeAll(async () => {
    fixture = await createRelayFixture({ release });
  });
  afterAll(() => fixture.stop());

  let count = 0;
  const somebody = () => {
    count += 1;
    return { phone: `55119${String(80_000_000 + count)}`, name: 'Maria' };
  };
  /** The event of a message, in the engine's shape: half characters included, which no simulated phone types. */
  const tell = async (message: Record<string, unknown>, rest: Record<string, unknown> = {}): Promise<string> => {
    const from = somebody();
    const id = `CONTENT${count}`;
    const sender = { jid: `${from.phone}@s.whatsapp.net`, name: from.name };
    await fixture.ingest('message.exchange', { id, direction: 'incoming', chat: sender, sender, message, ...rest });
    return id;
  };
  it('says in words what it quotes where that is not in its conversation, as what was written before Ponte', async () => {
    const reply = { messageId: 'LONG-AGO', text: '*quanto* custa?\nobrigada' };
    const unknown = await fixture.arrived(await tell({ type: 'text', content: 'e agora?', reply }));
    expect(unknown.content).toBe('> quanto custa?\n> obrigada\n\ne agora?');
    const from = { jid: `${somebody().phone}@s.whatsapp.net`, name: 'Maria' };
    const inChat = { direction: 'incoming', chat: from, sender: from };
    await fixture.ingest('message.exchange', { ...inChat, id: `KNOWN${count}`, message: { type: 'text', content: 'antes' } });
    const told = { type: 'text', content: 'depois', reply: { messageId: `KNOWN${count}`, text: 'antes' } };
    await fixture.ingest('message.exchange', { ...inChat, id: `THEN${count}`, message: told });
    const known = await fixture.arrived(`KNOWN${count}`);
    expect(await fixture.arrived(`THEN${count}`)).toMatchObject({
      content: 'depois',
      contentAttributes: { in_reply_to: known.id },
    });
  });
  const arrivedWith = (sourceId: string): Promise<Message> =>
    waitFor(() => fixture.chatwoot.state.messages(ACCOUNT).find((message) => message.sourceId === sourceId));
  const deadLetters = () => fixture.prisma.bridgeDeadLetter.count();
  const thread = (message: Message) =>
    fixture.chatwoot.state
      .messages(ACCOUNT, fixture.conversationOf(message).displayId)
      .filter(({ messageType }) => messageType !== 'activity');

  it.each([
    ['two emoji at the limit', `${'x'.repeat(149_998)}👍👍`, `${'x'.repeat(149_998)}👍👍`],
    ['an emoji across it', `${'x'.repeat(149_999)}👍👍`, `${'x'.repeat(149_999)}…`],
    ['200,000 emoji', '👍'.repeat(200_000), `${'👍'.repeat(149_999)}…`],
    ['half an emoji and NUL', 'half \ud83d and \u0000 nothing', 'half \ufffd and  nothing'],
    ['blanks', '   ', '   '],
  ])('a text: %s', async (_name, content, expected) => {
    const message = await fixture.arrived(await tell({ type: 'text', content }));
    // Of long texts only whether they are equal: their difference is of no use.
    expect(message.content === expected).toBe(true);
  });

  it.each([
    ['300 emoji', '👍'.repeat(300), '👍'.repeat(255)],
    ['families', '👨‍👩‍👧‍👦'.repeat(60), '👨‍👩‍👧‍👦'.repeat(36)],
    ['half an emoji', 'Maria \ud83d', 'Maria \ufffd'],
  ])('a contact’s name: %s', async (_name, name, expected) => {
    const jid = `${somebody().phone}@s.whatsapp.net`;
    const message = { type: 'text', content: 'hi' };
    const id = `NAME${count}`;
    await fixture.ingest('message.exchange', { id, direction: 'incoming', chat: { jid }, sender: { jid, name }, message });
    expect(fixture.contactOf(await fixture.arrived(id)).name).toBe(expected);
  });

  it.each(['\u200f\u200e', '\u3164', '\u0301\u0301', '\ufe0f'])('a name of which nothing is seen (%j) is none', async (name) => {
    const { phone } = somebody();
    const jid = `${phone}@s.whatsapp.net`;
    const message = { type: 'text', content: 'hi' };
    await fixture.ingest('message.exchange', { id: phone, direction: 'incoming', chat: { jid }, sender: { jid, name }, message });
    expect(fixture.contactOf(await fixture.arrived(phone)).name).toBe(`+${phone}`);
  });

  it('a place, a card and a poll with names of emoji', async () => {
    const long = '👍'.repeat(2_000);
    const location = { latitude: 1, longitude: 2, name: long };
    const place = await fixture.arrived(await tell({ type: 'location', location }));
    expect(place.content).toBe(`📍 ${'👍'.repeat(1_000)}\nhttps://www.google.com/maps?q=1,2`);
    const card = await fixture.arrived(
      await tell({ type: 'contact', contact: { displayName: `${long}\ud83d`, phone: '351912345678' } }),
    );
    expect(card.content).toBe(`👤 **${'👍'.repeat(1_000)}**\n+351912345678`);
    const poll = await fixture.arrived(await tell({ type: 'poll', poll: { name: 'Lunch \ud83d?', options: [long] } }));
    expect(poll.content).toBe(`📊 **Lunch \ufffd?**\n- ${'👍'.repeat(1_000)}`);
  });

  it('a file, its name and its caption', async () => {
    const media = {
      base64: 'JVBERi0x',
      mimeType: 'application/pdf',
      fileName: `${'👍'.repeat(400)}.pdf`,
      caption: 'a\u0000b \ud83d',
    };
    const message = await fixture.arrived(await tell({ type: 'document', media }));
    expect(message).toMatchObject({ content: 'ab \ufffd', attachments: [{ filename: `${'👍'.repeat(251)}.pdf` }] });
  });

  it('braces typed on the phone, though escaping makes them longer than a message may be', async () => {
    const { phone } = somebody();
    const typed = '{{contact.name}} '.repeat(8_800);
    const jid = `${phone}@s.whatsapp.net`;
    await fixture.ingest('message.exchange', {
      id: phone,
      direction: 'outgoing',
      chat: { jid },
      message: { type: 'text', content: typed },
    });
    const { content } = await fixture.arrived(phone);
    expect(content?.endsWith('…') && typed.startsWith(content.slice(0, -1))).toBe(true);
    expect(lengthOf(content ?? '')).toBeGreaterThan(90_000);
  });

  it('when it was written, whether or not there is a file', async () => {
    const timestamp = '2026-01-02T03:04:05.000Z';
    const media = { base64: 'JVBERi0x', mimeType: 'application/pdf' };
    for (const message of [
      { type: 'text', content: 'hi' },
      { type: 'document', media },
    ]) {
      const { contentAttributes } = await fixture.arrived(await tell(message, { timestamp }));
      expect(Number(contentAttributes.external_created_at)).toBe(Date.parse(timestamp) / 1_000);
    }
  });

  it('a message whose id is longer than Chatwoot’s may be: once, quoted, and quotable', async () => {
    const { phone } = somebody();
    const jid = `${phone}@s.whatsapp.net`;
    const id = `${'LONG-'.repeat(60)}${count}`;
    const tellLong = (more: Record<string, unknown>) =>
      fixture.ingest('message.exchange', { direction: 'incoming', chat: { jid }, ...more });
    await tellLong({ id, message: { type: 'text', content: 'first' } });
    const first = await arrivedWith(messageSourceId(id));
    expect(lengthOf(first.sourceId ?? '')).toBe(255);

    // What a kill between Chatwoot's answer and our own note of it leaves.
    await fixture.settled();
    await fixture.prisma.bridgeMessage.deleteMany({ where: { whatsappId: id } });
    await fixture.prisma.engineEvent.updateMany({
      where: { dedupeKey: `message:${hashOf(`message:${id}`)}` },
      data: {
        ackedAt: null,
        payload: JSON.stringify({
          event: 'message.exchange',
          data: { id, direction: 'incoming', chat: { jid }, message: { type: 'text', content: 'first' } },
        }),
      },
    });
    await fixture.restartBridge();
    await fixture.settled();
    expect(thread(first).map(({ content }) => content)).toEqual(['first']);
    expect(await fixture.prisma.bridgeMessage.count({ where: { whatsappId: id } })).toBe(1);

    await tellLong({ id: `${phone}-2`, message: { type: 'text', content: 'second', reply: { messageId: id } } });
    expect((await fixture.arrived(`${phone}-2`)).contentAttributes).toMatchObject({ in_reply_to: first.id });
    fixture.chatwoot.state.reply(ACCOUNT, fixture.conversationOf(first).displayId, {
      content: 'to the first',
      contentAttributes: { in_reply_to: first.id },
    });
    const sent = await waitFor(() => fixture.engine.state.sent(INSTANCE).find(({ chat }) => chat.jid === jid));
    expect(sent).toMatchObject({ replyTo: id });
  });

  it('a long reply goes out in parts, in order', async () => {
    const from = somebody();
    const asked = await fixture.arrived(fixture.receive({ from, content: { type: 'text', text: 'tell me all' } }));
    const content = `${'a'.repeat(60_000)}\n\n${'b'.repeat(60_000)}`;
    fixture.chatwoot.state.reply(ACCOUNT, fixture.conversationOf(asked).displayId, { content });
    const sent = await waitFor(() => {
      const found = fixture.engine.state.sent(INSTANCE).filter(({ chat }) => chat.jid.startsWith(from.phone));
      return found.length === 2 ? found : undefined;
    });
    expect(sent.map(({ request }) => String(request?.message).slice(0, 1))).toEqual(['a', 'b']);
    expect(thread(asked).at(-1)?.status).not.toBe('failed');
  });

  it('for a customer whom the account knows by number, in the conversation that was last active', async () => {
    const { phone } = somebody();
    const post = async (path: string, body: unknown): Promise<{ id: number; payload: { contact: { id: number } } }> => {
      const response = await fetch(`${fixture.chatwoot.url()}/api/v1/accounts/${ACCOUNT}${path}`, {
        method: 'POST',
        headers: { 'api-access-token': fixture.adminToken, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      if (!response.ok) throw new Error(`${path}: ${response.status}`);
      // As the simulator's own tests hold it.
      return (await response.json()) as { id: number; payload: { contact: { id: number } } };
    };
    const { payload } = await post('/contacts', { name: 'Dr. Souza (VIP)', phone_number: `+${phone}` });
    const conversation = { inbox_id: fixture.inboxId, contact_id: payload.contact.id, source_id: phone };
    const older = await post('/conversations', conversation);
    await post('/conversations', conversation);
    // Chatwoot tells seconds.
    const second = Math.floor(Date.now() / 1_000);
    await waitFor(() => Math.floor(Date.now() / 1_000) > second);
    await post(`/conversations/${older.id}/messages`, { content: 'from the archive', message_type: 'incoming' });
    const message = await fixture.arrived(fixture.receive({ from: { phone }, content: { type: 'text', text: 'hi' } }));
    expect(fixture.contactOf(message).id).toBe(payload.contact.id);
    expect(fixture.conversationOf(message).displayId).toBe(older.id);
  });

  it('and nothing of all that was set aside', async () => {
    await fixture.settled();
    expect(await deadLetters()).toBe(0);
  });
});
