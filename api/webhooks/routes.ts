import { Router } from 'express';
import type { AccountCall, Guards } from '../auth/guards.ts';
import { readJsonBody } from '../http/json-body.ts';
import { route } from '../http/routes.ts';
import { parseBody } from '../http/validate.ts';
import { changeWebhookBodySchema, newWebhookBodySchema } from './body.ts';
import type { Delivery, Webhook, WebhookCommands } from './commands.ts';

/** `/api/account/webhooks`. */
export function createWebhookRoutes({ guards, webhooks }: { guards: Guards; webhooks: WebhookCommands }): Router {
  const router = Router();
  const account = (handle: (call: AccountCall, id: string) => Promise<void>) =>
    guards.account((call) => handle(call, String(call.request.params.webhook ?? '')));

  route(router, '/', {
    get: account(async ({ response, caller }) => {
      response.json({ webhooks: (await webhooks.list(caller.accountId)).map(shownWebhook) });
    }),
    post: account(async ({ request, response, caller }) => {
      const body = parseBody(newWebhookBodySchema, await readJsonBody(request, response));
      const { webhook, secret } = await webhooks.create(caller.accountId, body);
      response.locals.log.info({ endpointId: webhook.id }, 'a webhook was added');
      response.status(201).json({ ...shownWebhook(webhook), secret });
    }),
  });
  route(router, '/:webhook', {
    patch: account(async ({ request, response, caller }, id) => {
      const body = parseBody(changeWebhookBodySchema, await readJsonBody(request, response));
      response.json(shownWebhook(await webhooks.change(caller.accountId, id, body)));
    }),
    delete: account(async ({ response, caller }, id) => {
      await webhooks.remove(caller.accountId, id);
      response.locals.log.info({ endpointId: id }, 'a webhook was removed');
      response.json({ success: true, message: 'Webhook deleted successfully' });
    }),
  });
  route(router, '/:webhook/secret', {
    post: account(async ({ response, caller }, id) => {
      const { secret, previousEndsAt } = await webhooks.renewSecret(caller.accountId, id);
      response.json({ secret, previous_secret_valid_until: previousEndsAt.toISOString() });
    }),
  });
  route(router, '/:webhook/test', {
    post: account(async ({ response, caller }, id) => {
      response.status(202).json({ event_id: await webhooks.test(caller.accountId, id) });
    }),
  });
  route(router, '/:webhook/deliveries', {
    get: account(async ({ response, caller }, id) => {
      response.json({ deliveries: (await webhooks.deliveries(caller.accountId, id)).map(shownDelivery) });
    }),
  });
  route(router, '/:webhook/deliveries/:event', {
    post: account(async ({ request, response, caller }, id) => {
      await webhooks.redeliver(caller.accountId, id, String(request.params.event));
      response.status(202).json({ success: true, message: 'The event is delivered again' });
    }),
  });
  return router;
}

const shownWebhook = ({ id, url, events, enabled, disabledReason, failingSince, createdAt }: Webhook) => ({
  id,
  url,
  events: events.length === 0 ? null : events,
  enabled,
  disabled_reason: disabledReason || null,
  failing_since: failingSince?.toISOString() ?? null,
  created_at: createdAt.toISOString(),
});

const shownDelivery = (delivery: Delivery) => ({
  event_id: delivery.eventId,
  type: delivery.type,
  occurred_at: delivery.occurredAt.toISOString(),
  state: delivery.state,
  attempts: delivery.attempts,
  last_attempt_at: delivery.lastAttemptAt?.toISOString() ?? null,
  last_status: delivery.lastStatus,
  last_detail: delivery.lastDetail || null,
  next_attempt_at: delivery.state === 'pending' ? delivery.nextAttemptAt.toISOString() : null,
});
