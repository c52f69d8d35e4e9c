import { describe, expect, it } from 'vitest';
import { ACCOUNT, at, numberAt, startChatwoot } from './chatwoot-simulator.fixture.ts';

describe('POST messages', () => {
  it('answers 200 with the reduced shape: a number for the type, epoch seconds, the contact as sender', async () => {
    const chatwoot = await startChatwoot();
    const { messages, inboxId } = await chatwoot.createChat();
    const answer = await chatwoot.call('POST', messages, {
      content: 'Oi',
      message_type: 'incoming',
      source_id: 'WAID:1',
      echo_id: 'e1',
      external_created_at: 1785147244,
    });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      id: 1,
      content: 'Oi',
      inbox_id: inboxId,
      echo_id: 'e1',
      conversation_id: 1,
      message_type: 0,
      content_type: 'text',
      status: 'sent',
      content_attributes: { external_created_at: 1785147244 },
      created_at: expect.any(Number),
      private: false,
      source_id: 'WAID:1',
      sender: expect.objectContaining({ name: 'Maria', type: 'contact' }),
    });
    expect(Number.isInteger(at(answer.body, 'created_at'))).toBe(true);
    const again = await chatwoot.call('GET', messages);
    expect(at(again.body, 'payload', 0)).not.toHaveProperty('echo_id');
  });

  it('is outgoing by default, from the owner of the token', async () => {
    const chatwoot = await startChatwoot();
    const { messages } = await chatwoot.createChat();
    const answer = await chatwoot.call('POST', messages, { content: 'Olá' });
    expect(answer.body).toMatchObject({ message_type: 1, sender: { name: 'Ana', type: 'user', available_name: 'Ana' } });
    const bot = chatwoot.state.addAgentBot({ name: 'Robot' });
    const asBot = await chatwoot.call('POST', messages, { content: 'bip', sender_type: 'AgentBot', sender_id: bot.id });
    expect(at(asBot.body, 'sender')).toMatchObject({ name: 'Robot', type: 'agent_bot' });
  });

  it('keeps a source id twice: there is no de-duplication', async () => {
    const chatwoot = await startChatwoot();
    const { messages } = await chatwoot.createChat();
    for (let i = 0; i < 2; i++)
      await chatwoot.call('POST', messages, { content: 'x', message_type: 'incoming', source_id: 'same' });
    expect(chatwoot.state.messages().filter((message) => message.sourceId === 'same')).toHaveLength(2);
  });

  it.each([
    [{ message_type: 'sideways' }, "'sideways' is not a valid message_type"],
    [{ content_type: 'song' }, "'song' is not a valid content_type"],
    [{ content: 'x'.repeat(150_001) }, 'Validation failed: Content is too long (maximum is 150000 characters)'],
    [{ attachments: ['bogus-signed-id'] }, 'ActiveSupport::MessageVerifier::InvalidSignature'],
  ])('refuses nonsense with 422 and the text of the exception (%#)', async (values, error) => {
    const chatwoot = await startChatwoot();
    const { messages } = await chatwoot.createChat();
    expect(await chatwoot.call('POST', messages, { content: 'x', ...values })).toMatchObject({
      status: 422,
      text: JSON.stringify({ error }),
    });
  });

  it('takes 150 000 characters, counted as characters, and an empty message', async () => {
    const chatwoot = await startChatwoot();
    const { messages } = await chatwoot.createChat();
    expect((await chatwoot.call('POST', messages, { content: '📱'.repeat(150_000) })).status).toBe(200);
    expect(await chatwoot.call('POST', messages, {})).toMatchObject({ status: 200, body: { content: null } });
  });

  it('takes incoming messages in API inboxes only', async () => {
    const chatwoot = await startChatwoot();
    const { inboxId, messages } = await chatwoot.createChat();
    const inbox = chatwoot.state.inboxes().find((row) => row.id === inboxId);
    if (inbox) inbox.channelType = 'Channel::WebWidget';
    expect(await chatwoot.call('POST', messages, { message_type: 'incoming' })).toMatchObject({
      status: 422,
      text: '{"error":"Incoming messages are only allowed in Api inboxes"}',
    });
    const sent = await chatwoot.call('POST', messages, { content: 'x' });
    expect(await chatwoot.call('PATCH', `${messages}/${at(sent.body, 'id')}`, { status: 'read' })).toMatchObject({
      status: 403,
      text: '{"error":"Message status update is only allowed for API inboxes"}',
    });
  });

  it('refuses the 201st message of a minute, and is a 404 in an unknown conversation', async () => {
    const chatwoot = await startChatwoot();
    const { messages } = await chatwoot.createChat();
    for (let i = 0; i < 200; i++) chatwoot.state.reply(ACCOUNT, 1, { content: String(i) });
    expect(await chatwoot.call('POST', messages, { content: 'x' })).toMatchObject({
      status: 422,
      text: '{"error":"Validation failed: Too many messages"}',
    });
    expect(await chatwoot.call('POST', '@/conversations/99/messages', { content: 'x' })).toMatchObject({ status: 404 });
  });

  it.each([
    ['Hi {{contact.name}}', 'Hi Maria Da Silva'],
    ['Hi {{ contact.first_name }} from {{agent.name}}', 'Hi Maria from Ana'],
    ['literally `{{contact.name}}`', 'literally `{{contact.name}}`'],
    ['unknown {{order.id}} vanishes', 'unknown  vanishes'],
    ['broken {{contact.name', 'broken {{contact.name'],
    ['broken {% if %}', 'broken {% if %}'],
    ['{{ "a" | upcase }}', 'A'],
  ])('renders outgoing %j as %j', async (content, rendered) => {
    const chatwoot = await startChatwoot();
    const { contactId, messages } = await chatwoot.createChat();
    chatwoot.state.updateContact(ACCOUNT, contactId, { name: 'maria da SILVA' });
    expect(at((await chatwoot.call('POST', messages, { content })).body, 'content')).toBe(rendered);
    const incoming = await chatwoot.call('POST', messages, { content, message_type: 'incoming' });
    expect(at(incoming.body, 'content')).toBe(content);
  });

  it('resolves a quoted message by either id, within the conversation only', async () => {
    const chatwoot = await startChatwoot();
    const { inboxId, contactId, messages } = await chatwoot.createChat();
    const quoted = numberAt((await chatwoot.call('POST', messages, { content: 'a', source_id: 'WAID:q' })).body, 'id');
    const reply = async (content_attributes: unknown, path = messages) =>
      at((await chatwoot.call('POST', path, { content: 'b', content_attributes })).body, 'content_attributes');
    const both = { in_reply_to: quoted, in_reply_to_external_id: 'WAID:q' };
    expect(await reply({ in_reply_to: quoted })).toEqual(both);
    expect(await reply({ in_reply_to_external_id: 'WAID:q', free: 1 })).toEqual({ ...both, free: 1 });
    expect(await reply(JSON.stringify({ in_reply_to: quoted }))).toEqual(both);
    const neither = { in_reply_to: null, in_reply_to_external_id: null };
    expect(await reply({ in_reply_to: 999 })).toEqual(neither);
    const other = await chatwoot.createConversation(inboxId, contactId, 'source-1');
    expect(await reply({ in_reply_to: quoted }, `@/conversations/${other}/messages`)).toEqual(neither);
  });
});

