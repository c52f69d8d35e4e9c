import type { ClaimedActivation } from '../../shared/activations/claim.ts';
import { type ActivationError, activationError, toActivationError } from '../../shared/activations/error.ts';
import { type ActivationJob, activationJobSchema } from '../../shared/activations/job.ts';
import type { Applicant } from '../../shared/activations/queries/find-applicant.ts';
import type { Write } from '../../shared/activations/settle.ts';
import type { TraceEntry } from '../../shared/activations/trace.ts';
import { classifyBridgeFailure } from '../../shared/bridge-client/classification.ts';
import type { ActivatedIntegration, BridgeClient } from '../../shared/bridge-client/client.ts';
import { chatwootSight, mayHaveTakenEffect } from '../../shared/bridge-client/effect.ts';
import type { BridgeFailure } from '../../shared/bridge-client/outcome.ts';
import { isDatabaseUnavailable } from '../../shared/database/database.ts';
import type { Keyring } from '../../shared/encryption/keyring.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import type { JobProcessor } from '../../shared/queue/consumer.ts';
import { PutBack } from '../../shared/queue/put-back.ts';
import type { Admission, Candidate, Pass, Verdict } from '../admission/admission.ts';
import { hangingError } from '../admission/hanging-error.ts';
import type { Telling } from '../admission/telling.ts';
import { giveUp, isDeliberate, tryAgain } from '../job-errors.ts';
import type { TryMetrics } from '../metrics/tries.ts';
import { callBridge } from './bridge-call.ts';
import { describeWriteFailure, isPassing, persist } from './persist.ts';
import { lastWord, pauseMs, planRetry } from './retry.ts';
import type { ActivationStore } from './store.ts';

/** Less than this before the deadline, a call would only leave something to undo. */
const LEAST_TIME_FOR_A_CALL_MS = 200;
/** Told to whom there was no room for in time. */
const OVERLOADED_RETRY_AFTER_SECONDS = 30;

export interface ActivationProcessorDeps {
  readonly store: ActivationStore;
  readonly admission: Admission;
  readonly telling: Telling;
  readonly bridge: BridgeClient;
  readonly bridgeUrl: string;
  /** Where the bridge reaches the api. */
  readonly ryzeapiUrl: string;
  readonly keyring: Keyring;
  /** Tells the queue of removals; never throws. */
  readonly enqueueRemovals: (removalIds: readonly string[]) => Promise<void>;
  /** For how long a bridge that cannot be reached is tried. */
  readonly bridgePatienceMs: number;
  readonly metrics: Pick<TryMetrics, 'observeActivation'>;
  /** Which worker this is, for the trace. */
  readonly workerName: string;
  readonly logger: Logger;
}

/** What was decided of one that need not wait; undefined where there is nothing to decide, because it is no more to be run. */
type Admitted = Exclude<Verdict, { kind: 'wait' }> | undefined;

/** One claimed try, from its claim to what is thrown or returned for it. */
interface Try {
  readonly activation: ClaimedActivation;
  readonly verdict: Admitted;
  readonly signal: AbortSignal;
  readonly log: Logger;
  readonly entry: Omit<TraceEntry, 'outcome'>;
  readonly claimedAtMs: number;
  /** Of `performance.now()`. */
  readonly deadlineMs: number;
}

/**
 * Runs one job of the queue of activations: claims the row, calls the bridge, records what came of it. Wherever this process dies, the
 * job runs again elsewhere and repeats only what has no second effect: the claim fences the rows, the activation's id the bridge.
 */
