import { z } from 'zod';
import { createId } from '../../../shared/auth/tokens.ts';
import { Prisma } from '../../../shared/database/database.ts';
import { RESTORED } from '../../../shared/instances/webhook-wish.ts';
import type { Instance } from '../../auth/caller.ts';

/** What the bridge has to remove; its row is written. */
export interface PendingRemoval {
  readonly id: string;
  readonly bridgeIntegrationId: string;
}

const pendingRows = z.array(z.object({ id: z.string(), bridgeIntegrationId: z.string() }));

/**
 * Deletes the integration of an instance and writes down that the bridge has to remove it, in one statement of the caller's transaction: whatever
 * dies afterwards, the inbox is removed, and the engines told to deliver where they did before. The first try is the caller's: for `oursForMs` nobody
 * else looks for it. Answers undefined when there is none.
 */
export async function dropIntegration(
  tx: Prisma.TransactionClient,
  instance: Instance,
  { reason, oursForMs }: { reason: 'deactivated' | 'instance_deleted'; oursForMs: number },
): Promise<PendingRemoval | undefined> {
  const rows = await tx.$queryRaw`
    WITH gone AS (
      DELETE FROM chatwoot_integrations WHERE instance_id = ${instance.id} RETURNING bridge_integration_id
    ), restored AS (
      UPDATE engine_webhooks SET ${Prisma.raw(RESTORED)} FROM gone WHERE instance_id = ${instance.id} AND wish = 'ours'
    )
    INSERT INTO removals (id, instance_id, instance_name, account_id, bridge_integration_id, reason, attempts, next_attempt_at)
    SELECT ${createId('rem')}, ${instance.id}, ${instance.name}, ${instance.accountId}, bridge_integration_id,
           ${reason}::removal_reason, 1, now() + ${oursForMs}::integer * interval '1 millisecond'
      FROM gone
    RETURNING id, bridge_integration_id AS "bridgeIntegrationId"`;
  return pendingRows.parse(rows)[0];
}
