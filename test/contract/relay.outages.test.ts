import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { INTEGRATIONS_CHANNEL } from '../../bridge/leases/queries/leases.ts';
import { ACCOUNT, createRelayFixture, INSTANCE, type RelayFixture } from '../support/relay-fixture.ts';
import { waitFor } from '../support/wait-for.ts';

let fixture: RelayFixture;
beforeAll(async () => {
  fixture = await createRelayFixture();
});
afterEach(() => fixture.chatwoot.faults.clear());
afterAll(() => fixture.stop());

const MESSAGES = /messages$/;
let people = 0;
const somebody = () => {
  people += 1;
  return { phone: `55119${String(81_000_000 + people)}`, name: `Person ${people}` };
};
const write = (from: { phone: string }, words: string): string =>
  fixture.receive({ from, content: { type: 'text', text: words } });
const threadOf = (phone: string) => {
  const contact = fixture.chatwoot.state.contacts(ACCOUNT).find(({ phoneNumber }) => phoneNumber === `+${phone}`);
  const conversations = fixture.chatwoot.state.conversations(ACCOUNT).filter(({ contactId }) => contactId === contact?.id);
  return conversations.flatMap(({ displayId }) =>
    fixture.chatwoot.state.messages(ACCOUNT, displayId).map(({ content }) => content),
  );
};
const status = async () => {
  const { status, lastError } = await fixture.integration();
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
    await fixture.arrived(write(maria, 'before'));
    await fixture.chatwoot.stop();
    for (let index = 0; index < 25; index++) {
      write(maria, `m${index}`);
      write(rui, `r${index}`);
    }
    await fails(
      /^Chatwoot is unreachable at http:.*ECONNREFUSED.* — messages wait and are delivered by themselves when it is back$/,
    );
    await fixture.chatwoot.start();
    await fixture.settled();
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
    [
      'the account is suspended',
      { kind: 'status', status: 401, body: { error: 'Account is suspended' } },
      /^the Chatwoot account is suspended — have it reactivated there/,
    ],
  ] as const)('messages wait, in order, until it is not so any more: %s', async (_name, action, reason) => {
    const from = somebody();
    await fixture.arrived(write(from, '0'));
    fixture.chatwoot.faults.add({ path: /conversations|contacts/, action });
    for (let index = 1; index < 4; index++) write(from, String(index));
    await fails(reason);
    fixture.chatwoot.faults.clear();
    await fixture.settled();
    expect(threadOf(from.phone)).toEqual(['0', '1', '2', '3']);
    expect(await fixture.prisma.bridgeDeadLetter.count()).toBe(0);
    await isActive();
  });

  it('waits as long as Chatwoot asks', async () => {
    fixture.chatwoot.faults.add({
      // An inbox that is looked through in the aftermath of trouble reads messages as well.
      method: 'POST',
      path: MESSAGES,
      times: 1,
      action: { kind: 'status', status: 429, body: 'Retry later\n', headers: { 'retry-after': '2' } },
    });
    const startedAt = Date.now();
    await fixture.arrived(write(somebody(), 'x'));
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(2_000);
  });
});

describe('an inbox that was deleted in Chatwoot', () => {
  it('is said so, and the events wait for the next activation', async () => {
    await fixture.change({ inboxId: 9_999 });
    const from = somebody();
    const id = write(from, 'hello');
    await fails(/^the inbox was deleted in Chatwoot — activate again/);
    await fixture.change({ inboxId: fixture.inboxId });
    await fixture.arrived(id);
    await isActive();
  });
});

