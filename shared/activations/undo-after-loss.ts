import type { PrismaClient } from '../database/database.ts';
import type { ClaimedActivation } from './claim.ts';
import { newRemoval } from './removals.ts';
import { LOST, type Write } from './settle.ts';

/**
 * Cleans up after an attempt that has lost its claim although it did, or may have done, something at the bridge: if the activation
 * has failed or is gone meanwhile, nobody else does. `bridgeIntegrationId` is what it made, where that is known.
 */
export const undoAfterLoss = (
  prisma: PrismaClient,
  activation: ClaimedActivation,
  bridgeIntegrationId: string | undefined,
): Promise<Write> =>
  prisma.$transaction(async (tx) => {
    const now = await tx.activation.findUnique({
      where: { id: activation.id },
      select: { state: true, bridgeIntegrationId: true },
    });
    const removal = now === null ? removeAll(activation, bridgeIntegrationId) : removalFor(now, activation, bridgeIntegrationId);
    if (removal === undefined) return LOST;
    await tx.removal.create({ data: removal });
    return { kind: 'written', removalIds: [removal.id] };
  });

/** What to remove once the instance is gone, and with it every row that could say what belongs to it. */
const removeAll = (activation: ClaimedActivation, made: string | undefined) =>
  newRemoval(
    activation,
    made === undefined ? { activationId: activation.id } : { bridgeIntegrationId: made },
    'instance_deleted',
  );

function removalFor(
  now: { state: string; bridgeIntegrationId: string | null },
  activation: ClaimedActivation,
  made: string | undefined,
) {
  if (now.state === 'failed') return newRemoval(activation, { activationId: activation.id }, 'activation_failed');
  // Another attempt has succeeded. A bridge that keeps its word gave both the same integration; one that does not gave us a second.
  if (now.state === 'succeeded' && made !== undefined && made !== now.bridgeIntegrationId) {
    return newRemoval(activation, { bridgeIntegrationId: made }, 'superseded');
  }
  return undefined;
}
