import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import type { Case, Chat, Chatwoot } from '../case.ts';
import { matches, succeeds } from '../check.ts';
import type { Received } from '../receiver.ts';
import { at, listAt } from '../target.ts';

interface Line {
  readonly chat: Chat;
  /** Where its webhooks come to. */
  readonly path: string;
}

/** A chat in an inbox of its own, whose webhooks come to a path of their own. */
async function lineOf(chatwoot: Chatwoot, values: Record<string, unknown> = {}): Promise<Line> {
  const path = chatwoot.unique('hook');
  const inboxId = await chatwoot.inbox(values, { webhook_url: chatwoot.receiver.address(path) });
  return { chat: await chatwoot.chat(inboxId), path };
}

const find = ({ receiver }: Chatwoot, { path }: Line, event: string, id: number): Received[] =>
  receiver.of(path, event).filter(({ body }) => at(body, 'id') === id);

/** The first webhook of this event about this message. */
async function hookOf(chatwoot: Chatwoot, line: Line, event: string, id: number): Promise<Received> {
  return chatwoot.eventually(`${event} of a message`, () => find(chatwoot, line, event, id)[0]);
}

/** What of a webhook is of later than its event: it is built when its job runs. */
const laterParts = [
  'status',
  'messages',
  'waiting_since',
  'unread_count',
  'first_reply_created_at',
  'last_activity_at',
  'updated_at',
];

function compared(body: unknown): unknown {
  const conversation = Object.entries(Object(at(body, 'conversation'))).filter(([key]) => !laterParts.includes(key));
  return { ...Object(body), conversation: Object.fromEntries(conversation) };
}

