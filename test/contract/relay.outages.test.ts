import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { INTEGRATIONS_CHANNEL } from '../../bridge/leases/lease-queries.ts';
import { ACCOUNT, createRelayRig, INSTANCE, type RelayRig } from '../support/relay-rig.ts';
import { waitFor } from '../support/wait-for.ts';

let rig: RelayRig;
beforeAll(async () => {
  rig = await createRelayRig();
});
afterEach(() => rig.chatwoot.faults.clear());
afterAll(() => rig.stop());

const MESSAGES = /messages$/;
let people = 0;
const somebody = () => {
  people += 1;
  return { phone: `55119${String(81_000_000 + people)}`, name: `Person ${people}` };
};
const write = (from: { phone: string }, words: string): string => rig.receive({ from, content: { type: 'text', text: words } });
const threadOf = (phone: string) => {
  const contact = rig.chatwoot.state.contacts(ACCOUNT).find(({ phoneNumber }) => phoneNumber === `+${phone}`);
  const conversations = rig.chatwoot.state.conversations(ACCOUNT).filter(({ contactId }) => contactId === contact?.id);
  return conversations.flatMap(({ displayId }) => rig.chatwoot.state.messages(ACCOUNT, displayId).map(({ content }) => content));
};
const status = async () => {
  const { status, lastError } = await rig.integration();
  return { status, lastError };
};
const isActive = () =>
  waitFor(async () => (await status()).status === 'active', { describe: 'the integration being active again' });
const fails = (reason: RegExp) =>
  waitFor(
    async () => {
      const now = await status();
      return now.status === 'error' && reason.test(now.lastError);
    },
    { describe: `the integration failing for ${reason}` },
  );

describe('while Chatwoot is away', () => {
  it('nothing is lost and the order holds; the integration says why, and recovers by itself', async () => {
    const [maria, rui] = [somebody(), somebody()];
    await rig.arrived(write(maria, 'before'));
    await rig.chatwoot.stop();
    for (let index = 0; index < 25; index++) {
      write(maria, `m${index}`);
      write(rui, `r${index}`);
    }
    await fails(
      /^Chatwoot is unreachable at http:.*ECONNREFUSED.* — messages wait and are delivered by themselves when it is back$/,
    );
    await rig.chatwoot.start();
    await rig.settled();
    expect(threadOf(maria.phone)).toEqual(['before', ...Array.from({ length: 25 }, (_, index) => `m${index}`)]);
    expect(threadOf(rui.phone)).toEqual(Array.from({ length: 25 }, (_, index) => `r${index}`));
    await isActive();
    expect((await status()).lastError).toBe('');
  });

  it.each([
    ['it breaks down', { kind: 'status', status: 503, body: '<html>' }, /Chatwoot is failing \(HTTP 503\)/],
    [
      'it limits us',
      { kind: 'status', status: 429, body: 'Retry later\n', headers: { 'retry-after': '1' } },
      /limits our requests/,
    ],
    [
      'its database is slow',
      { kind: 'status', status: 422, body: { error: 'The request took too long to complete. Please try again.' } },
      /took too long/,
    ],
    ['it cuts connections', { kind: 'reset' }, /unreachable/],
    [
      'it is a page of somebody else',
      { kind: 'status', status: 200, body: '<html>', contentType: 'text/html' },
      /does not answer as Chatwoot does/,
    ],
    [
      'its address redirects',
      { kind: 'status', status: 301, headers: { location: 'https://elsewhere.example.com/' } },
      /redirects/,
    ],
    [
      'the token is revoked',
      { kind: 'status', status: 401, body: { error: 'Invalid Access Token' } },
      /^Chatwoot rejects the API token — activate again/,
    ],
    [
      'the token lost its rights',
      { kind: 'status', status: 401, body: { error: 'You are not authorized to do this action' } },
      /denies access/,
    ],
  ] as const)('messages wait, in order, until it is not so any more: %s', async (_name, action, reason) => {
    const from = somebody();
    await rig.arrived(write(from, '0'));
    rig.chatwoot.faults.add({ path: /conversations|contacts/, action });
    for (let index = 1; index < 4; index++) write(from, String(index));
    await fails(reason);
    rig.chatwoot.faults.clear();
    await rig.settled();
    expect(threadOf(from.phone)).toEqual(['0', '1', '2', '3']);
    expect(await rig.prisma.bridgeDeadLetter.count()).toBe(0);
    await isActive();
  });

  it('waits as long as Chatwoot asks', async () => {
    rig.chatwoot.faults.add({
      path: MESSAGES,
      times: 1,
      action: { kind: 'status', status: 429, body: 'Retry later\n', headers: { 'retry-after': '2' } },
    });
    const startedAt = Date.now();
    await rig.arrived(write(somebody(), 'x'));
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(2_000);
  });
});

