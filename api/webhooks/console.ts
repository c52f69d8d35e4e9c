import type { WebhookUseCases } from '../../admin/console/webhooks/use-cases.ts';
import type { PrismaClient } from '../../shared/database/database.ts';
import { parseBody } from '../http/validate.ts';
import { newWebhookBodySchema } from './body.ts';
import { DELIVERY, type WebhookCommands } from './commands.ts';

/** What the pages can do about webhooks: what the REST api does, and of each what came of its last event. */
export function createWebhookUseCases({
  prisma,
  webhooks,
}: {
  prisma: PrismaClient;
  webhooks: WebhookCommands;
}): WebhookUseCases {
  return {
    async listWebhooks(accountId) {
      const found = await webhooks.list(accountId);
      return Promise.all(
        found.map(async (webhook) => {
          const last = await prisma.notificationDelivery.findFirst({
            where: { endpointId: webhook.id, lastAttemptAt: { not: null } },
            orderBy: { lastAttemptAt: 'desc' },
            select: DELIVERY,
          });
          return { ...webhook, last: last ?? undefined };
        }),
      );
    },
    async addWebhook(accountId, body) {
      return (await webhooks.create(accountId, parseBody(newWebhookBodySchema, body))).secret;
    },
    testWebhook: webhooks.test,
    enableWebhook: (accountId, id) => webhooks.change(accountId, id, { enabled: true }),
    removeWebhook: webhooks.remove,
  };
}
