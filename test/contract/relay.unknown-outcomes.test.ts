import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { INTEGRATIONS_CHANNEL } from '../../bridge/leases/queries/leases.ts';
import { troubles } from '../../simulators/chatwoot/trouble.ts';
import { createLateProxy, type LateProxy } from '../support/late-proxy.ts';
import { ACCOUNT, createRelayFixture, type RelayFixture } from '../support/relay-fixture.ts';
import { waitFor } from '../support/wait-for.ts';

/** How long something may take effect after it was sent, here. */
const LIMIT_MS = 3_000;

const MESSAGES = /messages$/;

/** An integration of its own, whose Chatwoot is behind a proxy that can be late: what several of them wait for they wait for at the same time. */
function createScene() {
  let fixture: RelayFixture;
  let proxy: LateProxy;
  let people = 0;
  beforeAll(async () => {
    fixture = await createRelayFixture({ timeouts: { takesEffectWithinMs: LIMIT_MS, pollEveryMs: 500 } });
    proxy = await createLateProxy(fixture.chatwoot.url());
    await fixture.change({ chatwootBaseUrl: proxy.url });
  });
  afterEach(() => fixture.chatwoot.faults.clear());
  afterAll(async () => {
    await fixture?.stop();
    await proxy?.stop();
  });

  const somebody = () => {
    people += 1;
    return { phone: `55119${String(82_000_000 + people)}`, name: `Person ${people}` };
  };
  type Person = ReturnType<typeof somebody>;
  const contactsOf = ({ phone }: Person) =>
    fixture.chatwoot.state.contacts(ACCOUNT).filter(({ phoneNumber }) => phoneNumber === `+${phone}`);
  const conversationsOf = (from: Person) => {
    const ids = new Set(contactsOf(from).map(({ id }) => id));
    return fixture.chatwoot.state.conversations(ACCOUNT).filter(({ contactId }) => ids.has(contactId));
  };

  return {
    get fixture() {
      return fixture;
    },
    hold: (late: Parameters<LateProxy['hold']>[0]) => proxy.hold(late),
    somebody,
    write: (from: Person, words: string): string => fixture.receive({ from, content: { type: 'text', text: words } }),
    send: (from: Person, caption: string): string => fixture.receive({ from, content: { type: 'image', caption } }),
    contactsOf,
    conversationsOf,
    threadOf: (from: Person) =>
      conversationsOf(from).flatMap(({ displayId }) =>
        fixture.chatwoot.state
          .messages(ACCOUNT, displayId)
          .filter(({ messageType }) => messageType !== 'activity')
          .map(({ content }) => content),
      ),
    deadLetters: () => fixture.prisma.bridgeDeadLetter.count(),
    nothingLeft: () =>
      waitFor(async () => (await fixture.prisma.bridgePosting.count()) === 0, {
        describe: 'no outcome being unknown',
        timeoutMs: 30_000,
      }),
  };
}