describe('a deleted inbox', () => {
  it('is said so, and the events wait for the next activation', async () => {
    await rig.change({ inboxId: 9_999 });
    const from = somebody();
    const id = write(from, 'hello');
    await fails(/^the inbox was deleted in Chatwoot — activate again/);
    await rig.change({ inboxId: rig.inboxId });
    await rig.arrived(id);
    await isActive();
  });
});

describe('one that Chatwoot has, though it did not say so', () => {
  it.each(['resetAfterEffect', 'hangAfterEffect'] as const)('is found instead of posted twice (%s)', async (kind) => {
    const from = somebody();
    await rig.arrived(write(from, '0'));
    rig.chatwoot.faults.add({ method: 'POST', path: MESSAGES, times: 1, action: { kind } });
    const id = write(from, '1');
    const after = write(from, '2');
    if (kind === 'hangAfterEffect') {
      await waitFor(() => rig.posted(id).length === 1);
      // What hangs ends with the connection.
      rig.chatwoot.faults.clear();
    }
    await rig.arrived(after);
    await rig.settled();
    expect(threadOf(from.phone)).toEqual(['0', '1', '2']);
  });

  it('so are contacts and conversations', async () => {
    const from = somebody();
    rig.chatwoot.faults.add({ method: 'POST', path: /contacts$/, times: 1, action: { kind: 'resetAfterEffect' } });
    rig.chatwoot.faults.add({ method: 'POST', path: /conversations$/, times: 1, action: { kind: 'resetAfterEffect' } });
    rig.chatwoot.faults.add({ method: 'POST', path: MESSAGES, times: 1, action: { kind: 'resetAfterEffect' } });
    const message = await rig.arrived(write(from, '0'));
    await rig.settled();
    expect(threadOf(from.phone)).toEqual(['0']);
    const contact = rig.contactOf(message);
    expect(rig.chatwoot.state.contacts(ACCOUNT).filter(({ phoneNumber }) => phoneNumber === contact.phoneNumber)).toHaveLength(1);
    expect(rig.chatwoot.state.conversations(ACCOUNT).filter(({ contactId }) => contactId === contact.id)).toHaveLength(1);
  });

  it('is found behind everything that was written since, and costs no look-up otherwise', async () => {
    const from = somebody();
    const first = await rig.arrived(write(from, '0'));
    const { displayId } = rig.conversationOf(first);
    rig.chatwoot.state.clearRequests();
    await rig.arrived(write(from, '1'));
    expect(rig.chatwoot.state.countRequests('GET', MESSAGES)).toBe(0);

    rig.chatwoot.faults.add({ method: 'POST', path: MESSAGES, times: 1, action: { kind: 'hangAfterEffect' } });
    const id = write(from, '2');
    await waitFor(() => rig.posted(id).length === 1);
    for (let index = 0; index < 120; index++)
      rig.chatwoot.state.reply(ACCOUNT, displayId, { content: `agent ${index}`, private: true });
    rig.chatwoot.faults.clear();
    await rig.arrived(write(from, '3'));
    await rig.settled();
    expect(rig.posted(id)).toHaveLength(1);
  });

  it('is recognised after the bridge has forgotten it', async () => {
    const from = somebody();
    const id = write(from, '0');
    await rig.arrived(id);
    await rig.settled();
    // What a kill between Chatwoot's answer and our own note of it leaves.
    await rig.prisma.bridgeMessage.deleteMany({ where: { whatsappId: id } });
    await rig.prisma.engineEvent.updateMany({
      where: { dedupeKey: `message:${id}` },
      data: {
        ackedAt: null,
        payload: JSON.stringify({
          event: 'message.exchange',
          data: {
            id,
            direction: 'incoming',
            chat: { jid: `${from.phone}@s.whatsapp.net` },
            message: { type: 'text', content: '0' },
          },
        }),
      },
    });
    await rig.restartBridge();
    await rig.settled();
    expect(threadOf(from.phone)).toEqual(['0']);
    expect(await rig.prisma.bridgeMessage.count({ where: { whatsappId: id } })).toBe(1);
  });
});

