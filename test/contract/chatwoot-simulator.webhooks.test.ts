import { createHmac } from 'node:crypto';
import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { waitFor } from '../support/wait-for.ts';
import { ACCOUNT, at, type Chatwoot, numberAt, startChatwoot, startReceiver } from './chatwoot-simulator.fixture.ts';

const LINE_SEPARATOR = '\u2028';

/** A chat whose inbox delivers to the address; the events of its making are done. */
async function chatWith(chatwoot: Chatwoot, webhookUrl: string) {
  const chat = await chatwoot.createChat({}, { webhook_url: webhookUrl });
  await chatwoot.state.webhooks.idle();
  return chat;
}

const messageOf = (chatwoot: Chatwoot, id: number) => chatwoot.state.messages().find((message) => message.id === id);

describe('a webhook', () => {
  it('of a message has text for its type and ISO for its time, and the numbers inside the conversation', async () => {
    const chatwoot = await startChatwoot();
    const receiver = await startReceiver();
    const { inboxId, contactId } = await chatWith(chatwoot, receiver.url);
    const message = chatwoot.state.reply(ACCOUNT, 1, {
      content: 'Olá **Maria**',
      attachments: [{ filename: 'a.jpg', contentType: 'image/jpeg', base64: Buffer.from('jpg').toString('base64') }],
    });
    await receiver.waitForEvent('message_created');
    const { body, headers } = receiver.ofEvent('message_created')[0] ?? {};
    expect(headers).toMatchObject({ 'content-type': 'application/json', accept: 'application/json' });
    expect(body).toMatchObject({
      event: 'message_created',
      id: message.id,
      account: { id: ACCOUNT, name: 'Acme' },
      content: 'Olá **Maria**',
      message_type: 'outgoing',
      private: false,
      source_id: null,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      inbox: { id: inboxId, name: 'WhatsApp' },
      attachments: [
        { file_type: 'image', extension: 'jpg', content_type: 'image/jpeg', data_url: expect.stringContaining('/a.jpg') },
      ],
      conversation: {
        id: 1,
        inbox_id: inboxId,
        channel: 'Channel::Api',
        contact_inbox: { contact_id: contactId, source_id: 'source-1', pubsub_token: expect.any(String) },
        messages: [{ id: message.id, message_type: 1, created_at: expect.any(Number), sender_type: 'User' }],
        meta: { sender: { id: contactId, type: 'contact' }, assignee: null, team: null, hmac_verified: false },
        account: { id: ACCOUNT, name: 'Acme' },
      },
    });
    expect(at(body, 'sender')).toEqual({ id: 1, name: 'Ana', email: 'ana@chatwoot.example', type: 'user' });
    expect(body).not.toHaveProperty('status');
  });

  it("is sent for the caller's own messages, for private notes and for templates, but never for activities", async () => {
    const chatwoot = await startChatwoot();
    const receiver = await startReceiver();
    const { messages } = await chatWith(chatwoot, receiver.url);
    await chatwoot.call('POST', messages, { content: 'incoming', message_type: 'incoming', source_id: 'WAID:1' });
    await chatwoot.call('POST', messages, { content: 'own' });
    chatwoot.state.reply(ACCOUNT, 1, { content: 'note', private: true, agentName: 'Bia' });
    chatwoot.state.reply(ACCOUNT, 1, { content: 'away', templateMessage: true });
    chatwoot.state.setStatus(ACCOUNT, 1, 'resolved');
    await chatwoot.state.webhooks.idle();
    const created = receiver.ofEvent('message_created').map((entry) => entry.body);
    const find = (content: string) => created.find((body) => at(body, 'content') === content);
    expect(created).toHaveLength(4);
    expect(find('incoming')).toMatchObject({ message_type: 'incoming', source_id: 'WAID:1' });
    expect(at(find('incoming'), 'sender')).toMatchObject({ name: 'Maria', account: { id: ACCOUNT }, avatar: '' });
    expect(at(find('incoming'), 'sender')).not.toHaveProperty('type');
    expect(find('own')).toMatchObject({ message_type: 'outgoing', sender: { name: 'Ana' } });
    expect(find('note')).toMatchObject({ message_type: 'outgoing', private: true, sender: { name: 'Bia' } });
    expect(find('away')).toMatchObject({ message_type: 'template', sender: null });
    expect(chatwoot.state.messages().some((message) => message.messageType === 'activity')).toBe(true);
    // Notes are no chat messages: the nested list names the latest message that is one.
    expect(at(find('note'), 'conversation', 'messages', 0, 'content')).not.toBe('note');
  });

  it('tells of all seven events', async () => {
    const chatwoot = await startChatwoot();
    const receiver = await startReceiver();
    const { conversation, messages } = await chatWith(chatwoot, receiver.url);
    await chatwoot.call('POST', messages, { content: 'x' });
    await chatwoot.call('PATCH', `${messages}/1`, { status: 'read' });
    await chatwoot.call('POST', `@/conversations/${conversation}/toggle_status`, { status: 'resolved' });
    await chatwoot.call('POST', `@/conversations/${conversation}/toggle_typing_status`, {
      typing_status: 'on',
      is_private: true,
    });
    chatwoot.state.typing(ACCOUNT, conversation, 'off');
    await chatwoot.state.webhooks.idle();
    expect(new Set(receiver.events())).toEqual(
      new Set([
        'message_created',
        'message_updated',
        'conversation_created',
        'conversation_status_changed',
        'conversation_updated',
        'conversation_typing_on',
        'conversation_typing_off',
      ]),
    );
    expect(receiver.ofEvent('conversation_created')[0]?.body).toMatchObject({ id: conversation, status: expect.any(String) });
    expect(receiver.ofEvent('conversation_status_changed')[0]?.body).toMatchObject({
      status: 'resolved',
      changed_attributes: null,
    });
    const updates = receiver.ofEvent('conversation_updated').map((entry) => JSON.stringify(at(entry.body, 'changed_attributes')));
    expect(updates.join()).toContain('{"status":{"previous_value":"open","current_value":"resolved"}}');
    expect(receiver.ofEvent('conversation_typing_on')[0]?.body).toMatchObject({
      user: { name: 'Ana', type: 'user' },
      is_private: true,
    });
  });

  it('goes to the address the inbox has when its job runs, and to none without one', async () => {
    const chatwoot = await startChatwoot();
    const receiver = await startReceiver();
    const { inboxId } = await chatWith(chatwoot, '');
    chatwoot.state.reply(ACCOUNT, 1, { content: 'unheard' });
    await chatwoot.state.webhooks.idle();
    await chatwoot.call('PATCH', `@/inboxes/${inboxId}`, { channel: { webhook_url: receiver.url } });
    chatwoot.state.reply(ACCOUNT, 1, { content: 'heard' });
    await receiver.waitForEvent('message_created');
    expect(receiver.received.map((entry) => at(entry.body, 'content')).filter(Boolean)).toEqual(['heard']);
  });
});

