import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { Case } from '../case.ts';
import { answers, crash, matches, notFound, succeeds } from '../check.ts';
import { at, listAt } from '../target.ts';

/** Conversations: made, looked at, opened and closed. */
export const conversations: Case[] = [
  {
    name: 'POST conversations answers the whole conversation, in the status that was asked for',
    async run({ call, contact, sharedInbox, since }) {
      const inbox_id = await sharedInbox();
      const { id, sourceId } = await contact(inbox_id);
      for (const status of ['open', 'pending']) {
        const answer = await call('POST', '@/conversations', { inbox_id, contact_id: id, source_id: sourceId, status });
        succeeds(answer, { inbox_id, status, messages: [], unread_count: 0, meta: { sender: { id }, channel: 'Channel::Api' } });
        assert.equal('updated_at' in Object(answer.body), since('4.0.0'));
      }
    },
  },
  {
    name: 'POST conversations makes a new one every time, beside an open one too',
    async run({ chat, conversation }) {
      const first = await chat();
      assert.notEqual(await conversation(first.inboxId, { id: first.contactId, sourceId: first.sourceId }), first.conversation);
    },
  },
  {
    name: 'POST conversations hands back the last one of a locked inbox, resolved as it is',
    async run({ call, inbox, chat, conversation }) {
      const id = await inbox({ lock_to_single_conversation: true });
      const first = await chat(id);
      await call('POST', `@/conversations/${first.conversation}/toggle_status`, { status: 'resolved' });
      assert.equal(await conversation(id, { id: first.contactId, sourceId: first.sourceId }), first.conversation);
      succeeds(await call('GET', `@/conversations/${first.conversation}`), { status: 'resolved' });
    },
  },
  {
    name: "POST conversations refuses another contact's address with 422, and what is not there with 404",
    async run({ call, chat, contact }) {
      const { inboxId: inbox_id, contactId: contact_id, sourceId: source_id } = await chat();
      const other = await contact(inbox_id);
      const create = (values: object) => call('POST', '@/conversations', { inbox_id, contact_id, source_id, ...values });
      answers(await create({ contact_id: other.id }), 422, { error: 'source_id should be unique' });
      answers(await create({ contact_id: 987_654_321 }), 404, notFound);
      answers(await create({ inbox_id: 987_654_321 }), 404, notFound);
      answers(await create({ status: 'closed' }), 500, crash);
    },
  },
  {
    name: 'GET conversations shows one by its number, or 404',
    async run({ call, chat }) {
      const { conversation, inboxId } = await chat();
      succeeds(await call('GET', `@/conversations/${conversation}`), { id: conversation, inbox_id: inboxId, status: 'open' });
      answers(await call('GET', '@/conversations/987654321'), 404, notFound);
    },
  },
  {
    name: 'GET conversations lists those of an inbox, the last active ones first, each with its latest message, notes included',
    async run({ call, inbox, chat, post }) {
      const inboxId = await inbox();
      const [first, second] = [await chat(inboxId), await chat(inboxId)];
      await post(second, { content: 'a', message_type: 'incoming' });
      const opened = await post(first, { content: 'b' });
      // Times are compared in seconds.
      await delay(1_100);
      const note = await post(second, { content: 'c', private: true });
      const path = `@/conversations?inbox_id=${inboxId}&status=all&sort_by=last_activity_at_desc`;
      const listed = await call('GET', `${path}&page=1`);
      succeeds(listed, { data: { meta: { all_count: 2, unassigned_count: 2, assigned_count: 0, mine_count: 0 } } });
      const rows = listAt(listed.body, 'data', 'payload');
      assert.deepEqual(
        rows.map((row) => [at(row, 'id'), at(row, 'inbox_id'), at(row, 'last_non_activity_message', 'id')]),
        [
          [second.conversation, inboxId, note],
          [first.conversation, inboxId, opened],
        ],
      );
      const latest = { message_type: 1, private: false, conversation: { contact_inbox: { source_id: first.sourceId } } };
      matches(at(rows[1], 'last_non_activity_message'), latest);
      succeeds(await call('GET', `${path}&page=2`), { data: { payload: [] } });
    },
  },
  {
    name: 'GET conversations without a status lists the open ones, and with `all` every one; an activity is no latest message',
    async run({ call, ask, inbox, chat, post }) {
      const inboxId = await inbox();
      const first = await chat(inboxId);
      const id = await post(first, { content: 'a' });
      await call('POST', `@/conversations/${first.conversation}/toggle_status`, { status: 'resolved' });
      const path = `@/conversations?inbox_id=${inboxId}`;
      assert.deepEqual(listAt((await ask('GET', path)).body, 'data', 'payload'), []);
      const [row] = listAt((await ask('GET', `${path}&status=all`)).body, 'data', 'payload');
      matches(row, { id: first.conversation, status: 'resolved', last_non_activity_message: { id } });
    },
  },
  {
    name: 'GET conversations of an inbox that is not there, or is not the agent’s, is an empty list',
    needs: 'agent',
    async run({ call, chat, target }) {
      const { inboxId } = await chat();
      const nothing = { data: { payload: [] } };
      succeeds(await call('GET', '@/conversations?inbox_id=987654321&status=all'), nothing);
      const token = target.agentToken ?? '';
      succeeds(await call('GET', `@/conversations?inbox_id=${inboxId}&status=all`, undefined, { token }), nothing);
    },
  },
  {
    name: 'POST custom_attributes puts all of them in place of those that were there',
    async run({ call, chat }) {
      const { conversation } = await chat();
      const path = `@/conversations/${conversation}/custom_attributes`;
      await call('POST', path, { custom_attributes: { first: 'a', second: 'b' } });
      succeeds(await call('POST', path, { custom_attributes: { second: 'c' } }), { custom_attributes: { second: 'c' } });
      succeeds(await call('GET', `@/conversations/${conversation}`), { custom_attributes: { second: 'c' } });
    },
  },
  {
    name: 'an incoming message opens what is resolved or snoozed and leaves what is open or pending; an outgoing one opens nothing',
    async run({ ask, chat, post, observe }) {
      const rules = [
        ['open', 'incoming', 'open'],
        ['open', 'outgoing', 'open'],
        ['snoozed', 'outgoing', 'snoozed'],
        ['resolved', 'incoming', 'open'],
        ['snoozed', 'incoming', 'open'],
        ['pending', 'incoming', 'pending'],
        ['resolved', 'outgoing', 'resolved'],
        ['pending', 'outgoing', 'pending'],
      ] as const;
      for (const [before, message_type, after] of rules) {
        const first = await chat();
        const path = `@/conversations/${first.conversation}`;
        await ask('POST', `${path}/toggle_status`, { status: before });
        await post(first, { content: 'x', message_type });
        const status = at((await ask('GET', path)).body, 'status');
        assert.equal(status, after, `${before}, ${message_type}`);
        observe(`${before}, ${message_type}`, status);
      }
    },
  },
  {
    name: 'toggle_status sets the status, or turns it over without one; an unknown one is a 500',
    async run({ call, chat }) {
      const { conversation } = await chat();
      const toggle = (body: object) => call('POST', `@/conversations/${conversation}/toggle_status`, body);
      const payload = { success: true, conversation_id: conversation, snoozed_until: null };
      answers(await toggle({ status: 'resolved' }), 200, { payload: { ...payload, current_status: 'resolved' } });
      answers(await toggle({}), 200, { payload: { ...payload, current_status: 'open' } });
      answers(await toggle({ status: 'pending' }), 200, { payload: { ...payload, current_status: 'pending' } });
      answers(await toggle({ status: '' }), 200, { payload: { ...payload, current_status: 'open' } });
      answers(await toggle({ status: 'closed' }), 500, crash);
    },
  },
  {
    name: 'muting blocks the contact and resolves the conversation; its messages are stored all the same',
    async run({ ask, call, chat, post }) {
      const first = await chat();
      const path = `@/conversations/${first.conversation}`;
      assert.equal((await call('POST', `${path}/mute`)).status, 200);
      await post(first, { content: 'let me in', message_type: 'incoming' });
      succeeds(await ask('GET', path), { status: 'resolved', muted: true });
    },
  },
];
