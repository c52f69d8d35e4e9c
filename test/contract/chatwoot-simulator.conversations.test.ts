import { describe, expect, it } from 'vitest';
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

  it('makes a new conversation every time, even beside an open one', async () => {
    const chatwoot = await startChatwoot();
    const { inboxId, contactId, conversation } = await chatwoot.createChat();
    expect(await chatwoot.createConversation(inboxId, contactId, 'source-1')).toBe(conversation + 1);
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

  it.each([
    ['an address of another contact', { source_id: 'source-1', contact_id: 2 }, 422, '{"error":"source_id should be unique"}'],
    ['an unknown contact', { contact_id: 99 }, 404, '{"error":"Resource could not be found"}'],
    ['an unknown inbox', { inbox_id: 99 }, 404, '{"error":"Resource could not be found"}'],
    ['an unknown status', { status: 'closed' }, 500, crash],
    ['attributes that are no map', { additional_attributes: 'x' }, 500, crash],
  ])('answers %s with the exact refusal', async (_case, values, status, text) => {
    const chatwoot = await startChatwoot();
    const { inboxId } = await chatwoot.createChat();
    await chatwoot.createContact(inboxId, 'source-2');
    const body = { inbox_id: inboxId, contact_id: 1, source_id: 'source-1', ...values };
    expect(await chatwoot.call('POST', '@/conversations', body)).toMatchObject({ status, text });
    expect(chatwoot.state.conversations()).toHaveLength(1);
  });

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
  it.each([
    ['open', 'incoming', 'open'],
    ['open', 'outgoing', 'open'],
    ['resolved', 'incoming', 'open'],
    ['resolved', 'outgoing', 'resolved'],
    ['snoozed', 'incoming', 'open'],
    ['snoozed', 'outgoing', 'snoozed'],
    ['pending', 'incoming', 'pending'],
    ['pending', 'outgoing', 'pending'],
  ])('%s becomes, on an %s message, %s', async (before, message_type, after) => {
    const chatwoot = await startChatwoot();
    const { conversation, messages } = await chatwoot.createChat();
    await chatwoot.call('POST', `@/conversations/${conversation}/toggle_status`, { status: before });
    expect(await statusOf(chatwoot, conversation)).toBe(before);
    expect((await chatwoot.call('POST', messages, { content: 'x', message_type })).status).toBe(200);
    expect(await statusOf(chatwoot, conversation)).toBe(after);
  });

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

  it('toggles without a status, answers without `meta`, and crashes on an unknown one', async () => {
    const chatwoot = await startChatwoot();
    const { conversation } = await chatwoot.createChat();
    const toggle = (body: object = {}) => chatwoot.call('POST', `@/conversations/${conversation}/toggle_status`, body);
    expect(await toggle()).toMatchObject({
      status: 200,
      text: '{"payload":{"success":true,"conversation_id":1,"current_status":"resolved","snoozed_until":null}}',
    });
    expect(at((await toggle()).body, 'payload', 'current_status')).toBe('open');
    expect(at((await toggle({ status: 'pending' })).body, 'payload', 'current_status')).toBe('pending');
    expect(at((await toggle({ status: '' })).body, 'payload', 'current_status')).toBe('open');
    expect(await toggle({ status: 'closed' })).toMatchObject({ status: 500, text: crash });
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
