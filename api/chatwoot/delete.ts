import type { PrismaClient } from '../../shared/database/database.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { ChatwootCall } from '../auth/guards.ts';
import { dropIntegration, expireOverdue, lockIdle } from '../deactivation/deactivate.ts';
import type { RemoveNow } from '../deactivation/remove-now.ts';

/**
 * `DELETE /api/chatwoot/delete/:instance`: the local row, the bridge's integration and the inbox in Chatwoot. It has succeeded once the
 * row is gone; what the bridge cannot do now, a worker does later.
 */
export function createDelete({ prisma, removeNow }: { prisma: PrismaClient; removeNow: RemoveNow }) {
  return async ({ response, instance, bridge }: ChatwootCall): Promise<void> => {
    await expireOverdue(prisma, instance);
    const removal = await prisma.$transaction(async (tx) => {
      await lockIdle(tx, instance.id);
      return dropIntegration(tx, instance, 'deactivated');
    });
    if (removal === undefined) throw new PonteError('integration_to_delete_not_found');
    await removeNow(removal, { bridge, requestId: response.locals.requestId, log: response.locals.log });
    response.json({ message: 'chatwoot integration deactivated' });
  };
}
