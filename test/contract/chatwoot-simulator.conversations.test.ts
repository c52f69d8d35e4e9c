import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { waitFor } from '../support/wait-for.ts';
import { ACCOUNT, at, type Chatwoot, numberAt, startChatwoot, startReceiver } from './chatwoot-simulator.fixture.ts';

const conversationKeys =
  `meta id messages account_id uuid additional_attributes agent_last_seen_at assignee_last_seen_at can_reply
  contact_last_seen_at custom_attributes inbox_id labels muted snoozed_until status created_at updated_at timestamp first_reply_created_at
  unread_count last_non_activity_message last_activity_at priority waiting_since sla_policy_id`.split(/\s+/);
const crash = '{"status":500,"error":"Internal Server Error"}';

async function statusOf(chatwoot: Chatwoot, conversation: number): Promise<unknown> {
  return at((await chatwoot.call('GET', `@/conversations/${conversation}`)).body, 'status');
}

describe('POST conversations', () => {
  it('answers 200 with every key; ids count per account, not over all accounts', async () => {
    const chatwoot = await startChatwoot();
    const foreign = chatwoot.state.addUser({ name: 'Eva', accounts: [{ id: 6, role: 'administrator' }] });
    const { inboxId, contactId } = await chatwoot.createChat();
    const body = {
      inbox_id: inboxId,
      contact_id: contactId,
      source_id: 'source-1',
      status: 'pending',
      custom_attributes: { a: 1 },
    };
    const answer = await chatwoot.call('POST', '@/conversations', body);
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.body ?? {})).toEqual(conversationKeys);
    expect(answer.body).toMatchObject({
      id: 2,
      status: 'pending',
      messages: [],
      unread_count: 0,
      first_reply_created_at: 0,
      custom_attributes: { a: 1 },
      last_non_activity_message: null,
      meta: { sender: { id: contactId, name: 'Maria' }, channel: 'Channel::Api', hmac_verified: false },
    });
    expect(at(answer.body, 'meta', 'sender')).not.toHaveProperty('contact_inboxes');
    expect(at(answer.body, 'meta')).not.toHaveProperty('assignee');
    expect(Number.isInteger(at(answer.body, 'created_at'))).toBe(true);

    const inbox = await chatwoot.call(
      'POST',
      '/api/v1/accounts/6/inboxes',
      { name: 'X', channel: { type: 'api' } },
      { token: foreign },
    );
    const values = { inbox_id: at(inbox.body, 'id'), source_id: 'z' };
    const contact = await chatwoot.call('POST', '/api/v1/accounts/6/contacts', values, { token: foreign });
    const contact_id = numberAt(contact.body, 'payload', 'contact', 'id');
    expect(contact_id).not.toBe(contactId);
    const other = await chatwoot.call('POST', '/api/v1/accounts/6/conversations', { ...values, contact_id }, { token: foreign });
    expect(at(other.body, 'id')).toBe(1);
  });

  it('hands back the last conversation of a locked inbox, resolved as it is, and still appends the message', async () => {
    const chatwoot = await startChatwoot();
    const { inboxId, contactId, conversation, messages } = await chatwoot.createChat({ lock_to_single_conversation: true });
    await chatwoot.call('POST', `@/conversations/${conversation}/toggle_status`, { status: 'resolved' });
    expect(await chatwoot.createConversation(inboxId, contactId, 'source-1', { status: 'pending' })).toBe(conversation);
    expect(await statusOf(chatwoot, conversation)).toBe('resolved');
    const message = { content: 'again', message_type: 'incoming' };
    expect(await chatwoot.createConversation(inboxId, contactId, 'source-1', { message })).toBe(conversation);
    expect(await statusOf(chatwoot, conversation)).toBe('open');
    expect((await chatwoot.call('GET', messages)).text).toContain('again');
  });

  it('makes a random address every time the source id is missing', async () => {
    const chatwoot = await startChatwoot();
    const { inboxId, contactId } = await chatwoot.createChat();
    const body = { inbox_id: inboxId, contact_id: contactId };
    await chatwoot.call('POST', '@/conversations', body);
    await chatwoot.call('POST', '@/conversations', body);
    expect(chatwoot.state.contactInboxes()).toHaveLength(3);
  });

  it('finds the inbox by the source id alone over all accounts, and then refuses a foreign one', async () => {
    const chatwoot = await startChatwoot();
    const foreign = chatwoot.state.addUser({ name: 'Eva', accounts: [{ id: 6, role: 'administrator' }] });
    await chatwoot.createChat();
    expect((await chatwoot.call('POST', '@/conversations', { source_id: 'source-1' })).status).toBe(200);
    const answer = await chatwoot.call('POST', '/api/v1/accounts/6/conversations', { source_id: 'source-1' }, { token: foreign });
    expect(answer.status).toBe(401);
    expect((await chatwoot.call('POST', '@/conversations', { source_id: 'nowhere' })).status).toBe(404);
  });

  it.each([['attributes that are no map', { additional_attributes: 'x' }, 500, crash]])(
    'answers %s with the exact refusal',
    async (_case, values, status, text) => {
      const chatwoot = await startChatwoot();
      const { inboxId } = await chatwoot.createChat();
      await chatwoot.createContact(inboxId, 'source-2');
      const body = { inbox_id: inboxId, contact_id: 1, source_id: 'source-1', ...values };
      expect(await chatwoot.call('POST', '@/conversations', body)).toMatchObject({ status, text });
      expect(chatwoot.state.conversations()).toHaveLength(1);
    },
  );

  it('refuses attribute values over 1500 characters with 422', async () => {
    const chatwoot = await startChatwoot();
    const { inboxId, contactId } = await chatwoot.createChat();
    const body = {
      inbox_id: inboxId,
      contact_id: contactId,
      source_id: 'source-1',
      custom_attributes: { note: 'x'.repeat(1501) },
    };
    expect(await chatwoot.call('POST', '@/conversations', body)).toMatchObject({
      status: 422,
      body: { attributes: ['custom_attributes'] },
    });
  });

  it('makes conversation and first message, or neither', async () => {
    const chatwoot = await startChatwoot();
    const { inboxId, contactId } = await chatwoot.createChat();
    const create = (content: string) =>
      chatwoot.call('POST', '@/conversations', {
        inbox_id: inboxId,
        contact_id: contactId,
        source_id: 'source-1',
        message: { content, message_type: 'incoming', source_id: 'WAID:1' },
      });
    expect(await create('x'.repeat(150_001))).toMatchObject({
      status: 422,
      text: '{"message":"Content is too long (maximum is 150000 characters)","attributes":["content"]}',
    });
    expect(chatwoot.state.conversations()).toHaveLength(1);
    expect(await create('Oi')).toMatchObject({ status: 200, body: { id: 2, messages: [{ content: 'Oi', message_type: 0 }] } });
  });

  it("makes a blocked contact's conversation resolved and one in an inbox with a bot pending, whatever was asked", async () => {
    const chatwoot = await startChatwoot();
    const { inboxId, contactId } = await chatwoot.createChat();
    const inbox = chatwoot.state.inboxes().find((row) => row.id === inboxId);
    if (inbox) inbox.agentBotId = 1;
    expect(await statusOf(chatwoot, await chatwoot.createConversation(inboxId, contactId, 'source-1', { status: 'open' }))).toBe(
      'pending',
    );
    chatwoot.state.updateContact(ACCOUNT, contactId, { blocked: true });
    expect(await statusOf(chatwoot, await chatwoot.createConversation(inboxId, contactId, 'source-1', { status: 'open' }))).toBe(
      'resolved',
    );
  });

  it('is closed to an agent who is not a member of the inbox', async () => {
    const chatwoot = await startChatwoot();
    const agent = chatwoot.state.addUser({ name: 'Bia', accounts: [{ id: ACCOUNT, role: 'agent' }] });
    const { inboxId, contactId, conversation } = await chatwoot.createChat();
    const body = { inbox_id: inboxId, contact_id: contactId, source_id: 'source-1' };
    const refused = { status: 401, text: '{"error":"You are not authorized to do this action"}' };
    expect(await chatwoot.call('POST', '@/conversations', body, { token: agent })).toMatchObject(refused);
    expect(await chatwoot.call('GET', `@/conversations/${conversation}/messages`, undefined, { token: agent })).toMatchObject(
      refused,
    );
  });
});

