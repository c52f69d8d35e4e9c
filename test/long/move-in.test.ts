import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEvolutionApi, type EvolutionApi } from '../../scripts/move-in/evolution-api.ts';
import { moveOne, undoOne } from '../../scripts/move-in/move.ts';
import { createPonteApi, type PonteApi } from '../../scripts/move-in/ponte-api.ts';
import { planLines } from '../../scripts/move-in/report.ts';
import { type Prospect, survey } from '../../scripts/move-in/survey.ts';
import { type ChatwootSimulator, createChatwootSimulator } from '../../simulators/chatwoot/index.ts';
import { createEvolutionSimulator, type EvolutionSimulator } from '../../simulators/engines/evolution/index.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { waitFor } from '../support/wait-for.ts';

const ACCOUNT = 7;
const KEY = 'GLOBAL-KEY-0001';
const INSTANCES = 20;
const BROKEN = ['loja 5', 'loja 11'];
/** Each has customers of its own. */
const customerOf = (name: string): string => `55119800${name.replace(/\D/g, '').padStart(5, '0')}`;
const names = Array.from({ length: INSTANCES }, (_, index) => `loja ${index + 1}`);

describe('moving in from Evolution API', () => {
  let chatwoot: ChatwootSimulator;
  let engine: EvolutionSimulator;
  let stack: Stack;
  let evolution: EvolutionApi;
  let ponte: PonteApi;
  let adminToken: string;
  const inboxIds = new Map<string, number>();
  const written: string[] = [];

  beforeAll(async () => {
    chatwoot = createChatwootSimulator();
    chatwoot.state.addAccount({ id: ACCOUNT, name: 'Orion' });
    adminToken = chatwoot.state.addUser({ name: 'Ana', accounts: [{ id: ACCOUNT, role: 'administrator' }] });
    engine = createEvolutionSimulator({ token: KEY, retries: { delaysMs: [100, 200, 400] } });
    const [{ url: chatwootUrl }, { url: engineUrl }] = await Promise.all([chatwoot.start(), engine.start()]);
    for (const name of names) {
      engine.addInstance({ name, number: '5511999990000' });
      const webhookUrl = `${engineUrl}/chatwoot/webhook/${encodeURIComponent(name)}`;
      // Of one nobody knows the inbox any more.
      if (name !== BROKEN[0])
        inboxIds.set(name, chatwoot.state.addInbox({ accountId: ACCOUNT, name: `Inbox ${name}`, webhookUrl }).id);
      engine.setChatwoot(name, {
        enabled: true,
        accountId: String(ACCOUNT),
        token: name === BROKEN[1] ? 'no-longer-valid' : adminToken,
        url: chatwootUrl,
        nameInbox: `Inbox ${name}`,
        signMsg: false,
        reopenConversation: true,
        conversationPending: false,
      });
    }
    stack = await startStack({ engine: 'postgres', entries: { bridge: 'test/support/quick-bridge.ts' } });
    const { token } = await stack.createAccount();
    evolution = createEvolutionApi({ url: engineUrl, apikey: KEY });
    ponte = createPonteApi({ url: stack.apis[0]?.url ?? '', token });
  });
  afterAll(async () => {
    await stack?.stop();
    await Promise.all([chatwoot?.stop(), engine?.stop()]);
  });

  const deps = () => ({ evolution, ponte, patienceMs: 60_000, onStep: () => {} });
  const whole = names.filter((name) => !BROKEN.includes(name));
  /** Somebody writes to each of the instances that work. */
  function everybodyWrites(words: string): void {
    for (const name of whole) {
      const content = { type: 'text', text: `${words} para ${name}` } as const;
      engine.receive(name, { from: { phone: customerOf(name), name: 'Ana' }, content });
      written.push(content.text);
    }
  }
  const contents = () => chatwoot.state.messages(ACCOUNT).map(({ content }) => content ?? '');
  const missing = () => written.filter((text) => !contents().includes(text));
  const allArrived = () => expect.poll(missing, { timeout: 90_000, interval: 250 }).toEqual([]);
  const arrivedOnce = () =>
    expect([...written].filter((text) => contents().filter((content) => content === text).length !== 1)).toEqual([]);
  const inbox = (name: string) => chatwoot.state.inboxes(ACCOUNT).find(({ id }) => id === inboxIds.get(name));
  const isMove = (prospect: Prospect) => (prospect.kind === 'move' ? [prospect.move] : []);
  const isMoved = (prospect: Prospect) => (prospect.kind === 'moved' ? [prospect] : []);

  it('shows what it would do, and why some cannot be moved, and changes nothing', async () => {
    everybodyWrites('antes');
    await allArrived();
    const prospects = await survey(evolution, ponte);
    expect(prospects.flatMap(isMove)).toHaveLength(INSTANCES - BROKEN.length);
    const plan = planLines(prospects).join('\n');
    expect(plan).toContain('loja 5: cannot be moved: no API inbox');
    expect(plan).toContain('loja 11: cannot be moved: its Chatwoot answered 401');
    expect(plan).not.toContain(adminToken);
    expect(await ponte.instances()).toEqual([]);
    expect(names.every((name) => engine.chatwootOf(name)?.enabled)).toBe(true);
  });

  it('moves those that can be while conversations go on: the same inboxes and conversations, nothing lost, nothing doubled', async () => {
    const before = chatwoot.state.conversations(ACCOUNT).length;
    const moves = (await survey(evolution, ponte)).flatMap(isMove);
    let isMoving = true;
    const writing = (async () => {
      for (let round = 1; isMoving && round <= 20; round += 1) {
        everybodyWrites(`durante ${round}`);
        await new Promise((resolve) => setTimeout(resolve, 3_000));
      }
    })();
    const queue = [...moves];
    await Promise.all(
      Array.from({ length: 3 }, async () => {
        for (let move = queue.shift(); move !== undefined; move = queue.shift()) await moveOne(deps(), move);
      }),
    );
    isMoving = false;
    await writing;
    everybodyWrites('depois');
    await engine.idle(60_000);
    await allArrived();
    arrivedOnce();

    expect(chatwoot.state.conversations(ACCOUNT)).toHaveLength(before);
    expect(chatwoot.state.inboxes(ACCOUNT)).toHaveLength(inboxIds.size);
    for (const name of whole) {
      expect(engine.chatwootOf(name)?.enabled).toBe(false);
      expect(inbox(name)).toMatchObject({ name: `Inbox ${name}`, webhookUrl: expect.stringContaining('/webhooks/chatwoot/') });
    }
    for (const name of BROKEN) expect(engine.chatwootOf(name)?.enabled).toBe(true);
    // What an agent writes in a conversation that began before goes out through Ponte, once.
    const first = whole[0] ?? '';
    const conversation = chatwoot.state.conversations(ACCOUNT).find(({ inboxId }) => inboxId === inboxIds.get(first));
    chatwoot.state.reply(ACCOUNT, conversation?.displayId ?? 0, { content: 'resposta' });
    await waitFor(() => engine.sent(first).length === 1, { timeoutMs: 30_000, describe: 'the reply on WhatsApp' });
    expect(engine.sent(first)).toMatchObject([{ type: 'text', text: 'resposta', to: `${customerOf(first)}@s.whatsapp.net` }]);
  });

  it('gives them back as they were', async () => {
    const moved = (await survey(evolution, ponte)).flatMap(isMoved);
    expect(moved).toHaveLength(whole.length);
    for (const prospect of moved.slice(0, 2)) {
      await undoOne(deps(), { ...prospect, isActive: true, keepInstance: false });
      expect(engine.chatwootOf(prospect.name)?.enabled).toBe(true);
      expect(engine.webhookOf(prospect.name)).toBeUndefined();
      expect(inbox(prospect.name)).toMatchObject({
        name: `Inbox ${prospect.name}`,
        webhookUrl: prospect.chatwoot.webhook_url,
        deleteAt: null,
      });
    }
    expect((await survey(evolution, ponte)).flatMap(isMove)).toHaveLength(2);
    everybodyWrites('de volta');
    await engine.idle(60_000);
    await allArrived();
    arrivedOnce();
  });

  it('leaves an instance as it was where it cannot be moved after all', async () => {
    const [move] = (await survey(evolution, ponte)).flatMap(isMove);
    if (move === undefined) throw new Error('nothing to move');
    engine.faults.add({ method: 'POST', path: /\/chatwoot\/set\//, times: 1, action: { kind: 'status', status: 500, body: {} } });
    await expect(moveOne(deps(), move)).rejects.toThrow('Evolution API answered 500');
    expect(engine.chatwootOf(move.name)?.enabled).toBe(true);
    expect(inbox(move.name)).toMatchObject({ webhookUrl: move.chatwoot.webhook_url, deleteAt: null });
    expect((await ponte.instances()).map(({ name }) => name)).not.toContain(move.ponteName);
  });
});
