import { beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '../../support/wait-for.ts';
import type { PairedStack } from './paired-stack.ts';

const INSTANCE = 'suporte';
const PEOPLE = ['5511980000001', '5511980000002', '351912345678', '5215512345678'];

export const describeRelayToChatwoot = (paired: PairedStack) =>
  describe('messages on their way to Chatwoot, through real processes', () => {
    const { chatwoot, engine, account: ACCOUNT } = paired;
    let token: string;

    beforeAll(async () => {
      token = await paired.activate(INSTANCE, { reopenResolved: true, mediaBase64: true });
    });

    const write = (phone: string, words: string) =>
      engine.state.receive(INSTANCE, { from: { phone, name: 'Maria' }, content: { type: 'text', text: words } });
    const integration = async () =>
      (await paired.stack().request({ method: 'GET', path: `/api/chatwoot/list/${INSTANCE}`, token })).body;

    /** What each person's conversation holds, by the number that WhatsApp calls him. */
    function threads(): Map<string, (string | null)[]> {
      const addresses = chatwoot.state.contactInboxes();
      return new Map(
        chatwoot.state
          .conversations(ACCOUNT)
          .map(({ displayId, contactInboxId }) => [
            addresses.find(({ id }) => id === contactInboxId)?.sourceId ?? '',
            chatwoot.state.messages(ACCOUNT, displayId).map(({ content }) => content),
          ]),
      );
    }
    const expected = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => `${prefix}${index}`);
    const allArrived = (prefix: string, count: number) =>
      waitFor(
        () => {
          const found = threads();
          return PEOPLE.every((phone) => found.get(phone)?.includes(`${prefix}${count - 1}`));
        },
        { describe: `everything of ${prefix} in Chatwoot` },
      );
    function writeToAll(prefix: string, count: number): void {
      for (let index = 0; index < count; index++) for (const phone of PEOPLE) write(phone, `${prefix}${index}`);
    }
    function expectEachOnceInOrder(prefix: string, count: number): void {
      const found = threads();
      for (const phone of PEOPLE) {
        const own = found.get(phone)?.filter((content) => content?.startsWith(prefix));
        expect(own).toEqual(expected(prefix, count));
      }
    }

    it('arrive once and in order though the bridge is killed in the midst of them: another one takes over', async () => {
      chatwoot.faults.add({ method: 'POST', path: /messages$/, action: { kind: 'delay', delayMs: 30 } });
      writeToAll('kill-', 8);
      await waitFor(() => chatwoot.state.messages(ACCOUNT).length > 8);
      const { leaseOwner } = await paired
        .stack()
        .database.prisma.bridgeIntegration.findFirstOrThrow({ where: { instanceName: INSTANCE } });
      const pid = Number(leaseOwner?.split(':')[1]);
      const holder = paired.stack().bridges.find(({ process }) => process.pid === pid);
      await holder?.process.kill9();
      expect(chatwoot.state.messages(ACCOUNT).length).toBeLessThan(8 * PEOPLE.length);
      await allArrived('kill-', 8);
      chatwoot.faults.clear();
      expectEachOnceInOrder('kill-', 8);
      await paired.stack().startBridge(holder?.port);
    });

    it('arrive once and in order though the api is killed and comes back, with an engine that delivers again', async () => {
      const [api] = paired.stack().apis;
      chatwoot.faults.add({ method: 'POST', path: /messages$/, action: { kind: 'delay', delayMs: 20 } });
      writeToAll('api-', 6);
      await waitFor(() => chatwoot.state.messages(ACCOUNT).some(({ content }) => content?.startsWith('api-')));
      await api?.process.kill9();
      writeToAll('later-', 2);
      await paired.stack().startApi(api?.port);
      await allArrived('later-', 2);
      chatwoot.faults.clear();
      expectEachOnceInOrder('api-', 6);
      expectEachOnceInOrder('later-', 2);
    });

    it('wait while Chatwoot is down, and `list` says so; then they arrive by themselves, and it says that', async () => {
      await chatwoot.stop();
      writeToAll('down-', 3);
      const told = /^Chatwoot is unreachable at .* — messages wait and are delivered by themselves when it is back$/;
      await waitFor(async () => told.test(String((await integration()).last_error)));
      expect((await integration()).status).toBe('error');
      await chatwoot.start();
      await allArrived('down-', 3);
      expectEachOnceInOrder('down-', 3);
      await waitFor(async () => (await integration()).status === 'active');
      expect((await integration()).last_error).toBe('');
    });

    it('left no word of themselves, and no token, in any log', () => {
      expect(paired.stack().logs()).not.toMatch(/kill-\d|api-\d|down-\d|engine-account-token/);
    });
  });
