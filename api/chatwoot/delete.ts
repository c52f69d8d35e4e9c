import type { BridgeClient } from '../../shared/bridge-client/client.ts';
import type { PrismaClient } from '../../shared/database/database.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import type { Instance } from '../auth/caller.ts';
import type { ChatwootCall } from '../auth/guards.ts';
import { lockIdle } from '../deactivation/lock-idle.ts';
import { dropIntegration } from '../deactivation/queries/drop-integration.ts';
import type { RemoveNow } from '../deactivation/remove-now.ts';
import { API_LIMITS } from '../timeouts.ts';

/**
 * Takes away the local row, the bridge's integration and the inbox in Chatwoot. It has succeeded once the row is gone; what the bridge
 * cannot do now, a worker does later. Throws PonteError `integration_to_delete_not_found` or `activation_running`.
 */
export type Deactivate = (
  instance: Instance,
  call: { readonly bridge: BridgeClient | undefined; readonly requestId: string; readonly log: Logger },
) => Promise<void>;

export function createDeactivate({ prisma, removeNow }: { prisma: PrismaClient; removeNow: RemoveNow }): Deactivate {
  return async (instance, call) => {
    const removal = await prisma.$transaction(async (tx) => {
      await lockIdle(tx, instance.id);
      return dropIntegration(tx, instance, { reason: 'deactivated', oursForMs: API_LIMITS.removalOursForMs });
    });
    if (removal === undefined) throw new PonteError('integration_to_delete_not_found');
    await removeNow(removal, call);
  };
}

/** `DELETE /api/chatwoot/delete/:instance`. */
export function createDeleteHandler(deactivate: Deactivate) {
  return async ({ response, instance, bridge }: ChatwootCall): Promise<void> => {
    const { requestId, log } = response.locals;
    await deactivate(instance, { bridge, requestId, log });
    response.json({ message: 'chatwoot integration deactivated' });
  };
}
