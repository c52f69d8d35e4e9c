import type { Keyring } from '../encryption/keyring.ts';
import { PonteError } from '../errors/ponte-error.ts';
import { FRESH_CONNECTION } from '../http/exchange.ts';
import type { GuardedAgents } from '../http/guarded-agents.ts';
import type { Engine, EngineAccess } from './engine.ts';
import { engineOf } from './registry.ts';

/** What a row says of an instance's engine. */
export interface EngineRow {
  readonly instanceId: string;
  readonly engineKind: string;
  /** Null means ENGINE_URL. */
  readonly engineUrl: string | null;
  /** Envelopes; no token means ENGINE_TOKEN. */
  readonly engineToken: string | null;
  readonly engineSecret: string | null;
}

export interface OpenEngine {
  readonly engine: Engine;
  readonly access: EngineAccess;
}

/** Throws PonteError `engine_not_configured`, and what decrypting can throw. */
export type OpenRow = (row: EngineRow) => Promise<OpenEngine>;

export interface EngineAgents {
  readonly keyring: Keyring;
  /** ENGINE_URL and ENGINE_TOKEN. */
  readonly defaultUrl: string | undefined;
  readonly defaultToken: string | undefined;
  /** Guard addresses that customers gave. */
  readonly agents: GuardedAgents;
}

/** Engines of their own for instances that were given one, ENGINE_URL and ENGINE_TOKEN for the others. */
export function createEngineOpener({ keyring, defaultUrl, defaultToken, agents }: EngineAgents): OpenRow {
  return async ({ instanceId, engineKind, engineUrl, engineToken, engineSecret }) => {
    const url = engineUrl ?? defaultUrl;
    // The token of the default engine is nobody else's business: an address given by a customer never gets it.
    const token =
      engineToken !== null
        ? keyring.decrypt(engineToken, { purpose: 'engine-token', owner: instanceId })
        : engineUrl === null
          ? defaultToken
          : undefined;
    if (url === undefined || token === undefined) throw new PonteError('engine_not_configured');
    const secret =
      engineSecret === null ? undefined : keyring.decrypt(engineSecret, { purpose: 'engine-secret', owner: instanceId });
    const route = engineUrl === null ? FRESH_CONNECTION : await agents.route(new URL(url), { fresh: true });
    const routeTo = (file: URL) => agents.route(file, { fresh: true });
    return { engine: engineOf(engineKind), access: { url, token, secret, route, routeTo } };
  };
}
