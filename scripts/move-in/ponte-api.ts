import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { ask, type Call, Obstacle } from './call.ts';

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
  async function call<Schema extends z.ZodType>(
    schema: Schema,
    method: Call['method'],
    path: string,
    more: Pick<Call, 'json' | 'timeoutMs'> = {},
  ): Promise<z.output<Schema>> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await ask(WHO, schema, { method, url: `${url}${path}`, headers: { token }, ...more });
      } catch (error) {
        // By its own words nothing was changed then, and it is to be asked again.
        const isBusy = error instanceof Obstacle && error.status === 503;
        if (!isBusy || tries >= MOST_TRIES) throw error;
        await delay(RETRY_MS);
      }
    }
  }
  const listed = z.looseObject({ instances: z.array(instanceSchema) });
  return {
    instances: async () => (await call(listed, 'GET', '/api/instance/list')).instances,
    async waiting(name) {
      const { live } = await call(listSchema, 'GET', `/api/chatwoot/list/${name}`);
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
      await call(z.unknown(), 'POST', '/api/instance/new', { json });
    },
    async deleteInstance(name) {
      await call(z.unknown(), 'DELETE', `/api/instance/delete/${name}`);
    },
    async deactivate(name) {
      await call(z.unknown(), 'DELETE', `/api/chatwoot/delete/${name}`);
    },
    async activate(name, json) {
      // It answers within a minute, and a little later.
      await call(z.unknown(), 'POST', `/api/chatwoot/set/${name}`, { json, timeoutMs: 90_000 });
    },
  };
}
