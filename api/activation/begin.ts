import { setTimeout as delay } from 'node:timers/promises';
import { createId } from '../../shared/auth/tokens.ts';
import type { ActivationJob, ActivationSettings } from '../../shared/contracts/activation.ts';
import { isDatabaseUnavailable, type PrismaClient, uniqueViolation } from '../../shared/database/database.ts';
import type { Keyring } from '../../shared/encryption/keyring.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import type { JobQueue } from '../../shared/queue/job-queue.ts';
import type { Instance } from '../auth/guards.ts';
import type { Completion, CompletionWaiter } from './completion-waiter.ts';
import { expire, failIfPending } from './end-activation.ts';
import { requestHash } from './request-hash.ts';

export interface ActivationRequest {
  readonly instance: Instance;
  readonly settings: ActivationSettings;
  readonly chatwootToken: string;
  readonly requestId: string;
  readonly deadlineAt: Date;
  /** Aborts when the client has gone: nobody waits then, but the activation goes on. */
  readonly signal: AbortSignal;
}

/** An activation that is under way. `completion` never rejects. */
export interface BegunActivation {
  readonly activationId: string;
  readonly completion: Promise<Completion>;
}

/** Others can end or begin an activation between our look and our write; after this many rounds something else is wrong. */
const MAX_ROUNDS = 10;
/** Pauses before the tries to end a row whose job could not be queued, while the database is away as well. */
const ABANDON_PAUSES_MS = [0, 1_000, 2_000, 4_000, 8_000, 16_000];
/** How long the client is kept waiting for that. */
const ABANDON_WAIT_MS = 300;

/**
 * Begins activations: writes the row, registers who waits, and only then queues the job that carries the row's id.
 * `begin` throws PonteError `activation_conflict` or `queue_unavailable`.
 */
export function createActivations(deps: {
  prisma: PrismaClient;
  keyring: Keyring;
  queue: JobQueue<ActivationJob>;
  waiter: CompletionWaiter;
  logger: Logger;
}) {
  const { prisma, keyring, queue, waiter, logger } = deps;

  async function begin(request: ActivationRequest): Promise<BegunActivation> {
    const { instance, settings, chatwootToken } = request;
    const hash = requestHash(instance.id, settings, chatwootToken);
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const unfinished = await prisma.activation.findFirst({
        where: { instanceId: instance.id, state: { in: ['pending', 'running'] } },
        select: { id: true, requestHash: true, deadlineAt: true },
      });
      if (!unfinished) {
        const activationId = await insert(request, hash);
        if (activationId !== undefined) return enqueue(activationId, request);
      } else if (unfinished.deadlineAt.getTime() <= Date.now()) {
        await expire(prisma, instance, unfinished.id);
      } else if (unfinished.requestHash === hash) {
        return { activationId: unfinished.id, completion: waiter.wait(unfinished.id, unfinished.deadlineAt, request.signal) };
      } else {
        throw new PonteError('activation_conflict', { activationId: unfinished.id });
      }
    }
    throw new Error(`no activation could be begun in ${MAX_ROUNDS} rounds`);
  }

  /** Answers the new row's id, or undefined when another activation of the instance was quicker. */
  async function insert(request: ActivationRequest, hash: string): Promise<string | undefined> {
    const { instance, settings, chatwootToken, requestId, deadlineAt } = request;
    const id = createId('act');
    const envelope = keyring.encrypt(chatwootToken, { purpose: 'chatwoot-token', owner: instance.id });
    try {
      await prisma.activation.create({
        data: { id, instanceId: instance.id, requestHash: hash, settings, chatwootToken: envelope, requestId, deadlineAt },
        select: { id: true },
      });
      return id;
    } catch (error) {
      if (uniqueViolation(error) !== undefined) return undefined;
      // The row may be there all the same, without a job and with nobody who waits.
      if (isDatabaseUnavailable(error)) void abandon(id, new PonteError('database_unavailable'));
      throw error;
    }
  }

  async function enqueue(activationId: string, { requestId, deadlineAt, signal }: ActivationRequest): Promise<BegunActivation> {
    const refused = new AbortController();
    // Before the job is added: a worker can be quicker than we are.
    const completion = waiter.wait(activationId, deadlineAt, AbortSignal.any([signal, refused.signal]));
    try {
      await queue.add(activationId, { v: 1, activationId, requestId });
    } catch (error) {
      logger.warn({ activationId, requestId, reason: String(error) }, 'the activation could not be queued');
      const refusal = new PonteError('queue_unavailable');
      const ended = await Promise.race([abandon(activationId, refusal), delay(ABANDON_WAIT_MS, true)]);
      // A worker that has it already is proof that the job was added: then its outcome is the answer.
      if (ended) {
        refused.abort();
        throw refusal;
      }
    }
    return { activationId, completion };
  }

  /** Ends a row that nobody shall run, and answers whether it did. Where the database is away it tries again, for half a minute. */
  async function abandon(activationId: string, reason: PonteError): Promise<boolean> {
    let problem: unknown;
    for (const pauseMs of ABANDON_PAUSES_MS) {
      await delay(pauseMs, undefined, { ref: false });
      try {
        return await failIfPending(prisma, activationId, reason);
      } catch (error) {
        problem = error;
      }
    }
    logger.error(
      { activationId, reason: String(problem) },
      'an activation without a job could not be ended; it expires by itself',
    );
    return true;
  }

  return { begin };
}

export type Activations = ReturnType<typeof createActivations>;