/** What an integration's webhook address is told, and how. */
export const webhooks: Case[] = [
  {
    name: "an agent's message comes with text for its type, ISO for its time, sender, conversation and address",
    needs: 'webhooks',
    async run(chatwoot) {
      const line = await lineOf(chatwoot);
      const { chat } = line;
      const id = await chatwoot.post(chat, { content: 'Olá **Maria**' });
      const { body, headers } = await hookOf(chatwoot, line, 'message_created', id);
      matches(body, {
        event: 'message_created',
        id,
        account: { id: chatwoot.target.accountId },
        content: 'Olá **Maria**',
        content_type: 'text',
        message_type: 'outgoing',
        private: false,
        source_id: null,
        inbox: { id: chat.inboxId },
        sender: { type: 'user' },
        conversation: {
          id: chat.conversation,
          inbox_id: chat.inboxId,
          channel: 'Channel::Api',
          contact_inbox: { contact_id: chat.contactId, source_id: chat.sourceId },
          meta: { sender: { id: chat.contactId, type: 'contact' } },
        },
      });
      assert.match(String(at(body, 'created_at')), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
      assert.equal('account' in Object(at(body, 'conversation')), chatwoot.since('4.14.2'));
      assert.equal('assignee_type' in Object(at(body, 'conversation', 'meta')), chatwoot.since('4.8.0'));
      matches(headers, { 'content-type': 'application/json', accept: 'application/json' });
      chatwoot.observe('webhook of an agent', compared(body));
    },
  },
  {
    name: 'a delivery has an id since 4.12.0, and time and signature with the secret of the inbox since 4.13.0',
    needs: 'webhooks',
    async run(chatwoot) {
      const line = await lineOf(chatwoot);
      const id = await chatwoot.post(line.chat, { content: '<b>Tom & Jerry</b>', message_type: 'incoming' });
      const { headers, raw } = await hookOf(chatwoot, line, 'message_created', id);
      assert.equal('x-chatwoot-delivery' in headers, chatwoot.since('4.12.0'));
      const signature = headers['x-chatwoot-signature'];
      assert.equal(signature !== undefined, chatwoot.since('4.13.0'));
      assert.equal('x-chatwoot-timestamp' in headers, chatwoot.since('4.13.0'));
      if (signature === undefined) return;
      const secret = String(at((await chatwoot.ask('GET', `@/inboxes/${line.chat.inboxId}`)).body, 'secret'));
      const timestamp = String(headers['x-chatwoot-timestamp']);
      assert.equal(signature, `sha256=${createHmac('sha256', secret).update(`${timestamp}.${raw}`).digest('hex')}`);
    },
  },
  {
    name: 'what could end a script is escaped in the body, as the bytes that are signed',
    needs: 'webhooks',
    async run(chatwoot) {
      const line = await lineOf(chatwoot);
      const content = '<b>Tom & Jerry</b>\u2028';
      const id = await chatwoot.post(line.chat, { content, message_type: 'incoming' });
      const { raw, body } = await hookOf(chatwoot, line, 'message_created', id);
      assert.equal(at(body, 'content'), content);
      assert.ok(raw.includes('\\u003cb\\u003eTom \\u0026 Jerry\\u003c/b\\u003e\\u2028'), raw.slice(0, 500));
    },
  },
  {
    name: "everything posted comes back: customers' messages, our own, private notes",
    needs: 'webhooks',
    async run(chatwoot) {
      const line = await lineOf(chatwoot);
      const { chat } = line;
      const source_id = chatwoot.unique('WAID:own');
      const incoming = await chatwoot.post(chat, { content: 'a', message_type: 'incoming', source_id });
      const own = await chatwoot.post(chat, { content: 'b', source_id });
      const note = await chatwoot.post(chat, { content: 'c', private: true });
      const first = (await hookOf(chatwoot, line, 'message_created', incoming)).body;
      matches(first, { message_type: 'incoming', source_id, sender: { id: chat.contactId } });
      assert.equal('type' in Object(at(first, 'sender')), false);
      chatwoot.observe('webhook of a customer', compared(first));
      matches((await hookOf(chatwoot, line, 'message_created', own)).body, { message_type: 'outgoing', source_id });
      matches((await hookOf(chatwoot, line, 'message_created', note)).body, { message_type: 'outgoing', private: true });
    },
  },
  {
    name: 'a greeting comes as a template without a sender, once',
    needs: 'webhooks',
    async run(chatwoot) {
      const line = await lineOf(chatwoot, { greeting_enabled: true, greeting_message: 'Welcome {{ "you" | upcase }}' });
      for (let i = 0; i < 2; i++) await chatwoot.post(line.chat, { content: 'Oi', message_type: 'incoming' });
      const templates = () =>
        chatwoot.receiver.of(line.path, 'message_created').filter(({ body }) => at(body, 'message_type') === 'template');
      const greeting = await chatwoot.eventually('the greeting', () => templates()[0]);
      matches(greeting.body, { content: 'Welcome YOU', sender: null, private: false, content_type: 'text' });
      assert.equal(templates().length, 1);
      chatwoot.observe('webhook of a greeting', compared(greeting.body));
    },
  },
  {
    name: 'an activity over the API is stored, and nobody is told',
    needs: 'webhooks',
    async run(chatwoot) {
      const line = await lineOf(chatwoot);
      const silent = await chatwoot.post(line.chat, { content: 'noted', message_type: 'activity' });
      const heard = await chatwoot.post(line.chat, { content: 'x' });
      await hookOf(chatwoot, line, 'message_created', heard);
      assert.deepEqual(find(chatwoot, line, 'message_created', silent), []);
    },
  },
  {
    name: 'a message with files lists them all with address, kind and, since 4.13.0, type',
    needs: 'webhooks',
    async run(chatwoot) {
      const line = await lineOf(chatwoot);
      const form = new FormData();
      for (const [name, bytes] of [
        ['a.txt', 'x'],
        ['b.txt', 'xx'],
        ['c.txt', 'xxx'],
      ] as const) {
        form.append('attachments[]', new Blob([bytes], { type: 'text/plain' }), name);
      }
      const posted = await chatwoot.ask('POST', line.chat.messages, form);
      succeeds(posted);
      const { body } = await hookOf(chatwoot, line, 'message_created', Number(at(posted.body, 'id')));
      const sorted = [...listAt(body, 'attachments')].sort((a, b) => Number(at(a, 'id')) - Number(at(b, 'id')));
      matches(sorted, [{ file_type: 'file', file_size: 1 }, { file_size: 2 }, { file_size: 3 }]);
      for (const item of sorted) assert.match(String(at(item, 'data_url')), /\/rails\/active_storage\/blobs\/redirect\//);
      chatwoot.observe('files in a webhook', sorted);
    },
  },
  {
    name: 'a recording is followed by an update since 4.13.0, as its file is looked into',
    needs: 'webhooks',
    async run(chatwoot) {
      const line = await lineOf(chatwoot);
      const form = new FormData();
      form.append('attachments[]', new Blob(['x'], { type: 'audio/mpeg' }), 'a.mp3');
      const posted = await chatwoot.ask('POST', line.chat.messages, form);
      const id = Number(at(posted.body, 'id'));
      const { body } = await hookOf(chatwoot, line, 'message_created', id);
      const isInline = /\?disposition=inline$/.test(String(at(body, 'attachments', 0, 'data_url')));
      assert.equal(isInline, chatwoot.since('4.13.0'));
      if (chatwoot.since('4.13.0')) await hookOf(chatwoot, line, 'message_updated', id);
    },
  },
  {
    name: 'every report of a status since 4.2.0, and every deletion, comes as an update',
    needs: 'webhooks',
    async run(chatwoot) {
      const line = await lineOf(chatwoot);
      const id = await chatwoot.post(line.chat, { content: 'x' });
      await hookOf(chatwoot, line, 'message_created', id);
      if (chatwoot.since('4.2.0')) {
        await chatwoot.ask('PATCH', `${line.chat.messages}/${id}`, { status: 'delivered' });
        const { body } = await hookOf(chatwoot, line, 'message_updated', id);
        matches(body, { message_type: 'outgoing', private: false });
      }
      await chatwoot.ask('DELETE', `${line.chat.messages}/${id}`);
      const isDeletion = ({ body }: Received) => at(body, 'content_attributes', 'deleted') === true;
      await chatwoot.eventually('the deletion', () => find(chatwoot, line, 'message_updated', id).find(isDeletion));
    },
  },
  {
    name: 'a retry comes as updates, the last of them with empty attributes',
    needs: 'webhooks',
    async run(chatwoot) {
      const line = await lineOf(chatwoot);
      const id = await chatwoot.post(line.chat, { content: 'x' });
      const { messages } = line.chat;
      await hookOf(chatwoot, line, 'message_created', id);
      chatwoot.receiver.answer(line.path, 200);
      if (chatwoot.since('4.2.0')) {
        await chatwoot.ask('PATCH', `${messages}/${id}`, { status: 'failed', external_error: 'e' });
        const isFailure = ({ body }: Received) => at(body, 'content_attributes', 'external_error') === 'e';
        await chatwoot.eventually('the failure', () => find(chatwoot, line, 'message_updated', id).find(isFailure));
        await chatwoot.ask('POST', `${messages}/${id}/retry`);
        const isEmpty = ({ body }: Received) => JSON.stringify(at(body, 'content_attributes')) === '{}';
        await chatwoot.eventually('the retry', () => find(chatwoot, line, 'message_updated', id).find(isEmpty));
      }
    },
  },
  {
    name: 'a conversation tells of its making, its status and its changes, of old and new status in the changes only',
    needs: 'webhooks',
    async run(chatwoot) {
      const line = await lineOf(chatwoot);
      const { receiver, eventually } = chatwoot;
      const hook = (event: string) => eventually(event, () => receiver.of(line.path, event)[0]);
      matches((await hook('conversation_created')).body, { id: line.chat.conversation, inbox_id: line.chat.inboxId });
      await chatwoot.ask('POST', `@/conversations/${line.chat.conversation}/toggle_status`, { status: 'resolved' });
      const { body } = await hook('conversation_status_changed');
      matches(body, { id: line.chat.conversation, changed_attributes: null });
      const change = { status: { previous_value: 'open', current_value: 'resolved' } };
      const isChange = (entry: Received) =>
        JSON.stringify(at(entry.body, 'changed_attributes') ?? null).includes(JSON.stringify(change));
      await eventually('the change', () => receiver.of(line.path, 'conversation_updated').find(isChange));
    },
  },
  {
    name: 'typing is told since 4.2.0',
    needs: 'webhooks',
    async run(chatwoot) {
      const line = await lineOf(chatwoot);
      const path = `@/conversations/${line.chat.conversation}/toggle_typing_status`;
      assert.equal((await chatwoot.call('POST', path, { typing_status: 'on', is_private: false })).status, 200);
      const id = await chatwoot.post(line.chat, { content: 'x' });
      const typing = () => chatwoot.receiver.of(line.path, 'conversation_typing_on')[0];
      if (chatwoot.since('4.2.0')) {
        const { body } = await chatwoot.eventually('typing', typing);
        matches(body, { is_private: false, user: { type: 'user' }, conversation: { id: line.chat.conversation } });
      } else {
        await hookOf(chatwoot, line, 'message_created', id);
        assert.equal(typing(), undefined);
      }
    },
  },
  {
    name: 'an answer that is no success marks the message failed with the reason, an incoming one as well, and is not tried again',
    needs: 'webhooks',
    async run(chatwoot) {
      const line = await lineOf(chatwoot);
      chatwoot.receiver.answer(line.path, 503);
      const id = await chatwoot.post(line.chat, { content: 'x', message_type: 'incoming' });
      const marked = await chatwoot.eventually('the mark', async () => {
        const listed = listAt((await chatwoot.ask('GET', line.chat.messages)).body, 'payload');
        return listed.find((message) => at(message, 'id') === id && at(message, 'status') === 'failed');
      });
      matches(marked, { content_attributes: { external_error: '503 Service Unavailable' } });
      await hookOf(chatwoot, line, 'message_updated', id);
      assert.equal(find(chatwoot, line, 'message_created', id).length, 1);
    },
  },
  {
    name: 'without an address nothing is enqueued, the message stays sent, and nothing comes later',
    needs: 'webhooks',
    async run(chatwoot) {
      const line = await lineOf(chatwoot);
      const { inboxId, messages } = line.chat;
      const first = await chatwoot.post(line.chat, { content: 'before' });
      await hookOf(chatwoot, line, 'message_created', first);
      const address = (webhook_url: string) => chatwoot.ask('PATCH', `@/inboxes/${inboxId}`, { channel: { webhook_url } });
      succeeds(await address(''));
      const silent = await chatwoot.post(line.chat, { content: 'unheard' });
      // What came after it is delivered: its own job is over.
      const other = await lineOf(chatwoot);
      await hookOf(chatwoot, other, 'message_created', await chatwoot.post(other.chat, { content: 'x' }));
      succeeds(await address(chatwoot.receiver.address(line.path)));
      const heard = await chatwoot.post(line.chat, { content: 'heard' });
      await hookOf(chatwoot, line, 'message_created', heard);
      assert.deepEqual(find(chatwoot, line, 'message_created', silent), []);
      const listed = listAt((await chatwoot.ask('GET', messages)).body, 'payload');
      matches(
        listed.find((message) => at(message, 'id') === silent),
        { status: 'sent' },
      );
    },
  },
  {
    name: "the editor's hard breaks, a backslash before the line break, are gone since 4.13.0",
    needs: 'webhooks',
    async run(chatwoot) {
      const line = await lineOf(chatwoot);
      const id = await chatwoot.post(line.chat, { content: 'one\\\ntwo\n\n' });
      const { body } = await hookOf(chatwoot, line, 'message_created', id);
      assert.equal(at(body, 'content'), chatwoot.since('4.13.0') ? 'one\ntwo' : 'one\\\ntwo\n\n');
    },
  },
];
