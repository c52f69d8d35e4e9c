import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCloudSimulator } from '../../simulators/engines/cloud/index.ts';
import { createGowaSimulator } from '../../simulators/engines/gowa/index.ts';
import { createWahaSimulator } from '../../simulators/engines/waha/index.ts';
import { createWhatsmeowSimulator } from '../../simulators/engines/whatsmeow/index.ts';
import { makeMediaFile } from '../../simulators/whatsapp-engine/media-files.ts';
import { dumpDatabase } from './dump.ts';
import { createEngineRelay, type EngineRelay, type PairedEngine } from './engine-relay.ts';
import { waitFor } from './wait-for.ts';

const TOKEN = 'TokenOfTheEngineMarker';
const SECRET = 'SecretOfTheEngineMarker';
const MARIA = { phone: '5511988887777', name: 'Maria' };

/** Each of its deliveries comes twice. */
export function cloud(): PairedEngine {
  const simulator = createCloudSimulator({
    token: TOKEN,
    appSecret: SECRET,
    retries: { delaysMs: [50] },
    batches: { doubleEvery: 1 },
  });
  return { kind: 'cloud', simulator, name: '106540352242922', token: TOKEN, secret: SECRET };
}

export function waha(engine: 'NOWEB' | 'GOWS' | 'WEBJS'): PairedEngine {
  const simulator = createWahaSimulator({ engine, token: TOKEN, secondMs: 20, restartMs: 20, fileDelayMs: 5, doubles: true });
  return { kind: 'waha', simulator, name: `loja-${engine.toLowerCase()}`, token: TOKEN };
}

export function gowa(): PairedEngine {
  return { kind: 'gowa', simulator: createGowaSimulator({ token: TOKEN, secondMs: 50 }), name: 'loja', token: TOKEN };
}

export function whatsmeow(flavour: 'wuzapi' | 'evolution-go'): PairedEngine {
  const simulator = createWhatsmeowSimulator({ flavour, token: TOKEN, secondMs: 5 });
  return { kind: 'whatsmeow', simulator, name: flavour, token: TOKEN };
}

