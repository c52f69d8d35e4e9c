import type { CheckOutcome, PairingOutcome } from '../../shared/engines/engine.ts';
import type { OpenEngine } from '../../shared/engines/open-engine.ts';
import { engineOf } from '../../shared/engines/registry.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import { FRESH_CONNECTION } from '../../shared/http/exchange.ts';
import type { GuardedAgents } from '../../shared/http/guarded-agents.ts';
import type { EngineDirectory } from '../messages/engine-directory.ts';
import { API_LIMITS } from '../timeouts.ts';
import type { EngineSettings } from './engine-settings.ts';

export type EngineFound = Extract<CheckOutcome, { kind: 'found' }>;
export type Pairing = Exclude<PairingOutcome, { kind: 'failed' }>;

/** Questions to a WhatsApp engine that a person waits for; nothing is changed by them. Each throws what the engine has to say as PonteError. */
export interface EngineQuestions {
  /** Whether these settings lead to an engine that takes them; `instanceName` is what the instance is called here. */
  checkSettings(settings: EngineSettings, instanceName: string): Promise<EngineFound>;
  checkInstance(instanceId: string): Promise<EngineFound>;
  /** What to scan, or type, to pair the phone. */
  pair(instanceId: string): Promise<Pairing>;
}

export function createEngineQuestions(deps: {
  engines: EngineDirectory;
  /** ENGINE_URL and ENGINE_TOKEN. */
  defaultUrl: string | undefined;
  defaultToken: string | undefined;
  agents: GuardedAgents;
}): EngineQuestions {
  const { engines, agents } = deps;
  const timeoutMs = API_LIMITS.askEngineMs;

  async function check({ engine, access }: OpenEngine, name: string): Promise<EngineFound> {
    if (engine.check === undefined) throw cannot('be asked how it is');
    const outcome = await engine.check({ access, instance: name, timeoutMs });
    if (outcome.kind === 'failed') throw outcome.error;
    return outcome;
  }

  return {
    async checkSettings({ kind, url, name, token, secret }, instanceName) {
      const engine = engineOf(kind);
      const address = url ?? deps.defaultUrl;
      const opener = token ?? (url === null ? deps.defaultToken : undefined);
      if (address === undefined || opener === undefined) throw new PonteError('engine_not_configured');
      const route = url === null ? FRESH_CONNECTION : await agents.route(new URL(address), { fresh: true });
      const access = { url: address, token: opener, secret: secret ?? undefined, route };
      return check({ engine, access }, name ?? instanceName);
    },

    async checkInstance(instanceId) {
      const { name, ...open } = await engines.find(instanceId);
      return check(open, name);
    },

    async pair(instanceId) {
      const { engine, access, name } = await engines.find(instanceId);
      if (engine.pair === undefined) throw cannot('show a QR code');
      const outcome = await engine.pair({ access, instance: name, timeoutMs });
      if (outcome.kind === 'failed') throw outcome.error;
      return outcome;
    },
  };
}

const cannot = (action: string): PonteError => new PonteError('engine_cannot', { action });
