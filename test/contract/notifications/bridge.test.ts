import express from 'express';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { notificationRoutes } from '../../../bridge/http/notification-routes.ts';
import { createNotifications } from '../../../bridge/notifications/notifications.ts';
import { fetchNotifications } from '../../../bridge/notifications/queries/notifications.ts';
import { createDeadLetters } from '../../../bridge/relay/to-chatwoot/dead-letters.ts';
import { writeStatus } from '../../../bridge/relay/to-chatwoot/queries/write-health.ts';
import { insertReplies } from '../../../bridge/relay/to-whatsapp/queries/insert-replies.ts';
import { settleFailed } from '../../../bridge/relay/to-whatsapp/queries/settle-failed.ts';
import type { ClaimedReply } from '../../../bridge/relay/to-whatsapp/reply.ts';
import { createId } from '../../../shared/auth/tokens.ts';
import { createHttpServer } from '../../../shared/http/http-server.ts';
import { createCollection } from '../../../worker/notifications/collect.ts';
import { bridgeRow } from '../../support/bridge-row.ts';
import {
  createNotificationsFixture,
  NOTIFICATION_TIMES,
  type NotificationsFixture,
} from '../../support/notifications-fixture.ts';
import { freePort } from '../../support/ports.ts';
import { waitFor } from '../../support/wait-for.ts';

const MINUTE_MS = 60_000;

let fixture: NotificationsFixture;
let instanceId: string;
let endpointId: string;

beforeAll(async () => {
  fixture = await createNotificationsFixture();
  const accountId = await fixture.newAccount();
  instanceId = await fixture.newInstance(accountId);
  ({ id: endpointId } = (await fixture.webhooks.create(accountId, { url: 'https://example.com' })).webhook);
});
afterAll(() => fixture.stop());

async function newIntegration(): Promise<string> {
  const id = createId('int');
  await fixture.database.prisma.bridgeIntegration.create({ data: bridgeRow({ id, instanceId }) });
  return id;
}

const write = (id: string, status: 'active' | 'error' | 'paused', lastError = '') =>
  writeStatus(fixture.database.prisma, { id, leaseEpoch: 0 }, { status, lastError });
const fail = (id: string) => write(id, 'error', 'Chatwoot no longer accepts the API token — activate again');

/** As many of an integration as are told once each has lasted for `lastingMs`, in their order. */
async function fetched(id: string, lastingMs = 0): Promise<string[]> {
  const all = await fetchNotifications(fixture.database.prisma, { lastingMs, limit: 200 });
  return all.filter((one) => one.integration_id === id).map(({ type }) => type);
}
/** What is not told yet happened so long ago. */
const age = (id: string) =>
  fixture.database.prisma.bridgeNotification.updateMany({
    where: { integrationId: id },
    data: { createdAt: new Date(Date.now() - 2 * MINUTE_MS) },
  });

describe('an integration', () => {
  it('is told to fail once it has failed for a while, once, and to have recovered when that has lasted as well', async () => {
    const id = await newIntegration();
    await fail(id);
    expect(await fetched(id, MINUTE_MS)).toEqual([]);
    await age(id);
    await write(id, 'error', 'another reason');
    expect(await fetched(id, MINUTE_MS)).toEqual(['integration.error']);
    await write(id, 'paused', 'WhatsApp is not connected');
    await age(id);
    expect((await fetched(id, MINUTE_MS)).sort()).toEqual(['integration.error', 'integration.recovered']);
  });

  it('that fails and recovers within moments is told to nobody, however often it does', async () => {
    const id = await newIntegration();
    for (let index = 0; index < 3; index += 1) {
      await fail(id);
      await write(id, 'active');
    }
    expect(await fetched(id)).toEqual([]);
    await fail(id);
    expect(await fetched(id)).toEqual(['integration.error']);
    // A recovery that does not last is none.
    for (let index = 0; index < 3; index += 1) {
      await write(id, 'active');
      await fail(id);
    }
    expect(await fetched(id)).toEqual(['integration.error']);
  });

  it('whose error is being fetched when it recovers is told to have recovered', async () => {
    const id = await newIntegration();
    await fail(id);
    expect(await fetched(id)).toEqual(['integration.error']);
    await write(id, 'active');
    expect((await fetched(id)).sort()).toEqual(['integration.error', 'integration.recovered']);
  });

  it('that was deactivated is told nothing of', async () => {
    const id = await newIntegration();
    await fail(id);
    await fixture.database.prisma.bridgeIntegration.update({ where: { id }, data: { state: 'removing' } });
    expect(await fetched(id)).toEqual([]);
  });
});

