import { createHmac } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import pg from 'pg';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createIntegrationStore } from '../../bridge/integrations/store.ts';
import { createWebhookReceiver, storeUntilMs } from '../../bridge/relay/to-whatsapp/receive-webhook.ts';
import { createRecipients } from '../../bridge/relay/to-whatsapp/recipients.ts';
import { createReplyStore } from '../../bridge/relay/to-whatsapp/reply-store.ts';
import { createReportStore } from '../../bridge/relay/to-whatsapp/report-store.ts';
import { createTakeEvent } from '../../bridge/relay/to-whatsapp/take-event.ts';
import { hashToken } from '../../shared/auth/tokens.ts';
import { createDatabase } from '../../shared/database/database.ts';
import { messageBody, signed, unsigned } from '../support/chatwoot-webhook.ts';
import { createFaultProxy } from '../support/fault-proxy.ts';
import { ACCOUNT, createRepliesFixture, type RepliesFixture } from '../support/replies-fixture.ts';

let lastId = 1_000_000;
const newId = (): number => ++lastId;
const inboxOf = (fixture: RepliesFixture) => {
  const inbox = fixture.chatwoot.state.inboxes(ACCOUNT).find(({ id }) => id === fixture.inboxId);
  if (!inbox) throw new Error('no inbox');
  return inbox;
};
const isStored = async (fixture: RepliesFixture, id: number): Promise<boolean> => (await fixture.rowsOf(id)).length > 0;

