import type { PrismaClient } from '../../shared/database/database.ts';
import type { Keyring } from '../../shared/encryption/keyring.ts';
import type { Engine, EngineAccess } from '../../shared/engines/engine.ts';
import { engineOf } from '../../shared/engines/registry.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import { FRESH_CONNECTION } from '../../shared/http/exchange.ts';
import type { GuardedAgents } from '../../shared/http/guarded-agents.ts';

export interface EngineDirectory {
  /** The WhatsApp API an instance is paired in. Throws PonteError `engine_not_configured`, and what decrypting can throw. */
  find(instanceId: string): Promise<{ readonly engine: Engine; readonly access: EngineAccess }>;
}

/** Engines of their own for instances that were given one, ENGINE_URL and ENGINE_TOKEN for the others. */
export function createEngineDirectory(deps: {
  prisma: PrismaClient;
  keyring: Keyring;
  defaultUrl: string | undefined;
  defaultToken: string | undefined;
  /** Guard addresses that customers gave. */
  agents: GuardedAgents;
}): EngineDirectory {
  return {
    async find(instanceId) {
      const instance = await deps.prisma.instance.findUnique({
        where: { id: instanceId },
        select: { engineKind: true, engineUrl: true, engineToken: true },
      });
      if (!instance) throw new PonteError('instance_not_found');
      const { engineUrl, engineToken } = instance;
      const url = engineUrl ?? deps.defaultUrl;
      // The token of the default engine is nobody else's business: an address given by a customer never gets it.
      const token =
        engineToken !== null
          ? deps.keyring.decrypt(engineToken, { purpose: 'engine-token', owner: instanceId })
          : engineUrl === null
            ? deps.defaultToken
            : undefined;
      if (url === undefined || token === undefined) throw new PonteError('engine_not_configured');
      const route = engineUrl === null ? FRESH_CONNECTION : await deps.agents.route(new URL(url), { fresh: true });
      return { engine: engineOf(instance.engineKind), access: { url, token, route } };
    },
  };
}
