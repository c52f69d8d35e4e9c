import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { moveOne, undoOne } from '../../../scripts/move-in/move.ts';
import { createPonteApi, type PonteApi } from '../../../scripts/move-in/ponte-api.ts';
import { planLines } from '../../../scripts/move-in/report.ts';
import type { Source } from '../../../scripts/move-in/source.ts';
import { type Prospect, survey } from '../../../scripts/move-in/survey.ts';
import { type ChatwootSimulator, createChatwootSimulator } from '../../../simulators/chatwoot/index.ts';
import { inParallel } from '../../support/in-parallel.ts';
import { type Stack, startStack } from '../../support/stack.ts';
import { type Listener, startListener } from './move-in/listener.ts';
import type { Origin } from './move-in/origin.ts';

const ACCOUNT = 7;
const PATIENCE_MS = 180_000;
const AT_A_TIME = 3;
/** Each instance has a customer of its own. */
const customerOf = (name: string): string => `55119800${name.replace(/\D/g, '').padStart(5, '0')}`;

/**
 * So many instances with conversations going on, of which the first two cannot be moved: into Ponte, and back again. Nothing is lost or doubled on
 * either way, and afterwards everything stands as it did.
 */
export function describeMoveIn(make: () => Origin, instances: number): void {
  const origin = make();
  const names = Array.from({ length: instances }, (_, index) => origin.nameOf(index + 1));
  const [orphan = '', locked = ''] = names;
  const whole = names.slice(2);
  const [first = ''] = whole;

  describe(`moving ${instances} instances in from ${origin.title}`, () => {
    let chatwoot: ChatwootSimulator;
    let stack: Stack;
    let source: Source;
    let ponte: PonteApi;
    let listener: Listener;
    let adminToken: string;
    let before: unknown;
    const inboxIds = new Map<string, number>();
    const written: string[] = [];
    const answered: { readonly name: string; readonly id: number; readonly text: string }[] = [];

    beforeAll(async () => {
      chatwoot = createChatwootSimulator();
      chatwoot.state.addAccount({ id: ACCOUNT, name: 'Orion' });
      adminToken = chatwoot.state.addUser({ name: 'Ana', accounts: [{ id: ACCOUNT, role: 'administrator' }] });
      const { simulator } = origin;
      const [{ url: chatwootUrl }, { url: originUrl }] = await Promise.all([chatwoot.start(), simulator.start()]);
      listener = await startListener();
      for (const [index, name] of names.entries()) {
        const inboxName = `Inbox ${name}`;
        const webhookUrl = origin.webhookOf(originUrl, name);
        // Of one nobody knows the inbox any more.
        const isOrphan = name === orphan;
        const inboxId = isOrphan ? 9_999 : chatwoot.state.addInbox({ accountId: ACCOUNT, name: inboxName, webhookUrl }).id;
        if (!isOrphan) inboxIds.set(name, inboxId);
        await origin.settle(name, {
          chatwootUrl,
          account: ACCOUNT,
          token: name === locked ? 'no-longer-valid' : adminToken,
          inboxId,
          inboxName,
          listener: index % 2 === 0 ? listener.url : undefined,
        });
      }
      stack = await startStack({ engine: 'postgres', entries: { bridge: 'test/support/quick-bridge.ts' } });
      const { token } = await stack.createAccount();
      source = origin.source(originUrl);
      ponte = createPonteApi({ url: stack.apis[0]?.url ?? '', token });
      before = standing();
    });
    afterAll(async () => {
      await stack?.stop();
      await Promise.all([chatwoot?.stop(), origin.simulator.stop(), listener?.stop()]);
    });

    /** Of these nobody looks at what agents write: they are being stopped at this moment, and may take it without sending it. */
    const stopping = new Set<string>();
    const deps = (name: string) => ({
      source,
      ponte,
      patienceMs: PATIENCE_MS,
      onStep(step: string) {
        if (step.startsWith('stopping')) stopping.add(name);
        else if (!step.startsWith('switching')) stopping.delete(name);
      },
    });
    function inboxOf(name: string) {
      const found = chatwoot.state.inboxes(ACCOUNT).find(({ id }) => id === inboxIds.get(name));
      if (found === undefined) return undefined;
      const { updatedAt: _updatedAt, ...inbox } = found;
      return inbox;
    }
    /** Everything on both sides that moving could change. */
    const standing = (): unknown =>
      structuredClone(names.map((name) => ({ name, there: origin.standing(name), inbox: inboxOf(name) ?? null })));
    function everybodyWrites(words: string): void {
      for (const name of whole) {
        const content = { type: 'text', text: `${words} para ${name}` } as const;
        origin.simulator.receive(name, { from: { phone: customerOf(name), name: 'Bia' }, content });
        written.push(content.text);
      }
    }
    /** The conversation of an instance's customer. */
    function conversationOf(name: string) {
      const contact = chatwoot.state.contacts(ACCOUNT).find(({ phoneNumber }) => phoneNumber === `+${customerOf(name)}`);
      return chatwoot.state.conversations(ACCOUNT).find(({ contactId }) => contactId === contact?.id);
    }
    function answers(name: string, text: string): void {
      const { id } = chatwoot.state.reply(ACCOUNT, conversationOf(name)?.displayId ?? 0, { content: text });
      answered.push({ name, id, text });
    }
    const customers = () =>
      chatwoot.state.conversations(ACCOUNT).filter(({ contactId }) => {
        const contact = chatwoot.state.contacts(ACCOUNT).find(({ id }) => id === contactId);
        return contact?.phoneNumber != null;
      });
    const cameIn = (text: string): number =>
      chatwoot.state.messages(ACCOUNT).filter(({ content, messageType }) => content === text && messageType === 'incoming')
        .length;
    const wentOut = ({ name, text }: { name: string; text: string }): number =>
      origin.simulator.sent(name).filter((sent) => sent.text === text).length;
    const isShownFailed = (id: number): boolean =>
      chatwoot.state.messages(ACCOUNT).some((message) => message.id === id && message.status === 'failed');

    /** Every message came in once; every answer went out once, or its agent sees that it did not. */
    async function nothingLostOrDoubled(): Promise<void> {
      const settled = { timeout: PATIENCE_MS, interval: 250 };
      await expect.poll(() => written.filter((text) => cameIn(text) === 0), settled).toEqual([]);
      await expect
        .poll(() => answered.filter((answer) => wentOut(answer) === 0 && !isShownFailed(answer.id)), settled)
        .toEqual([]);
      await origin.simulator.idle(PATIENCE_MS);
      expect(written.filter((text) => cameIn(text) !== 1)).toEqual([]);
      expect(answered.filter((answer) => wentOut(answer) > 1)).toEqual([]);
    }
    /** Does something while customers write and agents answer. */
    async function whileTheyTalk(words: string, work: () => Promise<unknown>): Promise<void> {
      let isWorking = true;
      const talking = (async () => {
        for (let round = 1; isWorking; round += 1) {
          everybodyWrites(`${words} ${round}`);
          const name = whole[round % whole.length] ?? first;
          if (!stopping.has(name)) answers(name, `${words}, resposta ${round}`);
          await delay(1_000);
          // Not faster than this machine is.
          const waiting = () => stack.database.prisma.engineEvent.count({ where: { ackedAt: null } });
          while (isWorking && (await waiting()) > 4 * whole.length) await delay(200);
        }
      })();
      try {
        await work();
      } finally {
        isWorking = false;
        await talking;
      }
    }
    const isMove = (prospect: Prospect) => (prospect.kind === 'move' ? [prospect.move] : []);
    const isMoved = (prospect: Prospect) => (prospect.kind === 'moved' ? [prospect.moved] : []);

    it('shows what it would do, and why some cannot be moved, and changes nothing', async () => {
      everybodyWrites('antes');
      await nothingLostOrDoubled();
      const prospects = await survey(source, ponte);
      expect(prospects.flatMap(isMove)).toHaveLength(whole.length);
      const plan = planLines(prospects).join('\n');
      expect(plan).toContain(`${orphan}: cannot be moved: no API inbox`);
      expect(plan).toContain(`${locked}: cannot be moved: its Chatwoot answered 401`);
      expect(plan).not.toContain(adminToken);
      expect(await ponte.instances()).toEqual([]);
      expect(standing()).toEqual(before);
    });

    it('leaves an instance as it was where it cannot be moved after all', async () => {
      const [move] = (await survey(source, ponte)).flatMap(isMove);
      if (move === undefined) throw new Error('nothing to move');
      origin.simulator.faults.add({ ...origin.switching, times: 1, action: { kind: 'status', status: 500, body: {} } });
      await expect(moveOne(deps(move.name), move)).rejects.toThrow(`${origin.title} answered 500`);
      expect(await ponte.instances()).toEqual([]);
      expect(standing()).toEqual(before);
    });

    it('moves those that can be while conversations go on: the same inboxes and conversations, nothing lost, nothing doubled', async () => {
      const conversations = customers().length;
      const moves = (await survey(source, ponte)).flatMap(isMove);
      await whileTheyTalk('durante', () => inParallel(moves, AT_A_TIME, (move) => moveOne(deps(move.name), move)));
      everybodyWrites('depois');
      for (const name of whole) answers(name, `resposta para ${name}`);
      await nothingLostOrDoubled();

      expect(customers()).toHaveLength(conversations);
      expect(chatwoot.state.inboxes(ACCOUNT)).toHaveLength(inboxIds.size);
      for (const name of whole) {
        expect(origin.isChatwootOn(name)).toBe(false);
        expect(inboxOf(name)).toMatchObject({ name: `Inbox ${name}`, deleteAt: null });
        expect(inboxOf(name)?.webhookUrl).not.toBe(origin.webhookOf(origin.simulator.url(), name));
      }
      // On a machine that is too slow for a webhook within five seconds Chatwoot shows some as failed.
      expect(whole.filter((name) => wentOut({ name, text: `resposta para ${name}` }) === 1)).not.toEqual([]);
      for (const name of [orphan, locked]) expect(origin.isChatwootOn(name)).toBe(true);
      expect((await survey(source, ponte)).flatMap(isMove)).toEqual([]);
    });

    it('gives all of them back while conversations go on: everything stands as it did, nothing lost, nothing doubled', async () => {
      const conversations = customers().length;
      const moved = (await survey(source, ponte)).flatMap(isMoved);
      expect(moved.map(({ name }) => name)).toEqual(whole);
      await whileTheyTalk('na volta', () => inParallel(moved, AT_A_TIME, (each) => undoOne(deps(each.name), each)));
      expect(standing()).toEqual(before);
      expect(await ponte.instances()).toEqual([]);

      listener.calls();
      everybodyWrites('de volta');
      for (const name of whole) answers(name, `de volta, resposta para ${name}`);
      await nothingLostOrDoubled();
      expect(customers()).toHaveLength(conversations);
      expect(whole.filter((name) => wentOut({ name, text: `de volta, resposta para ${name}` }) === 1)).not.toEqual([]);
      // Whoever heard of its events before does again.
      expect(listener.calls()).toBeGreaterThanOrEqual(Math.floor(whole.length / 2));
      expect((await survey(source, ponte)).flatMap(isMove)).toHaveLength(whole.length);
    });
  });
}