describe('the status of a conversation', () => {
  it('becomes pending instead of open where the inbox has a bot', async () => {
    const chatwoot = await startChatwoot();
    const { inboxId, conversation, messages } = await chatwoot.createChat();
    await chatwoot.call('POST', `@/conversations/${conversation}/toggle_status`, { status: 'resolved' });
    const inbox = chatwoot.state.inboxes().find((row) => row.id === inboxId);
    if (inbox) inbox.agentBotId = 1;
    await chatwoot.call('POST', messages, { content: 'x', message_type: 'incoming' });
    expect(await statusOf(chatwoot, conversation)).toBe('pending');
  });

  it('stays for a blocked contact, whose message is stored all the same', async () => {
    const chatwoot = await startChatwoot();
    const { contactId, conversation, messages } = await chatwoot.createChat();
    await chatwoot.call('POST', `@/conversations/${conversation}/toggle_status`, { status: 'resolved' });
    await chatwoot.call('PATCH', `@/contacts/${contactId}`, { blocked: true });
    expect((await chatwoot.call('POST', messages, { content: 'let me in', message_type: 'incoming' })).status).toBe(200);
    expect((await chatwoot.call('GET', `@/conversations/${conversation}`)).body).toMatchObject({
      status: 'resolved',
      muted: true,
    });
  });

  it("opened with an agent's token assigns the agent, with an administrator's nobody", async () => {
    const chatwoot = await startChatwoot();
    const agent = chatwoot.state.addUser({ name: 'Bia', accounts: [{ id: ACCOUNT, role: 'agent' }] });
    const { inboxId, conversation } = await chatwoot.createChat();
    const userId = chatwoot.state.users().find((user) => user.name === 'Bia')?.id;
    await chatwoot.call('POST', '@/inbox_members', { inbox_id: inboxId, user_ids: [userId] });
    const path = `@/conversations/${conversation}`;
    await chatwoot.call('POST', `${path}/toggle_status`, { status: 'open' });
    expect(at((await chatwoot.call('GET', path)).body, 'meta')).not.toHaveProperty('assignee');
    await chatwoot.call('POST', `${path}/toggle_status`, { status: 'open' }, { token: agent });
    expect((await chatwoot.call('GET', path)).body).toMatchObject({ meta: { assignee: { name: 'Bia' }, assignee_type: 'User' } });
  });
});

