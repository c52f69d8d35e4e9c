import { describe, expect, it } from 'vitest';
import { ACCOUNT, at, startChatwoot } from './chatwoot-simulator.fixture.ts';

const crash = '{"status":500,"error":"Internal Server Error"}';

describe('POST contacts', () => {
  it('answers 200 with the contact, its address and the raw inbox', async () => {
    const chatwoot = await startChatwoot();
    const inboxId = await chatwoot.createInbox();
    const values = {
      name: 'Maria',
      phone_number: '+5511999999999',
      identifier: 'a@s.whatsapp.net',
      inbox_id: inboxId,
      source_id: 's',
    };
    const answer = await chatwoot.call('POST', '@/contacts', values);
    expect(answer.status).toBe(200);
    expect(at(answer.body, 'payload', 'contact')).toEqual({
      additional_attributes: {},
      availability_status: 'offline',
      email: null,
      id: 1,
      name: 'Maria',
      phone_number: '+5511999999999',
      blocked: false,
      identifier: 'a@s.whatsapp.net',
      thumbnail: '',
      custom_attributes: {},
      created_at: expect.any(Number),
      contact_inboxes: [
        {
          source_id: 's',
          inbox: { id: inboxId, avatar_url: '', channel_id: 1, name: 'WhatsApp', channel_type: 'Channel::Api', provider: null },
        },
      ],
    });
    expect(at(answer.body, 'payload', 'contact_inbox')).toMatchObject({
      source_id: 's',
      inbox: { id: inboxId, account_id: ACCOUNT },
    });
  });

  it('gives a random address without a source id, and none without an inbox', async () => {
    const chatwoot = await startChatwoot();
    const inbox_id = await chatwoot.createInbox();
    const random = await chatwoot.call('POST', '@/contacts', { inbox_id });
    expect(at(random.body, 'payload', 'contact_inbox', 'source_id')).toMatch(/^[0-9a-f-]{36}$/);
    const none = await chatwoot.call('POST', '@/contacts', { name: 'x' });
    expect(at(none.body, 'payload', 'contact_inbox')).toEqual({ inbox: null, source_id: null });
  });

  it.each([
    ['a taken e-mail in other case', { email: 'MARIA@x.com' }, 'Email has already been taken', ['email']],
    ['a bad e-mail', { email: 'maria' }, 'Email Invalid email', ['email']],
    ['a long name', { name: 'n'.repeat(256) }, 'Name is too long (maximum is 255 characters)', ['name']],
  ])('refuses %s with 422', async (_case, values, message, attributes) => {
    const chatwoot = await startChatwoot();
    await chatwoot.call('POST', '@/contacts', { email: 'maria@x.com', phone_number: '+5511999999999', identifier: 'wa:1' });
    const answer = await chatwoot.call('POST', '@/contacts', values);
    expect(answer).toMatchObject({ status: 422, text: JSON.stringify({ message, attributes }) });
    expect(chatwoot.state.contacts()).toHaveLength(1);
  });

  it('takes what stands before the plus, because the format is anchored at its end only', async () => {
    const chatwoot = await startChatwoot();
    expect((await chatwoot.call('POST', '@/contacts', { phone_number: 'abc+5511999999999' })).status).toBe(200);
  });

  it('crashes on the second empty identifier, and takes any number of absent ones', async () => {
    const chatwoot = await startChatwoot();
    const create = (identifier?: string) => chatwoot.call('POST', '@/contacts', { name: 'x', identifier });
    expect([(await create()).status, (await create()).status, (await create('')).status]).toEqual([200, 200, 200]);
    expect(await create('')).toMatchObject({ status: 500, text: crash });
  });
});

