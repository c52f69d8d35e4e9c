import assert from 'node:assert/strict';
import type { Case } from '../case.ts';
import { answers, crash, invalid, matches, notFound, succeeds } from '../check.ts';
import { at, listAt } from '../target.ts';

const FORMAT = 'Name should not start or end with symbols, and it should not have < > / \\ @ characters.';
const secretPattern = /^[\w-]{20,}$/;

/** The inbox of an integration: made, found again, changed, taken away. */
export const inboxes: Case[] = [
  {
    name: 'POST inboxes answers 200 with the inbox, its secret only since 4.13.0',
    async run({ call, unique, since }) {
      const name = unique('inbox');
      const channel = { type: 'api', webhook_url: '', additional_attributes: { marker: 1 } };
      const answer = await call('POST', '@/inboxes', { name, lock_to_single_conversation: false, unknown: 1, channel });
      succeeds(answer, {
        name,
        channel_type: 'Channel::Api',
        lock_to_single_conversation: false,
        additional_attributes: { marker: 1 },
      });
      assert.match(String(at(answer.body, 'hmac_token')), secretPattern);
      assert.match(String(at(answer.body, 'inbox_identifier')), secretPattern);
      if (since('4.13.0')) assert.match(String(at(answer.body, 'secret')), secretPattern);
      else assert.equal(at(answer.body, 'secret'), undefined);
      assert.equal('csat_config' in Object(answer.body), since('4.0.0'));
    },
  },
  {
    name: 'POST inboxes takes no key and minds no double: twice the same makes two',
    async run({ call, unique }) {
      const body = { name: unique('inbox'), channel: { type: 'api', webhook_url: unique('https://bridge.example/') } };
      const [first, second] = [await call('POST', '@/inboxes', body), await call('POST', '@/inboxes', body)];
      assert.equal(first.status + second.status, 400);
      assert.notEqual(at(first.body, 'id'), at(second.body, 'id'));
    },
  },
  {
    name: 'POST inboxes refuses with 422 and the names of the attributes, and makes nothing',
    async run({ call, ask, unique, since }) {
      const name = unique('inbox');
      const channel = { type: 'api' };
      const refused = (body: object) => call('POST', '@/inboxes', { name, channel, ...body });
      const blank = since('4.3.0') ? "Name can't be blank" : `Name can't be blank, ${FORMAT}`;
      for (const nameless of [undefined, '', 'null']) answers(await refused({ name: nameless }), 422, invalid(blank, 'name'));
      const tooLong = invalid('Name is too long (maximum is 255 characters)', 'name');
      answers(await refused({ name: name.padEnd(256, 'n') }), 422, tooLong);
      const address = { type: 'api', webhook_url: `https://x/${'y'.repeat(2040)}` };
      answers(
        await refused({ channel: address }),
        422,
        invalid('Webhook url is too long (maximum is 2048 characters)', 'webhook_url'),
      );
      const timezone = invalid('Timezone is not included in the list', 'timezone');
      answers(await refused({ timezone: 'Mars/Olympus' }), 422, timezone);
      const window = { type: 'api', additional_attributes: { agent_reply_time_window: 0 } };
      answers(
        await refused({ channel: window }),
        422,
        invalid('Agent reply time window agent_reply_time_window must be greater than 0', 'agent_reply_time_window'),
      );
      const listed = listAt((await ask('GET', '@/inboxes')).body, 'payload');
      assert.equal(listed.filter((inbox) => String(at(inbox, 'name')).startsWith(name)).length, 0);
    },
  },
  {
    name: 'POST inboxes counts the name in characters: 255 emoji fit since 4.3.0',
    async run({ call, since }) {
      const answer = await call('POST', '@/inboxes', { name: '📱'.repeat(255), channel: { type: 'api' } });
      if (since('4.3.0')) succeeds(answer);
      else answers(answer, 422, invalid(FORMAT, 'name'));
    },
  },
  {
    name: 'a NUL in the name of an inbox is a 500',
    async run({ call, inbox }) {
      answers(await call('POST', '@/inboxes', { name: 'a\0b', channel: { type: 'api' } }), 500, crash);
      answers(await call('PATCH', `@/inboxes/${await inbox()}`, { name: 'a\0b' }), 500, crash);
    },
  },
  {
    name: 'POST inboxes is strict about names before 4.3.0, and takes any sign since',
    async run({ call, unique, since }) {
      for (const name of [
        `${unique('inbox')} (Orion)`,
        `${unique('inbox')} 📱`,
        `${unique('inbox')}/x`,
        `<${unique('inbox')}>`,
      ]) {
        const answer = await call('POST', '@/inboxes', { name, channel: { type: 'api' } });
        if (since('4.3.0')) succeeds(answer, { name });
        else answers(answer, 422, invalid(FORMAT, 'name'));
      }
    },
  },
  {
    name: 'POST inboxes looks at no webhook address: nothing, words and null attributes are all taken',
    async run({ call, unique }) {
      for (const channel of [
        { webhook_url: null },
        { webhook_url: 'abc' },
        { webhook_url: 'http://10.0.0.1/x' },
        { webhook_url: '', additional_attributes: null },
      ]) {
        succeeds(await call('POST', '@/inboxes', { name: unique('inbox'), channel: { type: 'api', ...channel } }));
      }
    },
  },
  {
    name: 'POST inboxes without a channel is a 500, and of an unknown kind a 422',
    async run({ call, unique }) {
      answers(await call('POST', '@/inboxes', { name: unique('inbox') }), 500, crash);
      const pigeon = { name: unique('inbox'), channel: { type: 'carrier_pigeon' } };
      answers(await call('POST', '@/inboxes', pigeon), 422, invalid('Channel must exist', 'channel'));
    },
  },
  {
    name: 'GET inboxes lists all without pages, and GET of one shows the same',
    async run({ ask, call, inbox }) {
      const id = await inbox();
      const listed = await ask('GET', '@/inboxes');
      const own = listAt(listed.body, 'payload').find((entry) => at(entry, 'id') === id);
      const shown = await call('GET', `@/inboxes/${id}`);
      assert.deepEqual(own, shown.body);
      answers(await call('GET', '@/inboxes/987654321'), 404, notFound);
    },
  },
  {
    name: 'PATCH inboxes changes what is sent and leaves the rest, replaces attributes, and is a 500 with channel.type',
    async run({ call, inbox, unique }) {
      const id = await inbox({ lock_to_single_conversation: true });
      const name = unique('inbox');
      const webhook_url = unique('https://bridge.example/');
      succeeds(await call('PATCH', `@/inboxes/${id}`, { name }), { id, name, lock_to_single_conversation: true });
      succeeds(await call('PATCH', `@/inboxes/${id}`, { channel: { webhook_url } }), { name, webhook_url });
      succeeds(await call('PATCH', `@/inboxes/${id}`, { lock_to_single_conversation: false }), { name, webhook_url });
      for (const additional_attributes of [{ one: 1 }, { two: 2 }]) {
        const replaced = await call('PATCH', `@/inboxes/${id}`, { channel: { additional_attributes } });
        assert.deepEqual(at(replaced.body, 'additional_attributes'), additional_attributes);
        succeeds(replaced, { name, webhook_url });
      }
      answers(await call('PATCH', `@/inboxes/${id}`, { channel: { type: 'api', webhook_url } }), 500, crash);
    },
  },
  {
    name: 'the secret can be renewed since 4.13.0, and before there is no such call',
    async run({ call, inbox, since }) {
      const id = await inbox();
      const before = await call('GET', `@/inboxes/${id}`);
      const answer = await call('POST', `@/inboxes/${id}/reset_secret`);
      if (!since('4.13.0')) {
        assert.equal(answer.status, 404);
        return;
      }
      assert.equal(answer.status, 200);
      assert.notEqual(at(answer.body, 'secret'), at(before.body, 'secret'));
      assert.equal(at(answer.body, 'hmac_token'), at(before.body, 'hmac_token'));
    },
  },
  {
    name: 'DELETE inboxes promises it with 200 and does it later; conversations go with it, contacts stay',
    async run({ ask, call, inbox, chat, eventually, observe }) {
      const id = await inbox();
      const { contactId, conversation } = await chat(id);
      const answer = await ask('DELETE', `@/inboxes/${id}`);
      succeeds(answer);
      assert.equal(typeof at(answer.body, 'message'), 'string');
      observe('keys of DELETE inboxes', Object.keys(answer.body ?? {}));
      await eventually('the inbox is gone', async () => (await ask('GET', `@/inboxes/${id}`)).status === 404);
      answers(await call('DELETE', `@/inboxes/${id}`), 404, notFound);
      answers(await call('GET', `@/conversations/${conversation}`), 404, notFound);
      const contact = await call('GET', `@/contacts/${contactId}`);
      matches(at(contact.body, 'payload'), { id: contactId, contact_inboxes: [] });
    },
  },
];
