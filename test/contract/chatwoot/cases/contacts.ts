import assert from 'node:assert/strict';
import type { Case } from '../case.ts';
import { answers, crash, invalid, matches, notFound, succeeds } from '../check.ts';
import { at, listAt } from '../target.ts';

const condition = (value: string, query_operator: string | null = null) => ({
  attribute_key: 'phone_number',
  filter_operator: 'equal_to',
  values: [value],
  query_operator,
});

const idsIn = (body: unknown): unknown[] => listAt(body, 'payload').map((contact) => at(contact, 'id'));

/** Who writes: made, found again, changed, merged, deleted. */
export const contacts: Case[] = [
  {
    name: 'POST contacts answers 200 with contact and address; it is found by that address',
    async run({ call, sharedInbox, unique, phone, since }) {
      const inbox_id = await sharedInbox();
      const source_id = unique('source');
      const values = { name: unique('contact'), identifier: unique('identifier'), phone_number: `+${phone()}` };
      const answer = await call('POST', '@/contacts', { ...values, inbox_id, source_id });
      succeeds(answer, { payload: { contact: { ...values, contact_inboxes: [{ source_id }] }, contact_inbox: { source_id } } });
      const contact = at(answer.body, 'payload', 'contact');
      assert.equal('blocked' in Object(contact), since('4.0.0'));
      const nested = at(contact, 'contact_inboxes', 0, 'inbox');
      assert.equal('webhook_url' in Object(nested), !since('4.0.0'));
      const found = await call('POST', '@/contact_inboxes/filter', { inbox_id, source_id });
      succeeds(found, { ...values, id: at(contact, 'id') });
    },
  },
  {
    name: 'an address that nobody has is a 404 with nothing in it, and an unknown inbox a 404 of a missing record',
    async run({ call, sharedInbox, unique }) {
      const inbox_id = await sharedInbox();
      const source_id = unique('source');
      const miss = await call('POST', '@/contact_inboxes/filter', { inbox_id, source_id });
      assert.deepEqual([miss.status, miss.text], [404, '']);
      answers(await call('POST', '@/contact_inboxes/filter', { inbox_id: 987_654_321, source_id }), 404, notFound);
    },
  },
  {
    name: 'POST contacts names in `attributes` what is taken: identifier, number, or both in this order',
    async run({ call, sharedInbox, contact, unique, phone }) {
      const inbox_id = await sharedInbox();
      const identifier = unique('identifier');
      const phone_number = `+${phone()}`;
      await contact(inbox_id, { identifier, phone_number });
      const refused = (values: object) => call('POST', '@/contacts', { name: 'x', ...values });
      const takenIdentifier = 'Identifier has already been taken';
      const takenNumber = 'Phone number has already been taken';
      answers(await refused({ identifier }), 422, invalid(takenIdentifier, 'identifier'));
      answers(await refused({ phone_number }), 422, invalid(takenNumber, 'phone_number'));
      const both = invalid(`${takenIdentifier}, ${takenNumber}`, 'identifier', 'phone_number');
      answers(await refused({ identifier, phone_number }), 422, both);
    },
  },
  {
    name: 'POST contacts takes numbers with a plus only, and not those that begin with a zero',
    async run({ call, phone }) {
      const refusal = invalid('Phone number should be in e164 format', 'phone_number');
      answers(await call('POST', '@/contacts', { name: 'x', phone_number: phone() }), 422, refusal);
      answers(await call('POST', '@/contacts', { name: 'x', phone_number: '+0511999' }), 422, refusal);
    },
  },
  {
    name: 'POST contacts counts the name in characters: 255 emoji fit, 256 do not',
    async run({ call }) {
      succeeds(await call('POST', '@/contacts', { name: '🦜'.repeat(255) }));
      const refusal = invalid('Name is too long (maximum is 255 characters)', 'name');
      answers(await call('POST', '@/contacts', { name: '🦜'.repeat(256) }), 422, refusal);
    },
  },
  {
    name: 'a NUL in the name of a contact is a 500',
    async run({ call, contact, sharedInbox }) {
      answers(await call('POST', '@/contacts', { name: 'a\0b' }), 500, crash);
      const { id } = await contact(await sharedInbox());
      answers(await call('PATCH', `@/contacts/${id}`, { name: 'a\0b' }), 500, crash);
    },
  },
  {
    name: 'an address of somebody else is a 500 of POST contacts, which leaves no contact behind',
    async run({ call, ask, contact, sharedInbox, unique }) {
      const inbox_id = await sharedInbox();
      const { sourceId } = await contact(inbox_id);
      const identifier = unique('identifier');
      answers(await call('POST', '@/contacts', { name: 'x', identifier, inbox_id, source_id: sourceId }), 500, crash);
      const found = await ask('GET', `@/contacts/search?q=${identifier}`);
      assert.deepEqual(idsIn(found.body), []);
    },
  },
  {
    name: 'a number is found by its digits; by its plus form only since 4.7.0',
    async run({ call, contact, sharedInbox, phone, since }) {
      const digits = phone();
      const { id } = await contact(await sharedInbox(), { phone_number: `+${digits}` });
      const find = (...payload: object[]) => call('POST', '@/contacts/filter', { payload });
      assert.deepEqual(idsIn((await find(condition(digits))).body), [id]);
      assert.deepEqual(idsIn((await find(condition(phone(), 'OR'), condition(digits))).body), [id]);
      assert.deepEqual(idsIn((await find(condition(`+${digits}`))).body), since('4.7.0') ? [id] : []);
      assert.deepEqual(idsIn((await find(condition(phone()))).body), []);
    },
  },
  {
    name: 'POST contacts/filter refuses with 422 what it does not know',
    async run({ ask, observe }) {
      const filter = (...payload: object[]) => ask('POST', '@/contacts/filter', { payload });
      const unknown = await filter({ ...condition('1'), attribute_key: 'shoe_size' });
      assert.equal(unknown.status, 422);
      assert.equal(typeof at(unknown.body, 'error'), 'string');
      observe('an unknown attribute', unknown.status);
    },
  },
  {
    name: 'an identifier is searched in its own case, and matches in part',
    async run({ call, contact, sharedInbox, unique, since }) {
      const identifier = unique('Identifier');
      const { id } = await contact(await sharedInbox(), { identifier });
      const search = (text: string) => call('GET', `@/contacts/search?q=${encodeURIComponent(text)}`);
      const found = await search(identifier);
      assert.deepEqual(idsIn(found.body), [id]);
      matches(at(found.body, 'meta'), { count: 1, current_page: 1, ...(since('4.11.0') ? { has_more: false } : {}) });
      assert.deepEqual(idsIn((await search(identifier.slice(0, -2))).body), [id]);
      assert.deepEqual(idsIn((await search(identifier.toLowerCase())).body), []);
    },
  },
  {
    name: 'a blank search finds nothing and counts nothing',
    async run({ call }) {
      const answer = await call('GET', '@/contacts/search?q=');
      succeeds(answer, { meta: { count: null }, payload: [] });
    },
  },
  {
    name: 'PATCH contacts answers the contact and merges custom attributes; additional ones only since 4.2.0',
    async run({ call, contact, sharedInbox, unique, since }) {
      const maps = { custom_attributes: { a: 1 }, additional_attributes: { city: 'Recife' } };
      const { id } = await contact(await sharedInbox(), maps);
      const name = unique('contact');
      const changes = { name, custom_attributes: { b: 2 }, additional_attributes: { country: 'Brasil' } };
      const answer = await call('PATCH', `@/contacts/${id}`, changes);
      succeeds(answer, { payload: { id, name } });
      assert.deepEqual(at(answer.body, 'payload', 'custom_attributes'), { a: 1, b: 2 });
      const additional = since('4.2.0') ? { city: 'Recife', country: 'Brasil' } : { country: 'Brasil' };
      assert.deepEqual(at(answer.body, 'payload', 'additional_attributes'), additional);
      succeeds(await call('GET', `@/contacts/${id}`), { payload: { id, name } });
      answers(await call('GET', '@/contacts/987654321'), 404, notFound);
    },
  },
  {
    name: 'a contact is given the same address twice without harm; one of somebody else is a 500',
    async run({ call, contact, sharedInbox, unique }) {
      const inbox_id = await sharedInbox();
      const { id } = await contact(inbox_id);
      const other = await contact(inbox_id);
      const add = (source_id: string, inbox = inbox_id) =>
        call('POST', `@/contacts/${id}/contact_inboxes`, { inbox_id: inbox, source_id });
      const source_id = unique('source');
      for (let i = 0; i < 2; i++) succeeds(await add(source_id), { source_id, inbox: { id: inbox_id } });
      const addresses = listAt((await call('GET', `@/contacts/${id}`)).body, 'payload', 'contact_inboxes');
      assert.equal(addresses.length, 2);
      answers(await add(other.sourceId), 500, crash);
      answers(await add(source_id, 987_654_321), 404, notFound);
    },
  },
  {
    name: 'POST actions/contact_merge moves addresses and conversations, fills what is missing, and deletes the other contact',
    async run({ call, contact, conversation, sharedInbox, unique, phone }) {
      const inbox_id = await sharedInbox();
      const known = { name: unique('contact'), phone_number: `+${phone()}` };
      const base = await contact(inbox_id, known);
      const identifier = unique('identifier');
      const mergee = await contact(inbox_id, { identifier });
      const moved = await conversation(inbox_id, mergee);
      const merge = { base_contact_id: base.id, mergee_contact_id: mergee.id };
      succeeds(await call('POST', '@/actions/contact_merge', merge), { ...known, id: base.id, identifier });
      answers(await call('GET', `@/contacts/${mergee.id}`), 404, notFound);
      const listed = await call('GET', `@/contacts/${base.id}/conversations`);
      assert.deepEqual(idsIn(listed.body), [moved]);
      const owner = await call('POST', '@/contact_inboxes/filter', { inbox_id, source_id: mergee.sourceId });
      succeeds(owner, { id: base.id });
      answers(await call('POST', '@/actions/contact_merge', merge), 404, notFound);
    },
  },
  {
    name: 'the conversations of a contact come by their last activity, and before 4.0.2 by their number',
    async run({ call, chat, conversation, post, since, eventually, ask }) {
      const first = await chat();
      const address = { id: first.contactId, sourceId: first.sourceId };
      const second = await conversation(first.inboxId, address);
      const madeAt = Date.now();
      await eventually('a moment has passed', () => Date.now() > madeAt + 2);
      await post(first, { content: 'wake up', message_type: 'incoming' });
      const path = `@/contacts/${first.contactId}/conversations`;
      const expected = since('4.0.2') ? [first.conversation, second] : [second, first.conversation];
      // The activity is noted by a job.
      await eventually(
        'the latest activity is noted',
        async () => String(idsIn((await ask('GET', path)).body)) === String(expected),
      );
      await call('GET', path);
      answers(await call('GET', '@/contacts/987654321/conversations'), 404, notFound);
    },
  },
  {
    name: 'a deleted contact is gone at once, and its conversations later',
    async run({ ask, call, chat, eventually }) {
      const { contactId, conversation, messages } = await chat();
      const deleted = await call('DELETE', `@/contacts/${contactId}`);
      assert.deepEqual([deleted.status, deleted.text], [200, '']);
      answers(await call('GET', `@/contacts/${contactId}`), 404, notFound);
      const between = await ask('GET', `@/conversations/${conversation}`);
      assert.ok([404, 500].includes(between.status), between.text);
      await eventually(
        'its conversation is gone',
        async () => (await ask('GET', `@/conversations/${conversation}`)).status === 404,
      );
      answers(await call('POST', messages, { content: 'x', message_type: 'incoming' }), 404, notFound);
    },
  },
];