describe('a message that is set aside', () => {
  const letter = { chat: '5511', engineKind: 'ryzeapi', payload: '{"said":"in private"}', attempts: 1 } as const;

  it('to Chatwoot is told with it, unless it is tried again by itself; when that was in vain it is', async () => {
    const integrationId = await newIntegration();
    const { prisma } = fixture.database;
    const letters = createDeadLetters({ prisma, integrationId, filePauses: { firstMs: 1, maxMs: 1 } });
    await letters.add({ ...letter, whatsappId: 'A', reason: 'Chatwoot refused it', isWaiting: false });
    await letters.add({ ...letter, whatsappId: 'B', reason: 'its file is missing', isWaiting: true });
    expect(await fetched(integrationId)).toEqual(['message.set_aside']);
    const waiting = await prisma.bridgeDeadLetter.findFirstOrThrow({ where: { integrationId, whatsappId: 'B' } });
    await letters.failedAgain(waiting.id, { reason: 'still', attempts: 2, isWaiting: true });
    expect(await fetched(integrationId)).toHaveLength(1);
    await letters.failedAgain(waiting.id, { reason: 'gone', attempts: 3, isWaiting: false });
    expect(await fetched(integrationId)).toHaveLength(2);
    const rows = JSON.stringify(await prisma.bridgeNotification.findMany({ where: { integrationId } }));
    expect(rows).not.toContain('in private');
  });

  it('to WhatsApp is told with it, whether it was refused at once or failed when it was sent', async () => {
    const integrationId = await newIntegration();
    const { pool } = fixture.database;
    const reply = { integrationId, conversationId: 3, chat: '5511' };
    const parts = [{ recipient: '5511', part: { kind: 'text', text: 'in private' } }] as const;
    const untilMs = performance.now() + MINUTE_MS;
    const refusal = 'there is no such number';
    await insertReplies(pool, { ...reply, chatwootMessageId: 9, parts, refusal }, 0, untilMs);
    expect(await fetched(integrationId)).toEqual(['message.set_aside']);
    await insertReplies(pool, { ...reply, chatwootMessageId: 10, parts }, 0, untilMs);
    expect(await fetched(integrationId)).toHaveLength(1);
    const [row] = await fixture.database.prisma.bridgeReply.updateManyAndReturn({
      where: { integrationId, chatwootMessageId: 10 },
      data: { state: 'sending', claimedEpoch: 0, claimedAt: new Date() },
    });
    const claimed = { ...reply, chatwootMessageId: 10, part: 0, id: String(row?.id), epoch: 0 } as ClaimedReply;
    expect(await settleFailed(pool, claimed, 'failed', 'the engine refused it')).toBe(true);
    expect(await fetched(integrationId)).toEqual(['message.set_aside', 'message.set_aside']);
  });
});

it('what the bridge has to tell reaches whoever wants to hear of it once, though it is handed over again', async () => {
  const { prisma } = fixture.database;
  await prisma.bridgeNotification.deleteMany();
  const id = await newIntegration();
  await fail(id);
  const source = createNotifications({ prisma, lastingMs: 0 });
  let forgets = 0;
  const app = express().use(
    notificationRoutes({
      fetch: source.fetch,
      // The first time the answer is lost, as with a bridge or a worker that dies in between.
      async forget(ids) {
        forgets += 1;
        if (forgets > 1) await source.forget(ids);
      },
    }),
  );
  const port = await freePort();
  const server = createHttpServer({ handler: app, host: '127.0.0.1', port, variable: 'BRIDGE_PORT' });
  await server.start();
  let collections = 0;
  const collection = createCollection({
    prisma,
    bridge: { url: `http://127.0.0.1:${port}`, token: 'x' },
    onCollected: () => {
      collections += 1;
    },
    timeouts: NOTIFICATION_TIMES,
    logger: pino({ level: 'silent' }),
  });
  collection.start();
  await waitFor(async () => (await prisma.bridgeNotification.count()) === 0);
  await collection.stop();
  await server.stop(500);
  expect(collections).toBe(2);
  const deliveries = await prisma.notificationDelivery.findMany({ where: { endpointId } });
  expect(deliveries).toMatchObject([
    {
      type: 'integration.error',
      instanceId,
      facts: {
        instance: 'suporte',
        integration_id: id,
        inbox: { id: 7, name: 'Loja' },
        message: 'Chatwoot no longer accepts the API token — activate again',
      },
    },
  ]);
});
