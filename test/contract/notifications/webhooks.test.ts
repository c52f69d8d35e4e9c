import { createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { abandonActivation } from '../../../shared/activations/abandon.ts';
import { activationError } from '../../../shared/activations/error.ts';
import { createId } from '../../../shared/auth/tokens.ts';
import { noteConnection } from '../../../shared/instances/queries/note-connection.ts';
import { notificationEventSchema } from '../../../shared/notifications/event.ts';
import { claimDeliveries, removeOldDeliveries } from '../../../worker/notifications/queries/deliveries.ts';
import { type HookReceiver, type ReceivedHook, startHookReceiver } from '../../support/hook-receiver.ts';
import { createNotificationsFixture, type NotificationsFixture } from '../../support/notifications-fixture.ts';
import { waitFor } from '../../support/wait-for.ts';

const DAY_MS = 86_400_000;

let fixture: NotificationsFixture;
const receivers: HookReceiver[] = [];

beforeAll(async () => {
  fixture = await createNotificationsFixture();
});
afterEach(async () => {
  await Promise.all(receivers.splice(0).map((receiver) => receiver.stop()));
  await fixture.database.prisma.notificationEndpoint.deleteMany();
});
afterAll(() => fixture.stop());

async function receiver(...answer: Parameters<typeof startHookReceiver>): Promise<HookReceiver> {
  const started = await startHookReceiver(...answer);
  receivers.push(started);
  return started;
}

async function newWebhook(accountId: string, url: string, more = {}): Promise<{ id: string; secret: string }> {
  const { webhook, secret } = await fixture.webhooks.create(accountId, { url, ...more });
  return { id: webhook.id, secret };
}

/** What the endpoint was or is to be told. */
const deliveriesTo = (endpointId: string) =>
  fixture.database.prisma.notificationDelivery.findMany({ where: { endpointId }, orderBy: { occurredAt: 'asc' } });

const onlyDeliveryTo = async (endpointId: string) => {
  const [delivery] = await deliveriesTo(endpointId);
  if (delivery === undefined) throw new Error('nothing is to be delivered');
  return delivery;
};

async function failActivation(instanceId: string): Promise<string> {
  const id = createId('act');
  const { prisma } = fixture.database;
  const deadlineAt = new Date(Date.now() + DAY_MS);
  await prisma.activation.create({ data: { id, instanceId, requestHash: id, settings: {}, deadlineAt } });
  const error = activationError('chatwoot_token_invalid', { detail: 'HTTP 401' });
  await abandonActivation(prisma, id, error, { only: 'pending' });
  return id;
}

/** By the words of the specification, not by the library that signs. */
const signatureOf = ({ headers, text }: ReceivedHook, secret: string): string =>
  `v1,${createHmac('sha256', Buffer.from(secret.replace('whsec_', ''), 'base64'))
    .update(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${text}`)
    .digest('base64')}`;

describe('an event', () => {
  it('is written with the change that it tells of, for whoever wants it, and for nobody else', async () => {
    const { database, newAccount, newInstance } = fixture;
    const [accountId, other] = [await newAccount(), await newAccount()];
    const instanceId = await newInstance(accountId);
    const all = await newWebhook(accountId, 'https://all.example.com');
    const some = await newWebhook(accountId, 'https://some.example.com', { events: ['instance.disconnected'] });
    const off = await newWebhook(accountId, 'https://off.example.com', { enabled: false });
    const stranger = await newWebhook(other, 'https://stranger.example.com');
    const activationId = await failActivation(instanceId);
    for (const state of ['qr_ready', 'connected', 'disconnected', 'stream_error', 'logged_out', 'connected'] as const) {
      await noteConnection(database.prisma, instanceId, { state, told: state });
    }
    const told = async ({ id }: { id: string }) => (await deliveriesTo(id)).map(({ type, facts }) => ({ type, facts }));
    const lost = (code: string) => ({
      type: 'instance.disconnected',
      facts: expect.objectContaining({ code, instance: 'suporte' }),
    });
    const ended = expect.objectContaining({ activation_id: activationId, outcome: 'failed', code: 'chatwoot_token_invalid' });
    // Two that come within a millisecond have no order.
    const lostTwice = [lost('disconnected'), lost('logged_out')];
    expect(await told(all)).toHaveLength(3);
    expect(await told(all)).toEqual(expect.arrayContaining([{ type: 'activation.finished', facts: ended }, ...lostTwice]));
    expect(await told(some)).toHaveLength(2);
    expect(await told(some)).toEqual(expect.arrayContaining(lostTwice));
    expect([await told(off), await told(stranger)]).toEqual([[], []]);
  });

  it('is not written where nobody has a webhook, nor where the change is taken back', async () => {
    const { database, newAccount, newInstance } = fixture;
    const accountId = await newAccount();
    const instanceId = await newInstance(accountId);
    await failActivation(instanceId);
    await newWebhook(accountId, 'https://late.example.com');
    const broken = database.prisma.$transaction(async (tx) => {
      await tx.instance.update({ where: { id: instanceId }, data: { connectionState: 'connected' } });
      await tx.instance.update({ where: { id: instanceId }, data: { connectionState: 'logged_out' } });
      expect(await tx.notificationDelivery.count()).toBe(1);
      throw new Error('never mind');
    });
    await expect(broken).rejects.toThrow('never mind');
    expect(await database.prisma.notificationDelivery.count()).toBe(0);
  });

  it('is delivered once by two workers, signed so that others can verify it, with a sentence and the next step', async () => {
    const accountId = await fixture.newAccount();
    const instanceId = await fixture.newInstance(accountId, 'vendas');
    const hooks = await receiver();
    const { id, secret } = await newWebhook(accountId, `${hooks.url}/hook?of=ponte`);
    const activations = await Promise.all(
      Array.from({ length: 6 }, async (_, index) => {
        return failActivation(index === 0 ? instanceId : await fixture.newInstance(accountId, `phone-${index}`));
      }),
    );
    const workers = [fixture.startDelivery(), fixture.startDelivery()];
    await hooks.until(6);
    await waitFor(async () => (await deliveriesTo(id)).every(({ state }) => state === 'delivered'));
    await Promise.all(workers.map((worker) => worker.stop()));
    expect(hooks.received).toHaveLength(6);
    expect(new Set(hooks.received.map(({ body }) => body.data.activation_id))).toEqual(new Set(activations));
    for (const hook of hooks.received) {
      expect(hook.headers['webhook-signature']).toBe(signatureOf(hook, secret));
      expect(hook.headers['webhook-id']).toBe(hook.body.id);
      expect(Math.abs(Number(hook.headers['webhook-timestamp']) - Date.now() / 1_000)).toBeLessThan(120);
      expect(notificationEventSchema.safeParse(hook.body).error).toBeUndefined();
    }
    expect(hooks.received.find(({ body }) => body.data.activation_id === activations[0])?.body).toMatchObject({
      id: `evt_${activations[0]?.slice(4)}`,
      type: 'activation.finished',
      data: {
        instance: 'vendas',
        message: 'Chatwoot rejected the API token — verify chatwootApiToken. Detail: HTTP 401',
        next_step: 'verify chatwootApiToken',
        link: 'https://ponte.example.com/instances/vendas',
      },
    });
  });

  it('is signed by both secrets while one is being renewed, neither of which is readable at rest or in the log', async () => {
    const accountId = await fixture.newAccount();
    const hooks = await receiver();
    const { id, secret } = await newWebhook(accountId, hooks.url);
    const renewed = await fixture.webhooks.renewSecret(accountId, id);
    await fixture.webhooks.test(accountId, id);
    const worker = fixture.startDelivery();
    const [hook] = (await hooks.until(1)) as [ReceivedHook];
    await worker.stop();
    expect(hook.headers['webhook-signature']).toBe([renewed.secret, secret].map((one) => signatureOf(hook, one)).join(' '));
    const rows = JSON.stringify(await fixture.database.prisma.notificationEndpoint.findMany());
    for (const one of [secret, renewed.secret]) {
      expect(rows + fixture.log()).not.toContain(one.replace('whsec_', ''));
    }
  });

  it('that a worker had just taken when it died is delivered by another, as the same event', async () => {
    const accountId = await fixture.newAccount();
    const hooks = await receiver();
    const { id } = await newWebhook(accountId, hooks.url);
    const eventId = await fixture.webhooks.test(accountId, id);
    // It may have left before the end: nobody knows.
    const claim = { limit: 5, perEndpoint: 5, claimMs: 60_000 };
    const { prisma } = fixture.database;
    const [taken] = await claimDeliveries(prisma, claim);
    expect(taken).toMatchObject({ eventId, attempts: 1 });
    expect(await claimDeliveries(prisma, claim)).toEqual([]);
    await prisma.notificationDelivery.updateMany({ data: { claimedUntil: new Date(0) } });
    const worker = fixture.startDelivery();
    const [hook] = (await hooks.until(1)) as [ReceivedHook];
    await waitFor(async () => (await onlyDeliveryTo(id)).state === 'delivered');
    await worker.stop();
    expect(hook.body.id).toBe(eventId);
    expect(await onlyDeliveryTo(id)).toMatchObject({ attempts: 2, lastStatus: 204 });
  });
});

describe('a receiver that is unkind', () => {
  it.each([
    ['fails', (response) => response.writeHead(500).end('oh no'), 500, 'HTTP 500 Internal Server Error'],
    ['cuts the connection', (response) => response.destroy(), null, expect.stringMatching(/ECONNRESET|socket hang up/)],
    [
      'redirects',
      (response) => response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end(),
      302,
      'HTTP 302 Found: redirects are not followed',
    ],
    ['asks to wait', (response) => response.writeHead(429, { 'retry-after': '3600' }).end(), 429, 'HTTP 429 Too Many Requests'],
  ] as const satisfies readonly (readonly [string, Parameters<typeof startHookReceiver>[0], number | null, unknown])[])(
    'and %s is tried again later, and its owner can see why',
    async (kind, answer, lastStatus, lastDetail) => {
      const accountId = await fixture.newAccount();
      const hooks = await receiver(answer);
      const { id } = await newWebhook(accountId, hooks.url);
      await fixture.webhooks.test(accountId, id);
      const worker = fixture.startDelivery();
      await waitFor(async () => (await onlyDeliveryTo(id)).lastDetail !== '');
      await worker.stop();
      const [shown] = await fixture.webhooks.deliveries(accountId, id);
      expect(shown).toMatchObject({ state: 'pending', attempts: 1, lastStatus, lastDetail });
      const pauseMs = Number(shown?.nextAttemptAt) - Number(shown?.lastAttemptAt);
      expect(pauseMs).toBeGreaterThan(kind === 'asks to wait' ? 3_500_000 : 2_000);
      expect(JSON.stringify(shown)).not.toContain('oh no');
    },
  );

  it('and answers without an end is listened to only as far as its status', async () => {
    const accountId = await fixture.newAccount();
    let sent = 0;
    const hooks = await receiver((response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536))) sent += 65_536;
      };
      response.writeHead(200).on('drain', more);
      more();
    });
    const { id } = await newWebhook(accountId, hooks.url);
    await fixture.webhooks.test(accountId, id);
    const worker = fixture.startDelivery();
    await waitFor(async () => (await onlyDeliveryTo(id)).state === 'delivered');
    await worker.stop();
    expect(sent).toBeLessThan(100_000_000);
  });

  it('and does not answer at all holds up its own events only, of which two are under way at most', async () => {
    const [slowId, quickId] = [await fixture.newAccount(), await fixture.newAccount()];
    const slow = await receiver(() => {});
    const quick = await receiver();
    const silent = await newWebhook(slowId, slow.url);
    for (let index = 0; index < 5; index += 1) await fixture.webhooks.test(slowId, silent.id);
    const worker = fixture.startDelivery();
    await slow.until(2);
    const lively = await newWebhook(quickId, quick.url);
    await fixture.webhooks.test(quickId, lively.id);
    await quick.until(1);
    await waitFor(async () => (await onlyDeliveryTo(lively.id)).state === 'delivered');
    expect(slow.received).toHaveLength(2);
    // Whoever is waited for goes away: the stop need not wait for the end of their time.
    await slow.stop();
    await worker.stop();
  });

  it('for a day loses the event; for days it loses the webhook, and its owner reads why and can enable it again', async () => {
    const accountId = await fixture.newAccount();
    const hooks = await receiver((response) => void response.writeHead(503).end());
    const { prisma } = fixture.database;
    const { id } = await newWebhook(accountId, hooks.url);
    await fixture.webhooks.test(accountId, id);
    await prisma.notificationDelivery.updateMany({ data: { pendingSince: new Date(Date.now() - DAY_MS) } });
    const worker = fixture.startDelivery();
    await waitFor(async () => (await onlyDeliveryTo(id)).state === 'failed');
    const [failing] = await waitFor(async () => {
      const listed = await fixture.webhooks.list(accountId);
      return listed[0]?.failingSince ? listed : undefined;
    });
    expect(failing).toMatchObject({ enabled: true, disabledReason: '' });

    await prisma.notificationEndpoint.updateMany({ data: { failingSince: new Date(Date.now() - 6 * DAY_MS) } });
    await fixture.webhooks.test(accountId, id);
    const [disabled] = await waitFor(async () => {
      const listed = await fixture.webhooks.list(accountId);
      return listed[0]?.enabled === false ? listed : undefined;
    });
    expect(disabled?.disabledReason).toMatch(/^nothing could be delivered since .* UTC; the last attempt: HTTP 503/);
    await worker.stop();
    expect(await fixture.webhooks.change(accountId, id, { enabled: true })).toMatchObject({
      ...{ enabled: true, disabledReason: '', failingSince: null },
    });
  });
});

describe('a webhook that leads into our own network', () => {
  it.each(['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]'])('by %s is never called', async (host) => {
    const accountId = await fixture.newAccount();
    const hooks = await receiver();
    const { id } = await newWebhook(accountId, hooks.url.replace('127.0.0.1', host));
    await fixture.webhooks.test(accountId, id);
    const worker = fixture.startDelivery({ allow: false });
    await waitFor(async () => (await onlyDeliveryTo(id)).lastDetail !== '');
    await worker.stop();
    expect(await onlyDeliveryTo(id)).toMatchObject({ lastDetail: 'address forbidden: it leads to a private network' });
    expect(hooks.received).toEqual([]);
  });
});

it('what came of a delivery is kept for a week', async () => {
  const accountId = await fixture.newAccount();
  const { prisma } = fixture.database;
  const { id } = await newWebhook(accountId, 'https://example.com');
  const [old, young] = [await fixture.webhooks.test(accountId, id), await fixture.webhooks.test(accountId, id)];
  await prisma.notificationDelivery.updateMany({
    where: { eventId: old },
    data: { occurredAt: new Date(Date.now() - 8 * DAY_MS) },
  });
  await removeOldDeliveries(prisma, 7, new AbortController().signal);
  expect((await deliveriesTo(id)).map(({ eventId }) => eventId)).toEqual([young]);
});