describe('the signature', () => {
  it('is over timestamp, dot and the raw body, in which Rails has escaped some signs, with the secret of the inbox', async () => {
    const chatwoot = await startChatwoot();
    const receiver = await startReceiver();
    const { inboxId, messages } = await chatWith(chatwoot, receiver.url);
    const content = `<b>Tom & Jerry</b>${LINE_SEPARATOR}`;
    await chatwoot.call('POST', messages, { content, message_type: 'incoming' });
    await receiver.waitForEvent('message_created');
    const { raw = '', headers = {}, body } = receiver.ofEvent('message_created')[0] ?? {};
    expect(at(body, 'content')).toBe(content);
    expect(raw).toContain('\\u003cb\\u003eTom \\u0026 Jerry\\u003c/b\\u003e\\u2028');
    expect(raw).not.toMatch(/[<>&\u2028]/);
    const secret = String(at((await chatwoot.call('GET', `@/inboxes/${inboxId}`)).body, 'secret'));
    const timestamp = String(headers['x-chatwoot-timestamp']);
    expect(Math.abs(Number(timestamp) - Date.now() / 1000)).toBeLessThan(10);
    const signature = createHmac('sha256', secret).update(`${timestamp}.${raw}`).digest('hex');
    expect(headers['x-chatwoot-signature']).toBe(`sha256=${signature}`);
    const ids = receiver.received.map((entry) => entry.headers['x-chatwoot-delivery']);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids[0]).toMatch(/^[0-9a-f-]{36}$/);
  });

  it.each([
    ['4.12.0', true, false],
    ['4.11.2', false, false],
    ['4.13.0', true, true],
  ])('in %s: delivery id %s, signed %s', async (version, hasId, isSigned) => {
    const chatwoot = await startChatwoot({ version });
    const receiver = await startReceiver();
    await chatWith(chatwoot, receiver.url);
    const headers = receiver.received[0]?.headers ?? {};
    expect('x-chatwoot-delivery' in headers).toBe(hasId);
    expect('x-chatwoot-signature' in headers).toBe(isSigned);
    expect('x-chatwoot-timestamp' in headers).toBe(isSigned);
  });
});

