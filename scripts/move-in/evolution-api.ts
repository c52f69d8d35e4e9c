import { z } from 'zod';
import { ask } from './call.ts';

const WHO = 'Evolution API';

const instancesSchema = z.array(
  z.looseObject({
    name: z.string(),
    token: z.string().nullish(),
    integration: z.string().nullish(),
  }),
);
export type EvolutionInstance = z.output<typeof instancesSchema>[number];

/** What `chatwoot/find` tells; for an instance that never had it, empty and switched off. */
const chatwootSchema = z.looseObject({
  enabled: z.boolean().nullish(),
  accountId: z
    .union([z.string(), z.number()])
    .nullish()
    .transform((id) => String(id ?? '')),
  token: z
    .string()
    .nullish()
    .transform((token) => token ?? ''),
  url: z
    .string()
    .nullish()
    .transform((url) => (url ?? '').replace(/\/+$/, '')),
  nameInbox: z
    .string()
    .nullish()
    .transform((name) => name ?? ''),
  signMsg: z.boolean().nullish(),
  reopenConversation: z.boolean().nullish(),
  conversationPending: z.boolean().nullish(),
  webhook_url: z
    .string()
    .nullish()
    .transform((url) => url ?? ''),
});
export type EvolutionChatwoot = z.output<typeof chatwootSchema>;

const webhookSchema = z.looseObject({ enabled: z.boolean().nullish(), url: z.string().nullish() }).nullish();

/** What belongs to the row, and not to the settings. */
const NO_SETTINGS = ['webhook_url', 'id', 'instanceId', 'createdAt', 'updatedAt'];

export interface EvolutionApi {
  readonly url: string;
  instances(): Promise<EvolutionInstance[]>;
  chatwoot(instance: string): Promise<EvolutionChatwoot>;
  /** Switches its Chatwoot on or off, and leaves everything else of it as it was read. */
  switchChatwoot(instance: string, settings: EvolutionChatwoot, enabled: boolean): Promise<void>;
  /** Where it delivers events; undefined where nowhere. */
  webhookOf(instance: string): Promise<string | undefined>;
}

export function createEvolutionApi({ url, apikey }: { url: string; apikey: string }): EvolutionApi {
  const headers = { apikey };
  const at = (path: string, instance: string) => `${url}${path}/${encodeURIComponent(instance)}`;
  const chatwoot = (instance: string) =>
    ask(WHO, chatwootSchema, { method: 'GET', url: at('/chatwoot/find', instance), headers });
  return {
    url,
    instances: () => ask(WHO, instancesSchema, { method: 'GET', url: `${url}/instance/fetchInstances`, headers }),
    chatwoot,
    async switchChatwoot(instance, settings, enabled) {
      const rest = Object.fromEntries(
        Object.entries(settings).filter(([name, value]) => !NO_SETTINGS.includes(name) && value !== null && value !== undefined),
      );
      const json = {
        signMsg: false,
        reopenConversation: false,
        conversationPending: false,
        ...rest,
        enabled,
        // It would write a conversation of its own into the inbox.
        autoCreate: false,
        // Left out, the inbox would be called like the instance.
        nameInbox: settings.nameInbox === '' ? instance : settings.nameInbox,
      };
      await ask(WHO, z.unknown(), { method: 'POST', url: at('/chatwoot/set', instance), headers, json });
    },
    async webhookOf(instance) {
      const found = await ask(WHO, webhookSchema, { method: 'GET', url: at('/webhook/find', instance), headers });
      return found?.enabled ? (found.url ?? undefined) : undefined;
    },
  };
}
