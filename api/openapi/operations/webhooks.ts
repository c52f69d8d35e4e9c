import { z } from 'zod';
import { notificationTypes } from '../../../shared/notifications/event.ts';
import { changeWebhookBodySchema, newWebhookBodySchema } from '../../webhooks/body.ts';
import type { Operation, Parameter } from '../operation.ts';

const webhook = z.object({
  id: z.string(),
  url: z.string(),
  events: z.array(z.string()).nullable().meta({ description: 'null: all of them.' }),
  enabled: z.boolean(),
  disabled_reason: z.string().nullable().meta({ description: 'Why Ponte has disabled it.' }),
  failing_since: z.iso.datetime().nullable().meta({ description: 'Since when nothing could be delivered.' }),
  created_at: z.iso.datetime(),
});
const secret = z.string().meta({ description: 'What deliveries are signed with. It is shown this once.' });
const delivery = z.object({
  event_id: z.string(),
  type: z.string(),
  occurred_at: z.iso.datetime(),
  state: z.enum(['pending', 'delivered', 'failed']),
  attempts: z.int(),
  last_attempt_at: z.iso.datetime().nullable(),
  last_status: z.int().nullable().meta({ description: 'HTTP status, where the receiver answered.' }),
  last_detail: z.string().nullable(),
  next_attempt_at: z.iso.datetime().nullable(),
});
const done = z.object({ success: z.literal(true), message: z.string() });

const PATH = '/api/account/webhooks';
const id: Parameter = { in: 'path', name: 'webhook', description: 'Id of the webhook.', schema: { type: 'string' } };
const event: Parameter = { in: 'path', name: 'event', description: 'Id of the event.', schema: { type: 'string' } };
const common = { tag: 'Webhooks', caller: 'account' } as const;

export const webhookOperations: readonly Operation[] = [
  {
    ...common,
    method: 'get',
    path: PATH,
    id: 'listWebhooks',
    summary: 'List the webhooks of the account',
    description: 'Where Ponte tells the account of what happens to its integrations.',
    answers: [{ status: 200, description: 'All of them.', schema: z.object({ webhooks: z.array(webhook) }) }],
    errors: [],
  },
  {
    ...common,
    method: 'post',
    path: PATH,
    id: 'createWebhook',
    summary: 'Add a webhook',
    description: `Events from now on are delivered there: ${notificationTypes.map((type) => `\`${type}\``).join(', ')}. See Webhooks for what they look like, and docs/webhooks.md for how to verify them.`,
    body: newWebhookBodySchema,
    example: { url: 'https://example.com/hooks/ponte' },
    answers: [{ status: 201, description: 'Added.', schema: webhook.extend({ secret }) }],
    errors: ['too_many_webhooks'],
  },
  {
    ...common,
    method: 'patch',
    path: `${PATH}/{webhook}`,
    id: 'changeWebhook',
    summary: 'Change a webhook',
    description: 'What is left out stays as it is.',
    parameters: [id],
    body: changeWebhookBodySchema,
    example: { enabled: true },
    answers: [{ status: 200, description: 'Changed.', schema: webhook }],
    errors: ['webhook_not_found'],
  },
  {
    ...common,
    method: 'delete',
    path: `${PATH}/{webhook}`,
    id: 'deleteWebhook',
    summary: 'Delete a webhook',
    description: 'With all that was on its way to it.',
    parameters: [id],
    answers: [{ status: 200, description: 'Deleted.', schema: done }],
    errors: ['webhook_not_found'],
  },
  {
    ...common,
    method: 'post',
    path: `${PATH}/{webhook}/secret`,
    id: 'renewWebhookSecret',
    summary: 'Renew the secret of a webhook',
    description: 'For a day deliveries are signed with the secret before as well, so that a receiver can be changed meanwhile.',
    parameters: [id],
    answers: [
      { status: 200, description: 'Renewed.', schema: z.object({ secret, previous_secret_valid_until: z.iso.datetime() }) },
    ],
    errors: ['webhook_not_found'],
  },
  {
    ...common,
    method: 'post',
    path: `${PATH}/{webhook}/test`,
    id: 'testWebhook',
    summary: 'Send a test event',
    description:
      'A `webhook.test` is delivered within seconds, whichever events the webhook wants; its deliveries say what came of it.',
    parameters: [id],
    answers: [{ status: 202, description: 'It is on its way.', schema: z.object({ event_id: z.string() }) }],
    errors: ['webhook_not_found'],
  },
  {
    ...common,
    method: 'get',
    path: `${PATH}/{webhook}/deliveries`,
    id: 'listDeliveries',
    summary: 'List the last deliveries of a webhook',
    description: 'The last 50, the latest event first. They are kept for seven days.',
    parameters: [id],
    answers: [{ status: 200, description: 'What came of each.', schema: z.object({ deliveries: z.array(delivery) }) }],
    errors: ['webhook_not_found'],
  },
  {
    ...common,
    method: 'post',
    path: `${PATH}/{webhook}/deliveries/{event}`,
    id: 'redeliver',
    summary: 'Deliver an event again',
    description: 'Under the same id, and with tries for another day.',
    parameters: [id, event],
    answers: [{ status: 202, description: 'It is on its way.', schema: done }],
    errors: ['webhook_not_found', 'delivery_not_found'],
  },
];
