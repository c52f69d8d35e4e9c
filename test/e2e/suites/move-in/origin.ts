import { createEvolution } from '../../../../scripts/move-in/evolution.ts';
import type { Source } from '../../../../scripts/move-in/source.ts';
import { createWaha } from '../../../../scripts/move-in/waha.ts';
import type { EngineSimulator } from '../../../../simulators/engines/engine-simulator.ts';
import { createEvolutionSimulator } from '../../../../simulators/engines/evolution/index.ts';
import { createWahaSimulator } from '../../../../simulators/engines/waha/index.ts';

const KEY = 'GLOBAL-KEY-0001';

/** What is set up of an instance before anything is moved. */
export interface Before {
  readonly chatwootUrl: string;
  readonly account: number;
  readonly token: string;
  readonly inboxId: number;
  readonly inboxName: string;
  /** Somebody else who hears of its events; undefined: nobody. */
  readonly listener: string | undefined;
}

/** The system that instances come from, as a test sees it: the real source on a simulator, and what only a test knows. */
export interface Origin {
  readonly title: string;
  readonly simulator: EngineSimulator & { idle(deadlineMs?: number): Promise<void> };
  readonly nameOf: (number: number) => string;
  source(url: string): Source;
  /** Where the inbox of an instance calls. */
  webhookOf(url: string, name: string): string;
  /** Makes an instance that brings its messages into Chatwoot by itself. */
  settle(name: string, before: Before): Promise<void>;
  isChatwootOn(name: string): boolean;
  /** Everything that is to be there again after an undo. */
  standing(name: string): unknown;
  /** The call by which its own Chatwoot is switched. */
  readonly switching: { readonly method: string; readonly path: RegExp };
}

export function evolutionOrigin(): Origin {
  const simulator = createEvolutionSimulator({ token: KEY, retries: { delaysMs: [100, 200, 400] } });
  const post = async (path: string, body: unknown) => {
    const headers = { apikey: KEY, 'content-type': 'application/json' };
    const { status } = await fetch(`${simulator.url()}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    if (status !== 201) throw new Error(`${path} answered ${status}`);
  };
  return {
    title: 'Evolution API',
    simulator,
    nameOf: (number) => `loja ${number}`,
    source: (url) => createEvolution({ url, apikey: KEY }),
    webhookOf: (url, name) => `${url}/chatwoot/webhook/${encodeURIComponent(name)}`,
    async settle(name, { chatwootUrl, account, token, inboxName, listener }) {
      simulator.addInstance({ name, number: '5511999990000' });
      const rules = { signMsg: false, reopenConversation: true, conversationPending: false };
      const place = { accountId: String(account), token, url: chatwootUrl, nameInbox: inboxName };
      simulator.setChatwoot(name, { enabled: true, ...place, ...rules });
      if (listener === undefined) return;
      const headers = { 'x-listener': 'secret of somebody else' };
      const webhook = { enabled: true, url: listener, byEvents: false, base64: false, headers, events: ['MESSAGES_UPSERT'] };
      await post(`/webhook/set/${encodeURIComponent(name)}`, { webhook });
    },
    isChatwootOn: (name) => simulator.chatwootOf(name)?.enabled === true,
    standing(name) {
      const webhook = simulator.webhookSettingsOf(name);
      return { chatwoot: simulator.chatwootOf(name), webhook: webhook?.enabled ? webhook : null };
    },
    switching: { method: 'POST', path: /\/chatwoot\/set\// },
  };
}

export function wahaOrigin(): Origin {
  const simulator = createWahaSimulator({ token: KEY, secondMs: 100, restartMs: 200, patienceMs: 1_000 });
  const appId = (name: string) => `app_${name}`;
  return {
    title: 'WAHA',
    simulator,
    nameOf: (number) => `loja-${number}`,
    source: (url) => createWaha({ url, apikey: KEY }),
    webhookOf: (url, name) => `${url}/webhooks/chatwoot/${name}/${appId(name)}`,
    async settle(name, { chatwootUrl, account, token, inboxId, listener }) {
      simulator.addInstance({ name, number: '5511999990000' });
      const place = { url: chatwootUrl, accountId: account, accountToken: token, inboxId, inboxIdentifier: 'abc' };
      const config = { ...place, locale: 'pt-BR', linkPreview: 'OFF' };
      const session = simulator.world.named(name);
      session.apps.push({ id: appId(name), app: 'chatwoot', enabled: true, config, session: name });
      if (listener !== undefined) {
        const customHeaders = [{ name: 'x-listener', value: 'secret of somebody else' }];
        session.config.webhooks.push({ url: listener, events: ['message.any'], hmac: { key: 'theirs' }, customHeaders });
      }
    },
    isChatwootOn: (name) => simulator.world.named(name).apps.some(({ enabled }) => enabled),
    standing(name) {
      const { apps, config, status } = simulator.world.named(name);
      return structuredClone({ apps, webhooks: config.webhooks, status });
    },
    switching: { method: 'PUT', path: /\/api\/apps\// },
  };
}