it("writes the exception's text in the language of the account", async () => {
  const chatwoot = await startChatwoot();
  chatwoot.state.addAccount({ id: ACCOUNT, locale: 'pt_BR' });
  const { messages } = await chatwoot.createChat();
  expect((await chatwoot.call('POST', messages, { content: 'x'.repeat(150_001) })).body).toEqual({
    error: 'A validação falhou: Content é muito longo (máximo: 150000 caracteres)',
  });
});

describe('attachments', () => {
  it.each([
    ['a.jpg', 'image/jpeg', 'image', 'jpg'],
    ['a.webp', 'image/webp', 'image', 'webp'],
    ['drawing.svg', 'image/svg+xml', 'file', 'svg'],
    ['voz.ogg', 'audio/ogg; codecs=opus', 'audio', 'ogg'],
    ['v.mp4', 'video/mp4', 'video', 'mp4'],
    ['v.mkv', 'video/x-matroska', 'file', 'mkv'],
    ['relatório.pdf', 'application/pdf', 'file', 'pdf'],
  ])('%s as %s is stored as %s and comes back byte for byte', async (filename, contentType, fileType, extension) => {
    const chatwoot = await startChatwoot();
    const { messages } = await chatwoot.createChat();
    const bytes = Buffer.from(Array.from({ length: 3000 }, (_, index) => index % 256));
    const form = new FormData();
    form.append('content', 'see');
    form.append('message_type', 'incoming');
    form.append('source_id', 'WAID:m');
    form.append('content_attributes', '{"free":1}');
    form.append('attachments[]', new Blob([bytes], { type: contentType }), filename);
    const answer = await chatwoot.call('POST', messages, form);
    expect(answer).toMatchObject({
      status: 200,
      body: { content: 'see', message_type: 0, source_id: 'WAID:m', content_attributes: { free: 1 } },
    });
    const attachment = at(answer.body, 'attachments', 0);
    expect(attachment).toMatchObject({ message_id: 1, file_type: fileType, account_id: ACCOUNT, extension, file_size: 3000 });
    const address = String(at(attachment, 'data_url'));
    const redirect = await fetch(address, { redirect: 'manual' });
    expect(redirect.status).toBe(302);
    const download = await fetch(address);
    expect(Buffer.from(await download.arrayBuffer()).equals(bytes)).toBe(true);
    expect(download.headers.get('content-type')).toContain(contentType.split(';')[0]);
    expect(decodeURIComponent(download.headers.get('content-disposition') ?? '')).toContain(filename);
  });

  it('may be several in one message', async () => {
    const chatwoot = await startChatwoot();
    const { messages } = await chatwoot.createChat();
    const form = new FormData();
    for (const name of ['a.png', 'b.png']) form.append('attachments[]', new Blob(['x'], { type: 'image/png' }), name);
    const answer = await chatwoot.call('POST', messages, form);
    expect(at(answer.body, 'attachments')).toHaveLength(2);
    expect(at(answer.body, 'content')).toBeNull();
  });
});