it('a deleted account is said so', async () => {
  const absent = { error: 'Resource could not be found' };
  fixture.chatwoot.faults.add({ path: /accounts\/\d+\//, action: { kind: 'status', status: 404, body: absent } });
  fixture.chatwoot.faults.add({ path: /profile$/, action: { kind: 'status', status: 200, body: { accounts: [] } } });
  const id = write(somebody(), 'hello');
  await fails(/^the account was deleted in Chatwoot — activate again with another chatwootAccountId/);
  fixture.chatwoot.faults.clear();
  await fixture.arrived(id);
  await isActive();
});

describe('a message that Chatwoot has, though it did not say so', () => {
  it.each(['resetAfterEffect', 'hangAfterEffect'] as const)('is found instead of posted twice (%s)', async (kind) => {
    const from = somebody();
    await fixture.arrived(write(from, '0'));
    fixture.chatwoot.faults.add({ method: 'POST', path: MESSAGES, times: 1, action: { kind } });
    const id = write(from, '1');
    const after = write(from, '2');
    if (kind === 'hangAfterEffect') {
      await waitFor(() => fixture.posted(id).length === 1);
      // What hangs ends with the connection.
      fixture.chatwoot.faults.clear();
    }
    await fixture.arrived(after);
    await fixture.settled();
    expect(threadOf(from.phone)).toEqual(['0', '1', '2']);
  });

  it('so are contacts and conversations', async () => {
    const from = somebody();
    fixture.chatwoot.faults.add({ method: 'POST', path: /contacts$/, times: 1, action: { kind: 'resetAfterEffect' } });
    fixture.chatwoot.faults.add({ method: 'POST', path: /conversations$/, times: 1, action: { kind: 'resetAfterEffect' } });
    fixture.chatwoot.faults.add({ method: 'POST', path: MESSAGES, times: 1, action: { kind: 'resetAfterEffect' } });
    const message = await fixture.arrived(write(from, '0'));
    await fixture.settled();
    expect(threadOf(from.phone)).toEqual(['0']);
    const contact = fixture.contactOf(message);
    expect(
      fixture.chatwoot.state.contacts(ACCOUNT).filter(({ phoneNumber }) => phoneNumber === contact.phoneNumber),
    ).toHaveLength(1);
    expect(fixture.chatwoot.state.conversations(ACCOUNT).filter(({ contactId }) => contactId === contact.id)).toHaveLength(1);
  });

  it('is found behind everything that was written since, and costs no look-up otherwise', async () => {
    const from = somebody();
    const first = await fixture.arrived(write(from, '0'));
    const { displayId } = fixture.conversationOf(first);
    fixture.chatwoot.state.clearRequests();
    await fixture.arrived(write(from, '1'));
    expect(fixture.chatwoot.state.countRequests('GET', MESSAGES)).toBe(0);

    fixture.chatwoot.faults.add({ method: 'POST', path: MESSAGES, times: 1, action: { kind: 'hangAfterEffect' } });
    const id = write(from, '2');
    await waitFor(() => fixture.posted(id).length === 1);
    for (let index = 0; index < 120; index++)
      fixture.chatwoot.state.reply(ACCOUNT, displayId, { content: `agent ${index}`, private: true });
    fixture.chatwoot.faults.clear();
    await fixture.arrived(write(from, '3'));
    await fixture.settled();
    expect(fixture.posted(id)).toHaveLength(1);
  });

  it('is recognised after the bridge has forgotten it', async () => {
    const from = somebody();
    const id = write(from, '0');
    await fixture.arrived(id);
    await fixture.settled();
    // What a kill between Chatwoot's answer and our own note of it leaves.
    await fixture.prisma.bridgeMessage.deleteMany({ where: { whatsappId: id } });
    await fixture.prisma.engineEvent.updateMany({
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
    await fixture.restartBridge();
    await fixture.settled();
    expect(threadOf(from.phone)).toEqual(['0']);
    expect(await fixture.prisma.bridgeMessage.count({ where: { whatsappId: id } })).toBe(1);
  });
});

describe('a chat that Chatwoot does not take', () => {
  it('does not hold up the others, and keeps its own order', async () => {
    const [stuck, fine] = [somebody(), somebody()];
    const first = await fixture.arrived(write(stuck, '0'));
    const { displayId } = fixture.conversationOf(first);
    const path = new RegExp(`conversations/${displayId}/messages$`);
    const flood = { error: 'Validation failed: Too many messages' };
    const fault = fixture.chatwoot.faults.add({
      method: 'POST',
      path,
      action: { kind: 'status', status: 422, body: flood },
    });
    for (let index = 1; index < 4; index++) write(stuck, String(index));
    await waitFor(() => fault.hits >= 1);
    await fixture.arrived(write(fine, 'passes'));
    expect(threadOf(stuck.phone)).toEqual(['0']);
    // For as long as the other needs on a busy machine, and no longer.
    fault.clear();
    await waitFor(() => threadOf(stuck.phone).length === 4);
    expect(threadOf(stuck.phone)).toEqual(['0', '1', '2', '3']);
  });

  it('has its message set aside when Chatwoot refuses it for good, goes on with the next, and gets it when that is wanted', async () => {
    const from = somebody();
    await fixture.arrived(write(from, '0'));
    const refusal = { error: 'Validation failed: Content is too long (maximum is 150000 characters)' };
    const fault = fixture.chatwoot.faults.add({
      method: 'POST',
      path: MESSAGES,
      times: 3,
      action: { kind: 'status', status: 422, body: refusal },
    });
    const id = write(from, 'cursed');
    const next = write(from, '2');
    await fixture.arrived(next);
    expect(fault.hits).toBe(3);
    expect(threadOf(from.phone)).toEqual(['0', '2']);
    const [letter] = await fixture.prisma.bridgeDeadLetter.findMany({ where: { whatsappId: id } });
    expect(letter).toMatchObject({
      direction: 'to_chatwoot',
      engineKind: 'ryzeapi',
      state: 'dead',
      chat: from.phone,
      attempts: 3,
      reason: 'Chatwoot refuses the message (HTTP 422: Validation failed: Content is too long (maximum is 150000 characters))',
    });
    await fixture.settled();
    expect((await status()).status).toBe('active');

    await fixture.prisma.bridgeDeadLetter.update({ where: { id: letter?.id ?? '' }, data: { state: 'requested' } });
    await fixture.arrived(id);
    await waitFor(
      async () => (await fixture.prisma.bridgeDeadLetter.findUnique({ where: { id: letter?.id ?? '' } }))?.state === 'resent',
    );
    expect(threadOf(from.phone)).toEqual(['0', '2', 'cursed']);
  });

  it('is not given up over a breakdown until others have been taken meanwhile', async () => {
    const [poison, others] = [somebody(), somebody()];
    const first = await fixture.arrived(write(poison, '0'));
    const path = new RegExp(`conversations/${fixture.conversationOf(first).displayId}/messages$`);
    const fault = fixture.chatwoot.faults.add({
      method: 'POST',
      path,
      action: { kind: 'status', status: 500, body: { status: 500, error: 'Internal Server Error' } },
    });
    const id = write(poison, 'poison');
    await waitFor(() => fault.hits > 9);
    expect(await fixture.prisma.bridgeDeadLetter.count({ where: { whatsappId: id } })).toBe(0);
    await fixture.arrived(write(others, 'x'));
    await waitFor(() => fixture.prisma.bridgeDeadLetter.count({ where: { whatsappId: id } }));
    fault.clear();
    await fixture.arrived(write(poison, '1'));
    expect(threadOf(poison.phone)).toEqual(['0', '1']);
  });
});

describe('while the api is away', () => {
  /** More than one that cannot be had for another reason is asked for. */
  const OFTEN = 8;

  it('a message waits for its file, however often it was asked for, and comes with it', async () => {
    const own = await createRelayFixture({ timeouts: { relayPauses: { firstMs: 10, maxMs: 50 } } });
    onTestFinished(() => own.stop());
    let asked = 0;
    let isAway = true;
    const cut = (message: unknown): void => {
      const { request } = message as { request: ClientRequest };
      if (!isAway || !request.path.includes('/api/message/media/')) return;
      asked += 1;
      request.destroy(new Error('the api is away'));
    };
    subscribe('http.client.request.start', cut);
    onTestFinished(() => void unsubscribe('http.client.request.start', cut));
    own.engine.state.configure(INSTANCE, { mediaBase64: false, mediaUrl: 'none' });
    const id = own.receive({ from: somebody(), content: { type: 'image', caption: 'our house' } });
    await waitFor(() => asked >= OFTEN, { describe: `${OFTEN} requests for the file` });
    expect(own.posted(id)).toEqual([]);
    isAway = false;
    expect(await own.arrived(id)).toMatchObject({ content: 'our house', attachments: [{ contentType: 'image/png' }] });
  });
});

describe('the phone', () => {
  it('that is not connected pauses the integration, which says so, also after a restart', async () => {
    fixture.engine.state.setConnected(INSTANCE, false, 'logged_out');
    await waitFor(async () => (await status()).status === 'paused');
    expect((await status()).lastError).toBe(
      'WhatsApp is not connected (logged_out) — pair the phone again in the WhatsApp engine',
    );
    await fixture.restartBridge();
    await fixture.arrived(write(somebody(), 'still comes in'));
    expect((await status()).status).toBe('paused');
    fixture.engine.state.setConnected(INSTANCE, true);
    await isActive();
  });
});

describe('a bridge that lost its lease in the midst of a delivery', () => {
  it('posts nothing more: the one that took over does, once', async () => {
    const from = somebody();
    await fixture.arrived(write(from, '0'));
    await fixture.settled();
    const slow = { kind: 'delay', delayMs: 1_500 } as const;
    const fault = fixture.chatwoot.faults.add({ method: 'GET', path: /conversations$/, times: 1, action: slow });
    const id = write(from, '1');
    await waitFor(() => fault.hits === 1);
    // As the database does when this bridge did not prolong it in time.
    await fixture.prisma.bridgeIntegration.update({
      where: { id: fixture.integrationId },
      data: { leaseOwner: 'another', leaseUntil: new Date(Date.now() + 2_500), leaseEpoch: { increment: 1 } },
    });
    await fixture.prisma.$executeRaw`SELECT pg_notify(${INTEGRATIONS_CHANNEL}, ${fixture.integrationId})`;
    await waitFor(() => fixture.log.some((line) => line.includes('no longer runs an integration')));
    const answered = () =>
      fixture.chatwoot.state.requests.filter(({ method, path }) => method === 'GET' && /conversations$/.test(path));
    const before = answered().length;
    await fixture.arrived(id);
    expect(answered().length).toBeGreaterThan(before);
    await fixture.settled();
    expect(threadOf(from.phone)).toEqual(['0', '1']);
  });
});

it('tells when the last message reached Chatwoot', async () => {
  const before = new Date();
  await fixture.arrived(write(somebody(), 'x'));
  await waitFor(async () => ((await fixture.integration()).lastToChatwootAt ?? new Date(0)) >= before);
});
