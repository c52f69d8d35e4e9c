import { abandonActivation } from '../../shared/activations/abandon.ts';
import {
  type Applicant,
  type Claim,
  type ClaimedActivation,
  claimActivation,
  findApplicant,
} from '../../shared/activations/claim.ts';
import type { ActivationError } from '../../shared/activations/error.ts';
import { failActivation, recordTry, succeedActivation, type Write } from '../../shared/activations/settle.ts';
import type { TraceEntry } from '../../shared/activations/trace.ts';
import { undoAfterLoss } from '../../shared/activations/undo-after-loss.ts';
import type { ActivatedIntegration } from '../../shared/bridge-client/client.ts';
import type { PrismaClient } from '../../shared/database/database.ts';
import type { Keyring } from '../../shared/encryption/keyring.ts';

/**
 * The rows of activations as the worker reads and writes them. Every write that follows a claim holds only while that claim does, so a
 * worker that was paused and wakes up cannot overwrite what another has done meanwhile. What a write makes necessary (removing an
 * integration that was replaced, undoing a failed activation) is written in the same transaction.
 */
export function createActivationStore(deps: { prisma: PrismaClient; keyring: Keyring }) {
  const { prisma } = deps;
  return {
    applicant: (activationId: string): Promise<Applicant | undefined> => findApplicant(prisma, activationId),
    claim: (activationId: string): Promise<Claim> => claimActivation(prisma, activationId),
    recordTry: (activation: ClaimedActivation, entry: TraceEntry): Promise<void> => recordTry(prisma, activation, entry),
    succeed: (activation: ClaimedActivation, result: ActivatedIntegration, entry: TraceEntry): Promise<Write> =>
      succeedActivation(deps, activation, result, entry),
    fail: (
      activation: ClaimedActivation,
      failure: { error: ActivationError; entry: TraceEntry; undo: boolean },
    ): Promise<Write> => failActivation(prisma, activation, failure),
    abandon: (activationId: string, error: ActivationError, options: { only: 'overdue' | 'unfinished' }): Promise<Write> =>
      abandonActivation(prisma, activationId, error, options),
    undoAfterLoss: (activation: ClaimedActivation, bridgeIntegrationId: string | undefined): Promise<Write> =>
      undoAfterLoss(prisma, activation, bridgeIntegrationId),
  };
}

export type ActivationStore = ReturnType<typeof createActivationStore>;
