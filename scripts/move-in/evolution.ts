import { z } from 'zod';
import { ask } from './call.ts';
import type { OwnChatwoot, Source, SourceInstance } from './source.ts';

const TITLE = 'Evolution API';
const OFFICIAL =
  'it uses Evolution’s channel for the official Cloud API — connect that number to Ponte’s own engine for it (kind cloud) instead';

const instancesSchema = z.array(
  z.looseObject({
    name: z.string(),
    token: z.string().nullish(),
    integration: z.string().nullish(),
  }),
);

const text = z
  .string()
  .nullish()
  .transform((told) => told ?? '');
/** What `chatwoot/find` tells; for an instance that never had it, empty and switched off. */
const chatwootSchema = z.looseObject({
  enabled: z.boolean().nullish(),
  accountId: z
    .union([z.string(), z.number()])
    .nullish()
    .transform((id) => String(id ?? '')),
  token: text,
  url: text.transform((url) => url.replace(/\/+$/, '')),
  nameInbox: text,
  signMsg: z.boolean().nullish(),
  reopenConversation: z.boolean().nullish(),
  conversationPending: z.boolean().nullish(),
  webhook_url: text,
});

const webhookSchema = z.looseObject({ enabled: z.boolean().nullish(), url: z.string().nullish() }).nullish();

/** What belongs to the row, and not to the settings. */
const NO_SETTINGS = ['webhook_url', 'id', 'instanceId', 'createdAt', 'updatedAt'];

/** Evolution API v2 with its own Chatwoot integration. */
export function createEvolution({ url, apikey }: { url: string; apikey: string }): Source {
  const headers = { apikey };
  const at = (path: string, instance: string) => `${url}${path}/${encodeURIComponent(instance)}`;
  return {
    title: TITLE,
    kind: 'evolution',
    url,
    handover: { kind: 'overlap' },
    async instances() {
      const found = await ask(TITLE, instancesSchema, { method: 'GET', url: `${url}/instance/fetchInstances`, headers });
      return found.map(instanceOf);
    },
    async chatwoot(name) {
      const found = await ask(TITLE, chatwootSchema, { method: 'GET', url: at('/chatwoot/find', name), headers });
      return ownChatwoot(found);
    },
    async switchChatwoot(name, { settings, inboxName }, isOn) {
      const rest = Object.fromEntries(
        Object.entries(settings).filter(
          ([field, value]) => !NO_SETTINGS.includes(field) && value !== null && value !== undefined,
        ),
      );
      const json = {
        signMsg: false,
        reopenConversation: false,
        conversationPending: false,
        ...rest,
        enabled: isOn,
        // It would write a conversation of its own into the inbox.
        autoCreate: false,
        // Left out, the inbox would be called like the instance.
        nameInbox: inboxName === '' ? name : inboxName,
      };
      await ask(TITLE, z.unknown(), { method: 'POST', url: at('/chatwoot/set', name), headers, json });
    },
    async deliversTo(name) {
      const found = await ask(TITLE, webhookSchema, { method: 'GET', url: at('/webhook/find', name), headers });
      return found?.enabled && found.url ? [found.url] : [];
    },
  };
}

function instanceOf({ name, token, integration }: z.output<typeof instancesSchema>[number]): SourceInstance {
  const isOfficial = /business/i.test(integration ?? '');
  return { name, token: token || undefined, state: isOfficial ? { obstacle: OFFICIAL } : 'works' };
}

const ownChatwoot = (found: z.output<typeof chatwootSchema>): OwnChatwoot => ({
  isOn: found.enabled === true,
  url: found.url,
  accountId: found.accountId,
  token: found.token,
  inboxId: undefined,
  inboxName: found.nameInbox,
  webhookUrl: found.webhook_url,
  rules: {
    signMessages: found.signMsg === true,
    reopenResolved: found.reopenConversation === true,
    startAsPending: found.conversationPending === true,
  },
  settings: found,
});
