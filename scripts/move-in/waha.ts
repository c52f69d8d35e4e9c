import { z } from 'zod';
import { ask, Obstacle } from './call.ts';
import type { OwnChatwoot, Pause, Source, SourceInstance } from './source.ts';
import { until } from './until.ts';

const TITLE = 'WAHA';
/** A session that starts is there within seconds; one that is not by then needs somebody. */
const SESSION_MS = 90_000;

const hookSchema = z.looseObject({ url: z.string() });
const sessionSchema = z.looseObject({
  name: z.string(),
  status: z.string(),
  config: z
    .looseObject({ webhooks: z.array(hookSchema).nullish() })
    .nullish()
    .transform((config) => config ?? {}),
});
type Session = z.output<typeof sessionSchema>;

const appSchema = z.looseObject({
  id: z.string(),
  app: z.string(),
  enabled: z.boolean().default(true),
  config: z.looseObject({}),
});
const chatwootSchema = z.looseObject({
  url: z.string().transform((url) => url.replace(/\/+$/, '')),
  accountId: z.union([z.string(), z.number()]).transform(String),
  accountToken: z.string(),
  inboxId: z.coerce.number().int().positive(),
  /** Of which conversations the last one goes on; all of them where it says nothing. */
  conversations: z.looseObject({ status: z.array(z.string()).nullish() }).nullish(),
});

/** WAHA with its Chatwoot app. */
export function createWaha({ url, apikey }: { url: string; apikey: string }): Source {
  const headers = { 'x-api-key': apikey };
  const at = (name: string) => `${url}/api/sessions/${encodeURIComponent(name)}`;
  const session = (name: string): Promise<Session> => ask(TITLE, sessionSchema, { method: 'GET', url: at(name), headers });
  async function waitFor(name: string, status: string): Promise<void> {
    let last = '';
    const isThere = await until(SESSION_MS, async () => {
      last = (await session(name)).status;
      return last === status;
    });
    if (!isThere) throw new Obstacle(`its session is ${last} and does not become ${status} — look at it in WAHA`);
  }

  const handover: Pause = {
    kind: 'pause',
    async pause(name) {
      await ask(TITLE, z.unknown(), { method: 'POST', url: `${at(name)}/stop`, headers });
      await waitFor(name, 'STOPPED');
    },
    async resume(name) {
      await ask(TITLE, z.unknown(), { method: 'POST', url: `${at(name)}/start`, headers });
      await waitFor(name, 'WORKING');
    },
    async forget(name, part) {
      const { config } = await session(name);
      const webhooks = (config.webhooks ?? []).filter((hook) => !hook.url.includes(part));
      // It takes the configuration as a whole; apps are left out, because an empty list of them deletes them.
      await ask(TITLE, z.unknown(), { method: 'PUT', url: at(name), headers, json: { config: { ...config, webhooks } } });
    },
  };

  return {
    title: TITLE,
    kind: 'waha',
    url,
    handover,
    async instances() {
      const found = await ask(TITLE, z.array(sessionSchema), { method: 'GET', url: `${url}/api/sessions?all=true`, headers });
      return found.map(({ name, status }) => ({ name, token: apikey, state: stateOf(status) }));
    },
    async chatwoot(name) {
      const query = new URLSearchParams({ session: name });
      const apps = await ask(TITLE, z.array(appSchema), { method: 'GET', url: `${url}/api/apps?${query}`, headers });
      const app = apps.find((each) => each.app === 'chatwoot');
      return app === undefined ? undefined : ownChatwoot(url, name, app);
    },
    /** Never deleted: what it knows of its messages would go with it. */
    async switchChatwoot(name, { settings }, isOn) {
      const json = { ...settings, session: name, enabled: isOn };
      const id = encodeURIComponent(String(settings.id));
      await ask(TITLE, z.unknown(), { method: 'PUT', url: `${url}/api/apps/${id}`, headers, json });
    },
    deliversTo: async (name) => ((await session(name)).config.webhooks ?? []).map((hook) => hook.url),
  };
}

function stateOf(status: string): SourceInstance['state'] {
  if (status === 'WORKING') return 'works';
  if (status === 'STOPPED') return 'paused';
  return { obstacle: `its session is ${status}, and only one that works can be moved` };
}

/** Throws Obstacle. */
function ownChatwoot(url: string, session: string, app: z.output<typeof appSchema>): OwnChatwoot {
  const { data: config } = chatwootSchema.safeParse(app.config);
  if (config === undefined) throw new Obstacle('the settings of its Chatwoot app are not complete');
  return {
    isOn: app.enabled,
    url: config.url,
    accountId: config.accountId,
    token: config.accountToken,
    inboxId: config.inboxId,
    inboxName: '',
    webhookUrl: `${url}/webhooks/chatwoot/${session}/${app.id}`,
    rules: {
      signMessages: false,
      reopenResolved: config.conversations?.status?.includes('resolved') ?? true,
      startAsPending: false,
    },
    settings: app,
  };
}