describe("the contact's side", () => {
  it("types and reads through the public client API, with the channel's identifier in place of a token", async () => {
    const chatwoot = await startChatwoot();
    const receiver = await startReceiver();
    const { inboxId, conversation, messages } = await chatwoot.createChat({}, { webhook_url: receiver.url });
    const sent = await chatwoot.call('POST', messages, { content: 'Olá' });
    const identifier = at((await chatwoot.call('GET', `@/inboxes/${inboxId}`)).body, 'inbox_identifier');
    const base = `/public/api/v1/inboxes/${identifier}/contacts/source-1/conversations/${conversation}`;
    const asContact = (path: string, body: object = {}) => chatwoot.call('POST', base + path, body, { token: null });
    expect((await asContact('/toggle_typing', { typing_status: 'on' })).status).toBe(200);
    await receiver.waitForEvent('conversation_typing_on');
    expect(receiver.ofEvent('conversation_typing_on')[0]?.body).toMatchObject({
      user: { type: 'contact', name: 'Maria' },
      is_private: false,
    });
    expect((await asContact('/update_last_seen')).status).toBe(200);
    const id = at(sent.body, 'id');
    await waitFor(() => chatwoot.state.messages().find((message) => message.id === id)?.status === 'read');
    expect((await chatwoot.call('POST', base.replace('source-1', 'other'), {}, { token: null })).status).toBe(404);
  });
});

describe('what is there beside what Ponte calls', () => {
  it('an agent bot is set and taken away; a conversation is deleted by administrators, later', async () => {
    const chatwoot = await startChatwoot();
    const agent = chatwoot.state.addUser({ name: 'Bia', accounts: [{ id: ACCOUNT, role: 'agent' }] });
    const { inboxId, contactId, conversation } = await chatwoot.createChat();
    const bot = chatwoot.state.addAgentBot({ name: 'Robot' });
    expect((await chatwoot.call('POST', `@/inboxes/${inboxId}/set_agent_bot`, { agent_bot: bot.id })).status).toBe(200);
    expect(await statusOf(chatwoot, await chatwoot.createConversation(inboxId, contactId, 'source-1'))).toBe('pending');
    expect((await chatwoot.call('POST', `@/inboxes/${inboxId}/set_agent_bot`, { agent_bot: null })).status).toBe(200);
    expect(await statusOf(chatwoot, await chatwoot.createConversation(inboxId, contactId, 'source-1'))).toBe('open');
    const path = `@/conversations/${conversation}`;
    expect((await chatwoot.call('DELETE', path, undefined, { token: agent })).status).toBe(401);
    expect((await chatwoot.call('DELETE', path)).status).toBe(200);
    await waitFor(async () => (await chatwoot.call('GET', path)).status === 404);
  });

  it('an import overwrites name and identifier of the contact that has the number', async () => {
    const chatwoot = await startChatwoot();
    await chatwoot.call('POST', '@/contacts', { name: 'Maria', phone_number: '+5511999999999', identifier: 'before' });
    const form = new FormData();
    const csv = 'name,phone_number,identifier\n"Maria Souza",+5511999999999,after\nJoão,+5511888888888,new\n';
    form.append('import_file', new Blob([csv], { type: 'text/csv' }), 'contacts.csv');
    expect((await chatwoot.call('POST', '@/contacts/import', form)).status).toBe(200);
    await waitFor(() => chatwoot.state.contacts().length === 2);
    expect(chatwoot.state.contacts().map(({ name, identifier }) => [name, identifier])).toEqual([
      ['Maria Souza', 'after'],
      ['João', 'new'],
    ]);
  });

  it.each([
    ['a Wednesday at noon', '2026-11-25T12:00:00Z', ['Welcome']],
    ['a Wednesday night', '2026-11-25T22:00:00Z', ['We are out']],
    ['a Sunday', '2026-11-29T12:00:00Z', ['We are out']],
  ])('on %s an inbox with office hours answers as it should, once', async (_case, now, expected) => {
    const chatwoot = await startChatwoot();
    const { messages } = await chatwoot.createChat({
      greeting_enabled: true,
      greeting_message: 'Welcome',
      working_hours_enabled: true,
      out_of_office_message: 'We are out',
    });
    vi.useFakeTimers({ toFake: ['Date'], now: new Date(now) });
    onTestFinished(() => void vi.useRealTimers());
    for (let i = 0; i < 2; i++) await chatwoot.call('POST', messages, { content: 'Oi', message_type: 'incoming' });
    const templates = chatwoot.state.messages().filter((message) => message.messageType === 'template');
    expect(templates.map(({ content }) => content)).toEqual(expected);
  });
});
