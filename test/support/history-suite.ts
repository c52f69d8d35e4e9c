import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { createWahaSimulator } from '../../simulators/engines/waha/index.ts';
import { makeMediaFile } from '../../simulators/whatsapp-engine/media-files.ts';
import type { PairedEngine } from './engine-relay.ts';
import { ago, createImporting, type Importing } from './importing.ts';

const ACCOUNT = 5;
const text = (value: string) => ({ type: 'text', text: value }) as const;

const HEADING = { direction: 'note', said: expect.stringMatching(/^📜 What follows was written on WhatsApp before/) };

/** What an engine has of two days comes into Chatwoot; `busy` is how many messages one of its chats has. */
export const historySuite = (paired: PairedEngine, busy: number) =>
  describe(`the history that ${paired.kind} (${paired.name}) tells`, () => {
    const { simulator, name } = paired;
    let importing: Importing;
    const receive = (from: { phone?: string; lid?: string; name: string }, minutes: number, said: string, more: object = {}) =>
      simulator.receive(name, { from, content: text(said), timestamp: ago(minutes), ...more });
    beforeAll(async () => {
      simulator.addInstance({ name, number: '551130000000' });
      // Before anybody hears of it.
      receive({ phone: '5511988887777', name: 'Maria' }, 3 * 1_440 + 5, 'three days ago');
      receive({ phone: '5511988887777', name: 'Maria' }, 50, 'good morning');
      simulator.typeOnPhone(name, {
        to: { phone: '5511988887777', name: 'Maria' },
        content: text('hello Maria'),
        timestamp: ago(40),
      });
      receive({ phone: '5511988887777', name: 'Maria' }, 30, 'is it ready?');
      // Told in the opposite order.
      for (let count = 0; count < busy; count += 1) {
        receive({ lid: '98765', phone: '5511977776666', name: 'João' }, 1_000 - count, `number ${count}`);
      }
      simulator.receive(name, {
        from: { phone: '5511955554444', name: 'Bia' },
        group: { id: '120363001', name: 'Vizinhos' },
        content: { type: 'image', caption: 'the street', media: {} },
        timestamp: ago(20),
      });
      importing = await createImporting(paired);
      // Of which only WAHA’s own configuration tells, which was replaced with the webhook.
      if ('world' in simulator) {
        const { world } = simulator as ReturnType<typeof createWahaSimulator>;
        world.named(name).config.noweb = { store: { enabled: true } };
      }
    });
    afterAll(() => importing.relay.stop().finally(importing.database.stop));

    const inChatwoot = (said: string) => importing.relay.messages().find(({ content }) => content?.endsWith(said));

    it.sequential('comes in the order in which it was written, both ways, with its times in view, into resolved conversations', async () => {
      await importing.begin(2);
      const keeper = importing.keep();
      const { found, handed_over: handedOver, warnings } = await importing.ended();
      await keeper.end();
      expect({ found, handedOver, warnings }).toEqual({ found: busy + 4, handedOver: busy + 4, warnings: [] });
      const morning = inChatwoot('good morning');
      expect(morning?.content).toMatch(/^🕓 \d{1,2} [A-Z][a-z]{2} \d{4}, \d\d:\d\d UTC\ngood morning$/);
      expect(importing.thread(morning?.conversationId ?? 0)).toEqual([
        HEADING,
        { direction: 'incoming', said: 'good morning' },
        { direction: 'outgoing', said: 'hello Maria' },
        { direction: 'incoming', said: 'is it ready?' },
      ]);
      expect(importing.thread(inChatwoot('number 0')?.conversationId ?? 0)).toEqual([
        HEADING,
        ...Array.from({ length: busy }, (_none, count) => ({ direction: 'incoming', said: `number ${count}` })),
      ]);
      expect(inChatwoot('three days ago')).toBeUndefined();
      expect(importing.relay.chatwoot.state.conversations(ACCOUNT).map(({ status }) => status)).toEqual([
        'resolved',
        'resolved',
        'resolved',
      ]);
      expect(simulator.sent(name)).toEqual([]);
    });

    it.sequential('has its files, and names who wrote in a group', async () => {
      const message = importing.relay.messages().find(({ content }) => content?.includes('the street'));
      expect(message?.content).toMatch(/^🕓 .* UTC\n\*\*Bia \(\+55 11 95555 4444\):\*\*\nthe street$/);
      if (message === undefined) throw new Error('no picture');
      expect(await importing.relay.file(message)).toEqual(makeMediaFile('image').bytes);
    });

    it.sequential('told again, it is nothing new', async () => {
      const before = importing.relay.messages().length;
      await importing.begin(2);
      const keeper = importing.keep();
      await importing.ended();
      await keeper.end();
      expect(importing.relay.messages()).toHaveLength(before);
    });
  });