describe.concurrent('a connection that breaks while Chatwoot works on a message', () => {
  const scene = createScene();
  const { hold, somebody, write, send, contactsOf, conversationsOf, threadOf, nothingLeft } = scene;

  it.sequential.each([400, 800, 1_500])('doubles nothing, in its order: stored after %i ms', async (effectMs) => {
    const [from, neighbour] = [somebody(), somebody()];
    await scene.fixture.arrived(write(from, '0'));
    await scene.fixture.arrived(write(neighbour, '0'));
    const held = hold({ method: 'POST', path: MESSAGES, cutMs: 200, effectMs });
    const id = write(from, '1');
    write(from, '2');
    await waitFor(held.taken);
    const other = write(neighbour, '1');
    if (effectMs === 1_500) {
      await scene.fixture.arrived(other);
      expect(scene.fixture.posted(id)).toEqual([]);
    }
    await held.passed;
    await scene.fixture.settled();
    expect(threadOf(from)).toEqual(['0', '1', '2']);
    expect(threadOf(neighbour)).toEqual(['0', '1']);
    await nothingLeft();
  });

  it.sequential.each([800, 1_500])('doubles no file: stored after %i ms', async (effectMs) => {
    const from = somebody();
    await scene.fixture.arrived(write(from, '0'));
    const held = hold({ method: 'POST', path: MESSAGES, cutMs: 200, effectMs });
    const id = send(from, 'look');
    await held.passed;
    await scene.fixture.settled();
    expect(scene.fixture.posted(id)).toHaveLength(1);
    expect(threadOf(from)).toEqual(['0', 'look']);
  });

  it.sequential.each([
    ['conversation', /conversations$/],
    ['message', MESSAGES],
    ['contact', /contacts$/],
  ])('doubles nothing of the first message of a chat: its %s', async (_name, path) => {
    const from = somebody();
    const held = hold({ method: 'POST', path, cutMs: 200, effectMs: 1_200 });
    write(from, '0');
    write(from, '1');
    await held.passed;
    await scene.fixture.settled();
    expect(contactsOf(from)).toHaveLength(1);
    expect(conversationsOf(from)).toHaveLength(1);
    expect(threadOf(from)).toEqual(['0', '1']);
    await nothingLeft();
  });

  it.sequential.each(['and is stored', 'and is stored, though Chatwoot answers with an error'])(
    'sends it again when it can take effect no more, and takes away what appears all the same: the second one arrives %s',
    async (what) => {
      const from = somebody();
      const first = await scene.fixture.arrived(write(from, '0'));
      const held = hold({ method: 'POST', path: MESSAGES, cutMs: 200, effectMs: LIMIT_MS + 1_500 });
      const startedAt = Date.now();
      const id = write(from, '1');
      await waitFor(held.taken);
      if (what !== 'and is stored') {
        const path = /\/messages$/;
        scene.fixture.chatwoot.faults.add({
          method: 'POST',
          path,
          times: 1,
          action: { kind: 'trouble', trouble: 'redisRefuses' },
        });
      }
      const kept = await scene.fixture.arrived(id);
      expect(Date.now() - startedAt).toBeGreaterThanOrEqual(LIMIT_MS);
      await held.passed;
      await waitFor(() => scene.fixture.posted(id).length === 2);
      await nothingLeft();
      const standing = scene.fixture.posted(id).filter(({ contentAttributes }) => contentAttributes.deleted !== true);
      expect(standing.map((message) => message.id)).toEqual([kept.id]);
      expect(kept.conversationId).toBe(first.conversationId);
    },
  );

  it.sequential('leaves no second conversation open where one appears too late, and goes on in the one that is written in', async () => {
    const from = somebody();
    const held = hold({ method: 'POST', path: /conversations$/, cutMs: 200, effectMs: LIMIT_MS + 1_500 });
    const message = await scene.fixture.arrived(write(from, '0'));
    await held.passed;
    await nothingLeft();
    const used = conversationsOf(from).find(({ id }) => id === message.conversationId);
    const twins = conversationsOf(from).filter(({ id }) => id !== message.conversationId);
    expect(used?.status).toBe('open');
    expect(twins.map(({ status }) => status)).toEqual(['resolved']);
    expect((await scene.fixture.arrived(write(from, '1'))).conversationId).toBe(message.conversationId);
  });

  it.sequential('costs no call while none breaks', async () => {
    const from = somebody();
    await scene.fixture.arrived(write(from, '0'));
    await scene.fixture.settled();
    scene.fixture.chatwoot.state.clearRequests();
    await scene.fixture.arrived(write(from, '1'));
    await scene.fixture.settled();
    const asked = scene.fixture.chatwoot.state.requests.map(
      ({ method, path }) => `${method} ${path.replace(/^.*accounts\/\d+/, '').replace(/\d+/, ':id')}`,
    );
    expect(asked).toEqual(['GET /contacts/:id/conversations', 'POST /conversations/:id/messages']);
  });
});

