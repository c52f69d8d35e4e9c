import type { BridgeClient } from '../../shared/bridge-client/client.ts';
import type { PrismaClient } from '../../shared/database/database.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import type { Instance } from '../auth/caller.ts';
import type { InstanceCall } from '../auth/guards.ts';
import { lockIdle } from '../deactivation/lock-idle.ts';
import { dropIntegration } from '../deactivation/queries/drop-integration.ts';
import type { RemoveNow } from '../deactivation/remove-now.ts';
import { API_LIMITS } from '../timeouts.ts';

/** Takes away an instance with all that belongs to it, its inbox in Chatwoot included. Throws PonteError `activation_running`. */
export type RemoveInstance = (instance: Instance, call: { readonly requestId: string; readonly log: Logger }) => Promise<void>;

export function createRemoveInstance(deps: {
  prisma: PrismaClient;
  removeNow: RemoveNow;
  bridge: BridgeClient | undefined;
}): RemoveInstance {
  const { prisma, removeNow, bridge } = deps;
  return async (instance, call) => {
    const removal = await prisma.$transaction(async (tx) => {
      await lockIdle(tx, instance.id);
      const dropped = await dropIntegration(tx, instance, {
        reason: 'instance_deleted',
        oursForMs: API_LIMITS.removalOursForMs,
      });
      await tx.notificationDelivery.deleteMany({ where: { instanceId: instance.id } });
      const { count } = await tx.instance.deleteMany({ where: { id: instance.id } });
      // Somebody else was quicker.
      if (count === 0) throw new PonteError('instance_not_found');
      return dropped;
    });
    if (removal) await removeNow(removal, { ...call, bridge });
  };
}

/** `DELETE /api/instance/delete/:instance`. */
export function createDeleteInstanceHandler(remove: RemoveInstance) {
  return async ({ response, instance, caller }: InstanceCall): Promise<void> => {
    if (caller.kind !== 'account') throw new PonteError('account_token_required');
    const { requestId, log } = response.locals;
    await remove(instance, { requestId, log });
    response.json({ success: true, message: 'Instance deleted successfully' });
  };
}
