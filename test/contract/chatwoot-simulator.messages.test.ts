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
});

it("writes the exception's text in English, whatever the language of the account", async () => {
  const chatwoot = await startChatwoot();
  chatwoot.state.addAccount({ id: ACCOUNT, locale: 'pt_BR' });
  const { messages } = await chatwoot.createChat();
  expect((await chatwoot.call('POST', messages, { content: 'x'.repeat(150_001) })).body).toEqual({
    error: 'Validation failed: Content is too long (maximum is 150000 characters)',
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
});

describe('a message afterwards', () => {
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
