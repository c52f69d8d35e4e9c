import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import type { ChatwootSimulator } from '../../../simulators/chatwoot/index.ts';
import type { Trouble } from '../../../simulators/chatwoot/trouble.ts';
import type { Chat, Chatwoot } from './case.ts';
import { answers, crash, invalid, matches, notFound, succeeds } from './check.ts';
import { at, listAt } from './target.ts';

/** A guarantee about trouble, which nobody can cause on a running Chatwoot from outside. */
export interface SimulatedCase {
  readonly name: string;
  run(simulator: ChatwootSimulator, chatwoot: Chatwoot): Promise<void>;
}

/** Longer than any test. */
const NEVER_MS = 600_000;
const CANCELED = 'PG::QueryCanceled: ERROR:  canceling statement due to statement timeout\n';
const TOOK_TOO_LONG = 'The request took too long to complete. Please try again.';

/** One request in trouble. */
async function inTrouble<T>({ faults }: ChatwootSimulator, trouble: Trouble, request: () => Promise<T>): Promise<T> {
  faults.add({ action: { kind: 'trouble', trouble } });
  try {
    return await request();
  } finally {
    faults.clear();
  }
}

/** Starts it, and waits until no connection of before the stop is tried any more. */
async function startAgain(simulator: ChatwootSimulator, eventually: Chatwoot['eventually'], ask: Chatwoot['ask']): Promise<void> {
  await simulator.start();
  await eventually('it answers again', () => ask('GET', '/api'));
}

const storedIn = async ({ ask }: Chatwoot, chat: Chat): Promise<unknown[]> =>
  listAt((await ask('GET', chat.messages)).body, 'payload').map((message) => at(message, 'content'));

/** A message that meets the trouble: what it is answered, and whether it is there afterwards. */
function messageCase(
  name: string,
  trouble: Trouble,
  error: (chatwoot: Chatwoot) => RegExp | null,
  isStored: boolean,
): SimulatedCase {
  return {
    name: `${name}: a message is answered ${isStored ? 'so, and stored all the same' : 'so, and not stored'}`,
    async run(simulator, chatwoot) {
      const chat = await chatwoot.chat();
      const answer = await inTrouble(simulator, trouble, () => chatwoot.ask('POST', chat.messages, { content: 'x' }));
      const expected = error(chatwoot);
      assert.equal(answer.contentType, `application/json; charset=${expected === null ? 'UTF-8' : 'utf-8'}`);
      assert.equal(answer.status, expected === null ? 500 : 422);
      if (expected === null) assert.deepEqual(answer.body, crash);
      else assert.match(String(at(answer.body, 'error')), expected);
      assert.deepEqual(await storedIn(chatwoot, chat), isStored ? ['x'] : []);
    },
  };
}