describe('a message afterwards', () => {
  it('takes status reports; the way back from read and unknown words are ignored with 200', async () => {
    const chatwoot = await startChatwoot();
    const { messages } = await chatwoot.createChat();
    await chatwoot.call('POST', messages, { content: 'x' });
    const report = async (body: object) => (await chatwoot.call('PATCH', `${messages}/1`, body)).body;
    expect(await report({ status: 'delivered' })).toMatchObject({ status: 'delivered', content_attributes: {} });
    expect(await report({ status: 'read' })).toMatchObject({ status: 'read' });
    expect(await report({ status: 'delivered' })).toMatchObject({ status: 'read' });
    expect(await report({ status: 'eaten' })).toMatchObject({ status: 'read' });
    expect(await report({ status: 'failed', external_error: 'no such number' })).toMatchObject({
      status: 'failed',
      content_attributes: { external_error: 'no such number' },
    });
    expect((await chatwoot.call('PATCH', `${messages}/99`, { status: 'read' })).status).toBe(404);
  });

  it('has no status reports before 4.2.0', async () => {
    const chatwoot = await startChatwoot({ version: '4.1.0' });
    const { messages } = await chatwoot.createChat();
    await chatwoot.call('POST', messages, { content: 'x' });
    expect((await chatwoot.call('PATCH', `${messages}/1`, { status: 'read' })).status).toBe(404);
  });

  it('is deleted by name only: other text, no attachments, `deleted` set', async () => {
    const chatwoot = await startChatwoot();
    const { messages } = await chatwoot.createChat();
    const form = new FormData();
    form.append('content', 'secret');
    form.append('attachments[]', new Blob(['x'], { type: 'image/png' }), 'a.png');
    const address = String(at((await chatwoot.call('POST', messages, form)).body, 'attachments', 0, 'data_url'));
    expect((await chatwoot.call('DELETE', `${messages}/1`)).status).toBe(200);
    const payload = at((await chatwoot.call('GET', messages)).body, 'payload', 0);
    expect(payload).toMatchObject({ content: 'This message was deleted', content_attributes: { deleted: true } });
    expect(payload).not.toHaveProperty('attachments');
    expect((await fetch(address)).status).toBe(404);
  });

  it('is retried: sent again, its attributes emptied; an unknown one is a 422', async () => {
    const chatwoot = await startChatwoot();
    const { messages } = await chatwoot.createChat();
    await chatwoot.call('POST', messages, { content: 'x' });
    await chatwoot.call('PATCH', `${messages}/1`, { status: 'failed', external_error: 'e' });
    expect(await chatwoot.call('POST', `${messages}/1/retry`)).toMatchObject({
      status: 200,
      body: { status: 'sent', content_attributes: {} },
    });
    expect((await chatwoot.call('POST', `${messages}/99/retry`)).status).toBe(422);
  });

  it('is listed in pages: 20 latest, 20 before one, up to 100 after one', async () => {
    const chatwoot = await startChatwoot();
    const { messages } = await chatwoot.createChat();
    for (let i = 1; i <= 150; i++) chatwoot.state.reply(ACCOUNT, 1, { content: String(i) });
    const ids = async (query: string) => {
      const payload = at((await chatwoot.call('GET', messages + query)).body, 'payload');
      const all = Array.isArray(payload) ? payload.map((message: unknown) => numberAt(message, 'id')) : [];
      return [all.length, all[0], all.at(-1)];
    };
    expect(await ids('')).toEqual([20, 131, 150]);
    expect(await ids('?before=131')).toEqual([20, 111, 130]);
    expect(await ids('?after=10')).toEqual([100, 11, 110]);
    expect(await ids('?after=10&before=140')).toEqual([130, 10, 139]);
  });
});
