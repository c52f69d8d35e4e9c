import type { PrismaClient } from '../../shared/database/database.ts';
import type { Keyring } from '../../shared/encryption/keyring.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';

/** The WhatsApp API an instance is paired in. */
export interface Engine {
  /** Without a slash at its end. */
  readonly url: string;
  readonly token: string;
}

export interface EngineDirectory {
  /** Throws PonteError `engine_not_configured`, and what decrypting can throw. */
  engineOf(instanceId: string): Promise<Engine>;
}

/** Engines of their own for instances that were given one, ENGINE_URL and ENGINE_TOKEN for the others. */
export function createEngineDirectory(deps: {
  prisma: PrismaClient;
  keyring: Keyring;
  defaultUrl: string | undefined;
  defaultToken: string | undefined;
}): EngineDirectory {
  return {
    async engineOf(instanceId) {
      const instance = await deps.prisma.instance.findUnique({
        where: { id: instanceId },
        select: { engineUrl: true, engineToken: true },
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
      return { url, token };
    },
  };
}
