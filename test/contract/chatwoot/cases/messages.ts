import assert from 'node:assert/strict';
import type { Case } from '../case.ts';
import { answers, matches, notFound, succeeds } from '../check.ts';
import { at, listAt } from '../target.ts';

const FLOOD = 200;

/** Messages: posted, listed, marked, deleted, sent again. */
export const messages: Case[] = [
  {
    name: 'POST messages answers the message: a number for its type, seconds for its time, its sender',
    async run({ call, chat, unique }) {
      const { messages: path, conversation, inboxId, contactId } = await chat();
      const source_id = unique('WAID:message');
      const incoming = await call('POST', path, { content: 'Oi', message_type: 'incoming', source_id, echo_id: 'e1' });
      succeeds(incoming, {
        content: 'Oi',
        echo_id: 'e1',
        inbox_id: inboxId,
        conversation_id: conversation,
        message_type: 0,
        content_type: 'text',
        status: 'sent',
        content_attributes: {},
        private: false,
        source_id,
        sender: { id: contactId, type: 'contact' },
      });
      assert.ok(Number.isInteger(at(incoming.body, 'created_at')));
      const outgoing = await call('POST', path, { content: 'Olá' });
      succeeds(outgoing, { message_type: 1, private: false, source_id: null, sender: { type: 'user' } });
      const note = await call('POST', path, { content: 'note', private: true });
      succeeds(note, { message_type: 1, private: true });
      assert.equal('attachments' in Object(note.body), false);
    },
  },
  {
    name: 'a source id is kept as often as it is posted: nothing is held against a double',
    async run({ call, chat, post, unique }) {
      const first = await chat();
      const source_id = unique('WAID:double');
      for (let i = 0; i < 2; i++) await post(first, { content: 'x', message_type: 'incoming', source_id });
      const listed = listAt((await call('GET', first.messages)).body, 'payload');
      assert.equal(listed.filter((message) => at(message, 'source_id') === source_id).length, 2);
    },
  },
  {
    name: 'a source id may have 255 characters, and 20,000 since 4.9.0',
    async run({ call, chat, unique, since }) {
      const { messages: path } = await chat();
      const post = (length: number) => call('POST', path, { content: 'x', source_id: unique('WAID:long').padEnd(length, 'x') });
      const refusal = (limit: number) => ({ error: `Validation failed: Source is too long (maximum is ${limit} characters)` });
      succeeds(await post(255));
      if (since('4.9.0')) succeeds(await post(20_000));
      else answers(await post(256), 422, refusal(255));
      answers(await post(20_001), 422, refusal(since('4.9.0') ? 20_000 : 255));
    },
  },
  {
    name: 'free attributes are kept since 4.9.0; before, all but in_reply_to and items vanish without a word',
    async run({ call, chat, since }) {
      const { messages: path } = await chat();
      const content_attributes = { external_created_at: 1_785_147_244, echo: 'ponte', items: [{ title: 'a', value: 'b' }] };
      const answer = await call('POST', path, { content: 'x', content_attributes });
      succeeds(answer);
      const { items } = content_attributes;
      assert.deepEqual(at(answer.body, 'content_attributes'), since('4.9.0') ? content_attributes : { items });
    },
  },
  {
    name: 'a time at the top is kept alone, and beside attributes only before 4.9.0',
    async run({ call, chat, since }) {
      const { messages: path } = await chat();
      const external_created_at = 1_785_147_244;
      const alone = await call('POST', path, { content: 'x', external_created_at });
      assert.deepEqual(at(alone.body, 'content_attributes'), { external_created_at });
      const beside = await call('POST', path, { content: 'x', external_created_at, content_attributes: { echo: 'ponte' } });
      assert.deepEqual(at(beside.body, 'content_attributes'), since('4.9.0') ? { echo: 'ponte' } : { external_created_at });
    },
  },
  {
    name: 'a quoted message is found by its id, and by its source id since 4.9.0, within its conversation only',
    async run({ call, chat, post, unique, since }) {
      const first = await chat();
      const source_id = unique('WAID:quoted');
      const quoted = await post(first, { content: 'a', message_type: 'incoming', source_id });
      const attributesOf = async (content_attributes: object) =>
        at((await call('POST', first.messages, { content: 'b', content_attributes })).body, 'content_attributes');
      const both = { in_reply_to: quoted, in_reply_to_external_id: source_id };
      assert.deepEqual(await attributesOf({ in_reply_to: quoted }), both);
      assert.deepEqual(await attributesOf({ in_reply_to_external_id: source_id }), since('4.9.0') ? both : {});
      const foreign = await post(await chat(), { content: 'elsewhere' });
      matches(await attributesOf({ in_reply_to: foreign }), { in_reply_to: null });
    },
  },
  {
    name: 'a text has 150,000 characters at most, counted as characters and before Liquid',
    async run({ ask, chat, observe }) {
      const { messages: path } = await chat();
      const post = async (content: string) => {
        const answer = await ask('POST', path, { content });
        observe(`a text of ${content.length} units`, answer.status === 200 ? 200 : answer.body);
        return answer;
      };
      const refusal = { error: 'Validation failed: Content is too long (maximum is 150000 characters)' };
      assert.equal((await post('🦜'.repeat(150_000))).status, 200);
      answers(await post('x'.repeat(150_001)), 422, refusal);
      // Rendered, nothing would be left of it.
      answers(await post(`{% comment %}${'x'.repeat(150_000)}{% endcomment %}`), 422, refusal);
    },
  },
  {
    name: 'a NUL in the text is a 422, as nothing that stores it is done',
    async run({ call, chat }) {
      const { messages: path } = await chat();
      answers(await call('POST', path, { content: 'a\0b' }), 422, { error: 'string contains null byte' });
      const listed = await call('GET', path);
      assert.deepEqual(listAt(listed.body, 'payload'), []);
    },
  },
  {
    name: 'a text of nothing, of blanks and of a map is taken; the map as Ruby prints it',
    async run({ call, chat }) {
      const { messages: path } = await chat();
      const contentOf = async (body: object) => at((await call('POST', path, body)).body, 'content');
      assert.equal(await contentOf({}), null);
      assert.equal(await contentOf({ content: '' }), '');
      assert.equal(await contentOf({ content: '   ' }), '   ');
      // With a space around the arrow since Ruby 3.4.
      assert.match(String(await contentOf({ content: { a: 1 } })), /^\{"a" ?=> ?1\}$/);
    },
  },
  {
    name: 'what an enum does not know is a 422 with its text',
    async run({ call, chat }) {
      const { messages: path } = await chat();
      const sideways = await call('POST', path, { content: 'x', message_type: 'sideways' });
      answers(sideways, 422, { error: "'sideways' is not a valid message_type" });
      const song = await call('POST', path, { content: 'x', content_type: 'song' });
      answers(song, 422, { error: "'song' is not a valid content_type" });
      answers(await call('POST', '@/conversations/987654321/messages', { content: 'x' }), 404, notFound);
    },
  },
  {
    name: 'outgoing text is Liquid, in private notes as well; incoming text is left alone',
    async run({ call, chat }) {
      const { messages: path } = await chat();
      const contentOf = async (values: object) =>
        at((await call('POST', path, { content: 'a{{ "b" | upcase }}c', ...values })).body, 'content');
      assert.equal(await contentOf({}), 'aBc');
      assert.equal(await contentOf({ private: true }), 'aBc');
      assert.equal(await contentOf({ message_type: 'incoming' }), 'a{{ "b" | upcase }}c');
      const exempt = await call('POST', path, { content: 'a`{{ "b" | upcase }}`c' });
      assert.equal(at(exempt.body, 'content'), 'a`{{ "b" | upcase }}`c');
      const broken = await call('POST', path, { content: 'broken {{ contact.name' });
      assert.equal(at(broken.body, 'content'), 'broken {{ contact.name');
    },
  },
  {
    name: 'the 201st message of a minute in a conversation is a 422',
    async run({ ask, chat, observe }) {
      const { messages: path } = await chat();
      // Chatwoot counts the last minute, which turns while it is slow.
      for (let i = 0; i < FLOOD; i++) assert.equal((await ask('POST', path, { content: String(i) })).status, 200);
      const answer = await ask('POST', path, { content: 'one too many' });
      answers(answer, 422, { error: 'Validation failed: Too many messages' });
      observe('the 201st message', answer.body);
    },
  },
  {
    name: 'messages are listed oldest first: the latest 20, 20 before one, or those after one',
    async run({ call, ask, chat, post }) {
      const first = await chat();
      const ids: number[] = [];
      for (let i = 0; i < 25; i++) ids.push(await post(first, { content: String(i), message_type: 'incoming' }));
      const listed = async (query: string) =>
        listAt((await ask('GET', first.messages + query)).body, 'payload')
          .filter((message) => at(message, 'message_type') !== 2)
          .map((message) => at(message, 'id'));
      assert.deepEqual(await listed(''), ids.slice(5));
      assert.deepEqual(await listed(`?before=${ids[5]}`), ids.slice(0, 5));
      assert.deepEqual(await listed(`?after=${ids[2]}`), ids.slice(3));
      assert.deepEqual(await listed('?after=0'), ids);
      assert.deepEqual(await listed('?before=0'), []);
      await call('GET', `${first.messages}?after=${ids[23]}`);
    },
  },
  {
    name: 'PATCH messages reports what became of a message since 4.2.0; before there is no such call',
    async run({ call, chat, post, since }) {
      const first = await chat();
      const id = await post(first, { content: 'x' });
      const report = (body: object, message = id) => call('PATCH', `${first.messages}/${message}`, body);
      if (!since('4.2.0')) {
        assert.equal((await report({ status: 'delivered' })).status, 404);
        return;
      }
      succeeds(await report({ status: 'delivered' }), { id, status: 'delivered' });
      succeeds(await report({ status: 'read' }), { status: 'read' });
      succeeds(await report({ status: 'delivered' }), { status: 'read' });
      succeeds(await report({ status: 'eaten' }), { status: 'read' });
      const failed = await report({ status: 'failed', external_error: 'no such number' });
      succeeds(failed, { status: 'failed', content_attributes: { external_error: 'no such number' } });
      answers(await report({ status: 'read' }, 987_654_321), 404, notFound);
    },
  },
  {
    name: 'a deleted message stays, with `deleted` among its attributes and another text',
    async run({ call, chat, post }) {
      const first = await chat();
      const id = await post(first, { content: 'secret' });
      assert.equal((await call('DELETE', `${first.messages}/${id}`)).status, 200);
      const left = at((await call('GET', first.messages)).body, 'payload', 0);
      matches(left, { id, content_attributes: { deleted: true } });
      assert.notEqual(at(left, 'content'), 'secret');
    },
  },
  {
    name: 'a retry makes a failed message sent again, and empties its attributes: its quote is lost',
    async run({ call, chat, post, since }) {
      const first = await chat();
      const quoted = await post(first, { content: 'a' });
      const id = await post(first, { content: 'b', content_attributes: { in_reply_to: quoted } });
      if (since('4.2.0')) await call('PATCH', `${first.messages}/${id}`, { status: 'failed', external_error: 'e' });
      const answer = await call('POST', `${first.messages}/${id}/retry`);
      succeeds(answer, { id, status: 'sent' });
      assert.deepEqual(at(answer.body, 'content_attributes'), {});
      assert.equal((await call('POST', `${first.messages}/987654321/retry`)).status, 422);
    },
  },
];