describe('a chat that Chatwoot does not take', () => {
  it('does not hold up the others, and keeps its own order', async () => {
    const [stuck, fine] = [somebody(), somebody()];
    const first = await rig.arrived(write(stuck, '0'));
    const { displayId } = rig.conversationOf(first);
    const path = new RegExp(`conversations/${displayId}/messages$`);
    const flood = { error: 'Validation failed: Too many messages' };
    const fault = rig.chatwoot.faults.add({
      method: 'POST',
      path,
      times: 1,
      action: { kind: 'status', status: 422, body: flood },
    });
    for (let index = 1; index < 4; index++) write(stuck, String(index));
    await waitFor(() => fault.hits === 1);
    await rig.arrived(write(fine, 'passes'));
    expect(threadOf(stuck.phone)).toEqual(['0']);
    await waitFor(() => threadOf(stuck.phone).length === 4, { timeoutMs: 20_000 });
    expect(threadOf(stuck.phone)).toEqual(['0', '1', '2', '3']);
  });

  it('has its message set aside when Chatwoot refuses it for good, goes on with the next, and gets it when that is wanted', async () => {
    const from = somebody();
    await rig.arrived(write(from, '0'));
    const refusal = { error: 'Validation failed: Content is cursed' };
    const fault = rig.chatwoot.faults.add({
      method: 'POST',
      path: MESSAGES,
      times: 3,
      action: { kind: 'status', status: 422, body: refusal },
    });
    const id = write(from, 'cursed');
    const next = write(from, '2');
    await rig.arrived(next);
    expect(fault.hits).toBe(3);
    expect(threadOf(from.phone)).toEqual(['0', '2']);
    const [letter] = await rig.prisma.bridgeDeadLetter.findMany({ where: { whatsappId: id } });
    expect(letter).toMatchObject({
      direction: 'to_chatwoot',
      state: 'dead',
      chat: from.phone,
      attempts: 3,
      reason: 'Chatwoot refuses the message (HTTP 422: Validation failed: Content is cursed)',
    });
    await rig.settled();
    expect((await status()).status).toBe('active');

    await rig.prisma.bridgeDeadLetter.update({ where: { id: letter?.id ?? '' }, data: { state: 'requested' } });
    await rig.arrived(id);
    await waitFor(
      async () => (await rig.prisma.bridgeDeadLetter.findUnique({ where: { id: letter?.id ?? '' } }))?.state === 'resent',
    );
    expect(threadOf(from.phone)).toEqual(['0', '2', 'cursed']);
  });

  it('is not given up over a breakdown until others have been taken meanwhile', async () => {
    const [poison, others] = [somebody(), somebody()];
    const first = await rig.arrived(write(poison, '0'));
    const path = new RegExp(`conversations/${rig.conversationOf(first).displayId}/messages$`);
    const fault = rig.chatwoot.faults.add({
      method: 'POST',
      path,
      action: { kind: 'status', status: 500, body: { status: 500, error: 'Internal Server Error' } },
    });
    const id = write(poison, 'poison');
    await waitFor(() => fault.hits > 9);
    expect(await rig.prisma.bridgeDeadLetter.count({ where: { whatsappId: id } })).toBe(0);
    await rig.arrived(write(others, 'x'));
    await waitFor(() => rig.prisma.bridgeDeadLetter.count({ where: { whatsappId: id } }));
    fault.clear();
    await rig.arrived(write(poison, '1'));
    expect(threadOf(poison.phone)).toEqual(['0', '1']);
  });
});

describe('the phone', () => {
  it('that is not connected pauses the integration, which says so, also after a restart', async () => {
    rig.engine.state.setConnected(INSTANCE, false, 'logged_out');
    await waitFor(async () => (await status()).status === 'paused');
    expect((await status()).lastError).toBe(
      'WhatsApp is not connected (logged_out) — pair the phone again in the WhatsApp engine',
    );
    await rig.restartBridge();
    await rig.arrived(write(somebody(), 'still comes in'));
    expect((await status()).status).toBe('paused');
    rig.engine.state.setConnected(INSTANCE, true);
    await isActive();
  });
});

describe('a bridge that lost its lease in the midst of a delivery', () => {
  it('posts nothing more: the one that took over does, once', async () => {
    const from = somebody();
    await rig.arrived(write(from, '0'));
    await rig.settled();
    const slow = { kind: 'delay', delayMs: 1_500 } as const;
    const fault = rig.chatwoot.faults.add({ method: 'GET', path: /conversations$/, times: 1, action: slow });
    const id = write(from, '1');
    await waitFor(() => fault.hits === 1);
    // As the database does when this bridge did not prolong it in time.
    await rig.prisma.bridgeIntegration.update({
      where: { id: rig.integrationId },
      data: { leaseOwner: 'another', leaseUntil: new Date(Date.now() + 2_500), leaseEpoch: { increment: 1 } },
    });
    await rig.prisma.$executeRaw`SELECT pg_notify(${INTEGRATIONS_CHANNEL}, ${rig.integrationId})`;
    await waitFor(() => rig.log.some((line) => line.includes('does not run an integration any more')));
    const answered = () =>
      rig.chatwoot.state.requests.filter(({ method, path }) => method === 'GET' && /conversations$/.test(path));
    const before = answered().length;
    await rig.arrived(id);
    expect(answered().length).toBeGreaterThan(before);
    await rig.settled();
    expect(threadOf(from.phone)).toEqual(['0', '1']);
  });
});

it('tells when the last message reached Chatwoot', async () => {
  const before = new Date();
  await rig.arrived(write(somebody(), 'x'));
  await waitFor(async () => ((await rig.integration()).lastToChatwootAt ?? new Date(0)) >= before);
});
