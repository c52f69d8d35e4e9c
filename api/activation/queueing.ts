import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { abandonActivation } from '../../shared/activations/abandon.ts';
import { type ActivationError, activationError } from '../../shared/activations/error.ts';
import type { ActivationJob } from '../../shared/activations/job.ts';
import type { PrismaClient } from '../../shared/database/database.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import { createFairTurns } from '../../shared/fair-turns.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import type { JobQueue } from '../../shared/queue/job-queue.ts';
import { createUnderWay } from '../../shared/under-way.ts';
import type { Completion, CompletionWaiter } from './completion-waiter.ts';
import { createHostTurns, HELD_AT_MOST_MS, type Held, type Place } from './host-turns.ts';
import { createTellHeld } from './tell-held.ts';
import { createUnfinishedCounts } from './unfinished-counts.ts';

/** An activation that is about to begin. */
export interface Applicant {
  readonly accountId: string;
  readonly chatwootBaseUrl: string;
  readonly requestId: string;
  /** By this process's own clock. */
  readonly deadlineAt: Date;
  /** Aborts when the client has gone: nobody waits then, but the activation goes on. */
  readonly signal: AbortSignal;
  /**
   * Writes its row, and answers its id; undefined where another activation of the instance was quicker. The row says that nobody is to miss its job
   * for `heldMs`.
   */
  insert(heldMs: number): Promise<string | undefined>;
}

/** One that has a row, and whoever waits for its end. */
export interface Begun {
  readonly activationId: string;
  /** Never rejects. */
  readonly completion: Promise<Completion>;
}
interface Waited extends Begun {
  /** Nobody is to wait for it. */
  refuse(): void;
}

export interface Queueing {
  /**
   * Writes the row, registers who waits for it, and only then queues the job that carries the row's id: at once, or when its Chatwoot's turn has
   * come; resolves once there is a row. Undefined where `insert` says so. Throws what `insert` throws, and PonteError `queue_unavailable`: the row
   * has ended then.
   */
  begin(applicant: Applicant): Promise<Begun | undefined>;
  /** Ends a row that nobody shall run, and answers whether it did. Where the database is away it tries again, for half a minute. */
  abandon(activationId: string, reason: ActivationError): Promise<boolean>;
  /** What waits for its turn gets its job now, so that a worker has it when this process is gone. */
  stop(): Promise<void>;
}

interface Waiter extends Held {
  written(): Promise<Waited | undefined>;
}

/** Pauses before the tries to end a row whose job could not be queued, while the database is away as well. */
const ABANDON_PAUSES_MS = [0, 1_000, 2_000, 4_000, 8_000, 16_000];
/** How long the client is kept waiting for that. */
const ABANDON_WAIT_MS = 300;

/**
 * Activations that are written down and queued at a time: fewer than there are connections, or who only wants to look would wait behind hundreds
 * of them; and so few that on a busy machine none of them waits for the queue for as long as if it were away. Where database or queue say
 * nothing, the next ones have to hear of it in time.
 */
const TURNS = { width: 4, silentMs: 150 };

/** Begins activations: at once, or when the turn of their Chatwoot has come. */
export function createQueueing(deps: {
  prisma: PrismaClient;
  pool: pg.Pool;
  queue: JobQueue<ActivationJob>;
  waiter: CompletionWaiter;
  logger: Logger;
}): Queueing {
  const { prisma, queue, waiter, logger } = deps;
  const inTurn = createFairTurns(TURNS);
  const unfinished = createUnfinishedCounts();
  const tellHeld = createTellHeld({ pool: deps.pool, processName: `${hostname()}:${process.pid}`, logger });
  const hosts = createHostTurns<Waiter>({ tell: (held, error) => void tell(held, error) });
  const going = createUnderWay();

  /** Who cannot be told hears of it from a worker. */
  async function tell(held: readonly Waiter[], error: ActivationError): Promise<void> {
    for (const one of await tellHeld(held, error)) one.go();
  }

  async function begin(applicant: Applicant): Promise<Begun | undefined> {
    const place = hosts.take(applicant.chatwootBaseUrl);
    return place === undefined ? hold(applicant) : inTurn(applicant.accountId, () => beginNow(applicant, place));
  }

  async function beginNow(applicant: Applicant, place: Place): Promise<Begun | undefined> {
    let begun: Waited | undefined;
    try {
      begun = await write(applicant, 0);
    } finally {
      if (begun === undefined) place.leave();
    }
    if (begun === undefined) return undefined;
    void begun.completion.then((came) => place.leave(came));
    if (await add(applicant, begun)) return begun;
    begun.refuse();
    throw new PonteError('queue_unavailable');
  }

  function hold(applicant: Applicant): Promise<Begun | undefined> {
    const { accountId, chatwootBaseUrl } = applicant;
    return new Promise((resolve, reject) => {
      let writing: Promise<Waited | undefined> | undefined;
      const written = (): Promise<Waited | undefined> => {
        if (writing === undefined) {
          const row = inTurn(accountId, () => write(applicant, HELD_AT_MOST_MS));
          row.then(resolve, reject);
          writing = row.catch(() => undefined);
        }
        return writing;
      };
      const go = async (place?: Place): Promise<void> => {
        const begun = await written();
        if (begun === undefined) return place?.leave();
        void begun.completion.then((came) => place?.leave(came));
        await inTurn(accountId, () => add(applicant, begun));
      };
      hosts.hold(chatwootBaseUrl, {
        accountId,
        written,
        go: (place) => void going.begin(go(place)),
      });
    });
  }

  async function write({ deadlineAt, signal, insert }: Applicant, heldMs: number): Promise<Waited | undefined> {
    const activationId = await insert(heldMs);
    if (activationId === undefined) return undefined;
    const refused = new AbortController();
    const completion = waiter.wait(activationId, deadlineAt, AbortSignal.any([signal, refused.signal]));
    return { activationId, completion, refuse: () => refused.abort() };
  }

  /** Answers whether the activation goes on; one whose job could not be queued has ended. */
  async function add({ accountId, requestId, deadlineAt }: Applicant, { activationId, completion }: Begun): Promise<boolean> {
    const behind = unfinished.add(accountId, completion, deadlineAt);
    try {
      await queue.add(activationId, { v: 1, activationId, requestId }, { behind });
      return true;
    } catch (error) {
      logger.warn({ activationId, requestId, reason: String(error) }, 'the activation could not be queued');
      // A worker that has it already is proof that the job was added: then its outcome is the answer.
      return !(await Promise.race([abandon(activationId, activationError('queue_unavailable')), delay(ABANDON_WAIT_MS, true)]));
    }
  }

  async function abandon(activationId: string, reason: ActivationError): Promise<boolean> {
    let problem: unknown;
    for (const pauseMs of ABANDON_PAUSES_MS) {
      await delay(pauseMs, undefined, { ref: false });
      try {
        const write = await abandonActivation(prisma, activationId, reason, { only: 'pending' });
        return write.kind === 'written';
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

  return {
    begin,
    abandon,
    async stop() {
      hosts.stop();
      await going.ended();
    },
  };
}
