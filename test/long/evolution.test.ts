import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChatwootSimulator, createChatwootSimulator } from '../../simulators/chatwoot/index.ts';
import { createEvolutionSimulator, type EvolutionSimulator } from '../../simulators/engines/evolution/index.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { waitFor } from '../support/wait-for.ts';

const ACCOUNT = 5;
const KEY = 'GLOBAL-KEY-0001';
const THEIR_NAME = 'Loja do Zé';
const ANA = { phone: '5511980000001', lid: '135000000000001', name: 'Ana' };
const PATIENCE = { timeoutMs: 30_000 };

describe.each(['2.2', '2.3', '2.4'] as const)('an instance that is paired in Evolution API %s', (layout) => {
  let chatwoot: ChatwootSimulator;
  let engine: EvolutionSimulator;
  let stack: Stack;
  let token: string;

  beforeAll(async () => {
    chatwoot = createChatwootSimulator();
    chatwoot.state.addAccount({ id: ACCOUNT, name: 'Orion' });
    const adminToken = chatwoot.state.addUser({ name: 'Bia', accounts: [{ id: ACCOUNT, role: 'administrator' }] });
    engine = createEvolutionSimulator({ token: KEY, layout, retries: { delaysMs: [100, 200, 400] }, statuses: [] });
    const [{ url: chatwootUrl }, { url: engineUrl }] = await Promise.all([chatwoot.start(), engine.start()]);
    engine.addInstance({ name: THEIR_NAME, number: '5511999990000' });
    stack = await startStack({ engine: 'postgres', entries: { bridge: 'test/support/quick-bridge.ts' } });
    token = (await stack.createAccount()).token;
    const made = await stack.request({
      path: '/api/instance/new',
      token,
      body: { name: 'loja', engine: { kind: 'evolution', url: engineUrl, token: KEY, name: THEIR_NAME } },
    });
    expect(made.status).toBe(201);
    const set = await stack.request({
      path: '/api/chatwoot/set/loja',
      token,
      body: {
        chatwootBaseUrl: chatwootUrl,
        chatwootAccountId: ACCOUNT,
        chatwootApiToken: adminToken,
        inboxName: 'WhatsApp',
        reopenResolved: true,
      },
    });
    expect(set.status).toBe(201);
    await waitFor(() => engine.webhookOf(THEIR_NAME) !== undefined, { ...PATIENCE, describe: 'the webhook being set' });
  });
  afterAll(async () => {
    await stack?.stop();
    await Promise.all([chatwoot?.stop(), engine?.stop()]);
  });

  const messages = () => chatwoot.state.messages(ACCOUNT);
  const posted = (id: string) =>
    waitFor(() => messages().find(({ sourceId }) => sourceId === `WAID:${id}`), { ...PATIENCE, describe: `${id} in Chatwoot` });
  const note = (about: string) =>
    waitFor(() => messages().find(({ sourceId }) => sourceId?.startsWith(`WAID:${about}#`)), {
      ...PATIENCE,
      describe: `a note on ${about}`,
    });

  it('has every message in Chatwoot: texts, files, what was typed on the phone, and what became of them', async () => {
    const id = engine.receive(THEIR_NAME, { from: ANA, content: { type: 'text', text: 'oi' } });
    expect(await posted(id)).toMatchObject({ content: 'oi', messageType: 'incoming' });

    const picture = engine.receive(THEIR_NAME, { from: ANA, content: { type: 'image', caption: 'olha' } });
    const withFile = await posted(picture);
    expect(withFile).toMatchObject({ content: 'olha', attachments: [{ contentType: 'image/png' }] });

    const typed = engine.typeOnPhone(THEIR_NAME, { to: ANA, content: { type: 'text', text: 'já vai' } });
    expect(await posted(typed)).toMatchObject({ content: 'já vai', messageType: 'outgoing' });

    // Told as the customer sees it, from whose side the chat is our own number.
    engine.receive(THEIR_NAME, { from: ANA, content: { type: 'edit', messageId: id, text: 'oi, tudo bem?' } });
    const edited = await note(id);
    expect(edited).toMatchObject({ content: expect.stringContaining('oi, tudo bem?'), messageType: 'incoming' });

    engine.receive(THEIR_NAME, { from: ANA, content: { type: 'reaction', messageId: typed, emoji: '👍' } });
    expect(await note(typed)).toMatchObject({ content: '👍' });

    engine.receive(THEIR_NAME, { from: ANA, content: { type: 'message_revoke', messageId: picture } });
    expect(await note(picture)).toMatchObject({ private: true });

    // All of it one person, in one conversation.
    expect(new Set(messages().map(({ conversationId }) => conversationId)).size).toBe(1);
    expect(chatwoot.state.contacts(ACCOUNT)).toHaveLength(1);
  });

  it('sends what agents write, once, and shows what became of it', async () => {
    const conversation = chatwoot.state.conversations(ACCOUNT)[0];
    const written = chatwoot.state.reply(ACCOUNT, conversation?.displayId ?? 0, { content: 'resposta' });
    await waitFor(() => engine.sent(THEIR_NAME).length > 0, { ...PATIENCE, describe: 'the reply on WhatsApp' });
    const [sent] = engine.sent(THEIR_NAME);
    expect(sent).toMatchObject({ type: 'text', text: 'resposta' });

    engine.reportStatus(THEIR_NAME, [sent?.id ?? ''], 'read');
    const status = () => messages().find(({ id }) => id === written.id)?.status;
    await waitFor(() => status() === 'read', { ...PATIENCE, describe: 'the blue ticks' });
    await engine.idle(30_000);
    expect(engine.sent(THEIR_NAME)).toHaveLength(1);
    // Its echo, in some versions two, is not one more message.
    expect(messages().filter(({ content }) => content === 'resposta')).toHaveLength(1);
    expect(engine.dropped()).toBe(0);
  });

  it('leaves neither its key nor the engine’s anywhere in the database in the clear', async () => {
    const events = await stack.database.prisma.engineEvent.findMany();
    expect(events.length).toBeGreaterThan(0);
    const stored = JSON.stringify(events, (_, value) => (typeof value === 'bigint' ? Number(value) : value));
    for (const secret of [KEY, 'apikey', 'jpegThumbnail']) expect(stored).not.toContain(secret);
  });

  it('delivers to nobody any more when it is over', async () => {
    const { status } = await stack.request({ method: 'DELETE', path: '/api/chatwoot/delete/loja', token });
    expect(status).toBe(200);
    await waitFor(() => engine.webhookOf(THEIR_NAME) === undefined, { ...PATIENCE, describe: 'the webhook being given back' });
  });
});
