import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChatwootSimulator, createChatwootSimulator } from '../../simulators/chatwoot/index.ts';
import { createWhatsappEngineSimulator, type WhatsappEngineSimulator } from '../../simulators/whatsapp-engine/index.ts';
import { makeMediaFile } from '../../simulators/whatsapp-engine/media-files.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { waitFor } from '../support/wait-for.ts';

const ACCOUNT = 5;
const INSTANCE = 'suporte';
const PEOPLE = ['5511970000001', '5511970000002', '5511970000003', '5511970000004'];

describe('agents’ replies on their way to WhatsApp, through real processes', () => {
  let chatwoot: ChatwootSimulator;
  let engine: WhatsappEngineSimulator;
  let stack: Stack;

  beforeAll(async () => {
    chatwoot = createChatwootSimulator();
    chatwoot.state.addAccount({ id: ACCOUNT, name: 'Orion' });
    const adminToken = chatwoot.state.addUser({ name: 'Ana', accounts: [{ id: ACCOUNT, role: 'administrator' }] });
    engine = createWhatsappEngineSimulator({ token: 'engine-account-token', retries: { delaysMs: [100, 200] } });
    const [{ url: chatwootUrl }, { url: engineUrl }] = await Promise.all([chatwoot.start(), engine.start()]);
    stack = await startStack({
      engine: 'postgres',
      bridges: 2,
      env: { ENGINE_URL: engineUrl, ENGINE_TOKEN: 'engine-account-token' },
    });
    const { token } = await stack.createAccount();
    const { body } = await stack.request({ path: '/api/instance/new', token, body: { name: INSTANCE } });
    // What the documentation says of the answer is held elsewhere.
    const { instance } = body as { instance: { token: string } };
    const ingestUrl = `${stack.apis[0]?.url}/api/events/ingest/${INSTANCE}`;
    engine.state.addInstance({ name: INSTANCE, token: instance.token, ingestUrl });
    const { status } = await stack.request({
      path: `/api/chatwoot/set/${INSTANCE}`,
      token,
      body: {
        chatwootBaseUrl: chatwootUrl,
        chatwootAccountId: ACCOUNT,
        chatwootApiToken: adminToken,
        inboxName: 'WhatsApp - Orion',
        signMessages: true,
      },
    });
    expect(status).toBe(201);
    for (const phone of PEOPLE) {
      engine.state.receive(INSTANCE, { from: { phone, name: 'Maria' }, content: { type: 'text', text: 'oi' } });
    }
    await waitFor(() => chatwoot.state.messages(ACCOUNT).length === PEOPLE.length);
  });
  afterAll(async () => {
    engine?.faults.clear();
    await stack?.stop();
    await Promise.all([chatwoot?.stop(), engine?.stop()]);
  });

  const sentTo = (phone: string) => engine.state.sent(INSTANCE).filter(({ chat }) => chat.jid.startsWith(phone));
  const textsTo = (phone: string) => sentTo(phone).map(({ content }) => ('text' in content ? content.text : content.type));
  const messageOf = (id: number) => chatwoot.state.messages(ACCOUNT).find((message) => message.id === id);
  function conversationWith(phone: string): number {
    const address = chatwoot.state.contactInboxes().find(({ sourceId }) => sourceId === phone);
    return chatwoot.state.conversations(ACCOUNT).find(({ contactInboxId }) => contactInboxId === address?.id)?.displayId ?? 0;
  }

  it('arrive signed, with their files, once; their echoes come to nothing, and their ticks come back', async () => {
    const [phone = ''] = PEOPLE;
    const displayId = conversationWith(phone);
    const before = chatwoot.state.messages(ACCOUNT, displayId).length;
    const { bytes } = makeMediaFile('document');
    const messages = [
      chatwoot.state.reply(ACCOUNT, displayId, { content: 'Bom **dia**' }),
      chatwoot.state.reply(ACCOUNT, displayId, {
        content: 'segue',
        attachments: [{ filename: 'a.pdf', contentType: 'application/pdf', base64: bytes.toString('base64') }],
      }),
    ];
    await waitFor(() => messages.every(({ id }) => messageOf(id)?.status === 'read'), { describe: 'the ticks' });
    expect(textsTo(phone)).toEqual(['*Ana*:\nBom *dia*', 'document']);
    expect(sentTo(phone)[1]).toMatchObject({
      content: { caption: '*Ana*:\nsegue' },
      media: { base64: bytes.toString('base64') },
    });
    await engine.state.idle();
    expect(chatwoot.state.messages(ACCOUNT, displayId)).toHaveLength(before + messages.length);
  });

  it('are sent once or shown as failed, and stay in order, though the bridge that sends them is killed', async () => {
    engine.faults.add({ method: 'POST', path: /^\/api\/message\//, action: { kind: 'delay', delayMs: 150 } });
    const messages: { phone: string; content: string; id: number }[] = [];
    async function write(from: number, to: number): Promise<void> {
      for (let index = from; index < to; index += 1) {
        const content = `resposta ${index}`;
        for (const phone of PEOPLE) {
          messages.push({ phone, content, id: chatwoot.state.reply(ACCOUNT, conversationWith(phone), { content }).id });
        }
        // However busy the machine is, the webhooks of one conversation arrive in order.
        await chatwoot.state.webhooks.idle();
      }
    }
    const ours = () =>
      engine.state.sent(INSTANCE).filter(({ content }) => 'text' in content && content.text.includes('resposta'));
    await write(0, 6);
    await waitFor(() => ours().length > 0);

    const { leaseOwner, id } = await stack.database.prisma.bridgeIntegration.findFirstOrThrow({ where: { state: 'active' } });
    const pid = Number(leaseOwner?.split(':')[1]);
    const holder = stack.bridges.find(({ process }) => process.pid === pid);
    await holder?.process.kill9();
    expect(ours().length).toBeLessThan(messages.length);
    await write(6, 8);
    // As if its lease had run out, which takes eight seconds.
    await stack.database.prisma.bridgeIntegration.update({ where: { id }, data: { leaseUntil: new Date() } });
    await stack.startBridge(holder?.port);

    const rows = (chatwootMessageId: number) => stack.database.prisma.bridgeReply.findMany({ where: { chatwootMessageId } });
    await waitFor(
      async () => (await stack.database.prisma.bridgeReply.count({ where: { state: { in: ['pending', 'sending'] } } })) === 0,
      { describe: 'nothing being on its way' },
    );
    engine.faults.clear();
    for (const { id: messageId, phone, content } of messages) {
      const count = textsTo(phone).filter((text) => text === `*Ana*:\n${content}`).length;
      const states = (await rows(messageId)).map(({ state }) => state);
      // Chatwoot told a bridge that was not there, or nobody knows whether it was sent: both the agent sees.
      if (count === 0 || states[0] === 'unknown') await waitFor(() => messageOf(messageId)?.status === 'failed');
      else expect(states).toEqual(['sent']);
      expect(count).toBeLessThanOrEqual(1);
    }
    for (const phone of PEOPLE) {
      const arrived = textsTo(phone).filter((text) => text.includes('resposta'));
      expect(arrived).toEqual([...arrived].sort());
    }
  });

  it('fail in front of the agent while there is no bridge, and leave at a click when there is one again', async () => {
    const [phone = ''] = PEOPLE;
    const displayId = conversationWith(phone);
    await Promise.all(stack.bridges.map(({ process }) => process.kill9()));
    const message = chatwoot.state.reply(ACCOUNT, displayId, { content: 'insisto' });
    await waitFor(() => messageOf(message.id)?.status === 'failed');
    await chatwoot.state.webhooks.idle();
    await stack.database.prisma.bridgeIntegration.updateMany({ data: { leaseUntil: new Date() } });
    await stack.startBridge(stack.bridges[0]?.port);
    chatwoot.state.retryMessage(ACCOUNT, displayId, message.id);
    await waitFor(() => messageOf(message.id)?.status === 'read');
    expect(textsTo(phone).filter((text) => text.includes('insisto'))).toHaveLength(1);
  });

  it('left no word of themselves, and no token, in any log', () => {
    expect(stack.logs()).not.toMatch(/resposta \d|insisto|engine-account-token/);
  });
});
