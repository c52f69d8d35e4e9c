import { abandonActivation } from '../../shared/activations/abandon.ts';
import { type Claim, type ClaimedActivation, claimOf } from '../../shared/activations/claim.ts';
import type { ActivationError } from '../../shared/activations/error.ts';
import { claimRows } from '../../shared/activations/queries/claim-rows.ts';
import { type Applicant, findApplicants } from '../../shared/activations/queries/find-applicant.ts';
import { type SettledSuccess, type Success, settleSucceeded } from '../../shared/activations/queries/settle-succeeded.ts';
import { type SettledUntried, settleUntried, type Untried } from '../../shared/activations/queries/settle-untried.ts';
import { failActivation, LOST, recordTry, type SuccessWrite, successOf, type Write } from '../../shared/activations/settle.ts';
import type { TraceEntry } from '../../shared/activations/trace.ts';
import { undoAfterLoss } from '../../shared/activations/undo-after-loss.ts';
import type { ActivatedIntegration } from '../../shared/bridge-client/client.ts';
import type { Database } from '../../shared/database/database.ts';
import type { Keyring } from '../../shared/encryption/keyring.ts';
import { createGathering } from '../../shared/gathering.ts';

/** Hundreds of jobs that come at once ask with a few queries, and those of others need not wait behind them. */
const LOOKED_UP_TOGETHER = { width: 3, most: 100, silentMs: 1_000 };
/** One that waits for a lock holds up the others for no longer than that. */
const WRITTEN_TOGETHER = { width: 1, most: 20, silentMs: 250 };

/**
 * The rows of activations as the worker reads and writes them. Every write that follows a claim holds only while that claim does, so a
 * worker that was paused and wakes up cannot overwrite what another has done meanwhile. What a write makes necessary (removing an
 * integration that was replaced, undoing a failed activation) is written with it, or not at all.
 */
export function createActivationStore(deps: Pick<Database, 'prisma' | 'pool'> & { keyring: Keyring }) {
  const { prisma, pool, keyring } = deps;
  const applicant = createGathering<string, Applicant | undefined>({
    ...LOOKED_UP_TOGETHER,
    ask: (activationIds) => findApplicants(pool, activationIds),
  });
  const claimRow = createGathering<string, unknown>({
    ...WRITTEN_TOGETHER,
    ask: (activationIds) => claimRows(pool, activationIds),
  });
  const settle = createGathering<Success, SettledSuccess | undefined>({
    ...WRITTEN_TOGETHER,
    ask: (successes) => settleSucceeded(pool, successes),
  });
  return {
    applicant,
    /** Takes an activation, unless it has ended or its deadline has passed; raises its attempt number. */
    claim: async (activationId: string): Promise<Claim> => claimOf(deps, activationId, await claimRow(activationId)),
    recordTry: (activation: ClaimedActivation, entry: TraceEntry): Promise<void> => recordTry(prisma, activation, entry),
    succeed: async (activation: ClaimedActivation, result: ActivatedIntegration, entry: TraceEntry): Promise<SuccessWrite> => {
      const settled = await settle(successOf(keyring, activation, result, entry));
      return settled === undefined ? LOST : { kind: 'written', ...settled };
    },
    fail: (
      activation: ClaimedActivation,
      failure: { error: ActivationError; entry: TraceEntry; undo: boolean },
    ): Promise<Write> => failActivation(pool, activation, failure),
    /** Ends those of them that nobody has tried, and answers which; `worker` says so. */
    failUntried: (worker: string, untried: readonly Untried[]): Promise<SettledUntried[]> => settleUntried(pool, worker, untried),
    abandon: (activationId: string, error: ActivationError, options: { only: 'overdue' | 'unfinished' }): Promise<Write> =>
      abandonActivation(prisma, activationId, error, options),
    undoAfterLoss: (activation: ClaimedActivation, bridgeIntegrationId: string | undefined): Promise<Write> =>
      undoAfterLoss(prisma, activation, bridgeIntegrationId),
  };
}

export type ActivationStore = ReturnType<typeof createActivationStore>;
