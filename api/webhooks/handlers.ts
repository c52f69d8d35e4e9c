import type { AccountCall } from '../auth/guards.ts';
import { readJsonBody } from '../http/json-body.ts';
import { parseBody } from '../http/validate.ts';
import { changeWebhookBodySchema, newWebhookBodySchema } from './body.ts';
import type { Delivery, Webhook, WebhookCommands } from './commands.ts';

const webhookIn = ({ request }: AccountCall): string => String(request.params.webhook);

/** The requests below `/api/account/webhooks`. */
export function createWebhookHandlers(webhooks: WebhookCommands) {
  return {
    async list({ response, caller }: AccountCall): Promise<void> {
      response.json({ webhooks: (await webhooks.list(caller.accountId)).map(shownWebhook) });
    },
    async create({ request, response, caller }: AccountCall): Promise<void> {
      const body = parseBody(newWebhookBodySchema, await readJsonBody(request, response));
      const { webhook, secret } = await webhooks.create(caller.accountId, body);
      response.locals.log.info({ endpointId: webhook.id }, 'a webhook was added');
      response.status(201).json({ ...shownWebhook(webhook), secret });
    },
    async change(call: AccountCall): Promise<void> {
      const body = parseBody(changeWebhookBodySchema, await readJsonBody(call.request, call.response));
      call.response.json(shownWebhook(await webhooks.change(call.caller.accountId, webhookIn(call), body)));
    },
    async remove(call: AccountCall): Promise<void> {
      await webhooks.remove(call.caller.accountId, webhookIn(call));
      call.response.locals.log.info({ endpointId: webhookIn(call) }, 'a webhook was removed');
      call.response.json({ success: true, message: 'Webhook deleted successfully' });
    },
    async renewSecret(call: AccountCall): Promise<void> {
      const { secret, previousEndsAt } = await webhooks.renewSecret(call.caller.accountId, webhookIn(call));
      call.response.json({ secret, previous_secret_valid_until: previousEndsAt.toISOString() });
    },
    async test(call: AccountCall): Promise<void> {
      call.response.status(202).json({ event_id: await webhooks.test(call.caller.accountId, webhookIn(call)) });
    },
    async deliveries(call: AccountCall): Promise<void> {
      const deliveries = await webhooks.deliveries(call.caller.accountId, webhookIn(call));
      call.response.json({ deliveries: deliveries.map(shownDelivery) });
    },
    async redeliver(call: AccountCall): Promise<void> {
      await webhooks.redeliver(call.caller.accountId, webhookIn(call), String(call.request.params.event));
      call.response.status(202).json({ success: true, message: 'The event is delivered again' });
    },
  };
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
