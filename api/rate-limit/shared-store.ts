import { once } from 'node:events';
import { type IncrementResponse, MemoryStore, type Options, type Store } from 'express-rate-limit';
import { Redis } from 'ioredis';
import { RedisStore } from 'rate-limit-redis';
import type { Logger } from '../../shared/logging/logger.ts';
import { retryStrategy } from '../../shared/queue/engine.ts';
import { withinRunning } from '../../shared/running-time.ts';

/** Counting must not keep a request waiting: a Redis that says nothing for so long is as good as away, and so is one that takes so long. */
const SILENCE_MS = 300;
const COMMAND_TIMEOUT_MS = 2_000;
/** After a failure Redis is left alone for so long. */
const PAUSE_MS = 1_000;
const CONNECT_WAIT_MS = 1_000;

/**
 * Counts in Redis, so that all api processes share one window. While Redis is away each process counts for itself: a limit is there to
 * keep one customer from harming the others, and refusing everybody would harm them more. So the limit is then per process, and
 * what was counted before the outage is forgotten. That this process, or the machine, is busy is no outage.
 */
export function createSharedStore(deps: {
  redisUrl: string;
  prefix: string;
  logger: Logger;
}): Store & { connect(): Promise<void>; stop(): void } {
  const redis = new Redis(deps.redisUrl, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: COMMAND_TIMEOUT_MS,
    connectTimeout: 2_000,
    retryStrategy,
  });
  // What an error means shows in the next command.
  redis.on('error', () => {});
  const local = new MemoryStore();
  let options: Options | undefined;
  let shared: RedisStore | undefined;
  let leftAloneUntil = 0;
  let lastAnswerMs = Number.NEGATIVE_INFINITY;

  /** Rejects once Redis has said nothing for too long in which its answer could have been heard. */
  async function unlessSilent<Answer>(answer: Promise<Answer>): Promise<Answer> {
    const given = await withinRunning(answer, SILENCE_MS, `Redis has said nothing for ${SILENCE_MS} ms`, () => lastAnswerMs);
    lastAnswerMs = performance.now();
    return given;
  }

  /** A store that could not load its script never recovers, so a new one is made after every failure. */
  async function open(): Promise<RedisStore> {
    if (shared !== undefined) return shared;
    const store = new RedisStore({
      prefix: deps.prefix,
      // Its type is as wide as JSON, ioredis's is unknown.
      sendCommand: (command: string, ...args: string[]) => redis.call(command, ...args) as Promise<string>,
    });
    shared = store;
    if (options !== undefined) await store.init(options);
    return store;
  }

  async function increment(key: string): Promise<IncrementResponse> {
    if (Date.now() < leftAloneUntil) return local.increment(key);
    try {
      const counted = await unlessSilent(open().then((store) => store.increment(key)));
      if (leftAloneUntil > 0) {
        leftAloneUntil = 0;
        deps.logger.info('the rate limit is counted in Redis again');
      }
      return counted;
    } catch (error) {
      if (leftAloneUntil === 0)
        deps.logger.warn({ reason: String(error) }, 'the rate limit is counted by each process: Redis is away');
      leftAloneUntil = Date.now() + PAUSE_MS;
      shared = undefined;
      return local.increment(key);
    }
  }

  return {
    /** Resolves when Redis can be counted in, or could not be reached for a second. */
    async connect() {
      if (redis.status !== 'ready') await once(redis, 'ready', { signal: AbortSignal.timeout(CONNECT_WAIT_MS) }).catch(() => {});
    },
    init(given) {
      options = given;
      local.init(given);
    },
    increment,
    decrement: async (key) => local.decrement(key),
    resetKey: async (key) => local.resetKey(key),
    stop() {
      local.shutdown();
      redis.disconnect();
    },
  };
}