export function createActivationProcessor(deps: ActivationProcessorDeps): JobProcessor {
  const { store } = deps;

  const after = async (write: Write): Promise<void> => {
    if (write.kind === 'written') await deps.enqueueRemovals(write.removalIds);
  };

  /** Where there is no room for it now, the job goes back to the queue, the row untouched. */
  async function run(activationId: string, signal: AbortSignal): Promise<{ state: string } | PutBack> {
    const told = deps.telling.toldTo(activationId);
    if (told !== undefined) throw giveUp(told);
    const unseen = deps.admission.takeUnseen();
    if (unseen !== undefined) return runIn(unseen, activationId, signal);
    const applicant = await store.applicant(activationId);
    if (applicant === undefined) return runAdmitted(activationId, undefined, signal);
    const candidate = candidateOf(applicant);
    const verdict = deps.admission.ask(candidate);
    if (verdict.kind === 'hanging') {
      const error = await deps.telling.tell(candidate, verdict.silence);
      if (error !== undefined) throw giveUp(error);
    }
    if (verdict.kind === 'wait') {
      const { delayMs, leastMs } = verdict;
      // By then it has to be told.
      const sparedMs = applicant.remainingMs - 2 * leastMs;
      return sparedMs > 0 ? new PutBack(Math.min(delayMs, sparedMs)) : abandon(activationId, overloaded());
    }
    return verdict.kind === 'admitted' ? runIn(verdict, activationId, signal) : runAdmitted(activationId, verdict, signal);
  }

  async function runIn(pass: Pass, activationId: string, signal: AbortSignal): Promise<{ state: string }> {
    try {
      return await runAdmitted(activationId, pass, signal);
    } finally {
      pass.leave('nothing', 0);
    }
  }

  async function runAdmitted(activationId: string, verdict: Admitted, signal: AbortSignal): Promise<{ state: string }> {
    const claimedAtMs = performance.now();
    const claim = await store.claim(activationId);
    switch (claim.kind) {
      case 'claimed':
        if (verdict?.kind === 'admitted') verdict.show?.(claimedCandidate(claim.activation));
        return runTry(beginTry(claim.activation, claimedAtMs, verdict, signal));
      case 'succeeded':
      case 'gone':
        return { state: claim.kind };
      case 'failed':
        throw giveUp(claim.error ?? new PonteError('internal'));
      case 'expired':
        return abandon(activationId, activationError('activation_expired', { activationId }));
      case 'unreadable':
        return abandon(activationId, activationError('job_unreadable', { activationId }));
    }
  }

  function beginTry(activation: ClaimedActivation, claimedAtMs: number, verdict: Admitted, signal: AbortSignal): Try {
    const { id, attempt, trace, requestId, instanceName, instanceId, createdAt, deadlineAt, remainingMs } = activation;
    const startedAtMs = deadlineAt.getTime() - remainingMs;
    const previous = trace.at(-1);
    const waitedSinceMs = previous
      ? Date.parse(previous.startedAt) + (previous.bridgeMs ?? 0) + (previous.storeMs ?? 0)
      : createdAt.getTime();
    return {
      activation,
      verdict,
      signal,
      log: deps.logger.child({ activationId: id, requestId, instance: instanceName, instanceId, attempt }),
      entry: {
        attempt,
        worker: deps.workerName,
        // By the database's clock, like everything else in the row.
        startedAt: new Date(startedAtMs).toISOString(),
        queueWaitMs: Math.max(0, Math.round(startedAtMs - waitedSinceMs)),
      },
      claimedAtMs,
      deadlineMs: claimedAtMs + remainingMs,
    };
  }

  /** The one line in the log that each try leaves. */
  function report({ log, entry, claimedAtMs }: Try, outcome: string, more: Record<string, unknown>): void {
    const { queueWaitMs, bridgeMs, chatwootMs } = entry;
    const totalMs = Math.round(performance.now() - claimedAtMs);
    log[outcome === 'succeeded' ? 'info' : 'warn'](
      { outcome, ...more, queueWaitMs, bridgeMs, chatwootMs, totalMs },
      'activation attempt',
    );
    deps.metrics.observeActivation({ outcome, totalMs });
  }

  async function runTry(current: Try): Promise<{ state: string }> {
    const { activation, verdict, signal } = current;
    if (verdict?.kind === 'hanging') {
      return end(current, hangingError(activation.settings.chatwootBaseUrl, verdict.silence), false);
    }
    if (activation.remainingMs < LEAST_TIME_FOR_A_CALL_MS) {
      return end(current, activationError('activation_expired', { activationId: activation.id }), false);
    }
    let token: string;
    try {
      token = deps.keyring.decrypt(activation.chatwootToken, { purpose: 'chatwoot-token', owner: activation.instanceId });
    } catch (error) {
      if (!(error instanceof PonteError)) throw error;
      return end(current, toActivationError(error), false);
    }
    const calledAtMs = performance.now();
    const outcome = await callBridge(deps, activation, token, signal);
    const bridgeMs = Math.round(performance.now() - calledAtMs);
    const sight = chatwootSight(outcome);
    // What comes now waits for our own database only.
    if (verdict?.kind === 'admitted') verdict.leave(sight.kind, bridgeMs);
    if (outcome.ok) {
      const chatwootMs = outcome.value.chatwoot_ms ?? undefined;
      return recordSuccess({ ...current, entry: { ...current.entry, bridgeMs, chatwootMs } }, outcome.value);
    }
    return handleFailure({ ...current, entry: { ...current.entry, bridgeMs } }, outcome.failure, token);
  }

  async function recordSuccess(current: Try, result: ActivatedIntegration): Promise<{ state: string }> {
    const { activation, entry, signal, log } = current;
    let write: Write;
    try {
      const succeeded = { ...entry, outcome: 'succeeded' };
      write = await persist(() => store.succeed(activation, result, succeeded), current.deadlineMs, signal);
    } catch (error) {
      const reason = describeWriteFailure(error);
      log.error({ reason, bridgeIntegrationId: result.id }, 'an activated integration could not be recorded');
      // Whoever runs it next gets the same answer from the bridge, and may have a database to record it in.
      if (signal.aborted && isPassing(error)) throw tryAgain(new PonteError('shutting_down'), 0);
      return end(current, activationError('persist_failed', { detail: reason }), true);
    }
    if (write.kind === 'lost') {
      log.warn({ bridgeIntegrationId: result.id }, 'another attempt took this activation over; nothing recorded');
      await after(await persist(() => store.undoAfterLoss(activation, result.id), current.deadlineMs, signal));
      return { state: 'lost' };
    }
    await after(write);
    report(current, 'succeeded', { bridgeIntegrationId: result.id });
    return { state: 'succeeded' };
  }

  async function handleFailure(current: Try, failure: BridgeFailure, token: string): Promise<{ state: string }> {
    const { activation, log, entry } = current;
    const error = classifyBridgeFailure(failure, activation.settings, deps.bridgeUrl, [token]);
    const mayHaveLeft = mayHaveTakenEffect(failure);
    const remainingMs = current.deadlineMs - performance.now();
    const same = activation.trace.filter(({ outcome }) => outcome === error.code);
    const sight = chatwootSight({ ok: false, failure });
    // One that was aborted is no verdict: whoever runs it next begins at once.
    const delayMs =
      failure.kind === 'aborted'
        ? 0
        : planRetry(error, {
            triesMade: activation.attempt,
            sameOutcome: 1 + same.length,
            sameForMs: sinceMs(current, same[0] ?? entry),
            bridgePatienceMs: deps.bridgePatienceMs,
            wasSilent: sight.kind === 'silent' && sight.sent,
            remainingMs,
          });
    if (delayMs === undefined) return end(current, lastWord(error), mayHaveLeft);

    report(current, error.code, { reason: error.message, retryInMs: delayMs });
    const tried = { ...entry, outcome: error.code, ...(mayHaveLeft ? { mayHaveLeft: true as const } : {}) };
    // A try that is missing from the trace counts as one that may have left something.
    await store.recordTry(activation, tried).catch((problem: unknown) => {
      log.warn({ reason: describeWriteFailure(problem) }, 'a try could not be recorded');
    });
    throw tryAgain(error, delayMs);
  }

  /** Ends the activation as failed, and has undone whatever any of its tries may have left. */
  async function end(current: Try, error: ActivationError, mayHaveLeft: boolean): Promise<never> {
    const { activation, entry, signal, log } = current;
    const undo = mayHaveLeft || earlierTriesMayHaveLeft(activation);
    let write: Write;
    try {
      const failed = { ...entry, outcome: error.code };
      write = await persist(() => store.fail(activation, { error, entry: failed, undo }), current.deadlineMs, signal);
      if (write.kind === 'lost' && undo) write = await store.undoAfterLoss(activation, undefined);
    } catch (problem) {
      // The bridge answers the next run as it did this one, so nothing is lost but time.
      log.error({ reason: describeWriteFailure(problem), outcome: error.code }, 'the end of an activation could not be recorded');
      throw tryAgain(error, pauseMs(activation.attempt));
    }
    await after(write);
    report(current, error.code, { reason: error.message, undo });
    throw giveUp(error);
  }

  async function abandon(activationId: string, error: ActivationError): Promise<never> {
    const only = error.code === 'activation_expired' ? 'overdue' : 'unfinished';
    await after(await store.abandon(activationId, error, { only }));
    deps.logger.warn({ activationId, outcome: error.code }, 'activation given up');
    throw giveUp(error);
  }

  /** What nobody foresaw ends the job, never the worker; the database being away only delays it. */
  async function handleSurprise(job: ActivationJob, problem: unknown, triesMade: number): Promise<never> {
    const { activationId, requestId } = job;
    if (isDatabaseUnavailable(problem)) {
      deps.logger.warn({ activationId, requestId, reason: describeWriteFailure(problem) }, 'activation attempt');
      throw tryAgain(new PonteError('database_unavailable'), pauseMs(triesMade + 1));
    }
    deps.logger.error({ activationId, requestId, err: problem }, 'unexpected error in the worker');
    return abandon(activationId, activationError('internal', { requestId: requestId ?? activationId }));
  }

  return async (job, signal) => {
    const parsed = activationJobSchema.safeParse(job.data);
    // The id of the job is the activation's, whatever its data may be.
    const data: ActivationJob = parsed.data ?? { v: 1, activationId: job.id ?? '' };
    try {
      if (!parsed.success)
        return await abandon(data.activationId, activationError('job_unreadable', { activationId: data.activationId }));
      return await run(data.activationId, signal);
    } catch (error) {
      if (isDeliberate(error)) throw error;
      return handleSurprise(data, error, job.attemptsMade);
    }
  };
}