describe('looking a contact up', () => {
  it('by search: substrings, wildcards, case, pages of 15, and the type of current_page', async () => {
    const chatwoot = await startChatwoot();
    for (let i = 0; i < 17; i++) await chatwoot.call('POST', '@/contacts', { name: `Person ${i}`, identifier: `WA-${i}` });
    const search = async (query: string) => (await chatwoot.call('GET', `@/contacts/search?${query}`)).body;
    expect(await search('q=person')).toMatchObject({ meta: { count: 15, current_page: 1, has_more: true } });
    expect(await search('q=person&page=2')).toMatchObject({ meta: { count: 2, current_page: '2', has_more: false } });
    expect(at(await search('q=PERSON%2016'), 'payload', 0)).toMatchObject({ identifier: 'WA-16' });
    expect(at(await search('q=WA-16'), 'meta', 'count')).toBe(1);
    expect(at(await search('q=wa-16'), 'meta', 'count')).toBe(0);
    expect(at(await search('q=on_1%25'), 'meta', 'count')).toBe(8);
  });

  it('by search before 4.11: only contacts with an address, and no has_more', async () => {
    const chatwoot = await startChatwoot({ version: '4.10.0' });
    await chatwoot.call('POST', '@/contacts', { name: 'Nameless' });
    await chatwoot.call('POST', '@/contacts', { name: 'Nameless too', identifier: 'x' });
    const answer = await chatwoot.call('GET', '@/contacts/search?q=nameless');
    expect(at(answer.body, 'meta')).toEqual({ count: 1, current_page: 1 });
  });

  it('by filter: the number gets its plus, conditions are joined, nonsense is a 422, and a missing operator a 500', async () => {
    const chatwoot = await startChatwoot();
    await chatwoot.call('POST', '@/contacts', { name: 'A', phone_number: '+5511999999999' });
    await chatwoot.call('POST', '@/contacts', { name: 'B', identifier: 'GROUP@g.us' });
    const condition = (key: string, value: string, query_operator: string | null = null) => ({
      attribute_key: key,
      filter_operator: 'equal_to',
      values: [value],
      query_operator,
    });
    const filter = (...payload: object[]) => chatwoot.call('POST', '@/contacts/filter', { payload });
    expect((await filter(condition('phone_number', '5511999999999'))).body).toMatchObject({
      meta: { count: 1 },
      payload: [{ name: 'A' }],
    });
    const either = await filter(condition('phone_number', '+5511999999999', 'OR'), condition('identifier', 'group@g.us'));
    expect(at(either.body, 'meta', 'count')).toBe(2);
    const both = await filter(condition('phone_number', '+5511999999999', 'AND'), condition('identifier', 'group@g.us'));
    expect(at(both.body, 'meta', 'count')).toBe(0);
    expect((await filter(condition('shoe_size', '44'))).status).toBe(422);
    expect((await filter(condition('name', 'a'), condition('name', 'b'))).status).toBe(500);
  });
});

describe('a contact', () => {
  it('is deleted by administrators only', async () => {
    const chatwoot = await startChatwoot();
    const agent = chatwoot.state.addUser({ name: 'Bia', accounts: [{ id: ACCOUNT, role: 'agent' }] });
    await chatwoot.call('POST', '@/contacts', { name: 'A' }, { token: agent });
    expect((await chatwoot.call('DELETE', '@/contacts/1', undefined, { token: agent })).status).toBe(401);
    expect(await chatwoot.call('DELETE', '@/contacts/1')).toMatchObject({ status: 200, text: '' });
    expect((await chatwoot.call('GET', '@/contacts/1')).status).toBe(404);
  });

  it('lists at most 20 conversations of all its inboxes, the latest activity first', async () => {
    const chatwoot = await startChatwoot();
    const first = await chatwoot.createInbox();
    const second = await chatwoot.createInbox();
    const id = await chatwoot.createContact(first, 's');
    for (let i = 0; i < 12; i++) {
      await chatwoot.createConversation(first, id, 's', { status: 'resolved' });
      await chatwoot.createConversation(second, id, 's');
    }
    await chatwoot.call('POST', '@/conversations/1/messages', { content: 'wake up', message_type: 'incoming' });
    const answer = await chatwoot.call('GET', `@/contacts/${id}/conversations`);
    const payload = at(answer.body, 'payload');
    expect(payload).toHaveLength(20);
    expect(at(payload, 0, 'id')).toBe(1);
    const inboxes = Array.isArray(payload) ? payload.map((conversation: unknown) => at(conversation, 'inbox_id')) : [];
    expect(new Set(inboxes)).toEqual(new Set([first, second]));
  });
});
