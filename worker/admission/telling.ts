import { setTimeout as delay } from 'node:timers/promises';
import type { ActivationError } from '../../shared/activations/error.ts';
import { createGathering } from '../../shared/gathering.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import type { ActivationStore } from '../activation/store.ts';
import type { TryMetrics } from '../metrics/tries.ts';
import type { Candidate } from './admission.ts';
import { hangingError } from './hanging-error.ts';
import type { Silence } from './silences.ts';

/** With hundreds at a time their answers alone would keep the api, which writes them, from everybody else. */
const TOLD_TOGETHER = { width: 1, most: 20, silentMs: 10_000 };
/** After each group the api has its clients to answer, and others to serve. */
const PAUSE_MS = 60;
/** By then the job of one that was told has come back. */
const REMEMBERED_MS = 60_000;

export interface Telling {
  /** Tells one that its host hangs: with what it was told, or undefined where somebody has tried it before, or is about to. */
  tell(candidate: Candidate, silence: Silence): Promise<ActivationError | undefined>;
  /** What an activation was told whose job has come back since. */
  toldTo(activationId: string): ActivationError | undefined;
}

/**
 * Tells activations at once that their host is known to hang, in groups and by a statement each: neither has their job to come back first, nor a
 * worker to claim them one by one.
 */
export function createTelling(deps: {
  store: Pick<ActivationStore, 'failUntried'>;
  metrics: Pick<TryMetrics, 'observeActivation'>;
  workerName: string;
  logger: Logger;
}): Telling {
  const { store, workerName, logger } = deps;
  const told = new Map<string, { readonly error: ActivationError; readonly untilMs: number }>();

  async function tellTogether(
    group: readonly { candidate: Candidate; silence: Silence }[],
  ): Promise<(ActivationError | undefined)[]> {
    for (const [id, { untilMs }] of told) if (untilMs < performance.now()) told.delete(id);
    const beganAtMs = performance.now();
    const untried = group.map(({ candidate: { id, chatwootBaseUrl }, silence }) => ({
      id,
      error: hangingError(chatwootBaseUrl, silence),
    }));
    const ended = new Map((await store.failUntried(workerName, untried)).map((row) => [row.id, row]));
    const totalMs = Math.round(performance.now() - beganAtMs);
    const answers = untried.map(({ id, error }) => {
      const row = ended.get(id);
      if (row === undefined) return undefined;
      told.set(id, { error, untilMs: performance.now() + REMEMBERED_MS });
      const { code: outcome, message: reason } = error;
      const { requestId, instance, instanceId, queueWaitMs } = row;
      logger.warn(
        { activationId: id, requestId, instance, instanceId, attempt: 1, outcome, reason, queueWaitMs, totalMs },
        'activation attempt',
      );
      deps.metrics.observeActivation({ outcome, totalMs });
      return error;
    });
    await delay(PAUSE_MS);
    return answers;
  }

  const inGroups = createGathering({ ...TOLD_TOGETHER, ask: tellTogether });
  return {
    tell: (candidate: Candidate, silence: Silence) => inGroups({ candidate, silence }),
    toldTo: (activationId) => told.get(activationId)?.error,
  };
}
