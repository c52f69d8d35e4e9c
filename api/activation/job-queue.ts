import type { JobsOptions } from 'bullmq';
import type { Logger } from '../../shared/logging/logger.ts';
import { openQueue, QUEUE_COMMAND_TIMEOUT_MS, type QueueLocation } from '../../shared/queue/engine.ts';

/** The api's end of a queue: it only ever adds. */
export interface JobQueue<Data> {
  /**
   * Adds a job; the same id again adds nothing. Rejects within QUEUE_COMMAND_TIMEOUT_MS when the queue is away. A rejection does not
   * say that the job is not there: the connection may have dropped after it was added.
   */
  add(jobId: string, data: Data): Promise<void>;
  /** Rejects within QUEUE_COMMAND_TIMEOUT_MS when the queue is away. */
  ping(): Promise<void>;
  /** Ends within QUEUE_COMMAND_TIMEOUT_MS, also when the queue is away. */
  close(): Promise<void>;
}

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

  function discard(broken: Opened<Data>): void {
    if (opened === broken) opened = undefined;
    broken.close().catch(() => {});
  }

  async function ready(): Promise<Opened<Data>['queue']> {
    const current = open();
    await current.queue.waitUntilReady().catch((error: unknown) => {
      discard(current);
      throw error;
    });
    return current.queue;
  }

  return {
    async add(jobId, data) {
      const deadline = Date.now() + QUEUE_COMMAND_TIMEOUT_MS;
      // Not one step: a job must not be added long after the caller was told that it was not.
      const queue = await within(QUEUE_COMMAND_TIMEOUT_MS, ready());
      // BullMQ derives the names of jobs from Data, which is open here.
      await within(
        deadline - Date.now(),
        (queue as { add(n: string, d: Data, o: JobsOptions): Promise<unknown> }).add(deps.name, data, {
          ...deps.jobOptions,
          jobId,
        }),
      );
    },
    async ping() {
      await within(
        QUEUE_COMMAND_TIMEOUT_MS,
        ready().then((queue) => queue.getJobCountByTypes('waiting')),
      );
    },
    async close() {
      await within(QUEUE_COMMAND_TIMEOUT_MS, opened?.close() ?? Promise.resolve()).catch(() => {});
    },
  };
}

async function within<Value>(timeoutMs: number, promise: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const expiry = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([promise, expiry]);
  } finally {
    clearTimeout(timer);
    // Whoever lost the race must not end the process when it rejects later.
    promise.catch(() => {});
  }
}