describe('the webhook of a Chatwoot that signs', () => {
  let fixture: RepliesFixture;
  beforeAll(async () => {
    fixture = await createRepliesFixture();
  });
  afterAll(() => fixture?.stop());
  afterEach(() => {
    fixture.chatwoot.faults.clear();
    fixture.chatwoot.state.clearRequests();
  });
  const body = (changes: Record<string, unknown> = {}) => {
    const id = newId();
    return { id, text: messageBody({ id, inboxId: fixture.inboxId, ...changes }) };
  };
  const asked = () => fixture.chatwoot.state.countRequests('GET', /\/inboxes\/\d+$/);

  it('is taken when it is signed', async () => {
    const { id, text } = body();
    expect((await signed(fixture, text)).status).toBe(200);
    expect(await isStored(fixture, id)).toBe(true);
  });

  it('is taken when its text has signs that Rails escapes: what counts are the bytes', async () => {
    const { id, text } = body({ content: '<b> & \u2028 ção' });
    const escaped = text.replace(/[<>&\u2028]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
    expect((await signed(fixture, escaped)).status).toBe(200);
    expect((await fixture.rowsOf(id))[0]?.payload).toMatchObject({ part: { text: '<b> & \u2028 ção' } });
  });

  it.concurrent.each<[string, (text: string) => Promise<Response>]>([
    ['it is not signed', (text) => unsigned(fixture, text)],
    [
      'it is signed with another key',
      (text) => signed(fixture, text, { headers: { 'x-chatwoot-signature': `sha256=${'0'.repeat(64)}` } }),
    ],
    ['its timestamp was changed', (text) => signed(fixture, text, { headers: { 'x-chatwoot-timestamp': '1785147300' } })],
    ['it is older than five minutes', (text) => signed(fixture, text, { timestamp: Math.floor(Date.now() / 1_000) - 400 })],
    ['it is from the future', (text) => signed(fixture, text, { timestamp: Math.floor(Date.now() / 1_000) + 400 })],
    [
      'it is signed over the body alone',
      (text) => signed(fixture, text, { headers: { 'x-chatwoot-signature': bodyOnly(text) } }),
    ],
  ])('is refused with 401 when %s, and nothing is stored', async (_, send) => {
    const { id, text } = body();
    const answer = await send(text);
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ error: { code: 'webhook_signature_invalid' } });
    expect(await isStored(fixture, id)).toBe(false);
  });
  const bodyOnly = (text: string) => `sha256=${createHmac('sha256', inboxOf(fixture).secret).update(text).digest('hex')}`;

  it('does not ask Chatwoot again and again because somebody forges', async () => {
    for (let tries = 0; tries < 5; tries += 1) expect((await unsigned(fixture, body().text)).status).toBe(401);
    expect(asked()).toBeLessThanOrEqual(1);
  });

  it('sent a second time (a replay) changes nothing', async () => {
    const { id, text } = body();
    const timestamp = Math.floor(Date.now() / 1_000);
    for (let tries = 0; tries < 3; tries += 1) expect((await signed(fixture, text, { timestamp })).status).toBe(200);
    expect(await fixture.rowsOf(id)).toHaveLength(1);
  });

  it('is 404 at an address that is none of ours, or not any more, so that the agent sees it', async () => {
    const elsewhere = await fetch(`${fixture.bridgeUrl}/webhooks/chatwoot/ptw_unknown`, { method: 'POST', body: body().text });
    expect(elsewhere.status).toBe(404);
    expect(await elsewhere.json()).toMatchObject({ error: { code: 'webhook_unknown' } });
    const where = { id: fixture.integrationId };
    await fixture.prisma.bridgeIntegration.update({ where, data: { state: 'superseded' } });
    expect((await signed(fixture, body().text)).status).toBe(404);
    await fixture.prisma.bridgeIntegration.update({ where, data: { state: 'active' } });
  });

  it('is let go when it tells of another inbox, of anything else than messages, or of messages that are not for WhatsApp', async () => {
    const other = body({ inbox: { id: fixture.inboxId + 1 } });
    expect((await signed(fixture, other.text)).status).toBe(200);
    const ours = body({ source_id: 'WAID:3EB0' });
    expect((await signed(fixture, ours.text)).status).toBe(200);
    const note = body({ private: true });
    expect((await signed(fixture, note.text)).status).toBe(200);
    expect((await signed(fixture, '{"event":"conversation_typing_on"}')).status).toBe(200);
    for (const { id } of [other, ours, note]) expect(await isStored(fixture, id)).toBe(false);
  });

  it('is 400 when it cannot be read, and 413 when it is larger than 5 MiB', async () => {
    expect((await signed(fixture, '{')).status).toBe(400);
    expect((await signed(fixture, messageBody({ id: 0, inboxId: fixture.inboxId }))).status).toBe(400);
    expect((await signed(fixture, body({ content: 'x'.repeat(5 * 1_048_576) }).text)).status).toBe(413);
    const { id, text } = body({ content: 'x'.repeat(150_000), conversation: { id: 1, junk: 'y'.repeat(2_000_000) } });
    expect((await signed(fixture, text)).status).toBe(200);
    expect(await isStored(fixture, id)).toBe(true);
  });

  it('is proven before it is read: of what nobody signed not even the kind of event counts', async () => {
    expect((await unsigned(fixture, '{"event":"conversation_typing_on"}')).status).toBe(401);
    expect((await unsigned(fixture, 'no JSON at all')).status).toBe(401);
  });

  it('is never inflated: 415 for a compressed one, whoever sends it', async () => {
    const bomb = gzipSync(`{"event":"message_created","attachments":[${'1,'.repeat(2_000_000)}1]}`);
    const rss = process.memoryUsage().rss;
    for (const path of [fixture.webhookPath, '/webhooks/chatwoot/nobodys-address']) {
      const response = await fetch(`${fixture.bridgeUrl}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
        body: bomb,
      });
      expect(response.status).toBe(path === fixture.webhookPath ? 415 : 404);
    }
    expect(process.memoryUsage().rss - rss).toBeLessThan(100 * 1_048_576);
  });

  it('is refused in no notable time where its lists have millions of wrong items', async () => {
    const { text } = body({ attachments: [] });
    const hostile = text.replace('"attachments":[]', `"attachments":[${'1,'.repeat(2_400_000)}1]`);
    const before = process.cpuUsage();
    const response = await signed(fixture, hostile);
    expect(response.status).toBe(400);
    expect((await response.text()).length).toBeLessThan(1_000);
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(2_000);
  });

  it('still comes in while a stranger on the same address guesses addresses, and the stranger is told to stop', async () => {
    const guess = (index: number) =>
      fetch(`${fixture.bridgeUrl}/webhooks/chatwoot/guess-${index}`, { method: 'POST', body: '{}' }).then(({ status }) => status);
    await signed(fixture, body().text);
    const statuses: number[] = [];
    for (let index = 0; index < 130; index++) statuses.push(await guess(index));
    expect(statuses[0]).toBe(404);
    expect(statuses.at(-1)).toBe(429);
    const { id, text } = body();
    expect((await signed(fixture, text)).status).toBe(200);
    expect(await isStored(fixture, id)).toBe(true);
  });

  it('leaves none of Chatwoot’s tokens in the database or in the log', async () => {
    const { id, text } = body();
    await signed(fixture, text);
    expect(JSON.stringify((await fixture.rowsOf(id))[0]?.payload)).not.toContain('pubsub-marker');
    expect(fixture.log.join('')).not.toContain('pubsub-marker');
    expect(fixture.log.join('')).not.toContain(fixture.webhookPath.split('/').at(-1));
  });
});

describe('a process whose clock is minutes off', () => {
  let fixture: RepliesFixture;
  beforeAll(async () => {
    fixture = await createRepliesFixture();
  });
  afterAll(() => fixture?.stop());
  afterEach(() => {
    vi.useRealTimers();
  });

  it.each([400, -400])('(%d s) takes what Chatwoot signed a moment ago, and refuses what is old', async (offSeconds) => {
    const realSeconds = Math.floor(Date.now() / 1_000);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + offSeconds * 1_000 });
    const body = () => messageBody({ id: newId(), inboxId: fixture.inboxId });
    expect((await signed(fixture, body(), { timestamp: realSeconds })).status).toBe(200);
    expect((await signed(fixture, body(), { timestamp: realSeconds + offSeconds })).status).toBe(401);
  });
});

/** An integration of its own, and deliveries to it. */
function createDeliveries() {
  let fixture: RepliesFixture;
  beforeAll(async () => {
    fixture = await createRepliesFixture();
  });
  afterAll(() => fixture?.stop());
  const deliver = async (): Promise<number> =>
    (await signed(fixture, messageBody({ id: newId(), inboxId: fixture.inboxId }))).status;
  /** As a delivery that was enqueued under an earlier secret. */
  const deliverUnder = (secret: string): Promise<number> => {
    const inbox = inboxOf(fixture);
    const current = inbox.secret;
    inbox.secret = secret;
    const delivering = deliver();
    inbox.secret = current;
    return delivering;
  };
  return {
    get fixture() {
      return fixture;
    },
    deliver,
    deliverUnder,
  };
}

describe.concurrent('a webhook secret that changes', () => {
  const scene = createDeliveries();
  const { deliver, deliverUnder } = scene;

  it.sequential('after a reset in Chatwoot: it is fetched once, and not one message is lost', async () => {
    inboxOf(scene.fixture).secret = 'another-secret-after-a-reset';
    scene.fixture.chatwoot.state.clearRequests();
    const ids = Array.from({ length: 5 }, newId);
    const answers = await Promise.all(
      ids.map((id) => signed(scene.fixture, messageBody({ id, inboxId: scene.fixture.inboxId }))),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(5).fill(200));
    expect(scene.fixture.chatwoot.state.countRequests('GET', /\/inboxes\/\d+$/)).toBe(1);
    for (const id of ids) expect(await isStored(scene.fixture, id)).toBe(true);
  });

  it.sequential('a while ago: what is signed with the one before is refused', async () => {
    inboxOf(scene.fixture).secret = 'before';
    expect(await deliver()).toBe(200);
    inboxOf(scene.fixture).secret = 'after';
    expect(await deliver()).toBe(200);
    expect(await deliverUnder('before')).toBe(200);
    await scene.fixture.prisma.bridgeIntegration.update({
      where: { id: scene.fixture.integrationId },
      data: { webhookSecretChangedAt: new Date(Date.now() - 3_700_000) },
    });
    expect(await deliverUnder('before')).toBe(401);
  });

  it.sequential('is asked for a few times at most, however many forge', async () => {
    scene.fixture.chatwoot.state.clearRequests();
    const forged = await Promise.all(Array.from({ length: 20 }, () => deliverUnder('forged')));
    expect(forged).toEqual(Array(20).fill(401));
    expect(scene.fixture.chatwoot.state.countRequests('GET', /\/inboxes\/\d+$/)).toBeLessThanOrEqual(3);
  });
});

describe.concurrent('a webhook secret that changes while Chatwoot is asked for it', () => {
  const scene = createDeliveries();
  const { deliver, deliverUnder } = scene;

  it.sequential('twice within seconds: neither time a message is refused, and what was enqueued in between is taken as well', async () => {
    inboxOf(scene.fixture).secret = 'the-first-of-two';
    expect(await deliver()).toBe(200);
    inboxOf(scene.fixture).secret = 'the-second-of-two';
    expect(await deliver()).toBe(200);
    expect(await deliverUnder('the-first-of-two')).toBe(200);
    expect(await deliver()).toBe(200);
    expect(await deliverUnder('none-of-them')).toBe(401);
    const row = await scene.fixture.prisma.bridgeIntegration.findUniqueOrThrow({ where: { id: scene.fixture.integrationId } });
    expect([row.webhookSecret, row.webhookSecretBefore]).toEqual(Array(2).fill(expect.stringMatching(/^v1\./)));
  });

  it.sequential('while Chatwoot cannot be asked: the next message is taken as soon as it can', async () => {
    inboxOf(scene.fixture).secret = 'not-to-be-had';
    const fault = scene.fixture.chatwoot.faults.add({
      method: 'GET',
      path: /\/inboxes\/\d+$/,
      action: { kind: 'status', status: 500 },
    });
    await deliver();
    expect(fault.hits).toBeGreaterThan(0);
    scene.fixture.chatwoot.faults.clear();
    expect(await deliver()).toBe(200);
  });
});

describe.concurrent('the webhook of a Chatwoot before 4.13.0, which signs nothing', () => {
  let fixture: RepliesFixture;
  beforeAll(async () => {
    fixture = await createRepliesFixture({ chatwoot: { version: '4.12.1' } });
  });
  afterAll(() => fixture?.stop());

  it.sequential('is proven by its secret path; after an upgrade the signature counts from the first webhook on', async () => {
    const before = newId();
    expect((await unsigned(fixture, messageBody({ id: before, inboxId: fixture.inboxId }))).status).toBe(200);
    expect(await isStored(fixture, before)).toBe(true);

    // What an upgraded Chatwoot does: the inbox has a secret, and webhooks are signed with it.
    fixture.chatwoot.faults.add({
      method: 'GET',
      path: /\/inboxes\/\d+$/,
      action: {
        kind: 'status',
        status: 200,
        body: { id: fixture.inboxId, name: 'x', channel_type: 'Channel::Api', secret: inboxOf(fixture).secret, hmac_token: 'h' },
      },
    });
    const after = newId();
    expect((await signed(fixture, messageBody({ id: after, inboxId: fixture.inboxId }))).status).toBe(200);
    const row = await fixture.prisma.bridgeIntegration.findUniqueOrThrow({ where: { id: fixture.integrationId } });
    expect(row.webhookSecret).toMatch(/^v1\./);
    expect((await unsigned(fixture, messageBody({ id: newId(), inboxId: fixture.inboxId }))).status).toBe(401);
  });
});

describe.concurrent('while the database is away', () => {
  let fixture: RepliesFixture;
  beforeAll(async () => {
    fixture = await createRepliesFixture();
  });
  afterAll(() => fixture?.stop());

  /** What the bridge does with a webhook, on a database connection that can be cut; and whether it runs the integration. */
  async function receiver({ runsIt = false } = {}) {
    const where = { id: fixture.integrationId };
    const row = runsIt ? await fixture.prisma.bridgeIntegration.findUniqueOrThrow({ where }) : undefined;
    const url = new URL(fixture.harness.databaseUrl);
    const proxy = await createFaultProxy({ target: { host: url.hostname, port: Number(url.port) } });
    url.port = String(proxy.port);
    url.hostname = proxy.host;
    const database = createDatabase({ url: url.href, poolSize: 2 });
    const webhooks = createWebhookReceiver({
      kept: () => row,
      byWebhookKey: createIntegrationStore(database).byWebhookKey,
      proven: async () => {},
      verification: { isGenuine: async () => true, check: async () => {} },
      begun: async () => {},
      takeEvent: createTakeEvent({
        recipients: createRecipients(database),
        replies: createReplyStore({ ...database, holdBackMs: 0 }),
        reports: createReportStore(database),
        logger: pino({ level: 'silent' }),
      }),
      logger: pino({ level: 'silent' }),
    });
    const keyHash = hashToken(fixture.webhookPath.split('/').at(-1) ?? '');
    const send = async (id: number, changes: Record<string, unknown> = {}) => {
      const rawBody = Buffer.from(messageBody({ id, inboxId: fixture.inboxId, ...changes }));
      const startedAtMs = Date.now();
      const untilMs = storeUntilMs();
      const taking = webhooks
        .addresseeOf(keyHash, untilMs)
        .then((addressee) => webhooks.take(addressee, { rawBody, timestamp: undefined, signature: undefined }, untilMs));
      const outcome = await taking.then(
        () => 'taken',
        (error: unknown) => (error instanceof Error && 'code' in error ? error.code : String(error)),
      );
      return { outcome, tookMs: Date.now() - startedAtMs };
    };
    const stop = async () => {
      await proxy.stop();
      await database.stop();
    };
    return { proxy, send, stop };
  }

  it.sequential('and Chatwoot was told that a message failed, that message is not stored afterwards', async () => {
    const client = new pg.Client(fixture.harness.databaseUrl);
    await client.connect();
    await client.query('BEGIN; LOCK TABLE bridge_replies IN ACCESS EXCLUSIVE MODE');
    const late = newId();
    const answer = await signed(fixture, messageBody({ id: late, inboxId: fixture.inboxId }));
    await client.query('COMMIT');
    await client.end();
    expect(answer.status).toBe(503);
    const next = newId();
    expect((await signed(fixture, messageBody({ id: next, inboxId: fixture.inboxId }))).status).toBe(200);
    expect([await isStored(fixture, late), await isStored(fixture, next)]).toEqual([false, true]);
  });

  it.concurrent.each(['refuse', 'reset'] as const)('for a moment (%s), the webhook waits and is taken', async (mode) => {
    const { proxy, send, stop } = await receiver();
    const id = newId();
    await proxy.set({ mode });
    const sending = send(id);
    setTimeout(() => void proxy.set({ mode: 'pass' }), 700);
    expect(await sending).toMatchObject({ outcome: 'taken' });
    expect(await isStored(fixture, id)).toBe(true);
    await stop();
  });

  it.concurrent.each(['refuse', 'blackhole'] as const)(
    'for longer (%s), Chatwoot hears of it before it stops waiting',
    async (mode) => {
      const { proxy, send, stop } = await receiver();
      await send(newId());
      await proxy.set({ mode });
      const { outcome, tookMs } = await send(newId());
      expect(outcome).toBe('database_unavailable');
      expect(tookMs).toBeLessThan(4_000);
      await stop();
    },
  );

  it.concurrent('whoever runs the integration lets go what tells of our own messages, which then do not look as if they had failed; an agent’s is refused as before', async () => {
    const { proxy, send, stop } = await receiver({ runsIt: true });
    await proxy.set({ mode: 'refuse' });
    const ours = { source_id: 'WAID:3EB0' };
    expect(await send(newId(), ours)).toMatchObject({ outcome: 'taken' });
    expect(await send(newId(), { ...ours, event: 'message_updated' })).toMatchObject({ outcome: 'taken' });
    expect(await send(newId())).toMatchObject({ outcome: 'database_unavailable' });
    await stop();
  });
});
