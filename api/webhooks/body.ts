import { z } from 'zod';
import { notificationTypes } from '../../shared/notifications/event.ts';

const url = z
  .url({
    protocol: /^https?$/,
    error: ({ input }) => (input === undefined ? 'is required' : 'must be an http:// or https:// URL'),
  })
  .max(2_048, 'must have at most 2048 characters')
  .transform((text, context) => {
    const { username, password, hash } = new URL(text);
    const fault = username + password !== '' ? 'must not contain a user name or password' : hash && 'must not contain #';
    if (fault === '') return text;
    context.addIssue({ code: 'custom', message: fault });
    return z.NEVER;
  })
  .meta({ description: 'Where events are delivered to.', examples: ['https://example.com/hooks/ponte'] });

const events = z
  .array(z.enum(notificationTypes, { error: `must be one of ${notificationTypes.join(', ')}` }), { error: 'must be a list' })
  .min(1, 'must name at least one, or be left out for all')
  .max(50, 'must have at most 50 entries')
  .transform((types) => [...new Set(types)])
  .nullish()
  .meta({ description: 'Which events. Left out, or null: all of them, those of later versions as well.' });

const enabled = z.boolean({ error: 'must be true or false' }).nullish().meta({
  description: 'Whether events are delivered. One that Ponte has disabled is given another chance by true.',
});

export const newWebhookBodySchema = z.object({ url, events, enabled });
/** What is left out stays as it is; `"events":null` means all. */
export const changeWebhookBodySchema = z.object({ url: url.optional(), events, enabled });
export type NewWebhook = z.infer<typeof newWebhookBodySchema>;
export type WebhookChange = z.infer<typeof changeWebhookBodySchema>;
