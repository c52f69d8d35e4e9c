import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCOUNT, createRelayFixture, type Message, type RelayFixture } from '../support/relay-fixture.ts';
import { waitFor } from '../support/wait-for.ts';

let fixture: RelayFixture;
beforeAll(async () => {
  fixture = await createRelayFixture();
});
afterAll(() => fixture.stop());

type Incoming = Parameters<RelayFixture['receive']>[0];
const write = async (from: Incoming['from'], words = 'hi'): Promise<Message> =>
  fixture.arrived(fixture.receive({ from, content: { type: 'text', text: words } }));
const contacts = () => fixture.chatwoot.state.contacts(ACCOUNT);

interface Created {
  readonly payload: { readonly contact: { readonly id: number } };
}

/** As somebody else than the relay does in Chatwoot. */
async function chatwoot(method: string, path: string, body?: unknown): Promise<Created> {
  const response = await fetch(`${fixture.chatwoot.url()}/api/v1/accounts/${ACCOUNT}${path}`, {
    method,
    headers: { 'api-access-token': fixture.adminToken, 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
  // Only what is made is looked into, and a deletion answers nothing.
  return JSON.parse(text || '{}') as Created;
}

describe('a person is one contact', () => {
  it.each([
    ['without the ninth digit first', '551180000001', '5511980000001'],
    ['with it first', '5511980000002', '551180000002'],
    ['with the 1 that Mexico had', '5215512345678', '525512345678'],
  ])('%s', async (_name, first, second) => {
    const [one, two] = [await write({ phone: first }), await write({ phone: second })];
    expect(two.conversationId).toBe(one.conversationId);
    expect(contacts().filter(({ id }) => id === fixture.contactOf(one).id)).toHaveLength(1);
  });

  it('whom the account knows already, by his number in either spelling, whatever he is called there', async () => {
    for (const [known, writes] of [
      ['+5511980000003', '5511980000003'],
      ['+551180000004', '5511980000004'],
    ] as const) {
      const { payload } = await chatwoot('POST', '/contacts', { name: 'Dr. Souza (VIP)', phone_number: known });
      const message = await write({ phone: writes, name: 'souza' });
      expect(fixture.contactOf(message)).toMatchObject({ id: payload.contact.id, name: 'Dr. Souza (VIP)', phoneNumber: known });
    }
  });

  it('whom the account knows by identifier only', async () => {
    const { payload } = await chatwoot('POST', '/contacts', { name: 'X', identifier: '5511980000005@s.whatsapp.net' });
    expect(fixture.contactOf(await write({ phone: '5511980000005' })).id).toBe(payload.contact.id);
  });

  it('whom another one has already been given his address in the inbox', async () => {
    const { payload } = await chatwoot('POST', '/contacts', { name: 'X', inbox_id: fixture.inboxId, source_id: '5511980000006' });
    expect(fixture.contactOf(await write({ phone: '5511980000006' })).id).toBe(payload.contact.id);
  });

  it('though several of his first messages come at once', async () => {
    const ids = Array.from({ length: 5 }, () =>
      fixture.receive({ from: { phone: '5511980000007', lid: '70', name: 'Ana' }, content: { type: 'text', text: 'x' } }),
    );
    const messages = await Promise.all(ids.map(fixture.arrived));
    expect(new Set(messages.map(({ conversationId }) => conversationId)).size).toBe(1);
    expect(contacts().filter(({ phoneNumber }) => phoneNumber === '+5511980000007')).toHaveLength(1);
  });
});

describe('a person who hides his number', () => {
  it('is a contact without one: a lid is never taken for a number', async () => {
    const message = await write({ lid: '5511980000010', name: 'Rui' });
    expect(fixture.contactOf(message)).toMatchObject({ name: 'Rui', phoneNumber: null, identifier: '5511980000010@lid' });
    // The reply goes back to where the message came from.
    fixture.chatwoot.state.reply(ACCOUNT, fixture.conversationOf(message).displayId, { content: 'hello' });
    await waitFor(() => fixture.engine.state.sent().some(({ chat }) => chat.jid === '5511980000010@lid'));
  });

  it('gets it when WhatsApp tells it', async () => {
    const before = await write({ lid: '811', name: 'Rui' });
    const after = await write({ lid: '811', phone: '5511980000011', name: 'Rui' });
    expect(after.conversationId).toBe(before.conversationId);
    expect(fixture.contactOf(after).phoneNumber).toBe('+5511980000011');
    // And is known by it from then on.
    expect((await write({ phone: '5511980000011' })).conversationId).toBe(before.conversationId);
  });

  it('is joined with the contact that has that number, with all that was written', async () => {
    const asNumber = await write({ phone: '5511980000012', name: 'Rui' });
    const asLid = await write({ lid: '812', name: 'Rui' });
    expect(fixture.contactOf(asNumber).id).not.toBe(fixture.contactOf(asLid).id);
    const both = await write({ lid: '812', phone: '5511980000012', name: 'Rui' });
    expect(fixture.contactOf(both)).toMatchObject({ phoneNumber: '+5511980000012' });
    expect(fixture.contactOf(asLid).id).toBe(fixture.contactOf(asNumber).id);
    expect((await write({ lid: '812' })).conversationId).toBe(both.conversationId);
  });

  it('is joined with one that the account had before', async () => {
    const { payload } = await chatwoot('POST', '/contacts', { name: 'Rui Costa', phone_number: '+5511980000013' });
    const asLid = await write({ lid: '813' });
    const both = await write({ lid: '813', phone: '5511980000013' });
    expect(fixture.contactOf(both)).toMatchObject({ id: payload.contact.id, name: 'Rui Costa' });
    expect(fixture.contactOf(asLid).id).toBe(payload.contact.id);
  });
});

describe('the name of a contact', () => {
  it('is filled in while there is none, and follows WhatsApp while nobody chose another', async () => {
    const from = { phone: '5511980000020' };
    const message = await write(from);
    expect(fixture.contactOf(message).name).toBe('+5511980000020');
    await write({ ...from, name: 'Maria' });
    await waitFor(() => fixture.contactOf(message).name === 'Maria');
    await write({ ...from, name: 'Maria Silva' });
    await waitFor(() => fixture.contactOf(message).name === 'Maria Silva');
  });

  it('that an agent chose is never touched again', async () => {
    const from = { phone: '5511980000021' };
    const message = await write({ ...from, name: 'maria' });
    fixture.chatwoot.state.updateContact(ACCOUNT, fixture.contactOf(message).id, { name: 'Maria, Acme Ltd.' });
    for (const name of ['maria', 'Mary', 'maria']) await write({ ...from, name });
    await fixture.settled();
    expect(fixture.contactOf(message).name).toBe('Maria, Acme Ltd.');
  });
});

describe('what an agent deletes in Chatwoot', () => {
  it('a contact, is made anew', async () => {
    const from = { phone: '5511980000030', name: 'Maria' };
    const before = fixture.contactOf(await write(from));
    await chatwoot('DELETE', `/contacts/${before.id}`);
    const after = fixture.contactOf(await write(from));
    expect(after.id).not.toBe(before.id);
    expect(after).toMatchObject({ name: 'Maria', phoneNumber: '+5511980000030' });
  });
});

describe('the conversation of a contact', () => {
  const resolve = (message: Message) =>
    fixture.chatwoot.state.setStatus(ACCOUNT, fixture.conversationOf(message).displayId, 'resolved');

  it('that was resolved is opened again, or left alone for a new one, as reopenResolved says at that time', async () => {
    const from = { phone: '5511980000040' };
    const first = await write(from);
    resolve(first);
    const second = await write(from);
    expect(second.conversationId).toBe(first.conversationId);
    expect(fixture.conversationOf(first).status).toBe('open');

    await fixture.change({ reopenResolved: false });
    resolve(first);
    const third = await write(from);
    expect(third.conversationId).not.toBe(first.conversationId);
    expect(fixture.conversationOf(first).status).toBe('resolved');
    expect((await write(from)).conversationId).toBe(third.conversationId);
    await fixture.change({ reopenResolved: true });
  });

  it('is asked for once while it is the only one, and again when an agent has begun another', async () => {
    const from = { phone: '5511980000045' };
    const first = await write(from);
    const { id: contactId } = fixture.contactOf(first);
    const asked = () =>
      fixture.chatwoot.state.requests.filter(({ path }) => path.endsWith(`/contacts/${contactId}/conversations`)).length;
    // Chatwoot tells of the first one, too; what comes after that news asks once more.
    await waitFor(async () => {
      const before = asked();
      await write(from);
      return asked() === before;
    });

    const made = { inbox_id: fixture.inboxId, contact_id: contactId, source_id: '5511980000045' };
    await chatwoot('POST', '/conversations', made);
    const other = fixture.chatwoot.state.conversations(ACCOUNT).at(-1);
    expect(other?.id).not.toBe(first.conversationId);
    // What is written before Chatwoot's news is there goes into the first one, which is the last active then.
    const isAskedAgain = async (): Promise<boolean> => {
      const before = asked();
      await write(from);
      return asked() > before;
    };
    // Not much longer: for other reasons, too, it is asked again after a minute.
    await waitFor(isAskedAgain, { timeoutMs: 30_000, describe: 'Chatwoot being asked again' });
    fixture.chatwoot.state.reply(ACCOUNT, other?.displayId ?? 0, { content: 'hello' });
    expect((await write(from)).conversationId).toBe(other?.id);
  });

  it('begins as pending, and only begins so, as startAsPending says', async () => {
    await fixture.change({ startAsPending: true });
    const from = { phone: '5511980000041' };
    const message = await write(from);
    expect(fixture.conversationOf(message).status).toBe('pending');
    await write(from);
    expect(fixture.conversationOf(message).status).toBe('pending');
    resolve(message);
    await write(from);
    expect(fixture.conversationOf(message).status).toBe('open');
    await fixture.change({ startAsPending: false });
  });

  it('of a group is none, neither way, as ignoreGroups says', async () => {
    const group = { id: '1203630420', name: 'Team' };
    const message = await fixture.arrived(
      fixture.receive({ from: { phone: '5511980000042' }, group, content: { type: 'text', text: 'a' } }),
    );
    await fixture.change({ ignoreGroups: true });
    const ignored = fixture.receive({ from: { phone: '5511980000042' }, group, content: { type: 'text', text: 'b' } });
    const typed = fixture.type({ group, content: { type: 'text', text: 'c' } });
    await write({ phone: '5511980000043' });
    await fixture.settled();
    expect([...fixture.posted(ignored), ...fixture.posted(typed)]).toEqual([]);
    await fixture.change({ ignoreGroups: false });
    const again = await fixture.arrived(
      fixture.receive({ from: { phone: '5511980000042' }, group, content: { type: 'text', text: 'd' } }),
    );
    expect(again.conversationId).toBe(message.conversationId);
  });

  it('in another inbox of the account is none of ours', async () => {
    const other = fixture.chatwoot.state.addInbox({ accountId: ACCOUNT });
    const { payload } = await chatwoot('POST', '/contacts', { name: 'Maria', phone_number: '+5511980000044' });
    const contactId = payload.contact.id;
    for (let index = 0; index < 21; index++) {
      await chatwoot('POST', '/conversations', { inbox_id: other.id, contact_id: contactId, source_id: 'mail' });
    }
    const first = await write({ phone: '5511980000044' });
    expect(fixture.conversationOf(first)).toMatchObject({ inboxId: fixture.inboxId, contactId });
    // Those of the other inbox are the latest again, and are all that Chatwoot lists.
    for (const { displayId } of fixture.chatwoot.state.conversations(ACCOUNT).filter(({ inboxId }) => inboxId === other.id)) {
      fixture.chatwoot.state.reply(ACCOUNT, displayId, { content: 'x' });
    }
    expect((await write({ phone: '5511980000044' })).conversationId).toBe(first.conversationId);
  });
});
