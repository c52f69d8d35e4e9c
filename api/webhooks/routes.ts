import { Router } from 'express';
import type { Guards } from '../auth/guards.ts';
import { route } from '../http/routes.ts';
import type { WebhookCommands } from './commands.ts';
import { createWebhookHandlers } from './handlers.ts';

/** `/api/account`, where it is about webhooks. */
export function createWebhookRoutes({ guards, webhooks }: { guards: Guards; webhooks: WebhookCommands }): Router {
  const router = Router();
  const handlers = createWebhookHandlers(webhooks);
  route(router, '/webhooks', { get: guards.account(handlers.list), post: guards.account(handlers.create) });
  route(router, '/webhooks/:webhook', { patch: guards.account(handlers.change), delete: guards.account(handlers.remove) });
  route(router, '/webhooks/:webhook/secret', { post: guards.account(handlers.renewSecret) });
  route(router, '/webhooks/:webhook/test', { post: guards.account(handlers.test) });
  route(router, '/webhooks/:webhook/deliveries', { get: guards.account(handlers.deliveries) });
  route(router, '/webhooks/:webhook/deliveries/:event', { post: guards.account(handlers.redeliver) });
  return router;
}
