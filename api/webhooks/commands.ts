import { randomBytes } from 'node:crypto';
import { createId } from '../../shared/auth/tokens.ts';
import type { PrismaClient } from '../../shared/database/database.ts';
import type { NotificationDelivery, NotificationEndpoint } from '../../shared/database/generated/client.ts';
import type { Keyring } from '../../shared/encryption/keyring.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import { TEST_TYPE } from '../../shared/notifications/event.ts';
import type { NewWebhook, WebhookChange } from './body.ts';
import { lockAccount, redeliver, replaceSecret } from './queries/webhooks.ts';

/** Webhooks that an account may have. */
const MOST_WEBHOOKS = 10;
/** Deliveries of one that are shown: the last ones. */
const SHOWN_DELIVERIES = 50;

/** As its account may see it: without the secret. */
export type Webhook = Pick<
  NotificationEndpoint,
  'id' | 'url' | 'events' | 'enabled' | 'disabledReason' | 'failingSince' | 'createdAt'
>;
export type Delivery = Pick<
  NotificationDelivery,
  'eventId' | 'type' | 'state' | 'attempts' | 'lastStatus' | 'lastDetail' | 'lastAttemptAt' | 'nextAttemptAt' | 'occurredAt'
>;

const WEBHOOK = {
  id: true,
  url: true,
  events: true,
  enabled: true,
  disabledReason: true,
  failingSince: true,
  createdAt: true,
} as const;
export const DELIVERY = {
  eventId: true,
  type: true,
  state: true,
  attempts: true,
  lastStatus: true,
  lastDetail: true,
  lastAttemptAt: true,
  nextAttemptAt: true,
  occurredAt: true,
} as const;

export type WebhookCommands = ReturnType<typeof createWebhookCommands>;

/** The webhooks of accounts. Each call throws PonteError `webhook_not_found` for one that is not the account's. */
export function createWebhookCommands({ prisma, keyring }: { prisma: PrismaClient; keyring: Keyring }) {
  const sealed = (id: string, secret: string) => keyring.encrypt(secret, { purpose: 'notification-secret', owner: id });

  async function expectOwn(accountId: string, id: string): Promise<void> {
    const count = isId(id) ? await prisma.notificationEndpoint.count({ where: { id, accountId } }) : 0;
    if (count === 0) throw new PonteError('webhook_not_found');
  }

  return {
    list: (accountId: string): Promise<Webhook[]> =>
      prisma.notificationEndpoint.findMany({ where: { accountId }, orderBy: { createdAt: 'asc' }, select: WEBHOOK }),

    /** The secret is told this once. Throws PonteError `too_many_webhooks`. */
    async create(accountId: string, { url, events, enabled }: NewWebhook): Promise<{ webhook: Webhook; secret: string }> {
      const [id, secret] = [createId('whk'), createSecret()];
      const webhook = await prisma.$transaction(async (tx) => {
        await lockAccount(tx, accountId);
        if ((await tx.notificationEndpoint.count({ where: { accountId } })) >= MOST_WEBHOOKS) {
          throw new PonteError('too_many_webhooks', { most: MOST_WEBHOOKS });
        }
        const data = { id, accountId, url, events: events ?? [], enabled: enabled ?? true, secret: sealed(id, secret) };
        return tx.notificationEndpoint.create({ data, select: WEBHOOK });
      });
      return { webhook, secret };
    },

    async change(accountId: string, id: string, { url, events, enabled }: WebhookChange): Promise<Webhook> {
      const data = {
        url,
        events: events === undefined ? undefined : (events ?? []),
        ...(typeof enabled === 'boolean' ? { enabled, disabledReason: '', failingSince: null } : {}),
      };
      const where = { id, accountId };
      const [changed] = isId(id) ? await prisma.notificationEndpoint.updateManyAndReturn({ where, data, select: WEBHOOK }) : [];
      if (changed === undefined) throw new PonteError('webhook_not_found');
      return changed;
    },

    /** With all that was on its way to it. */
    async remove(accountId: string, id: string): Promise<void> {
      const { count } = isId(id) ? await prisma.notificationEndpoint.deleteMany({ where: { id, accountId } }) : { count: 0 };
      if (count === 0) throw new PonteError('webhook_not_found');
    },

    /** The new secret is told this once; for a day deliveries are signed by the one before as well. */
    async renewSecret(accountId: string, id: string): Promise<{ secret: string; previousEndsAt: Date }> {
      await expectOwn(accountId, id);
      const secret = createSecret();
      const previousEndsAt = await replaceSecret(prisma, id, sealed(id, secret));
      if (previousEndsAt === undefined) throw new PonteError('webhook_not_found');
      return { secret, previousEndsAt };
    },

    /** Has a test delivered, whichever events it wants. Resolves with the event's id. */
    async test(accountId: string, id: string): Promise<string> {
      await expectOwn(accountId, id);
      const eventId = createId('evt');
      await prisma.notificationDelivery.create({ data: { endpointId: id, eventId, type: TEST_TYPE, facts: {} } });
      return eventId;
    },

    /** The latest ones first. */
    async deliveries(accountId: string, id: string): Promise<Delivery[]> {
      await expectOwn(accountId, id);
      return prisma.notificationDelivery.findMany({
        where: { endpointId: id },
        orderBy: [{ occurredAt: 'desc' }, { eventId: 'asc' }],
        take: SHOWN_DELIVERIES,
        select: DELIVERY,
      });
    },

    /** Delivers an event once more, whatever came of it. Throws PonteError `delivery_not_found`. */
    async redeliver(accountId: string, id: string, eventId: string): Promise<void> {
      await expectOwn(accountId, id);
      if (!isId(eventId) || (await redeliver(prisma, id, eventId)) === 0) throw new PonteError('delivery_not_found');
    },
  };
}

/** PostgreSQL cannot even be asked for some of what a path can hold. */
const isId = (text: string): boolean => /^[\w-]{1,60}$/.test(text);

/** In the form of Standard Webhooks. */
const createSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;
