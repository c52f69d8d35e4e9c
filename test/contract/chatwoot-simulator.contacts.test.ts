import { describe, expect, it } from 'vitest';
import { ACCOUNT, at, numberAt, startChatwoot } from './chatwoot-simulator.fixture.ts';

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
    ['a number without plus', { phone_number: '5511999999999' }, 'Phone number should be in e164 format', ['phone_number']],
    ['a number with a leading zero', { phone_number: '+0511999' }, 'Phone number should be in e164 format', ['phone_number']],
    ['a taken number', { phone_number: '+5511999999999' }, 'Phone number has already been taken', ['phone_number']],
    ['a taken identifier', { identifier: 'wa:1' }, 'Identifier has already been taken', ['identifier']],
    ['a taken e-mail in other case', { email: 'MARIA@x.com' }, 'Email has already been taken', ['email']],
    ['a bad e-mail', { email: 'maria' }, 'Email Invalid email', ['email']],
    ['a long name', { name: 'n'.repeat(256) }, 'Name is too long (maximum is 255 characters)', ['name']],
    [
      'two at once, in the order of declaration',
      { phone_number: '+5511999999999', identifier: 'wa:1' },
      'Identifier has already been taken, Phone number has already been taken',
      ['identifier', 'phone_number'],
    ],
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

  it('crashes on an address that another contact has, and leaves no contact behind', async () => {
    const chatwoot = await startChatwoot();
    const inboxId = await chatwoot.createInbox();
    await chatwoot.createContact(inboxId, 'taken');
    const answer = await chatwoot.call('POST', '@/contacts', { name: 'Other', inbox_id: inboxId, source_id: 'taken' });
    expect(answer).toMatchObject({ status: 500, text: crash });
    expect(chatwoot.state.contacts()).toHaveLength(1);
  });
});

describe('looking a contact up', () => {
  it('by its address: the bare contact, or 404 with an empty body', async () => {
    const chatwoot = await startChatwoot();
    const inbox_id = await chatwoot.createInbox();
    const id = await chatwoot.createContact(inbox_id, 's-1');
    const hit = await chatwoot.call('POST', '@/contact_inboxes/filter', { inbox_id, source_id: 's-1' });
    expect(hit).toMatchObject({ status: 200, body: { id, contact_inboxes: [{ source_id: 's-1' }] } });
    const miss = await chatwoot.call('POST', '@/contact_inboxes/filter', { inbox_id, source_id: 's-' });
    expect(miss).toMatchObject({ status: 404, text: '' });
    expect((await chatwoot.call('POST', '@/contact_inboxes/filter', { inbox_id: 99, source_id: 's-1' })).text).toContain(
      'could not be found',
    );
  });

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
    expect(await search('q=')).toEqual({ meta: { count: 0, current_page: 1, has_more: false }, payload: [] });
  });

  it('by search before 4.11: only contacts with an address, and no has_more', async () => {
    const chatwoot = await startChatwoot({ version: '4.10.0' });
    await chatwoot.call('POST', '@/contacts', { name: 'Nameless' });
    await chatwoot.call('POST', '@/contacts', { name: 'Nameless too', identifier: 'x' });
    const answer = await chatwoot.call('GET', '@/contacts/search?q=nameless');
    expect(at(answer.body, 'meta')).toEqual({ count: 1, current_page: 1 });
  });

  it('by filter: the number gets its plus, conditions are joined, nonsense is a 422', async () => {
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
    expect((await filter(condition('name', 'a'), condition('name', 'b'))).status).toBe(422);
  });
});

describe('a contact', () => {
  it('is changed with 200 and a body; both attribute maps are merged', async () => {
    const chatwoot = await startChatwoot();
    await chatwoot.call('POST', '@/contacts', { name: 'A', custom_attributes: { a: 1 }, additional_attributes: { b: 1 } });
    const answer = await chatwoot.call('PUT', '@/contacts/1', {
      name: 'B',
      custom_attributes: { c: 2 },
      additional_attributes: { b: 2 },
    });
    expect(answer.status).toBe(200);
    expect(at(answer.body, 'payload')).toMatchObject({
      name: 'B',
      custom_attributes: { a: 1, c: 2 },
      additional_attributes: { b: 2 },
    });
  });

  it('gets the same address twice without a second one; a taken address crashes, an unknown inbox is 404', async () => {
    const chatwoot = await startChatwoot();
    const inbox_id = await chatwoot.createInbox();
    const id = await chatwoot.createContact(inbox_id, 'first');
    const other = await chatwoot.createContact(inbox_id, 'other');
    const add = (source_id: string, inbox = inbox_id) =>
      chatwoot.call('POST', `@/contacts/${id}/contact_inboxes`, { inbox_id: inbox, source_id });
    expect(await add('second')).toMatchObject({ status: 200, body: { source_id: 'second', inbox: { id: inbox_id } } });
    expect((await add('second')).status).toBe(200);
    expect(chatwoot.state.contactInboxes().filter((row) => row.contactId === id)).toHaveLength(2);
    expect(await add('other')).toMatchObject({ status: 500, text: crash });
    expect((await add('x', 99)).status).toBe(404);
    expect(other).not.toBe(id);
  });

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

describe('POST actions/contact_merge', () => {
  it('moves addresses and conversations to the base contact, fills what it lacks, and removes the other', async () => {
    const { call, simulator } = await startChatwoot();
    const inbox = simulator.state.addInbox({ accountId: ACCOUNT });
    const create = async (values: object) =>
      numberAt((await call('POST', '@/contacts', values)).body, 'payload', 'contact', 'id');
    const base = await create({ name: 'Maria', phone_number: '+5511988887777' });
    const mergee = await create({ name: '77', identifier: '77@lid', inbox_id: inbox.id, source_id: '77@lid' });
    const conversation = await call('POST', '@/conversations', { inbox_id: inbox.id, contact_id: mergee, source_id: '77@lid' });
    const merged = await call('POST', '@/actions/contact_merge', { base_contact_id: base, mergee_contact_id: mergee });
    expect(merged.status).toBe(200);
    expect(merged.body).toMatchObject({ id: base, name: 'Maria', identifier: '77@lid', phone_number: '+5511988887777' });
    expect((await call('GET', `@/contacts/${mergee}`)).status).toBe(404);
    const listed = await call('GET', `@/contacts/${base}/conversations`);
    expect(at(listed.body, 'payload', 0, 'id')).toBe(numberAt(conversation.body, 'id'));
    const found = await call('POST', '@/contact_inboxes/filter', { inbox_id: inbox.id, source_id: '77@lid' });
    expect(at(found.body, 'id')).toBe(base);
    expect((await call('POST', '@/actions/contact_merge', { base_contact_id: base, mergee_contact_id: 999 })).status).toBe(404);
  });
});
