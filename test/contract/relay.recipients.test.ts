import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BRIDGE_TIMEOUTS } from '../../bridge/timeouts.ts';
import { ACCOUNT, createRelayFixture, type Message, type RelayFixture } from '../support/relay-fixture.ts';
import { waitFor } from '../support/wait-for.ts';

let fixture: RelayFixture;
beforeAll(async () => {
  const replies = { ...BRIDGE_TIMEOUTS.replies, holdBackMs: 20 };
  fixture = await createRelayFixture({ timeouts: { earlyPatienceMs: 5_000, pollEveryMs: 500, replies } });
});
afterAll(() => fixture.stop());

type Person = Parameters<RelayFixture['receive']>[0]['from'];
const write = async (from: Person, text = 'hi'): Promise<Message> =>
  fixture.arrived(fixture.receive({ from, content: { type: 'text', text } }));

let lastDigits = 5_511_960_000_000;
const newNumber = (): string => String(++lastDigits);
let lastLid = 180_000_000_000_000;
const newLid = (): string => String(++lastLid);
let lastText = 0;

const contacts = () => fixture.chatwoot.state.contacts(ACCOUNT);
const conversationsOf = (contactId: number) =>
  fixture.chatwoot.state.conversations(ACCOUNT).filter((conversation) => conversation.contactId === contactId);

