import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEvolutionSimulator } from '../../simulators/engines/evolution/index.ts';
import { createWahaSimulator } from '../../simulators/engines/waha/index.ts';
import { createHistoryKeeper } from '../../worker/histories/histories.ts';
import { nextMessages } from '../../worker/histories/queries/hand-over.ts';
import type { ClaimedHistory } from '../../worker/histories/queries/histories.ts';
import type { PairedEngine } from '../support/engine-relay.ts';
import { historySuite } from '../support/history-suite.ts';
import { ago, createImporting, type Importing, QUICK } from '../support/importing.ts';
import { waitFor } from '../support/wait-for.ts';

// What a page is, and the engines below WAHA: test/faults/history.test.ts.

const TOKEN = 'TokenOfTheEngineMarker';
const ACCOUNT = 5;
const silent = pino({ level: 'silent' });
const text = (value: string) => ({ type: 'text', text: value }) as const;
const waha = (): PairedEngine => {
  const simulator = createWahaSimulator({ engine: 'NOWEB', token: TOKEN, secondMs: 20, restartMs: 20, fileDelayMs: 5 });
  return { kind: 'waha', simulator, name: 'loja-noweb', token: TOKEN };
};
const evolution = (): PairedEngine => ({
  kind: 'evolution',
  simulator: createEvolutionSimulator({ token: TOKEN, retries: { delaysMs: [50, 100] } }),
  name: 'loja',
  token: TOKEN,
});

// All at once: what one waits for, the others wait for as well.
describe.concurrent('beforehand', () => {
  historySuite(evolution(), 10);
});

