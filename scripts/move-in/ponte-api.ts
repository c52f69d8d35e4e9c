import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { ask, Obstacle } from './call.ts';

const WHO = 'Ponte';
const MOST_TRIES = 5;
const RETRY_MS = 3_000;

const instanceSchema = z.looseObject({
  name: z.string(),
  engine: z.looseObject({ kind: z.string(), url: z.string().nullish(), name: z.string().nullish() }),
  chatwoot: z.looseObject({ enabled: z.boolean(), chatwoot_inbox_id: z.number().nullish() }),
});
export type PonteInstance = z.output<typeof instanceSchema>;

export interface ChatwootBlock {
  readonly chatwootBaseUrl: string;
  readonly chatwootAccountId: number;
  readonly chatwootApiToken: string;
  readonly chatwootInboxId: number;
  readonly inboxName: string;
  readonly signMessages: boolean;
  readonly reopenResolved: boolean;
  readonly startAsPending: boolean;
}

const listSchema = z.looseObject({
  live: z.looseObject({
    available: z.boolean(),
    waiting_to_chatwoot: z.number().nullish(),
    waiting_to_chatwoot_seconds: z.number().nullish(),
    waiting_to_whatsapp: z.number().nullish(),
  }),
});

/** Messages that were accepted and are not there yet. */
export interface Waiting {
  readonly toChatwoot: number;
  /** Age of the oldest of these. */
  readonly oldestSeconds: number;
  readonly toWhatsapp: number;
}

export interface PonteApi {
  instances(): Promise<PonteInstance[]>;
  /** Undefined while nobody knows. */
  waiting(name: string): Promise<Waiting | undefined>;
  createInstance(instance: { name: string; engine: { kind: string; url: string; token: string; name: string } }): Promise<void>;
  deleteInstance(name: string): Promise<void>;
  deactivate(name: string): Promise<void>;
  activate(name: string, block: ChatwootBlock): Promise<void>;
}

/** Ponte as a client with a TokenAccount sees it. */
export function createPonteApi({ url, token }: { url: string; token: string }): PonteApi {
  const headers = { token };
  return {
    async instances() {
      const schema = z.looseObject({ instances: z.array(instanceSchema) });
      return (await ask(WHO, schema, { method: 'GET', url: `${url}/api/instance/list`, headers })).instances;
    },
    async waiting(name) {
      const { live } = await ask(WHO, listSchema, { method: 'GET', url: `${url}/api/chatwoot/list/${name}`, headers });
      const {
        waiting_to_chatwoot: toChatwoot,
        waiting_to_chatwoot_seconds: oldestSeconds,
        waiting_to_whatsapp: toWhatsapp,
      } = live;
      return toChatwoot == null || oldestSeconds == null || toWhatsapp == null
        ? undefined
        : { toChatwoot, oldestSeconds, toWhatsapp };
    },
    async createInstance(json) {
      await ask(WHO, z.unknown(), { method: 'POST', url: `${url}/api/instance/new`, headers, json });
    },
    async deleteInstance(name) {
      await ask(WHO, z.unknown(), { method: 'DELETE', url: `${url}/api/instance/delete/${name}`, headers });
    },
    async deactivate(name) {
      await ask(WHO, z.unknown(), { method: 'DELETE', url: `${url}/api/chatwoot/delete/${name}`, headers });
    },
    async activate(name, json) {
      // It answers within a minute, and a little later; where it could not begin, nothing was changed, and it is asked again.
      const call = { method: 'POST', url: `${url}/api/chatwoot/set/${name}`, headers, json, timeoutMs: 90_000 } as const;
      for (let tries = 1; ; tries += 1) {
        try {
          await ask(WHO, z.unknown(), call);
          return;
        } catch (error) {
          if (!(error instanceof Obstacle && error.status === 503) || tries >= MOST_TRIES) throw error;
          await delay(RETRY_MS);
        }
      }
    },
  };
}
