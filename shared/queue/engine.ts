import {
  createPostgresBackend,
  type Job,
  type PostgresPoolConfig,
  Queue,
  runMigrations,
  Worker,
  type WorkerOptions,
  withBackend,
} from 'bullmq';
import { Redis } from 'ioredis';
import pg from 'pg';
import { backoffMs } from '../backoff.ts';
import { CONNECTION_IDLE_MS, patientClient } from '../database/patient-pool.ts';
import { PgClient } from '../database/pg-client.ts';

/**
 * Where the queue lives is decided here and nowhere else: Redis (or Valkey) where REDIS_URL is set, else the PostgreSQL there already is.
 */
export type QueueLocation =
  | { readonly kind: 'redis'; readonly url: string }
  | { readonly kind: 'postgres'; readonly url: string };

export const queueLocation = (config: { REDIS_URL?: string | undefined; DATABASE_URL: string }): QueueLocation =>
  config.REDIS_URL === undefined ? { kind: 'postgres', url: config.DATABASE_URL } : { kind: 'redis', url: config.REDIS_URL };

const POOL_WAIT_MS = 15_000;

/** BullMQ's tables live in a schema of their own, out of Prisma's sight. */
const POSTGRES_SCHEMA = 'ponte_queue';
const REDIS_PREFIX = 'ponte';

/** A call to a queue that is away fails after this; it never waits for the queue to come back. */
export const QUEUE_COMMAND_TIMEOUT_MS = 2_000;

// BullMQ's own pauses grow to 20 s, which is a third of what a client waits: come back within a second instead.
export const retryStrategy = (times: number): number => backoffMs({ firstMs: 100, maxMs: 1_000 }, times);

/*
 * A worker killed in the middle of a job is noticed after at most lockMs + checkMs = 15 s, and its job runs again
 * within the 60 s a client waits. BullMQ's defaults (30 s + 30 s) would always be too late.
 */
export const STALL_TIMES = { lockMs: 10_000, checkMs: 5_000 };
export type StallTimes = Readonly<typeof STALL_TIMES>;
const MAX_STALLED_COUNT = 2;

// An error listener on every object: without one, a lost connection would end the process.
type OnError = (error: Error) => void;

/** Creates BullMQ's tables where the queue lives in PostgreSQL; does nothing for Redis. */
export async function migrateQueue(location: QueueLocation): Promise<void> {
  if (location.kind === 'redis') return;
  const client = new PgClient({ connectionString: location.url, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    await runMigrations(client, POSTGRES_SCHEMA);
  } finally {
    await client.end();
  }
}

function postgresConnection(url: string, poolSize: number): PostgresPoolConfig {
  return {
    connectionString: url,
    Client: patientClient(QUEUE_COMMAND_TIMEOUT_MS),
    schema: POSTGRES_SCHEMA,
    max: poolSize,
    idleTimeoutMillis: CONNECTION_IDLE_MS,
    // The pool's timer would blame the server for our own slowness; who waits for the queue has a limit of its own.
    connectionTimeoutMillis: POOL_WAIT_MS,
    query_timeout: QUEUE_COMMAND_TIMEOUT_MS * 2,
    keepAlive: true,
  };
}

/** The connection on which BullMQ listens is made of the pg module that it loads itself, whatever the pool's option `Client` says. */
const createBackend: typeof createPostgresBackend = (...args) => {
  const backend = createPostgresBackend(...args);
  Object.assign(backend.connection, { pgModule: { Pool: pg.Pool, Client: PgClient } });
  return backend;
};

// The two backends differ in the types of what we never touch (connection, backend): one type for both keeps the rest of Ponte free of it.
const postgres = withBackend(createBackend);
type QueueOf<Data> = Queue<Data, unknown, string>;
type WorkerOf<Data, Result> = Worker<Data, Result, string>;

/** A producer's end of a queue: `add` fails within QUEUE_COMMAND_TIMEOUT_MS when the queue is away. */
export function openQueue<Data>(
  name: string,
  location: QueueLocation,
  onError: OnError,
): { queue: QueueOf<Data>; close(): Promise<void> } {
  if (location.kind === 'postgres') {
    const queue = new postgres.Queue<Data>(name, { connection: postgresConnection(location.url, 5) }) as unknown as QueueOf<Data>;
    queue.on('error', onError);
    return { queue, close: () => queue.close() };
  }
  const redis = new Redis(location.url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: QUEUE_COMMAND_TIMEOUT_MS,
    connectTimeout: QUEUE_COMMAND_TIMEOUT_MS,
    retryStrategy,
  });
  redis.on('error', onError);
  const queue = new Queue(name, { prefix: REDIS_PREFIX, connection: redis }) as unknown as QueueOf<Data>;
  queue.on('error', onError);
  return {
    queue,
    async close() {
      await queue.close();
      redis.disconnect();
    },
  };
}

/**
 * A worker's end of a queue. The processor must take three parameters, or BullMQ passes no abort signal: it looks at its `length`.
 * It is not started: call `run()`.
 */
export function openWorker<Data, Result>(
  name: string,
  location: QueueLocation,
  processor: (job: Job<Data, Result>, token: string | undefined, signal: AbortSignal | undefined) => Promise<Result>,
  options: { concurrency: number; stall?: StallTimes | undefined; settings?: WorkerOptions['settings']; onError: OnError },
): {
  worker: WorkerOf<Data, Result>;
  /** Waits for running jobs unless forced to. BullMQ's own close never ends while Redis is away: bound it, then `abandon()`. */
  close(force: boolean): Promise<void>;
  /** Drops the connections without a word to the server. */
  abandon(): void;
} {
  if (processor.length < 3) throw new TypeError('the processor must take (job, token, signal), or it gets no signal');
  const { lockMs, checkMs } = options.stall ?? STALL_TIMES;
  const shared = {
    autorun: false,
    concurrency: options.concurrency,
    lockDuration: lockMs,
    stalledInterval: checkMs,
    maxStalledCount: MAX_STALLED_COUNT,
    runRetryDelay: 1_000,
    metrics: { maxDataPoints: 60 * 24 },
    ...(options.settings ? { settings: options.settings } : {}),
  };
  if (location.kind === 'postgres') {
    const connection = postgresConnection(location.url, 5);
    const worker = new postgres.Worker<Data, Result>(name, processor, { ...shared, connection }) as unknown as WorkerOf<
      Data,
      Result
    >;
    worker.on('error', options.onError);
    return { worker, close: (force) => worker.close(force), abandon: () => abandon(worker) };
  }
  // A blocking connection must neither give up on a request nor time one out.
  const redis = new Redis(location.url, { maxRetriesPerRequest: null, connectTimeout: QUEUE_COMMAND_TIMEOUT_MS, retryStrategy });
  redis.on('error', options.onError);
  const worker = new Worker<Data, Result>(name, processor, { ...shared, prefix: REDIS_PREFIX, connection: redis }) as WorkerOf<
    Data,
    Result
  >;
  worker.on('error', options.onError);
  return {
    worker,
    async close(force) {
      await worker.close(force);
      redis.disconnect();
    },
    abandon() {
      abandon(worker);
      redis.disconnect();
    },
  };
}

// Disconnecting what is already closed rejects; there is nothing more to be done about it.
const abandon = (worker: { disconnect(): Promise<void> }): void => void worker.disconnect().catch(() => {});
