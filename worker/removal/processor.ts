import { type ActivationError, activationError } from '../../shared/activations/error.ts';
import { removalJobSchema } from '../../shared/activations/job.ts';
import type { ClaimedRemoval, RemovalStore } from '../../shared/activations/removals.ts';
import { backoffMs } from '../../shared/backoff.ts';
import { classifyBridgeFailure } from '../../shared/bridge-client/classification.ts';
import type { BridgeClient } from '../../shared/bridge-client/client.ts';
import { isRemovalUnderWay } from '../../shared/bridge-client/effect.ts';
import type { BridgeFailure, BridgeOutcome } from '../../shared/bridge-client/outcome.ts';
import { isDatabaseUnavailable } from '../../shared/database/database.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import type { JobProcessor } from '../../shared/queue/consumer.ts';
import { PutBack } from '../../shared/queue/put-back.ts';
import { createLanes } from '../admission/lanes.ts';
import { giveUp, isDeliberate, tryAgain } from '../job-errors.ts';
import type { TryMetrics } from '../metrics/tries.ts';
import { WORKER_LIMITS } from '../timeouts.ts';

/** Tries until a removal is given up: with the pauses between them some two days. */
export const MOST_TRIES = 60;
/** Removals of one account at a time, in each worker process. */
const MOST_OF_ACCOUNT = 5;
/** For so long one that waits for its turn stays in the queue, unless it is called earlier. */
const COME_BACK_MS = 10_000;
/** With so many tries as there are they last two days, whatever chance leaves out. */
const PAUSES = { firstMs: 1_000, maxMs: 3_600_000, jitter: 0.25 };

/** The pause after so many tries. */
export const removalPauseMs = (triesMade: number, random: () => number = Math.random): number =>
  backoffMs(PAUSES, triesMade, random);

/** Runs one job of the queue of removals: has the bridge remove an integration, or what an activation may have left. */
export function createRemovalProcessor(deps: {
  store: RemovalStore;
  bridge: BridgeClient;
  bridgeUrl: string;
  /** Has the jobs of these removals run now; never throws. */
  call: (removalIds: readonly string[]) => void;
  metrics: Pick<TryMetrics, 'observeRemoval'>;
  logger: Logger;
}): JobProcessor {
  const { store, bridge } = deps;

  const lanes = createLanes({ width: () => MOST_OF_ACCOUNT, comeBackMs: COME_BACK_MS, now: () => performance.now() });

  /** A customer whose Chatwoot hangs does not hold up the removals of the others: what is over the limit goes back to the queue. */
  async function runInLane(removalId: string, signal: AbortSignal): Promise<{ state: string } | PutBack> {
    const due = await store.due(removalId);
    if (due === null) return { state: 'nothing to do' };
    const { accountId } = due;
    const passenger = { id: removalId, createdAtMs: due.createdAt.getTime() };
    lanes.sweep();
    lanes.stopWaiting(accountId, removalId);
    if (lanes.turnsAhead(accountId, passenger) > 0) {
      lanes.wait(accountId, passenger, performance.now() + 2 * COME_BACK_MS);
      return new PutBack(COME_BACK_MS);
    }
    lanes.enter(accountId);
    try {
      return await run(removalId, signal);
    } finally {
      lanes.leave(accountId);
      deps.call(lanes.call(accountId, { all: false }));
    }
  }

  async function run(removalId: string, signal: AbortSignal): Promise<{ state: string }> {
    const removal = await store.claim(removalId, WORKER_LIMITS.removalClaimMs);
    if (removal === undefined) return { state: 'nothing to do' };
    const { instanceName, attempts, reason, bridgeIntegrationId, activationId } = removal;
    const log = deps.logger.child({
      removalId,
      instance: instanceName,
      attempt: attempts,
      reason,
      bridgeIntegrationId,
      activationId,
    });
    const outcome = await callBridge(removal, signal);
    if (outcome.ok) {
      await store.finish(removalId);
      log.info({ outcome: outcome.value }, 'removal attempt');
      deps.metrics.observeRemoval(outcome.value);
      return { state: outcome.value };
    }
    const error = classifyBridgeFailure(outcome.failure, chatwootOf(outcome.failure), deps.bridgeUrl);
    deps.metrics.observeRemoval(error.code);
    if (outcome.failure.kind === 'aborted') return postpone(removalId, error, 0, false);
    if (attempts < MOST_TRIES) {
      const delayMs = Math.max(removalPauseMs(attempts), (error.retryAfterSeconds ?? 0) * 1_000);
      log.warn({ outcome: error.code, lastError: error.message, retryInMs: delayMs }, 'removal attempt');
      return postpone(removalId, error, delayMs, isRemovalUnderWay(outcome.failure));
    }
    log.error({ outcome: error.code, lastError: error.message }, 'removal given up; it has to be done by hand');
    await store.bury(removalId, error.message);
    throw giveUp(error);
  }

  function callBridge(removal: ClaimedRemoval, signal: AbortSignal): Promise<BridgeOutcome<'removed' | 'absent'>> {
    const options = { timeoutMs: WORKER_LIMITS.removeMs, requestId: removal.id, signal };
    if (removal.bridgeIntegrationId !== null) return bridge.remove(removal.bridgeIntegrationId, options);
    return bridge.cancel(removal.activationId ?? '', options);
  }

  async function postpone(removalId: string, error: ActivationError, delayMs: number, knownToBridge: boolean): Promise<never> {
    await store.postpone(removalId, { lastError: error.message, delayMs, knownToBridge });
    throw tryAgain(error, delayMs);
  }

  return async (job, signal) => {
    const parsed = removalJobSchema.safeParse(job.data);
    if (!parsed.success) throw giveUp(new PonteError('job_unreadable', { activationId: job.id ?? '' }));
    try {
      return await runInLane(parsed.data.removalId, signal);
    } catch (problem) {
      if (isDeliberate(problem)) throw problem;
      const { removalId } = parsed.data;
      if (isDatabaseUnavailable(problem)) deps.logger.warn({ removalId }, 'a removal has to wait for the database');
      else deps.logger.error({ removalId, err: problem }, 'unexpected error in the worker');
      throw tryAgain(activationError('database_unavailable'), removalPauseMs(job.attemptsMade + 1));
    }
  };
}

/** Which Chatwoot a failure speaks of: a removal does not know, but the call that failed has it in its address. */
function chatwootOf(failure: BridgeFailure): { chatwootBaseUrl: string; chatwootAccountId: number } {
  const url = failure.kind === 'http' ? (failure.error?.upstream?.url ?? '') : '';
  return {
    chatwootBaseUrl: URL.canParse(url) ? new URL(url).origin : 'an unknown address',
    chatwootAccountId: Number(/\/accounts\/(\d+)/.exec(url)?.[1] ?? 0),
  };
}
