import { randomBytes, randomUUID } from 'node:crypto';
import type { Message } from '../../whatsapp-engine/rows.ts';
import { defaultSettings, type Instance } from '../../whatsapp-engine/rows.ts';
import type { SentMessage } from '../engine-simulator.ts';
import { EvolutionRefusal } from './refusal.ts';

/** What `POST /webhook/set` stored. */
export interface StoredWebhook {
  enabled: boolean;
  url: string;
  events: readonly string[];
  headers: Readonly<Record<string, string>> | null;
  webhookByEvents: boolean;
  webhookBase64: boolean;
}

/** The engine's own Chatwoot integration, as `POST /chatwoot/set` stored it. */
export interface StoredChatwoot {
  enabled: boolean;
  accountId: string;
  token: string;
  url: string;
  nameInbox: string;
  signMsg: boolean;
  reopenConversation: boolean;
  conversationPending: boolean;
}

export interface EvolutionInstance {
  readonly id: string;
  readonly name: string;
  readonly token: string;
  readonly integration: string;
  number: string;
  state: 'open' | 'connecting' | 'close';
  /** Its socket was opened at least once since the engine started. */
  isLoaded: boolean;
  webhook: StoredWebhook | null;
  chatwoot: StoredChatwoot | null;
  readonly messages: Map<string, Message>;
  readonly sent: SentMessage[];
}

/** Everything the engine knows, by the names of its instances. */
export function createWorld() {
  const instances = new Map<string, EvolutionInstance>();
  return {
    instances,
    add(values: {
      name: string;
      token?: string | undefined;
      number?: string | undefined;
      connected?: boolean | undefined;
      integration?: string;
    }) {
      const known = instances.get(values.name);
      const instance: EvolutionInstance = {
        id: randomUUID(),
        name: values.name,
        token: values.token ?? known?.token ?? randomUUID().toUpperCase(),
        integration: values.integration ?? 'WHATSAPP-BAILEYS',
        number: values.number ?? known?.number ?? '5511999990000',
        state: (values.connected ?? true) ? 'open' : 'close',
        isLoaded: values.connected ?? true,
        webhook: known?.webhook ?? null,
        chatwoot: known?.chatwoot ?? null,
        messages: known?.messages ?? new Map(),
        sent: known?.sent ?? [],
      };
      instances.set(instance.name, instance);
      return instance;
    },
    named(name: string): EvolutionInstance {
      const instance = instances.get(name);
      if (instance === undefined) throw new EvolutionRefusal(404, [`The "${name}" instance does not exist`]);
      return instance;
    },
  };
}
export type World = ReturnType<typeof createWorld>;

/** As the shared parts of the simulators know an instance. */
export const ownerOf = ({ name, token, number }: EvolutionInstance): Instance => ({
  name,
  token,
  number,
  ingestUrl: null,
  displayName: name,
  connected: true,
  settings: defaultSettings,
});

export const newSentId = (): string => `3EB0${randomBytes(9).toString('hex').toUpperCase()}`;
