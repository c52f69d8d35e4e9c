import type { JobsOptions, Queue } from 'bullmq';
import type { Logger } from '../logging/logger.ts';
import { withinRunning } from '../running-time.ts';
import { openQueue, QUEUE_COMMAND_TIMEOUT_MS, type QueueLocation } from './engine.ts';

/** A producer's end of a queue. Every method rejects within QUEUE_COMMAND_TIMEOUT_MS when the queue is away. */
export interface JobQueue<Data> {
  /**
   * Adds a job; the same id again adds nothing. A rejection does not say that the job is not there: the connection may have dropped
   * after it was added. `behind` says how many others of whoever asks for it are unfinished: the fewer, the sooner it is its turn, and where
   * they are as many, in the order in which they were added.
   */
  add(jobId: string, data: Data, options?: { behind?: number }): Promise<void>;
  /**
   * Sees to it that the job is waiting or running, and answers whether it was not: a queue that lost its data has forgotten it, and one
   * that gave it up keeps it among the failed ones, where its id would block a new one.
   */
  ensure(jobId: string, data: Data): Promise<boolean>;
  /** Has a job that is put back run now; one that is not there, or not put back, stays as it is. */
  hurry(jobId: string): Promise<void>;
  ping(): Promise<void>;
  /** The queue itself, for whoever shows what is in it. A broken one is replaced: ask each time. */
  reach(): Promise<Queue>;
  close(): Promise<void>;
}

/** To BullMQ 0 is before all others, and this is the largest there is. */
const LOWEST_PRIORITY = 2_097_151;

type Opened<Data> = ReturnType<typeof openQueue<Data>>;

/**
 * A BullMQ queue waits for ever for a server that was away when it was made, and is broken for good if its first command failed.
 * So it is made when it is first needed, every use of it is bounded in time, and a broken one is replaced.
 */
export function createJobQueue<Data>(deps: {
  name: string;
  location: QueueLocation;
  jobOptions: JobsOptions;
  logger: Logger;
}): JobQueue<Data> {
  let opened: Opened<Data> | undefined;

  function open(): Opened<Data> {
    opened ??= openQueue<Data>(deps.name, deps.location, (error) => {
      deps.logger.warn({ queue: deps.name, reason: error.message }, 'the queue has a problem');
    });
    return opened;
  }

  async function ready(): Promise<Queue> {
    const current = open();
    try {
      await current.queue.waitUntilReady();
    } catch (error) {
      if (opened === current) opened = undefined;
      current.close().catch(() => {});
      throw error;
    }
    // BullMQ derives the names and data of jobs from Data, which is open here.
    return current.queue as unknown as Queue;
  }

  const add = (queue: Queue, jobId: string, data: Data, behind = 0) =>
    queue.add(deps.name, data, { ...deps.jobOptions, jobId, priority: Math.min(behind, LOWEST_PRIORITY) });

  return {
    async add(jobId, data, { behind } = {}) {
      const deadline = Date.now() + QUEUE_COMMAND_TIMEOUT_MS;
      // In two steps: a job must not be added long after the caller was told that it was not.
      const queue = await within(QUEUE_COMMAND_TIMEOUT_MS, ready());
      await within(deadline - Date.now(), add(queue, jobId, data, behind));
    },
    ensure: (jobId, data) =>
      within(
        QUEUE_COMMAND_TIMEOUT_MS,
        ready().then(async (queue) => {
          const job = await queue.getJob(jobId);
          if (job !== undefined) {
            const state = await job.getState();
            if (state !== 'completed' && state !== 'failed') return false;
            await job.remove();
          }
          await add(queue, jobId, data);
          return true;
        }),
      ),
    async hurry(jobId) {
      const queue = await within(QUEUE_COMMAND_TIMEOUT_MS, ready());
      const job = await within(QUEUE_COMMAND_TIMEOUT_MS, queue.getJob(jobId));
      // It is being put back just now, or runs already.
      await within(QUEUE_COMMAND_TIMEOUT_MS, job?.promote() ?? Promise.resolve()).catch(() => {});
    },
    async ping() {
      await within(
        QUEUE_COMMAND_TIMEOUT_MS,
        ready().then((queue) => queue.getJobCountByTypes('waiting')),
      );
    },
    reach: () => within(QUEUE_COMMAND_TIMEOUT_MS, ready()),
    async close() {
      await within(QUEUE_COMMAND_TIMEOUT_MS, opened?.close() ?? Promise.resolve()).catch(() => {});
    },
  };
}

const within = <Value>(timeoutMs: number, promise: Promise<Value>): Promise<Value> =>
  withinRunning(promise, timeoutMs, `the queue gave no answer within ${QUEUE_COMMAND_TIMEOUT_MS} ms`);