/** As somebody else than the relay does in Chatwoot. */
async function chatwoot<Answer = unknown>(method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(`${fixture.chatwoot.url()}/api/v1/accounts/${ACCOUNT}${path}`, {
    method,
    headers: { 'api-access-token': fixture.adminToken, 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
  // What the simulator answers, its own contract holds.
  return JSON.parse(text || '{}') as Answer;
}
const newContact = async (values: Record<string, unknown>): Promise<number> =>
  (await chatwoot<{ payload: { contact: { id: number } } }>('POST', '/contacts', { name: 'X', ...values })).payload.contact.id;
const merge = (base: number, mergee: number) =>
  chatwoot('POST', '/actions/contact_merge', { base_contact_id: base, mergee_contact_id: mergee });
/** A conversation that an agent begins; `source_id` is what the dashboard, or another system, put there. */
const begin = async (contactId: number, source_id?: string): Promise<number> =>
  (await chatwoot<{ id: number }>('POST', '/conversations', { inbox_id: fixture.inboxId, contact_id: contactId, source_id })).id;

/** What the agent writes there, and where it went: the address, or why it failed. */
async function replyIn(displayId: number): Promise<string> {
  const content = `reply ${++lastText}`;
  const { id } = fixture.chatwoot.state.reply(ACCOUNT, displayId, { content });
  return fateOf(id, content);
}
async function fateOf(id: number, content: string): Promise<string> {
  return waitFor(() => {
    const sent = fixture.engine.state.sent().find((message) => JSON.stringify(message.content).includes(`"${content}"`));
    if (sent) return sent.chat.jid.replace('@s.whatsapp.net', '');
    const message = fixture.chatwoot.state.messages(ACCOUNT).find((known) => known.id === id);
    return message?.status === 'failed' ? `failed: ${String(message.contentAttributes.external_error)}` : undefined;
  });
}
const replyTo = (message: Message): Promise<string> => replyIn(fixture.conversationOf(message).displayId);

describe.concurrent('an agent who writes first', () => {
  it.each([
    ['a tax number', '12345678901'],
    ['the number of a record', '8812'],
    ['somebody’s phone number', '5511900000001'],
    ['an email address', 'maria@example.com'],
    ['a random id', '5d1c6e0e-7a67-4f7e-9a3c-1de8ad4f1a11'],
  ])('reaches the contact’s phone number, whatever other systems call the contact: %s', async (_name, id) => {
    const number = newNumber();
    const contactId = await newContact({ phone_number: `+${number}`, identifier: `${id}` });
    expect(await replyIn(await begin(contactId))).toBe(number);
    const other = newNumber();
    const second = await newContact({ phone_number: `+${other}`, inbox_id: fixture.inboxId, source_id: id });
    expect(await replyIn(await begin(second, id))).toBe(other);
  });

  it('is told why it failed where no number is sure, and what to do, and can then retry', async () => {
    for (const values of [{ identifier: '98765432100' }, { inbox_id: fixture.inboxId, source_id: '98765432199' }]) {
      const contactId = await newContact(values);
      const displayId = await begin(contactId, 'source_id' in values ? values.source_id : undefined);
      const content = `first ${++lastText}`;
      const { id } = fixture.chatwoot.state.reply(ACCOUNT, displayId, { content });
      expect(await fateOf(id, content)).toBe(
        'failed: the contact has no WhatsApp number — give it a phone number in Chatwoot, then retry',
      );
      const number = newNumber();
      fixture.chatwoot.state.updateContact(ACCOUNT, contactId, { phone_number: `+${number}` });
      await waitFor(async () => (await fixture.prisma.bridgeReply.count({ where: { chatwootMessageId: id, report: '' } })) > 0);
      fixture.chatwoot.state.retryMessage(ACCOUNT, displayId, id);
      expect(await fateOf(id, content)).toBe(number);
    }
  });

  it('gets the answer in that conversation, and goes on in it, though it has the number in another spelling', async () => {
    const contactId = await newContact({ phone_number: '+5511960990001' });
    const displayId = await begin(contactId);
    expect(await replyIn(displayId)).toBe('5511960990001');
    const answer = await write({ phone: '551160990001' });
    expect(fixture.conversationOf(answer).displayId).toBe(displayId);
    expect(await replyIn(displayId)).toBe('551160990001');
    // The engine has told that spelling, so it counts for other conversations, too.
    expect(await replyIn(await begin(contactId))).toBe('551160990001');
  });
});

describe.concurrent('a customer whose number changes', () => {
  it('is answered at the number that he wrote from last, whichever the contact has', async () => {
    const [before, after, lid] = [newNumber(), newNumber(), newLid()];
    const first = await write({ phone: before, lid, name: 'Rui' });
    fixture.chatwoot.state.updateContact(ACCOUNT, fixture.contactOf(first).id, { phone_number: `+${after}` });
    const second = await write({ phone: after, lid, name: 'Rui' });
    expect(fixture.contactOf(second).id).toBe(fixture.contactOf(first).id);
    expect(await replyTo(second)).toBe(after);
    // The old conversation is with the old number still.
    expect(await replyTo(first)).toBe(second.conversationId === first.conversationId ? after : before);
  });

  it('in Chatwoot only, is answered where he writes from', async () => {
    const [real, wrong] = [newNumber(), newNumber()];
    const first = await write({ phone: real });
    fixture.chatwoot.state.updateContact(ACCOUNT, fixture.contactOf(first).id, { phone_number: `+${wrong}` });
    expect(await replyTo(first)).toBe(real);
    const stranger = await write({ phone: wrong });
    expect(stranger.conversationId).not.toBe(first.conversationId);
    expect(await replyTo(stranger)).toBe(wrong);
    expect(await replyTo(first)).toBe(real);
  });

  it('keeps the number that an agent gave him when WhatsApp tells another', async () => {
    const [given, told, lid] = [newNumber(), newNumber(), newLid()];
    const first = await write({ lid });
    fixture.chatwoot.state.updateContact(ACCOUNT, fixture.contactOf(first).id, { phone_number: `+${given}` });
    const second = await write({ lid, phone: told });
    expect(fixture.contactOf(first).phoneNumber).toBe(`+${given}`);
    expect(await replyTo(second)).toBe(told);
  });
});

describe.concurrent('contacts that an agent merges', () => {
  it.each(['the first', 'the second'])('keep their conversations apart, when %s remains', async (remaining) => {
    const [a, b] = [newNumber(), newNumber()];
    const [ofA, ofB] = [await write({ phone: a }), await write({ phone: b })];
    const [one, two] = [fixture.contactOf(ofA).id, fixture.contactOf(ofB).id];
    await (remaining === 'the first' ? merge(one, two) : merge(two, one));
    expect([await replyTo(ofA), await replyTo(ofB)]).toEqual([a, b]);
    const [nextOfA, nextOfB] = [await write({ phone: a }, 'A again'), await write({ phone: b }, 'B again')];
    expect(nextOfA.conversationId).toBe(ofA.conversationId);
    expect(nextOfB.conversationId).toBe(ofB.conversationId);
    expect([await replyTo(ofB), await replyTo(ofA)]).toEqual([b, a]);
    expect(conversationsOf(remaining === 'the first' ? one : two)).toHaveLength(2);
  });

  it('keep them apart where conversations end, too', async () => {
    const [a, b] = [newNumber(), newNumber()];
    const [ofA, ofB] = [await write({ phone: a }), await write({ phone: b })];
    await merge(fixture.contactOf(ofA).id, fixture.contactOf(ofB).id);
    await fixture.change({ reopenResolved: false });
    fixture.chatwoot.state.setStatus(ACCOUNT, fixture.conversationOf(ofB).displayId, 'resolved');
    const next = await write({ phone: b });
    await fixture.change({ reopenResolved: true });
    expect([ofA.conversationId, ofB.conversationId]).not.toContain(next.conversationId);
    expect(await replyTo(next)).toBe(b);
  });
});

describe('one @lid that is told beside two numbers', () => {
  it('makes them one person never, and the integration says so', async () => {
    const [a, b, lid] = [newNumber(), newNumber(), newLid()];
    const [knownA, knownB] = [await write({ phone: a, name: 'Ana' }), await write({ phone: b, name: 'Bia' })];
    const [ofA, ofB] = [await write({ phone: a, lid, name: 'Ana' }), await write({ phone: b, lid, name: 'Bia' })];
    expect([ofA.conversationId, ofB.conversationId]).toEqual([knownA.conversationId, knownB.conversationId]);
    expect([fixture.contactOf(ofA).phoneNumber, fixture.contactOf(ofB).phoneNumber]).toEqual([`+${a}`, `+${b}`]);
    await waitFor(async () => (await fixture.integration()).lastError.includes(a.slice(-4)));
    expect(await fixture.integration()).toMatchObject({
      status: 'active',
      lastError: expect.stringContaining('no contacts were merged'),
    });
    // Nobody knows which of the two has written this.
    const hidden = await write({ lid });
    expect([ofA.conversationId, ofB.conversationId]).not.toContain(hidden.conversationId);
    expect(await replyTo(hidden)).toBe(`${lid}@lid`);
    expect([await replyTo(ofA), await replyTo(ofB)]).toEqual([a, b]);
  });

  it('even where it was a contact of its own before', async () => {
    const [a, b, lid] = [newNumber(), newNumber(), newLid()];
    await write({ lid });
    const ofA = await write({ phone: a, lid });
    const ofB = await write({ phone: b, lid });
    expect(fixture.contactOf(ofA).id).not.toBe(fixture.contactOf(ofB).id);
    expect(contacts().filter(({ phoneNumber }) => phoneNumber === `+${a}` || phoneNumber === `+${b}`)).toHaveLength(2);
    expect([await replyTo(ofA), await replyTo(ofB)]).toEqual([a, b]);
  });

  it('nor is a contact merged that an agent gave another number, or another system knows', async () => {
    for (const values of [{ phone_number: `+${newNumber()}` }, { identifier: `crm-${newNumber()}` }]) {
      const [number, lid] = [newNumber(), newLid()];
      const hidden = await write({ lid });
      const known = await write({ phone: number });
      fixture.chatwoot.state.updateContact(ACCOUNT, fixture.contactOf(hidden).id, values);
      const both = await write({ phone: number, lid });
      expect(fixture.contactOf(hidden).id).not.toBe(fixture.contactOf(known).id);
      expect(both.conversationId).toBe(known.conversationId);
      await waitFor(async () => (await fixture.integration()).lastError.includes('were not merged'));
    }
  });
});

describe('a blocked contact', () => {
  it('stays in its latest conversation, also where resolved ones are left alone', async () => {
    await fixture.change({ reopenResolved: false });
    const from = { phone: newNumber() };
    const first = await write(from);
    const contactId = fixture.contactOf(first).id;
    fixture.chatwoot.state.updateContact(ACCOUNT, contactId, { blocked: true });
    fixture.chatwoot.state.setStatus(ACCOUNT, fixture.conversationOf(first).displayId, 'resolved');
    for (const text of ['a', 'b', 'c']) expect((await write(from, text)).conversationId).toBe(first.conversationId);
    fixture.chatwoot.state.updateContact(ACCOUNT, contactId, { blocked: false });
    expect((await write(from)).conversationId).not.toBe(first.conversationId);
    await fixture.change({ reopenResolved: true });
  });

  it('that was blocked before it ever wrote has one conversation', async () => {
    await fixture.change({ reopenResolved: false });
    const number = newNumber();
    const contactId = await newContact({ phone_number: `+${number}`, blocked: true });
    for (const text of ['a', 'b', 'c']) await write({ phone: number }, text);
    expect(conversationsOf(contactId)).toHaveLength(1);
    await fixture.change({ reopenResolved: true });
  });
});

describe.concurrent('spellings of one number are one person, answered at the one that the engine told last', () => {
  it.each([
    ['Brazil', '5511960980001', '551160980001'],
    ['Mexico', '5215512349876', '525512349876'],
    ['Argentina', '5491123459876', '541123459876'],
    ['Benin', '22997123456', '2290197123456'],
    ['Côte d’Ivoire', '22507123456', '2250707123456'],
  ])('%s', async (_country, one, other) => {
    const first = await write({ phone: one });
    expect(await replyTo(first)).toBe(one);
    const second = await write({ phone: other });
    expect(second.conversationId).toBe(first.conversationId);
    expect(await replyTo(second)).toBe(other);
  });

  it('also of a contact that is there already', async () => {
    const contactId = await newContact({ phone_number: '+541123450001' });
    const message = await write({ phone: '5491123450001' });
    expect(fixture.contactOf(message)).toMatchObject({ id: contactId, phoneNumber: '+541123450001' });
  });
});

describe.concurrent('an event in the words of other engines', () => {
  let lastId = 0;
  /** Of a message whose chat and sender are told like this. */
  async function tell(chat: unknown, beside: Record<string, unknown> = {}): Promise<string> {
    const id = `RAW${++lastId}`;
    const message = { type: 'text', content: 'hi' };
    await fixture.ingest('message.exchange', {
      id,
      direction: 'incoming',
      timestamp: '2026-04-28T10:30:00Z',
      chat,
      ...beside,
      message,
    });
    return id;
  }
  const told = async (chat: unknown, beside?: Record<string, unknown>) => fixture.arrived(await tell(chat, beside));

  it('knows hosted addresses: of a number, and of a lid', async () => {
    const [number, lid] = [newNumber(), newLid()];
    const plain = await write({ phone: number });
    expect((await told({ jid: `${number}:99@hosted` })).conversationId).toBe(plain.conversationId);
    const hidden = await write({ lid });
    expect((await told({ jid: `${lid}@hosted.lid` })).conversationId).toBe(hidden.conversationId);
    const other = newNumber();
    expect(fixture.contactOf(await told({ jid: `${other}@c.us` })).phoneNumber).toBe(`+${other}`);
  });

  it.each(['867051314767696@bot', '120363000000000001@newsletter', 'status@broadcast', '4917612345@interop', '12@call'])(
    'is let go where nobody is whom one could write to: %s',
    async (jid) => {
      const id = await tell({ jid }, { sender: { jid } });
      await fixture.settled();
      expect(fixture.posted(id)).toEqual([]);
      expect(contacts().filter(({ identifier }) => identifier?.startsWith(`${jid.split('@')[0]}@`))).toEqual([]);
    },
  );

  it('takes the digits of a lid that it knows for that lid, whatever stands behind them', async () => {
    const [number, lid] = [newNumber(), newLid()];
    const both = await write({ phone: number, lid });
    const asNumber = await told({ jid: `${lid}@s.whatsapp.net` });
    expect(asNumber.conversationId).toBe(both.conversationId);
    expect(await replyTo(asNumber)).toBe(`${lid}@lid`);
    const hidden = newLid();
    const first = await write({ lid: hidden });
    expect((await told({ jid: `${hidden}@s.whatsapp.net` })).conversationId).toBe(first.conversationId);
  });

  it.each<[string, (number: string, lid: string) => [unknown, Record<string, unknown>]]>([
    ['phoneNumber', (number: string, lid: string) => [{ jid: `${lid}@lid`, phoneNumber: `${number}@s.whatsapp.net` }, {}]],
    ['pn', (number: string, lid: string) => [{ jid: `${lid}@lid`, pn: number }, {}]],
    ['jidAlt', (number: string, lid: string) => [{ jid: `${lid}@lid`, jidAlt: `${number}@s.whatsapp.net` }, {}]],
    ['lid beside a number', (number: string, lid: string) => [{ jid: `${number}@s.whatsapp.net`, jidAlt: `${lid}@lid` }, {}]],
    ['senderAlt', (number: string, lid: string) => [{ jid: `${lid}@lid` }, { senderAlt: `${number}@s.whatsapp.net` }]],
    ['sender_pn', (number: string, lid: string) => [`${lid}@lid`, { sender: `${lid}@lid`, sender_pn: number }]],
    ['remoteJidAlt', (number: string, lid: string) => [`${lid}@lid`, { key: { remoteJidAlt: `${number}@s.whatsapp.net` } }]],
    [
      'the sender',
      (number: string, lid: string) => [{ jid: `${lid}@lid` }, { sender: { jid: `${lid}@lid`, phone_number: number } }],
    ],
  ])('finds the number beside a lid in %s', async (_name, shape) => {
    const [number, lid] = [newNumber(), newLid()];
    const asNumber = await write({ phone: number });
    expect((await told(...shape(number, lid))).conversationId).toBe(asNumber.conversationId);
    // From then on the lid alone is enough.
    expect((await write({ lid })).conversationId).toBe(asNumber.conversationId);
  });

  it('learns from a group whose number a lid is', async () => {
    const [number, lid] = [newNumber(), newLid()];
    const asNumber = await write({ phone: number });
    await fixture.arrived(
      fixture.receive({
        from: { phone: number, lid },
        group: { id: '1203630777', name: 'Team' },
        content: { type: 'text', text: 'x' },
      }),
    );
    expect((await write({ lid })).conversationId).toBe(asNumber.conversationId);
  });

  it('does not take the owner of the phone for the customer, where it says too much', async () => {
    const [customer, owner, lid] = [newNumber(), newNumber(), newLid()];
    await told({ jid: `${customer}@s.whatsapp.net` }, { sender: { jid: `${owner}@s.whatsapp.net`, lid: `${lid}@lid` } });
    const hidden = await write({ lid });
    expect(fixture.contactOf(hidden).phoneNumber).not.toBe(`+${customer}`);
  });
});

describe.concurrent('what comes before the message that it is about', () => {
  const later = (from: Person, id: string, text: string) => fixture.receive({ from, id, content: { type: 'text', text } });
  const waiting = (originalId: string, count: number) =>
    waitFor(async () => (await fixture.prisma.bridgeEarlyEvent.count({ where: { originalId } })) === count);
  const notesIn = (message: Message) =>
    fixture.chatwoot.state
      .messages(ACCOUNT)
      .filter(({ conversationId, id }) => conversationId === message.conversationId && id !== message.id);

  it('a revocation, is remembered and shown with it, once', async () => {
    const from = { phone: newNumber() };
    fixture.receive({ from, content: { type: 'message_revoke', messageId: 'EARLY1' } });
    await waiting('EARLY1', 1);
    const message = await fixture.arrived(later(from, 'EARLY1', 'oops'));
    await waitFor(() => notesIn(message).length > 0);
    await write(from);
    expect(notesIn(message)[0]).toMatchObject({ private: true, sourceId: 'WAID:EARLY1#deleted' });
    expect(fixture.posted('EARLY1#deleted')).toHaveLength(1);
  });

  it('an edit and a reaction, stand behind it', async () => {
    const from = { phone: newNumber() };
    fixture.receive({ from, content: { type: 'edit', messageId: 'EARLY2', text: 'new words' } });
    fixture.receive({ from, content: { type: 'reaction', messageId: 'EARLY2', emoji: '👍' } });
    await waiting('EARLY2', 2);
    const message = await fixture.arrived(later(from, 'EARLY2', 'old words'));
    const notes = await waitFor(() => {
      const found = notesIn(message);
      return found.length === 2 ? found : undefined;
    });
    expect(notes.map(({ id }) => id > message.id)).toEqual([true, true]);
    expect(notes.map(({ content }) => content).join()).toContain('new words');
    await waiting('EARLY2', 0);
  });

  it('an edit and a reaction, are shown by themselves where it never comes', async () => {
    const from = { phone: newNumber() };
    const before = await write(from);
    fixture.receive({ from, content: { type: 'edit', messageId: 'NEVER1', text: 'corrected' } });
    fixture.receive({ from, content: { type: 'reaction', messageId: 'NEVER1', emoji: '🎉' } });
    await waitFor(() => notesIn(before).length === 2);
    await waiting('NEVER1', 0);
  });
});