describe.concurrent('while people write', () => {
  const paired = evolution();
  const simulator = paired.simulator as ReturnType<typeof createEvolutionSimulator>;
  const { name } = paired;
  let importing: Importing;
  let count = 0;
  const somebody = (called = 'Maria') => ({ phone: `55119${String(80_000_000 + ++count)}`, name: called });
  /** What is in the engine's database and was never delivered: nobody was told of it then. */
  const written = (from: ReturnType<typeof somebody>, minutes: number, said: string): string => {
    const hook = simulator.webhookSettingsOf(name);
    if (hook !== null) hook.enabled = false;
    const id = simulator.receive(name, { from, content: text(said), timestamp: ago(minutes) });
    if (hook !== null) hook.enabled = true;
    return id;
  };
  const now = (from: ReturnType<typeof somebody>, said: string): string => simulator.receive(name, { from, content: text(said) });
  const imported = async (work: () => Promise<void> = async () => {}): Promise<void> => {
    await importing.begin(2);
    const keeper = importing.keep();
    await work();
    await importing.ended();
    await keeper.end();
  };
  beforeAll(async () => {
    simulator.addInstance({ name, number: '551130000000' });
    importing = await createImporting(paired);
  });
  afterAll(() => importing.relay.stop().finally(importing.database.stop));
  const statusOf = ({ conversationId }: { conversationId: number }) => importing.conversation(conversationId).status;

  it.sequential('what a customer writes afterwards goes on below the history, and opens it', async () => {
    const maria = somebody();
    const old = written(maria, 60, 'is it ready?');
    await imported();
    const past = await importing.relay.arrived(old);
    expect(statusOf(past)).toBe('resolved');
    const present = await importing.relay.arrived(now(maria, 'hello?'));
    expect(present).toMatchObject({ conversationId: past.conversationId, content: 'hello?' });
    expect(statusOf(present)).toBe('open');
    await importing.relay.settled();
    expect(
      importing
        .thread(past.conversationId)
        .map(({ said }) => said)
        .slice(1),
    ).toEqual(['is it ready?', 'hello?']);
  });

  it.sequential('a conversation that is open, resolved or assigned stays as it is: history has one of its own, below which nobody writes', async () => {
    const maria = somebody();
    const present = await importing.relay.arrived(now(maria, 'hello'));
    const { displayId } = importing.conversation(present.conversationId);
    importing.relay.chatwoot.state.setStatus(ACCOUNT, displayId, 'resolved');
    const old = written(maria, 60, 'is it ready?');
    await imported();
    const past = await importing.relay.arrived(old);
    expect(past.conversationId).not.toBe(present.conversationId);
    expect([statusOf(past), statusOf(present)]).toEqual(['resolved', 'resolved']);
    const next = await importing.relay.arrived(now(maria, 'again'));
    expect(next.conversationId).toBe(present.conversationId);
    expect([statusOf(past), statusOf(next)]).toEqual(['resolved', 'open']);
  });

  it.sequential('what comes in the middle waits for no history, is not mixed with it, and stays open', async () => {
    const maria = somebody();
    const ids = Array.from({ length: 20 }, (_none, index) => written(maria, 90 - index, `before ${index}`));
    let present = '';
    await imported(async () => {
      const first = await importing.relay.arrived(ids[0] ?? '');
      present = now(maria, 'now');
      const message = await importing.relay.arrived(present);
      expect(message.conversationId).not.toBe(first.conversationId);
      // It has overtaken most of what was written long before.
      expect((await importing.view()).handed_over).toBeLessThan(await importing.database.prisma.engineEvent.count());
    });
    const past = await importing.relay.arrived(ids.at(-1) ?? '');
    expect(
      importing
        .thread(past.conversationId)
        .map(({ said }) => said)
        .slice(1),
    ).toEqual(ids.map((_id, index) => `before ${index}`));
    expect([statusOf(past), statusOf(await importing.relay.arrived(present))]).toEqual(['resolved', 'open']);
  });

  it.sequential('what was delivered already comes once, and what was written after the activation comes like any other message', async () => {
    const [maria, joao] = [somebody(), somebody('João')];
    const delivered = simulator.receive(name, { from: maria, content: text('delivered'), timestamp: ago(60) });
    const known = await importing.relay.arrived(delivered);
    const missed = written(joao, 5, 'while the webhook was being set');
    await importing.begin(2, new Date(Date.now() - 10 * 60_000));
    const keeper = importing.keep();
    await importing.ended();
    await keeper.end();
    const late = await importing.relay.arrived(missed);
    expect(late).toMatchObject({ content: 'while the webhook was being set', messageType: 'incoming' });
    expect(statusOf(late)).toBe('open');
    expect(importing.relay.messages().filter(({ sourceId }) => sourceId === `WAID:${delivered}`)).toHaveLength(1);
    expect(importing.thread(known.conversationId)).toEqual([{ direction: 'incoming', said: 'delivered' }]);
  });

  it.sequential('an agent who opens the history and answers reaches the customer; what Chatwoot itself says to it does not', async () => {
    const maria = somebody();
    const old = written(maria, 60, 'is it ready?');
    await imported();
    const past = await importing.relay.arrived(old);
    importing.relay.reply(past, { content: 'Thank you for writing!', templateMessage: true });
    importing.relay.reply(past, { content: 'It is ready' });
    await waitFor(() => simulator.sent(name).some(({ text: said }) => said === 'It is ready'), { describe: 'the answer' });
    expect(simulator.sent(name).map(({ text: said }) => said)).not.toContain('Thank you for writing!');
  });

  it.sequential('an agent who resolves it in the middle keeps it so: the rest are notes with the names of who wrote', async () => {
    const maria = somebody();
    const ids = Array.from({ length: 20 }, (_none, index) => written(maria, 90 - index, `before ${index}`));
    // What is on its way already when he resolves it opens it again, as in Chatwoot: the next one is to be decided on behind him.
    const path = /\/contacts\/\d+\/conversations$/;
    const slow = importing.relay.chatwoot.faults.add({ method: 'GET', path, action: { kind: 'delay', delayMs: 1_500 } });
    await imported(async () => {
      const first = await importing.relay.arrived(ids[0] ?? '');
      importing.relay.chatwoot.state.setStatus(ACCOUNT, importing.conversation(first.conversationId).displayId, 'resolved');
      slow.clear();
    });
    const last = await importing.relay.arrived(ids.at(-1) ?? '');
    expect(statusOf(last)).toBe('resolved');
    expect(importing.thread(last.conversationId).at(-1)).toEqual({
      direction: 'note',
      said: expect.stringMatching(/^\*\*Maria \(\+55 11 9\d{4} \d{4}\):\*\*\nbefore 19$/),
    });
  });

  it.sequential('a file that can be had only later stands with the rest, and opens nothing', async () => {
    const maria = somebody();
    const hook = simulator.webhookSettingsOf(name);
    if (hook !== null) hook.enabled = false;
    const content = { type: 'image', caption: 'our house', media: {} } as const;
    const picture = simulator.receive(name, { from: maria, content, timestamp: ago(60) });
    if (hook !== null) hook.enabled = true;
    const after = written(maria, 50, 'did you see it?');
    const fault = simulator.faults.add({ path: '/chat/getBase64FromMediaMessage', action: { kind: 'status', status: 503 } });
    await imported();
    fault.clear();
    const past = await importing.relay.arrived(after);
    expect(importing.thread(past.conversationId)[1]?.said).toMatch(/^our house\n\n⚠️ A picture belongs here/);
    await importing.database.prisma.bridgeDeadLetter.updateMany({ data: { retryAt: new Date(0) } });
    const whole = await waitFor(
      () =>
        importing.relay
          .messages()
          .find(({ sourceId, attachments }) => sourceId === `WAID:${picture}` && attachments.length === 1),
      { describe: 'the file' },
    );
    expect(whole).toMatchObject({ conversationId: past.conversationId, private: true });
    expect(statusOf(past)).toBe('resolved');
    expect(importing.relay.chatwoot.state.conversations(ACCOUNT).filter(({ status }) => status === 'pending')).toEqual([]);
  });

  it.sequential('whatever dies in the middle, the rest comes, each message once', async () => {
    const maria = somebody();
    const ids = Array.from({ length: 20 }, (_none, index) => written(maria, 90 - index, `before ${index}`));
    await importing.begin(2);
    const first = importing.keep();
    await importing.relay.arrived(ids[3] ?? '');
    await first.end();
    // As where a worker was killed between an event and the note that it was handed over, and while it had the import.
    const { prisma } = importing.database;
    const handed = await prisma.engineHistoryMessage.findMany({ where: { handedAt: { not: null } } });
    const claim = { instanceId: importing.instanceId };
    expect(handed.length).toBeGreaterThan(0);
    for (const { dedupeKey } of handed) {
      const id = dedupeKey.replace(/^message:(.*?)(:.*)?$/, '$1');
      const message = {
        key: { id, remoteJid: `${maria.phone}@s.whatsapp.net`, fromMe: false },
        message: { conversation: 'as it was' },
        pushName: 'Maria',
        messageTimestamp: 1,
      };
      const payload = JSON.stringify({ event: 'messages.upsert', data: message });
      await prisma.engineHistoryMessage.updateMany({ where: { ...claim, dedupeKey }, data: { handedAt: null, payload } });
    }
    await prisma.engineHistory.update({ where: claim, data: { claimedUntil: new Date(0), nextAttemptAt: new Date(0) } });
    const second = importing.keep();
    await importing.ended();
    await second.end();
    const last = await importing.relay.arrived(ids.at(-1) ?? '');
    expect(
      importing
        .thread(last.conversationId)
        .map(({ said }) => said)
        .slice(1),
    ).toEqual(ids.map((_id, index) => `before ${index}`));
  });

  it.sequential('an engine that breaks down is asked again where it was; one that refuses for good is told of', async () => {
    const maria = somebody();
    const old = written(maria, 60, 'is it ready?');
    simulator.faults.add({ path: '/chat/findMessages', times: 1, action: { kind: 'status', status: 500 } });
    await imported();
    expect((await importing.relay.arrived(old)).content).toMatch(/is it ready\?$/);
    await importing.begin(2);
    const fault = simulator.faults.add({ path: '/chat/findMessages', action: { kind: 'status', status: 403 } });
    const keeper = importing.keep();
    const { warnings } = await importing.ended('failed');
    await keeper.end();
    fault.clear();
    expect(warnings).toEqual([expect.stringMatching(/^history could not be imported to its end: .* — activate again/)]);
  });

  it.sequential('asked for none any more, an import ends, and what was begun is resolved', async () => {
    const maria = somebody();
    const ids = Array.from({ length: 24 }, (_none, index) => written(maria, 90 - index, `before ${index}`));
    await importing.begin(2);
    const keeper = importing.keep();
    const first = await importing.relay.arrived(ids[0] ?? '');
    await importing.database.prisma.engineHistory.updateMany({ data: { state: 'stopping', claim: { increment: 1 } } });
    await importing.database.prisma.engineHistory.updateMany({ data: { claimedUntil: new Date(0), nextAttemptAt: new Date(0) } });
    await importing.ended('stopped');
    await keeper.end();
    expect(statusOf(first)).toBe('resolved');
    expect(importing.relay.messages().filter(({ sourceId }) => sourceId === `WAID:${ids.at(-1)}`)).toEqual([]);
  });

  it.sequential('no more of one chat is handed over in a minute than Chatwoot takes, while others go on', async () => {
    await importing.begin(2);
    const { prisma } = importing.database;
    const rows = (chat: string, total: number) =>
      Array.from({ length: total }, (_none, index) => ({
        instanceId: importing.instanceId,
        dedupeKey: `message:${chat}-${index}`,
        chat,
        place: JSON.stringify({ type: 'private', address: chat }),
        sentAt: new Date(1_700_000_000_000 + index * 1_000),
        rank: index,
        payload: '{}',
        engineKind: 'evolution',
      }));
    await prisma.engineHistoryMessage.createMany({ data: [...rows('busy', 30), ...rows('other', 3)] });
    const first = await nextMessages(prisma, importing.instanceId, { most: 100, perMinute: 10 });
    expect(first.map(({ dedupeKey }) => dedupeKey)).toEqual([
      ...rows('busy', 10).map(({ dedupeKey }) => dedupeKey),
      ...rows('other', 3).map(({ dedupeKey }) => dedupeKey),
    ]);
    await prisma.engineHistoryMessage.updateMany({
      where: { dedupeKey: { in: first.map(({ dedupeKey }) => dedupeKey) } },
      data: { handedAt: new Date(), payload: null },
    });
    expect(await nextMessages(prisma, importing.instanceId, { most: 100, perMinute: 10 })).toEqual([]);
    await prisma.engineHistory.deleteMany();
  });
});

describe.concurrent('an engine that is not set up to tell', () => {
  const paired = waha();
  let importing: Importing;
  beforeAll(async () => {
    paired.simulator.addInstance({ name: paired.name, number: '551130000000' });
    importing = await createImporting(paired);
  });
  afterAll(() => importing.relay.stop().finally(importing.database.stop));

  it.sequential('is told of, with what is to be done', async () => {
    await importing.begin(2);
    const keeper = importing.keep();
    const { warnings } = await importing.ended('unable');
    await keeper.end();
    expect(warnings).toEqual([expect.stringContaining('history cannot be imported: its store is off')]);
  });

  it.sequential('reads nothing where another worker has the import', async () => {
    const lost: ClaimedHistory[] = [];
    const keeper = createHistoryKeeper({
      prisma: importing.database.prisma,
      read: async (history) => void lost.push(history),
      handOver: async () => {},
      timeouts: QUICK,
      logger: silent,
    });
    await importing.begin(2);
    await importing.database.prisma.engineHistory.updateMany({ data: { claimedUntil: new Date(Date.now() + 60_000) } });
    keeper.start();
    await keeper.stop();
    expect(lost).toEqual([]);
  });
});
