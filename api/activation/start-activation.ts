import type pg from 'pg';
import { expireActivation } from '../../shared/activations/abandon.ts';
import { activationError } from '../../shared/activations/error.ts';
import type { ActivationJob } from '../../shared/activations/job.ts';
import type { ActivationOutcome } from '../../shared/activations/outcome.ts';
import { type ActivationSettings, hashOf } from '../../shared/activations/settings.ts';
import { createId } from '../../shared/auth/tokens.ts';
import type { DatabaseClock } from '../../shared/database/clock.ts';
import { isDatabaseUnavailable, type PrismaClient } from '../../shared/database/database.ts';
import type { Keyring } from '../../shared/encryption/keyring.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import type { JobQueue } from '../../shared/queue/job-queue.ts';
import type { Instance } from '../auth/caller.ts';
import { createBackpressure, overloaded } from './backpressure.ts';
import type { Completion, CompletionWaiter } from './completion-waiter.ts';
import { type ExistingActivation, findExisting } from './find-existing.ts';
import { type Inserted, insertActivation } from './queries/insert-activation.ts';
import { createQueueing } from './queueing.ts';

export interface ActivationRequest {
  readonly instance: Instance;
  readonly settings: ActivationSettings;
  readonly chatwootToken: string;
  readonly requestId: string;
  /** By this process's own clock; the row has it by the database's. */
  readonly deadlineAt: Date;
  /** The client's name for this request: sent again, it means the same activation. */
  readonly idempotencyKey?: string | undefined;
  /** Aborts when the client has gone: nobody waits then, but the activation goes on. */
  readonly signal: AbortSignal;
}

export type StartedActivation =
  /** Under way; `completion` never rejects. */
  | { readonly kind: 'running'; readonly activationId: string; readonly completion: Promise<Completion> }
  /** This very request was made before, and this came of it. */
  | { readonly kind: 'finished'; readonly activationId: string; readonly outcome: ActivationOutcome };

export interface Activations {
  /**
   * Begins an activation, or joins the one that is already under way for the same request. Throws PonteError `activation_conflict`,
   * `idempotency_key_reused`, `overloaded` or `queue_unavailable`; nothing was started then.
   */
  start(request: ActivationRequest): Promise<StartedActivation>;
  /** What waits for its turn gets its job now, so that a worker has it when this process is gone. */
  stop(): Promise<void>;
}

/** Others can end or start an activation between our look and our write; after this many rounds something else is wrong. */
const MAX_ROUNDS = 10;
const NONE: ExistingActivation = { kind: 'none' };
/** Finds what there is of a request already, and else begins an activation. */
export function createActivations(deps: {
  prisma: PrismaClient;
  pool: pg.Pool;
  keyring: Keyring;
  queue: JobQueue<ActivationJob>;
  waiter: CompletionWaiter;
  clock: DatabaseClock;
  logger: Logger;
}): Activations {
  const { prisma, pool, keyring, queue, waiter, clock, logger } = deps;
  const backpressure = createBackpressure({ prisma });
  const queueing = createQueueing({ prisma, pool, queue, waiter, logger });

  async function start(request: ActivationRequest): Promise<StartedActivation> {
    const { instance, settings, chatwootToken } = request;
    const hash = hashOf(settings, { instanceId: instance.id, chatwootToken });
    // Nearly always there is nothing to be found: without a key the insert tells as well, and saves a statement. Where there is no room
    // for another one, it has to be looked first: what is under way can still be joined.
    const isNew = request.idempotencyKey === undefined && !(await backpressure.isOverloaded(instance.accountId));
    let existing = isNew ? NONE : await look(request, hash);
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const started = await startOnce(request, hash, existing);
      if (started !== undefined) return started;
      existing = await look(request, hash);
    }
    throw new Error(`no activation could be started in ${MAX_ROUNDS} rounds`);
  }

  /** What there is of a request already. Throws PonteError `overloaded` where that is nothing, and there is no room for it. */
  async function look(request: ActivationRequest, hash: string): Promise<ExistingActivation> {
    const existing = await findExisting(prisma, request, hash);
    if (existing.kind === 'none' && (await backpressure.isOverloaded(request.instance.accountId))) throw overloaded();
    return existing;
  }

  /** Undefined when somebody else was quicker, so that it has to be looked again. */
  async function startOnce(
    request: ActivationRequest,
    hash: string,
    existing: ExistingActivation,
  ): Promise<StartedActivation | undefined> {
    switch (existing.kind) {
      case 'none':
        return begin(request, hash);
      case 'overdue':
        await expireActivation(prisma, existing.id);
        return undefined;
      case 'same': {
        const deadlineAt = new Date(existing.deadlineAt.getTime() - (await databaseAheadMs()));
        return { kind: 'running', activationId: existing.id, completion: waiter.wait(existing.id, deadlineAt, request.signal) };
      }
      case 'finished':
        return { kind: 'finished', activationId: existing.id, outcome: existing.outcome };
      case 'changed':
        return undefined;
      case 'conflict':
        throw new PonteError('activation_conflict', { activationId: existing.id });
      case 'key_reused':
        throw new PonteError('idempotency_key_reused', { activationId: existing.id });
    }
  }

  /** Whoever waits counts by this process's clock, and everybody else by the database's. */
  const databaseAheadMs = async (): Promise<number> => (await clock.nowMs()) - Date.now();

  /** Undefined when another activation of the instance was quicker. */
  async function begin(request: ActivationRequest, hash: string): Promise<StartedActivation | undefined> {
    const { instance, settings, requestId, deadlineAt, signal } = request;
    const { accountId } = instance;
    const { chatwootBaseUrl } = settings;
    const insertIt = (heldMs: number): Promise<string | undefined> => insert(request, hash, heldMs);
    const begun = await queueing.begin({ accountId, chatwootBaseUrl, requestId, deadlineAt, signal, insert: insertIt });
    return begun === undefined ? undefined : { kind: 'running', ...begun };
  }

  /** Answers the new row's id, or undefined when another activation of the instance was quicker. */
  async function insert(request: ActivationRequest, hash: string, heldMs: number): Promise<string | undefined> {
    const { instance, settings, chatwootToken, requestId, idempotencyKey } = request;
    const deadlineAt = new Date(request.deadlineAt.getTime() + (await databaseAheadMs()));
    const id = createId('act');
    const envelope = keyring.encrypt(chatwootToken, { purpose: 'chatwoot-token', owner: instance.id });
    const row = { id, instanceId: instance.id, requestHash: hash, settings, chatwootToken: envelope, requestId, deadlineAt };
    let inserted: Inserted;
    try {
      inserted = await insertActivation(pool, { ...row, idempotencyKey, heldMs });
    } catch (error) {
      // The row may be there all the same, without a job and with nobody who waits.
      if (isDatabaseUnavailable(error)) void queueing.abandon(id, activationError('database_unavailable'));
      throw error;
    }
    if (inserted === 'no_instance') throw new PonteError('instance_not_found');
    return inserted === 'inserted' ? id : undefined;
  }

  return { start, stop: queueing.stop };
}