describe.concurrent('an integration that has all sorts of trouble', () => {
  const scene = createScene();

  describe.sequential('trouble behind Chatwoot', () => {
    const { somebody, write, send, contactsOf, conversationsOf, threadOf, deadLetters, nothingLeft } = scene;

    it.sequential.each(troubles)('doubles no message, loses none and sets none aside: %s', async (trouble) => {
      const from = somebody();
      await scene.fixture.arrived(write(from, '0'));
      const fault = scene.fixture.chatwoot.faults.add({
        method: 'POST',
        path: MESSAGES,
        times: 1,
        action: { kind: 'trouble', trouble },
      });
      const id = trouble === 'storageFull' ? send(from, '1') : write(from, '1');
      write(from, '2');
      await scene.fixture.settled();
      expect(fault.hits).toBe(1);
      expect(scene.fixture.posted(id)).toHaveLength(1);
      expect(threadOf(from)).toEqual(['0', '1', '2']);
      expect(await deadLetters()).toBe(0);
      await nothingLeft();
    });

    it.sequential.each(['statementTimeout', 'redisRefuses', 'redisFull', 'databaseRefuses', 'requestTimeout'] as const)(
      'makes one contact and one conversation: %s',
      async (trouble) => {
        const from = somebody();
        const action = { kind: 'trouble', trouble } as const;
        scene.fixture.chatwoot.faults.add({ method: 'POST', path: /contacts$/, times: 1, action });
        scene.fixture.chatwoot.faults.add({ method: 'POST', path: /conversations$/, times: 1, action });
        write(from, '0');
        await scene.fixture.settled();
        expect(contactsOf(from)).toHaveLength(1);
        expect(conversationsOf(from)).toHaveLength(1);
        expect(threadOf(from)).toEqual(['0']);
        expect(await deadLetters()).toBe(0);
      },
    );

    it.sequential('is waited for, however long it takes: nothing is given up while nothing gets through', async () => {
      const from = somebody();
      await scene.fixture.arrived(write(from, '0'));
      const action = { kind: 'trouble', trouble: 'statementTimeout' } as const;
      const fault = scene.fixture.chatwoot.faults.add({ method: 'POST', path: MESSAGES, action });
      write(from, '1');
      await waitFor(() => fault.hits > 9, { timeoutMs: 30_000 });
      fault.clear();
      await scene.fixture.settled();
      expect(threadOf(from)).toEqual(['0', '1']);
      expect(await deadLetters()).toBe(0);
    });
  });

  describe.sequential('a bridge that is gone while Chatwoot works on its message', () => {
    const { hold, somebody, write, threadOf, nothingLeft } = scene;

    it.sequential('leaves word of it: the one that takes over waits, looks, and does not send it again', async () => {
      const from = somebody();
      await scene.fixture.arrived(write(from, '0'));
      await scene.fixture.settled();
      const held = hold({ method: 'POST', path: MESSAGES, effectMs: 1_600 });
      const id = write(from, '1');
      await waitFor(held.taken);
      // As the database does when this bridge did not prolong it in time.
      await scene.fixture.prisma.bridgeIntegration.update({
        where: { id: scene.fixture.integrationId },
        data: { leaseOwner: 'another', leaseUntil: new Date(Date.now() + 1_000), leaseEpoch: { increment: 1 } },
      });
      await scene.fixture.prisma.$executeRaw`SELECT pg_notify(${INTEGRATIONS_CHANNEL}, ${scene.fixture.integrationId})`;
      await held.passed;
      await scene.fixture.settled();
      expect(scene.fixture.posted(id)).toHaveLength(1);
      expect(threadOf(from)).toEqual(['0', '1']);
      await nothingLeft();
    });

    it.sequential('keeps its successor from sending what it may have sent, before that can take effect no more', async () => {
      const from = somebody();
      const first = await scene.fixture.arrived(write(from, '0'));
      await scene.fixture.settled();
      const id = 'NOBODY-KNOWS';
      const { leaseEpoch } = await scene.fixture.integration();
      // What a kill right after the request has left leaves.
      await scene.fixture.prisma.bridgePosting.create({
        data: {
          ...{ integrationId: scene.fixture.integrationId, kind: 'message', key: id, leaseEpoch },
          ...{
            contactId: scene.fixture.contactOf(first).id,
            conversationId: scene.fixture.conversationOf(first).displayId,
            afterId: first.id,
          },
          endsAt: new Date(Date.now() + 2_000),
        },
      });
      const startedAt = Date.now();
      await scene.fixture.ingest('message.exchange', {
        ...{ id, direction: 'incoming', chat: { jid: `${from.phone}@s.whatsapp.net` } },
        message: { type: 'text', content: '1' },
      });
      await scene.fixture.arrived(id);
      expect(Date.now() - startedAt).toBeGreaterThanOrEqual(1_800);
      await nothingLeft();
      expect(threadOf(from)).toEqual(['0', '1']);
    });
  });

  describe.sequential('a contact that was deleted, and whose conversations go later', () => {
    const { hold, somebody, write, contactsOf, threadOf, deadLetters } = scene;

    const call = async (method: string, path: string): Promise<void> => {
      const response = await fetch(`${scene.fixture.chatwoot.url()}/api/v1/accounts/${ACCOUNT}${path}`, {
        method,
        headers: { 'api-access-token': scene.fixture.adminToken },
      });
      if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    };

    it.sequential.each(['before', 'while'] as const)(
      'is made anew, and the chat goes on: %s a message is posted',
      async (moment) => {
        const deletionDelayMs = scene.fixture.chatwoot.state.settings.deletionDelayMs;
        scene.fixture.chatwoot.state.settings.deletionDelayMs = 60_000;
        const from = somebody();
        const old = write(from, '0');
        const { id } = scene.fixture.contactOf(await scene.fixture.arrived(old));
        if (moment === 'before') {
          await call('DELETE', `/contacts/${id}`);
          write(from, '1');
        } else {
          const held = hold({ method: 'POST', path: MESSAGES, effectMs: 1_000 });
          write(from, '1');
          await waitFor(held.taken);
          await call('DELETE', `/contacts/${id}`);
        }
        await waitFor(() => threadOf(from).includes('1'), { timeoutMs: 20_000 });
        // A note about a message of the old conversation does not stand still either.
        scene.fixture.receive({ from, content: { type: 'edit', messageId: old, text: 'new' } });
        write(from, '2');
        await scene.fixture.settled();
        expect(threadOf(from).filter((text) => text === '1' || text === '2')).toEqual(['1', '2']);
        expect(contactsOf(from)).toHaveLength(1);
        expect(contactsOf(from)[0]?.id).not.toBe(id);
        expect(await deadLetters()).toBe(0);
        scene.fixture.chatwoot.state.settings.deletionDelayMs = deletionDelayMs;
      },
    );
  });
});
