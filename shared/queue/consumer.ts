import { setTimeout as delay } from 'node:timers/promises';
import { DelayedError, type Job } from 'bullmq';
import type { Logger } from '../logging/logger.ts';
import { openWorker, type QueueLocation, type StallTimes } from './engine.ts';
import { PutBack } from './put-back.ts';
import { RetryLater } from './retry-later.ts';

/** Runs one job. `signal` aborts when its lock was lost or the process stops: then another run of the same job may be under way. */
export type JobProcessor = (job: Job<unknown>, signal: AbortSignal) => Promise<unknown>;

export interface JobConsumer {
  /** Begins at once, or as soon as the queue can be reached. */
  start(): void;
  /**
   * Takes no more jobs and lets the running ones finish for `graceMs`; then aborts them, so that another worker takes them. Ends
   * a few seconds later at the latest, also when the queue is away.
   */
  stop(graceMs: number): Promise<void>;
}

type Opened = ReturnType<typeof openWorker<unknown, unknown>>;

const REOPEN_AFTER_MS = 1_000;
/** What BullMQ gets to write down what became of its jobs, once none is running any more. */
const CLOSE_TIMEOUT_MS = 2_000;
/**
 * BullMQ fetches one job after the other for all places that are free, and only then begins with the first of them: of hundreds that come at once,
 * each would wait for the last. So it is told of so many free places at a time.
 */
const FETCHED_AHEAD = 4;
/** A queue that is away reports it several times a second. */
const SAME_PROBLEM_EVERY_MS = 10_000;

/**
 * Takes jobs off a queue. A processor that throws RetryLater has its job run again after the time it says, and one that resolves with
 * PutBack too, without that counting as a try; anything else it throws ends the job as failed. `onFailed` hears of every job that has ended so, also of those that BullMQ itself gives up.
 */
export function createJobConsumer(deps: {
  name: string;
  location: QueueLocation;
  concurrency: number;
  stall?: StallTimes;
  processor: JobProcessor;
  onFailed: (jobId: string, reason: Error) => void;
  logger: Logger;
}): JobConsumer {
  const { logger, name } = deps;
  const running = new Set<Promise<unknown>>();
  const reportProblem = createProblemReport(logger, name);
  let opened: Opened | undefined;
  let stopping = false;
  let handingOver = false;

  function open(): Opened {
    const next = openWorker<unknown, unknown>(
      name,
      deps.location,
      (job, token, signal) => {
        // A fetch that was under way as the worker closed may bring back the very job that was handed over, with a signal that nobody aborts.
        const begun = handingOver ? Promise.resolve(new PutBack(0)) : deps.processor(job, signal ?? new AbortController().signal);
        const run = begun.then((result) => (result instanceof PutBack ? putBack(job, token, result) : result));
        running.add(run);
        makeRoom(next);
        return run.finally(() => {
          running.delete(run);
          makeRoom(next);
        });
      },
      {
        concurrency: Math.min(deps.concurrency, FETCHED_AHEAD),
        stall: deps.stall,
        settings: { backoffStrategy },
        onError: reportProblem,
      },
    );
    // The lock has gone to another worker, or will: stop before that one starts, or as soon after it as possible.
    next.worker.on('lockRenewalFailed', (jobIds) => {
      for (const jobId of jobIds) next.worker.cancelJob(jobId, 'the lock was lost');
    });
    next.worker.on('failed', (job, error) => {
      if (job?.id !== undefined && job.finishedOn !== undefined) deps.onFailed(job.id, error);
    });
    return next;
  }

  function makeRoom({ worker }: Opened): void {
    worker.concurrency = Math.min(deps.concurrency, running.size + FETCHED_AHEAD);
  }

  /** BullMQ keeps the rejection of a first contact for good, so a worker that had one is replaced. */
  async function run(): Promise<void> {
    while (!stopping) {
      const current = open();
      opened = current;
      try {
        await current.worker.waitUntilReady();
        if (!stopping) await current.worker.run();
        return;
      } catch (error) {
        logger.warn({ queue: name, reason: String(error) }, 'the queue cannot be read, trying again');
        current.close(true).catch(() => {});
        await delay(REOPEN_AFTER_MS);
      }
    }
  }

  return {
    start() {
      void run();
    },
    async stop(graceMs) {
      stopping = true;
      if (opened === undefined) return;
      const { worker } = opened;
      const closed = opened.close(false).catch((error: unknown) => reportProblem(error as Error));
      const idle = async (): Promise<void> => {
        while (running.size > 0) await Promise.allSettled(running);
        await delay(CLOSE_TIMEOUT_MS, undefined, { ref: false });
      };
      await Promise.race([closed, idle(), delay(graceMs, undefined, { ref: false })]);
      handingOver = true;
      if (running.size > 0) {
        logger.warn({ queue: name, jobs: running.size }, 'handing running jobs over to other workers');
        worker.cancelAllJobs('the worker is stopping');
        await Promise.race([closed, idle()]);
      }
      opened.abandon();
    },
  };
}

/** The job goes back to the queue, which counts only what a processor throws as a try. */
async function putBack(job: Job, token: string | undefined, { delayMs }: PutBack): Promise<never> {
  await job.moveToDelayed(Date.now() + delayMs, token).catch((error: unknown) => {
    throw new RetryLater(error instanceof Error ? error.message : String(error), delayMs);
  });
  throw new DelayedError();
}

function backoffStrategy(_attemptsMade: number, _type?: string, error?: Error): number {
  return error instanceof RetryLater ? error.delayMs : -1;
}

function createProblemReport(logger: Logger, queue: string): (error: Error) => void {
  const lastReported = new Map<string, number>();
  return ({ message }) => {
    const now = Date.now();
    if (now - (lastReported.get(message) ?? 0) < SAME_PROBLEM_EVERY_MS) return;
    if (lastReported.size > 100) lastReported.clear();
    lastReported.set(message, now);
    logger.warn({ queue, reason: message }, 'the queue has a problem');
  };
}
