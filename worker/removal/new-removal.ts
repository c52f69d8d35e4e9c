import { createId } from '../../shared/auth/tokens.ts';
import type { Prisma } from '../../shared/database/database.ts';

interface Owner {
  readonly instanceId: string;
  readonly instanceName: string;
  readonly accountId: string;
}

/** What is to go: an integration of the bridge, or whatever an activation may have left there. */
type Target = { readonly bridgeIntegrationId: string } | { readonly activationId: string };

/** The row of a removal that is due at once. It outlives the instance, so it holds what it needs to know of it. */
export const newRemoval = (
  { instanceId, instanceName, accountId }: Owner,
  target: Target,
  reason: 'superseded' | 'activation_failed' | 'instance_deleted',
): Prisma.RemovalCreateManyInput & { id: string } => ({
  id: createId('rem'),
  instanceId,
  instanceName,
  accountId,
  ...target,
  reason,
});
