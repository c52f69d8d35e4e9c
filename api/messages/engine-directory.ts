import type { PrismaClient } from '../../shared/database/database.ts';
import type { OpenEngine, OpenRow } from '../../shared/engines/open-engine.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';

export interface EngineDirectory {
  /**
   * The WhatsApp API an instance is paired in, and what the instance is called there. Throws PonteError `instance_not_found`,
   * `engine_not_configured`, and what decrypting can throw.
   */
  find(instanceId: string): Promise<OpenEngine & { readonly name: string }>;
}

export function createEngineDirectory({ prisma, open }: { prisma: PrismaClient; open: OpenRow }): EngineDirectory {
  return {
    async find(instanceId) {
      const instance = await prisma.instance.findUnique({
        where: { id: instanceId },
        select: { name: true, engineKind: true, engineUrl: true, engineToken: true, engineName: true, engineSecret: true },
      });
      if (!instance) throw new PonteError('instance_not_found');
      return { ...(await open({ instanceId, ...instance })), name: instance.engineName ?? instance.name };
    },
  };
}