const exactly = (text: string): RegExp => new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`);
const timeoutText = ({ since }: Chatwoot): RegExp => exactly(since('4.16.0') ? TOOK_TOO_LONG : CANCELED);

const messageCases: SimulatedCase[] = [
  messageCase('the database gives up on a statement', 'statementTimeout', timeoutText, false),
  messageCase('the database gives up after the row', 'statementTimeoutAfterRow', timeoutText, true),
  messageCase('a request takes longer than 15 s', 'requestTimeout', () => null, true),
  messageCase(
    'a connection to the database is ended',
    'databaseEnded',
    () => /^PQconsumeInput\(\) FATAL: {2}terminating connection/,
    true,
  ),
  messageCase('the database refuses connections', 'databaseRefuses', () => null, false),
  messageCase('Redis is gone', 'redisRefuses', () => /^Connection refused - connect\(2\)/, true),
  messageCase('Redis hangs', 'redisHangs', () => /^Waited 1 seconds$/, true),
  messageCase('Redis is full', 'redisFull', () => /^OOM command not allowed/, true),
];

const recordCases: SimulatedCase[] = [
  {
    name: 'the database gives up on a statement: a conversation may be there, a contact is not',
    async run(simulator, { ask, chat, unique, since }) {
      const { inboxId: inbox_id, contactId, sourceId: source_id } = await chat();
      const contact = { name: unique('contact') };
      const conversation = { inbox_id, contact_id: contactId, source_id };
      const status = since('4.16.0') ? 422 : 500;
      const refusal = since('4.16.0') ? { error: TOOK_TOO_LONG } : crash;
      const before = simulator.state.conversations().length;
      answers(
        await inTrouble(simulator, 'statementTimeout', () => ask('POST', '@/conversations', conversation)),
        status,
        refusal,
      );
      assert.equal(simulator.state.conversations().length, before + 1);
      answers(await inTrouble(simulator, 'statementTimeout', () => ask('POST', '@/contacts', contact)), status, refusal);
      assert.equal(
        simulator.state.contacts().some(({ name }) => name === contact.name),
        false,
      );
    },
  },
  {
    name: 'Redis is gone, hangs or is full: 500, with a contact and a pending conversation stored, an open one not, an inbox when it is full',
    async run(simulator, { ask, chat, unique }) {
      const { inboxId: inbox_id, contactId: contact_id, sourceId: source_id, conversation } = await chat();
      const { state } = simulator;
      for (const trouble of ['redisRefuses', 'redisHangs', 'redisFull'] as const) {
        const crashes = async (method: string, path: string, body?: object) =>
          answers(await inTrouble(simulator, trouble, () => ask(method, path, body)), 500, crash);
        const before = state.conversations().length;
        await crashes('POST', '@/conversations', { inbox_id, contact_id, source_id, status: 'open' });
        assert.equal(state.conversations().length, before);
        await crashes('POST', '@/conversations', { inbox_id, contact_id, source_id, status: 'pending' });
        assert.equal(state.conversations().length, before + 1);
        await crashes('POST', `@/conversations/${conversation}/toggle_status`, { status: 'resolved' });
        assert.equal(state.conversations().find(({ displayId }) => displayId === conversation)?.status, 'open');
        const name = unique('contact');
        await crashes('POST', '@/contacts', { name });
        await crashes('PATCH', `@/contacts/${contact_id}`, { name });
        assert.equal(state.contacts().filter((row) => row.name === name).length, 2);
        await crashes('POST', '@/inboxes', { name, channel: { type: 'api' } });
        assert.equal(
          state.inboxes().some((row) => row.name === name),
          trouble === 'redisFull',
        );
        await crashes('DELETE', `@/inboxes/${inbox_id}`);
        assert.equal(state.inboxes().find(({ id }) => id === inbox_id)?.deleteAt, null);
      }
    },
  },
  {
    name: 'Redis is gone or hangs: whatever shows a contact is a 500, inboxes are shown; when it is only full, both are',
    async run(simulator, { ask, chat }) {
      const { inboxId: inbox_id, contactId, sourceId: source_id, conversation, messages } = await chat();
      const reads = [
        ['GET', `@/conversations/${conversation}`, undefined],
        ['GET', messages, undefined],
        ['GET', `@/contacts/${contactId}/conversations`, undefined],
        ['POST', '@/contact_inboxes/filter', { inbox_id, source_id }],
      ] as const;
      for (const trouble of ['redisRefuses', 'redisHangs', 'redisFull'] as const) {
        for (const [method, path, body] of reads) {
          const answer = await inTrouble(simulator, trouble, () => ask(method, path, body));
          if (trouble === 'redisFull') succeeds(answer);
          else answers(answer, 500, crash);
        }
        succeeds(await inTrouble(simulator, trouble, () => ask('GET', `@/inboxes/${inbox_id}`)));
        answers(await inTrouble(simulator, trouble, () => ask('GET', '/api/v1/profile')), 500, crash);
      }
    },
  },
  {
    name: 'the database refuses connections: every call is a 500, and nothing is done',
    async run(simulator, { ask, sharedInbox, unique }) {
      const id = await sharedInbox();
      const name = unique('inbox');
      const calls = [
        ['GET', `@/inboxes/${id}`, undefined],
        ['PATCH', `@/inboxes/${id}`, { name }],
        ['POST', '@/inboxes', { name, channel: { type: 'api' } }],
        ['POST', '@/contacts', { name }],
      ] as const;
      for (const [method, path, body] of calls) {
        answers(await inTrouble(simulator, 'databaseRefuses', () => ask(method, path, body)), 500, crash);
      }
      assert.equal(
        simulator.state.inboxes().some((row) => row.name === name),
        false,
      );
    },
  },
  {
    name: 'a refusal of the request itself stays as it is, whatever is wrong behind it',
    async run(simulator, { ask, chat }) {
      const { messages } = await chat();
      const answer = await inTrouble(simulator, 'redisFull', () => ask('POST', messages, { message_type: 'sideways' }));
      answers(answer, 422, { error: "'sideways' is not a valid message_type" });
    },
  },
  {
    name: 'the disk is full: a message with a file is answered so, and stored with a file that is not there; text goes through',
    async run(simulator, { ask, chat }) {
      const { messages } = await chat();
      const form = new FormData();
      form.append('attachments[]', new Blob(['x'], { type: 'text/plain' }), 'a.txt');
      const refused = await inTrouble(simulator, 'storageFull', () => ask('POST', messages, form));
      answers(refused, 422, { error: 'No space left on device - sendfile' });
      succeeds(await inTrouble(simulator, 'storageFull', () => ask('POST', messages, { content: 'text' })));
      const stored = listAt((await ask('GET', messages)).body, 'payload');
      assert.equal(stored.length, 2);
      const address = String(at(stored[0], 'attachments', 0, 'data_url'));
      assert.equal((await fetch(address, { redirect: 'manual' })).status, 404);
    },
  },
  {
    name: 'a server that stops answers what is under way, later than usual, and takes nothing new',
    async run(simulator, { ask, chat, eventually, target }) {
      const { messages } = await chat();
      simulator.faults.add({ path: /messages$/, times: 1, action: { kind: 'delay', delayMs: 100 } });
      const before = simulator.state.requests.length;
      const underWay = ask('POST', messages, { content: 'x' });
      await eventually('the request is under way', () => simulator.state.requests.length > before);
      const stopped = simulator.stop({ drain: true });
      await assert.rejects(fetch(`${target.url}/api`));
      succeeds(await underWay, { content: 'x' });
      await stopped;
      await startAgain(simulator, eventually, ask);
    },
  },
  {
    name: 'a deleted contact: until its conversations go they answer 500, and messages are answered 422 and stored',
    async run(simulator, { ask, chat, eventually }) {
      const { contactId, conversation, messages } = await chat();
      const { settings } = simulator.state;
      const usual = settings.deletionDelayMs;
      settings.deletionDelayMs = NEVER_MS;
      assert.equal((await ask('DELETE', `@/contacts/${contactId}`)).status, 200);
      settings.deletionDelayMs = usual;
      answers(await ask('GET', `@/contacts/${contactId}`), 404, notFound);
      answers(await ask('GET', `@/conversations/${conversation}`), 500, crash);
      answers(await ask('GET', messages), 500, crash);
      const before = simulator.state.messages().length;
      for (const message_type of ['incoming', 'outgoing']) {
        const refused = await ask('POST', messages, { content: 'x', message_type });
        assert.equal(refused.status, 422);
        assert.match(String(at(refused.body, 'error')), /^undefined method [`']\w+' for nil$/);
      }
      assert.equal(simulator.state.messages().length, before + 2);
      const toggled = await ask('POST', `@/conversations/${conversation}/toggle_status`, { status: 'resolved' });
      answers(toggled, 422, invalid('Contact must exist', 'contact'));
      // The next process takes over what the job queue has left.
      await simulator.stop();
      await startAgain(simulator, eventually, ask);
      await eventually(
        'its conversation is gone',
        async () => (await ask('GET', `@/conversations/${conversation}`)).status === 404,
      );
    },
  },
  {
    name: 'GET /api says at the first call after a start that the database fails, although it does not',
    async run(simulator, { ask }) {
      await simulator.stop();
      await simulator.start();
      // A connection of before the stop may be tried first.
      const first = await ask('GET', '/api').catch(() => ask('GET', '/api'));
      succeeds(first, { data_services: 'failing' });
      succeeds(await ask('GET', '/api'), { data_services: 'ok' });
    },
  },
  {
    name: 'a file may be missing for a moment after the answer that names it',
    async run(simulator, { ask, chat }) {
      const { settings } = simulator.state;
      settings.fileDelayMs = NEVER_MS;
      const form = new FormData();
      form.append('attachments[]', new Blob(['x'], { type: 'text/plain' }), 'a.txt');
      const answer = await ask('POST', (await chat()).messages, form);
      const address = String(at(answer.body, 'attachments', 0, 'data_url'));
      assert.equal((await fetch(address)).status, 404);
      settings.fileDelayMs = 0;
      assert.equal((await fetch(address)).status, 200);
    },
  },
];