/** What a customer writes and an agent answers, through an engine that keeps no order and delivers twice. */
export const engineSuite = (paired: PairedEngine) =>
  describe(`through ${paired.kind} (${paired.name})`, () => {
    const { simulator, name } = paired;
    let relay: EngineRelay;
    beforeAll(async () => {
      simulator.addInstance({ name, number: '551130000000' });
      relay = await createEngineRelay(paired);
    });
    afterAll(async () => {
      await relay.settled();
      const seen = [await dumpDatabase(relay.harness.databaseUrl), relay.log()].join('\n');
      expect(seen).toContain('ins_');
      expect([TOKEN, SECRET, 'ptd_'].filter((marker) => seen.includes(marker))).toEqual([]);
      await relay.stop();
    });

    const written = async (text = 'oi') =>
      relay.arrived(simulator.receive(name, { from: MARIA, content: { type: 'text', text } }));
    const sent = (text: string) => simulator.sent(name).filter((message) => message.text === text);

    it('a customer’s message arrives in Chatwoot, under name and number', async () => {
      const message = await written('Bom dia');
      expect(message).toMatchObject({ content: 'Bom dia', messageType: 'incoming' });
      expect(relay.contactOf(message)).toMatchObject({ name: 'Maria', phoneNumber: '+5511988887777' });
    });

    it('a file arrives, fetched from where the engine has it', async () => {
      const id = simulator.receive(name, { from: MARIA, content: { type: 'image', caption: 'Veja', media: {} } });
      const message = await relay.arrived(id);
      expect(message.content).toBe('Veja');
      expect(await relay.file(message)).toEqual(makeMediaFile('image').bytes);
    });

    it('an agent’s answer reaches the customer once, shows what became of it, and its echo is no message', async () => {
      const message = await written();
      const reply = relay.reply(message, { content: 'Olá **Maria**' });
      await waitFor(() => sent('Olá *Maria*').length > 0, { describe: 'the answer being sent' });
      await waitFor(() => relay.message(reply.id).status === 'delivered', { describe: 'the answer being delivered' });
      const [{ id = '' } = {}] = sent('Olá *Maria*');
      simulator.reportStatus(name, [id], 'read');
      await waitFor(() => relay.message(reply.id).status === 'read', { describe: 'the answer being read' });
      await relay.settled();
      expect(sent('Olá *Maria*')).toHaveLength(1);
      expect(relay.messages().filter(({ content }) => /Olá/.test(content ?? ''))).toHaveLength(1);
    });

    it('an agent’s file reaches the customer', async () => {
      const message = await written();
      const { bytes, mimeType } = makeMediaFile('document');
      const attachment = { filename: 'nota.pdf', contentType: mimeType, base64: bytes.toString('base64') };
      relay.reply(message, { content: 'A nota', attachments: [attachment] });
      const [file] = await waitFor(() => (sent('A nota').length > 0 ? sent('A nota') : undefined), { describe: 'the file' });
      expect(file).toMatchObject({ type: 'document', bytes: bytes.length, fileName: 'nota.pdf', to: MARIA.phone });
    });

    it('what is typed on the phone shows as outgoing, in the same conversation', async () => {
      const message = await written();
      const id = simulator.typeOnPhone(name, { to: MARIA, content: { type: 'text', text: 'do celular' } });
      const typed = await relay.arrived(id);
      expect(typed).toMatchObject({ content: 'do celular', messageType: 'outgoing', conversationId: message.conversationId });
      await relay.settled();
      expect(relay.messages().filter(({ content }) => content === 'do celular')).toHaveLength(1);
    });

    it('many messages at once, delivered twice each, arrive once each, and after a time in which nothing was taken', async () => {
      const people = [MARIA, { phone: '5511977776666', name: 'João' }, { lid: '1349', name: 'Bia' }];
      await relay.apiAway(async () => {
        for (let count = 0; count < 12; count += 1) {
          const from = people[count % people.length] ?? MARIA;
          simulator.receive(name, { from, content: { type: 'text', text: `mensagem ${count}` } });
        }
        await waitFor(() => simulator.pending() > 0, { describe: 'deliveries failing' });
      });
      await relay.settled();
      const texts = relay.messages().flatMap(({ content }) => (content?.startsWith('mensagem ') ? [content] : []));
      expect(texts.toSorted()).toEqual(Array.from({ length: 12 }, (_none, count) => `mensagem ${count}`).toSorted());
    });

    it.runIf(paired.kind === 'waha' || name === 'evolution-go')(
      'an answer of which nobody knows whether it was sent is known by its echo, and shown once',
      async () => {
        const message = await written();
        simulator.faults.add({ method: 'POST', path: '/send', times: 1, action: { kind: 'resetAfterEffect' } });
        const reply = relay.reply(message, { content: 'saiu?' });
        await waitFor(() => sent('saiu?').length > 0, { describe: 'the answer being sent' });
        const [{ id = '' } = {}] = sent('saiu?');
        await relay.settled();
        await waitFor(
          async () => (await relay.harness.prisma.bridgeReply.count({ where: { whatsappId: id, state: 'sent' } })) > 0,
          { describe: 'the answer being known', timeoutMs: 60_000 },
        );
        await waitFor(() => relay.message(reply.id).status !== 'failed', { describe: 'no failure', timeoutMs: 60_000 });
        expect(relay.messages().filter(({ content }) => content === 'saiu?')).toHaveLength(1);
      },
    );

    it.runIf(paired.kind === 'cloud')(
      'an answer of which nobody knows whether it was sent is known by its first status',
      async () => {
        const message = await written();
        simulator.faults.add({ path: '/messages$', times: 1, action: { kind: 'resetAfterEffect' } });
        const reply = relay.reply(message, { content: 'chegou?' });
        await waitFor(() => relay.message(reply.id).status === 'delivered', { describe: 'the answer being delivered' });
        expect(sent('chegou?')).toHaveLength(1);
      },
    );

    it.runIf(paired.kind === 'cloud')('an answer outside of the 24 hours fails, and says what to do', async () => {
      const message = await written();
      if ('world' in simulator) (simulator as ReturnType<typeof createCloudSimulator>).world.named(name).lastIncomingMs.clear();
      const reply = relay.reply(message, { content: 'tarde demais' });
      await waitFor(() => relay.message(reply.id).status === 'failed', { describe: 'the answer failing' });
      expect(JSON.stringify(relay.message(reply.id))).toMatch(/24 hours.*template/);
    });
  });
