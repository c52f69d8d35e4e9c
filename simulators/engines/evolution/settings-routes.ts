import { Router } from 'express';
import { z } from 'zod';
import type { Access } from './access.ts';
import { eventNames } from './delivery.ts';
import type { Layout } from './proto.ts';
import { EvolutionRefusal } from './refusal.ts';
import type { EvolutionInstance } from './world.ts';

const webhookSchema = z.object({
  webhook: z.looseObject({
    enabled: z.boolean(),
    url: z.string(),
    byEvents: z.boolean().optional(),
    base64: z.boolean().optional(),
    headers: z.record(z.string(), z.string()).optional(),
    events: z.unknown(),
  }),
});

const chatwootSchema = z.looseObject({
  enabled: z.boolean(),
  accountId: z.string().min(1),
  token: z.string().min(1),
  url: z.url(),
  signMsg: z.boolean(),
  reopenConversation: z.boolean(),
  conversationPending: z.boolean(),
  nameInbox: z.string().optional(),
});

/** `/webhook/…` and `/chatwoot/…`. */
export function settingsRoutes(deps: { access: Access; layout: Layout; serverUrl: () => string }): Router {
  const { access, layout, serverUrl } = deps;
  const router = Router();

  router.post('/webhook/set/:name', (req, res) => {
    const instance = access.instance(req);
    const { webhook } = webhookSchema.parse(req.body);
    const { events } = webhook;
    // `undefined.length`, in the real one's own words.
    if (!Array.isArray(events)) throw new EvolutionRefusal(500, "Cannot read properties of undefined (reading 'length')");
    const known = eventNames(layout);
    const strangers = events.flatMap((event, index) =>
      known.includes(String(event)) ? [] : [`instance.webhook.events[${index}] is not one of enum values: ${known.join(',')}`],
    );
    if (strangers.length > 0) throw new EvolutionRefusal(400, [strangers]);
    const before = instance.webhook;
    instance.webhook = {
      enabled: webhook.enabled,
      url: webhook.url,
      // Switched off, the list is lost; empty, it means everything.
      events: webhook.enabled ? (events.length === 0 ? known : events.map(String)) : [],
      headers: webhook.headers ?? before?.headers ?? null,
      webhookByEvents: webhook.byEvents ?? before?.webhookByEvents ?? false,
      webhookBase64: webhook.base64 ?? before?.webhookBase64 ?? false,
    };
    res.status(201).json({ id: 'cmf', ...instance.webhook, instanceId: instance.id });
  });
  router.get('/webhook/find/:name', (req, res) => {
    const { webhook, id } = access.instance(req);
    res.json(webhook === null ? null : { id: 'cmf', ...webhook, createdAt: '2026-11-26T00:00:00.000Z', instanceId: id });
  });

  const webhookUrl = ({ name }: EvolutionInstance): string => `${serverUrl()}/chatwoot/webhook/${encodeURIComponent(name)}`;
  router.post('/chatwoot/set/:name', (req, res) => {
    const instance = access.instance(req);
    const { nameInbox, enabled, accountId, token, url, signMsg, reopenConversation, conversationPending } = chatwootSchema.parse(
      req.body,
    );
    // Left out, the inbox is called like the instance from now on.
    const rest = { accountId, token, url, signMsg, reopenConversation, conversationPending };
    instance.chatwoot = { enabled, nameInbox: nameInbox ?? instance.name, ...rest };
    res.status(201).json({ ...instance.chatwoot, webhook_url: webhookUrl(instance) });
  });
  router.get('/chatwoot/find/:name', (req, res) => {
    const instance = access.instance(req);
    const none = { enabled: false, url: '', accountId: '', token: '', signMsg: false, nameInbox: '', webhook_url: '' };
    res.json(instance.chatwoot === null ? none : { ...instance.chatwoot, webhook_url: webhookUrl(instance) });
  });
  return router;
}