/** A chat whose webhooks come to a path of their own. */
async function lineOf(chatwoot: Chatwoot, values: Record<string, unknown> = {}) {
  const path = chatwoot.unique('hook');
  const inboxId = await chatwoot.inbox(values, { webhook_url: chatwoot.receiver.address(path) });
  return { path, chat: await chatwoot.chat(inboxId) };
}

const webhookCases: SimulatedCase[] = [
  {
    name: 'a job may be lost: the message stays sent, and nobody is told of it',
    async run(simulator, chatwoot) {
      const { path, chat } = await lineOf(chatwoot);
      simulator.state.webhooks.lose(1, 'message_created');
      const lost = await chatwoot.post(chat, { content: 'unheard' });
      const heard = await chatwoot.post(chat, { content: 'heard' });
      await simulator.state.webhooks.idle();
      const told = chatwoot.receiver.of(path, 'message_created').map(({ body }) => at(body, 'id'));
      assert.deepEqual(told, [heard]);
      const message = simulator.state.messages().find(({ id }) => id === lost);
      assert.equal(message?.status, 'sent');
    },
  },
  {
    name: 'while Redis takes no jobs, what happens is told to nobody, not even later',
    async run(simulator, chatwoot) {
      const { path, chat } = await lineOf(chatwoot);
      for (const trouble of ['redisRefuses', 'redisHangs', 'redisFull'] as const) {
        await inTrouble(simulator, trouble, () => chatwoot.ask('POST', chat.messages, { content: trouble }));
      }
      await simulator.state.webhooks.idle();
      assert.deepEqual(chatwoot.receiver.of(path, 'message_created'), []);
      assert.equal(simulator.state.messages().filter(({ content }) => content?.startsWith('redis')).length >= 3, true);
    },
  },
  {
    name: 'a delivery has the address and the secret of when it was enqueued, however late it comes',
    async run(simulator, chatwoot) {
      const { path, chat } = await lineOf(chatwoot);
      await simulator.state.webhooks.idle();
      const inbox = simulator.state.inboxes().find(({ id }) => id === chat.inboxId);
      const oldSecret = inbox?.secret ?? '';
      simulator.state.webhooks.hold('deliveries');
      const id = await chatwoot.post(chat, { content: 'x' });
      await chatwoot.eventually('it is enqueued', () => simulator.state.webhooks.held > 0);
      if (chatwoot.since('4.13.0')) succeeds(await chatwoot.ask('POST', `@/inboxes/${chat.inboxId}/reset_secret`));
      const elsewhere = { webhook_url: chatwoot.receiver.address(chatwoot.unique('hook')) };
      succeeds(await chatwoot.ask('PATCH', `@/inboxes/${chat.inboxId}`, { channel: elsewhere }));
      simulator.state.webhooks.release();
      await simulator.state.webhooks.idle();
      const [late] = chatwoot.receiver.of(path, 'message_created');
      assert.equal(at(late?.body, 'id'), id);
      const signature = late?.headers['x-chatwoot-signature'];
      if (!chatwoot.since('4.13.0')) return;
      const signed = `${String(late?.headers['x-chatwoot-timestamp'])}.${late?.raw}`;
      assert.equal(signature, `sha256=${createHmac('sha256', oldSecret).update(signed).digest('hex')}`);
      assert.notEqual(inbox?.secret, chatwoot.since('4.13.0') ? oldSecret : undefined);
    },
  },
  {
    name: 'a payload is built when its job runs: the conversation in it is of later than the event',
    async run(simulator, chatwoot) {
      const { path, chat } = await lineOf(chatwoot);
      await simulator.state.webhooks.idle();
      simulator.state.webhooks.hold('events');
      const id = await chatwoot.post(chat, { content: 'first', message_type: 'incoming' });
      const later = await chatwoot.post(chat, { content: 'second', message_type: 'incoming' });
      await chatwoot.ask('POST', `@/conversations/${chat.conversation}/toggle_status`, { status: 'resolved' });
      simulator.state.webhooks.release();
      await simulator.state.webhooks.idle();
      const first = chatwoot.receiver.of(path, 'message_created').find(({ body }) => at(body, 'id') === id);
      matches(first?.body, { content: 'first', conversation: { status: 'resolved', messages: [{ id: later }] } });
    },
  },
  {
    name: 'webhooks overtake each other, and none is lost or doubled by that',
    async run(simulator, chatwoot) {
      const { path, chat } = await lineOf(chatwoot);
      await simulator.state.webhooks.idle();
      simulator.state.webhooks.shuffle = true;
      const sent: number[] = [];
      for (let i = 0; i < 30; i++) sent.push(await chatwoot.post(chat, { content: String(i) }));
      await simulator.state.webhooks.idle();
      simulator.state.webhooks.shuffle = false;
      const arrived = chatwoot.receiver.of(path, 'message_created').map(({ body }) => Number(at(body, 'id')));
      assert.notDeepEqual(arrived, sent);
      assert.deepEqual(
        [...arrived].sort((a, b) => a - b),
        sent,
      );
    },
  },
  {
    name: 'a retry is two updates: the error is taken away, and then everything is',
    async run(simulator, chatwoot) {
      const { path, chat } = await lineOf(chatwoot);
      const id = await chatwoot.post(chat, { content: 'x' });
      await simulator.state.webhooks.idle();
      chatwoot.receiver.answer(path, 503);
      await chatwoot.ask('POST', chat.messages, { content: 'y' });
      await simulator.state.webhooks.idle();
      chatwoot.receiver.answer(path, 200);
      const failed = simulator.state.messages().find((message) => message.id === id + 1);
      assert.equal(failed?.status, 'failed');
      const before = chatwoot.receiver.of(path, 'message_updated').length;
      succeeds(await chatwoot.ask('POST', `${chat.messages}/${id + 1}/retry`));
      await simulator.state.webhooks.idle();
      const updates = chatwoot.receiver.of(path, 'message_updated').slice(before);
      assert.deepEqual(
        updates
          .map(({ body }) => at(body, 'content_attributes'))
          .sort((a, b) => JSON.stringify(b).length - JSON.stringify(a).length),
        [{ external_error: null }, {}],
      );
    },
  },
  {
    name: 'private addresses: never refused before 4.14.0, always in 4.14.0, and since 4.14.1 as its operator says',
    async run(simulator, chatwoot) {
      const { path, chat } = await lineOf(chatwoot);
      await simulator.state.webhooks.idle();
      const { settings } = simulator.state;
      settings.blockPrivateWebhooks = true;
      const id = await chatwoot.post(chat, { content: 'x' });
      await simulator.state.webhooks.idle();
      settings.blockPrivateWebhooks = false;
      const isBlocked = chatwoot.since('4.14.0');
      const message = simulator.state.messages().find((candidate) => candidate.id === id);
      assert.equal(message?.status, isBlocked ? 'failed' : 'sent');
      if (isBlocked) assert.match(String(message?.contentAttributes.external_error), /has no public ip addresses$/);
      assert.equal(chatwoot.receiver.of(path, 'message_created').length, isBlocked ? 0 : 1);
    },
  },
];

/** What is held by the simulator only, since it cannot be caused on a running Chatwoot from outside. */
export const simulatedCases: readonly SimulatedCase[] = [...messageCases, ...recordCases, ...webhookCases];