describe('a delivery that fails', () => {
  it('is not retried; it marks the message failed with the reason and tells so in a message_updated', async () => {
    const chatwoot = await startChatwoot();
    const receiver = await startReceiver((res, { body }) => {
      res.statusCode = at(body, 'event') === 'message_created' ? 500 : 200;
      res.end();
    });
    const { messages } = await chatWith(chatwoot, receiver.url);
    const answer = await chatwoot.call('POST', messages, { content: 'incoming too', message_type: 'incoming' });
    expect(at(answer.body, 'status')).toBe('sent');
    await receiver.waitForEvent('message_updated');
    await chatwoot.state.webhooks.idle();
    expect(receiver.ofEvent('message_created')).toHaveLength(1);
    expect(receiver.ofEvent('message_updated')).toHaveLength(1);
    expect(receiver.ofEvent('message_updated')[0]?.body).toMatchObject({
      message_type: 'incoming',
      content_attributes: { external_error: '500 Internal Server Error' },
      conversation: { messages: [{ status: 'failed' }] },
    });
  });

  it('does not go on for ever when the message_updated fails, too', async () => {
    const chatwoot = await startChatwoot();
    const receiver = await startReceiver((res) => {
      res.statusCode = 503;
      res.end();
    });
    const { messages } = await chatWith(chatwoot, receiver.url);
    const id = numberAt((await chatwoot.call('POST', messages, { content: 'x' })).body, 'id');
    await chatwoot.state.webhooks.idle();
    expect(receiver.events().filter((event) => event.startsWith('message_'))).toEqual(['message_created', 'message_updated']);
    expect(messageOf(chatwoot, id)).toMatchObject({
      status: 'failed',
      contentAttributes: { external_error: '503 Service Unavailable' },
    });
  });

  it('gives up after the read timeout', async () => {
    const chatwoot = await startChatwoot({ webhookTimeoutMs: 150 });
    const receiver = await startReceiver(() => undefined);
    const { messages } = await chatWith(chatwoot, receiver.url);
    await chatwoot.call('POST', messages, { content: 'x' });
    await waitFor(() => messageOf(chatwoot, 1)?.status === 'failed');
    expect(messageOf(chatwoot, 1)?.contentAttributes.external_error).toBe('Net::ReadTimeout with #<TCPSocket:(closed)>');
  });

  it.each([
    ['http://127.0.0.1:1/x', /^Failed to open TCP connection to 127\.0\.0\.1:1 \(Connection refused/],
    ['abc', /^scheme must be http or https$/],
    ['ftp://127.0.0.1/x', /^scheme must be http or https$/],
  ])('to %s says why', async (address, error) => {
    const chatwoot = await startChatwoot();
    const { messages } = await chatWith(chatwoot, address);
    await chatwoot.call('POST', messages, { content: 'x' });
    await waitFor(() => messageOf(chatwoot, 1)?.status === 'failed');
    expect(messageOf(chatwoot, 1)?.contentAttributes.external_error).toMatch(error);
  });

  it('is only logged when it is about a conversation', async () => {
    const lines: string[] = [];
    const chatwoot = await startChatwoot({ log: (line) => lines.push(line) });
    await chatWith(chatwoot, 'http://127.0.0.1:1/x');
    expect(lines.join()).toContain('webhook conversation_created');
    expect(chatwoot.state.messages()).toEqual([]);
  });
});

describe('an address', () => {
  it.each([
    ['4.16.2', 'sent'],
    ['4.13.0', 'failed'],
  ])('that redirects: %s leaves the message %s', async (version, status) => {
    const chatwoot = await startChatwoot({ version });
    const receiver = await startReceiver();
    const redirecting = await startReceiver((res) => {
      res.writeHead(302, { location: receiver.url });
      res.end();
    });
    const { messages } = await chatWith(chatwoot, redirecting.url);
    await chatwoot.call('POST', messages, { content: 'x' });
    await chatwoot.state.webhooks.idle();
    expect(messageOf(chatwoot, 1)?.status).toBe(status);
    // The same verb and body arrive at the new address.
    expect(receiver.ofEvent('message_created').map((entry) => at(entry.body, 'content'))).toEqual(status === 'sent' ? ['x'] : []);
  });

  it('with a user and a password is called with basic authentication', async () => {
    const chatwoot = await startChatwoot();
    const receiver = await startReceiver();
    await chatWith(chatwoot, receiver.url.replace('http://', 'http://user:pass@'));
    expect(receiver.received[0]?.headers.authorization).toBe(`Basic ${Buffer.from('user:pass').toString('base64')}`);
  });

  it.each(['127.0.0.1', '192.168.3.21', '[::1]', '[::ffff:10.0.0.1]', '[64:ff9b::a00:1]', 'localhost'])(
    'at %s is refused where private addresses are, without a connection',
    async (host) => {
      const chatwoot = await startChatwoot({ blockPrivateWebhooks: true });
      let connections = 0;
      const server = createServer((socket) => {
        connections++;
        socket.destroy();
      });
      await new Promise<void>((resolve) => server.listen(0, resolve));
      onTestFinished(() => void server.close());
      const bound = server.address();
      const port = typeof bound === 'object' && bound ? bound.port : 0;
      const { messages } = await chatWith(chatwoot, `http://${host}:${port}/x`);
      await chatwoot.call('POST', messages, { content: 'x' });
      await waitFor(() => messageOf(chatwoot, 1)?.status === 'failed');
      expect(messageOf(chatwoot, 1)?.contentAttributes.external_error).toMatch(/^Hostname '.*' has no public ip addresses$/);
      expect(connections).toBe(0);
    },
  );
});

describe('a delivery', () => {
  it('a slow receiver does not hold the answer to the API up', async () => {
    const chatwoot = await startChatwoot();
    const receiver = await startReceiver(() => undefined);
    const { messages } = await chatwoot.createChat({}, { webhook_url: receiver.url });
    expect((await chatwoot.call('POST', messages, { content: 'x' })).status).toBe(200);
    await waitFor(() => chatwoot.state.webhooks.pending > 0);
  });
});

it('a stop cuts what is under way, marks nothing, and a start delivers again', async () => {
  const chatwoot = await startChatwoot();
  let answering = false;
  const receiver = await startReceiver((res) => void (answering && res.end()));
  await chatwoot.createChat({}, { webhook_url: receiver.url });
  chatwoot.state.reply(ACCOUNT, 1, { content: 'cut' });
  await receiver.waitForEvent('message_created');
  await chatwoot.simulator.stop();
  expect(chatwoot.state.webhooks.pending).toBe(0);
  expect(messageOf(chatwoot, 1)?.status).toBe('sent');
  answering = true;
  await chatwoot.simulator.start();
  chatwoot.state.reply(ACCOUNT, 1, { content: 'again' });
  await waitFor(() => receiver.received.some((entry) => at(entry.body, 'content') === 'again'));
});

it('a greeting goes out as a template after the first message of a contact, once', async () => {
  const chatwoot = await startChatwoot();
  const receiver = await startReceiver();
  const { messages } = await chatwoot.createChat(
    { greeting_enabled: true, greeting_message: 'Welcome' },
    { webhook_url: receiver.url },
  );
  for (let i = 0; i < 2; i++) await chatwoot.call('POST', messages, { content: 'Oi', message_type: 'incoming' });
  await chatwoot.state.webhooks.idle();
  const templates = receiver.ofEvent('message_created').filter((entry) => at(entry.body, 'message_type') === 'template');
  expect(templates.map((entry) => at(entry.body, 'content'))).toEqual(['Welcome']);
});