function candidateOf({ id, accountId, chatwootBaseUrl, createdAt }: Omit<Applicant, 'remainingMs'>): Candidate {
  const host = URL.canParse(chatwootBaseUrl) ? new URL(chatwootBaseUrl).host : chatwootBaseUrl;
  return { id, accountId, host, chatwootBaseUrl, createdAtMs: createdAt.getTime() };
}

const claimedCandidate = ({ id, accountId, createdAt, settings: { chatwootBaseUrl } }: ClaimedActivation): Candidate =>
  candidateOf({ id, accountId, createdAt, chatwootBaseUrl });

const overloaded = (): ActivationError => ({
  ...activationError('overloaded', { seconds: OVERLOADED_RETRY_AFTER_SECONDS }),
  retryAfterSeconds: OVERLOADED_RETRY_AFTER_SECONDS,
});

/** How long ago a try of the same activation began; both beginnings are by the database's clock. */
const sinceMs = ({ entry, claimedAtMs }: Try, earlier: Pick<TraceEntry, 'startedAt'>): number =>
  Date.parse(entry.startedAt) - Date.parse(earlier.startedAt) + (performance.now() - claimedAtMs);

/** A try that is missing from the trace was cut off (its process died), so nobody knows what it did. */
function earlierTriesMayHaveLeft({ attempt, trace }: ClaimedActivation): boolean {
  return trace.length < attempt - 1 || trace.some((entry) => entry.mayHaveLeft);
}
