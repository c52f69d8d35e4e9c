import type { BridgeClient } from '../../shared/bridge-client/client.ts';
import type { PrismaClient } from '../../shared/database/database.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { InstanceCall } from '../auth/guards.ts';
import { dropIntegration, expireOverdue, lockIdle } from '../deactivation/deactivate.ts';
import type { RemoveNow } from '../deactivation/remove-now.ts';

/** `DELETE /api/instance/delete/:instance`: the instance with all that belongs to it, its inbox in Chatwoot included. */
export function createDeleteInstance(deps: { prisma: PrismaClient; removeNow: RemoveNow; bridge: BridgeClient | undefined }) {
  const { prisma, removeNow, bridge } = deps;

  return async ({ response, instance, caller }: InstanceCall): Promise<void> => {
    if (caller.kind !== 'account') throw new PonteError('account_token_required');
    await expireOverdue(prisma, instance);
    const removal = await prisma.$transaction(async (tx) => {
      await lockIdle(tx, instance.id);
      const dropped = await dropIntegration(tx, instance, 'instance_deleted');
      const { count } = await tx.instance.deleteMany({ where: { id: instance.id } });
      // Somebody else was quicker.
      if (count === 0) throw new PonteError('instance_not_found');
      return dropped;
    });
    if (removal) await removeNow(removal, { bridge, requestId: response.locals.requestId, log: response.locals.log });
    response.json({ success: true, message: 'Instance deleted successfully' });
  };
}
