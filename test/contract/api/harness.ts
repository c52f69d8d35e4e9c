import { randomBytes } from 'node:crypto';
import { createAccount } from '../../../api/accounts/create-account.ts';
import { createApi } from '../../../api/api.ts';
import type { ApiTimeouts } from '../../../api/timeouts.ts';
import { readApiConfig } from '../../../shared/config/config.ts';
import { createDatabase, type Database, type PrismaClient } from '../../../shared/database/database.ts';
import { createLogger } from '../../../shared/logging/logger.ts';
import { migrateQueue, type QueueLocation, queueLocation } from '../../../shared/queue/engine.ts';
import { createTestDatabase } from '../../support/database.ts';
import { freePort } from '../../support/ports.ts';
import { createRedisDatabase } from '../../support/redis.ts';

export const BRIDGE_TOKEN = 'bridge-token-of-the-tests';
export const ENGINES = ['postgres', 'redis'] as const;
export type Engine = (typeof ENGINES)[number];

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape
  readonly body: any;
}

export interface RunningApi {
  readonly url: string;
  stop(): Promise<void>;
}

export interface Harness {
  readonly prisma: PrismaClient;
  readonly pool: Database['pool'];
  readonly databaseUrl: string;
  readonly location: QueueLocation;
  readonly env: Record<string, string>;
  /** Every log line of every api of this harness. */
  readonly log: () => string;
  /** Starts another api process (in this one) on the same database and queue. */
  startApi(env?: Record<string, string | undefined>, timeouts?: ApiTimeouts): Promise<RunningApi>;
  createAccount(name?: string): Promise<{ id: string; token: string }>;
  stop(): Promise<void>;
}

/** A database, a queue and as many apis on them as a test wants; everything is stopped by `stop`. */
export async function createHarness(engine: Engine, env: Record<string, string> = {}): Promise<Harness> {
  const database = await createTestDatabase();
  const redis = engine === 'redis' ? await createRedisDatabase() : undefined;
  const settings: Record<string, string> = {
    DATABASE_URL: database.url,
    ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    BRIDGE_TOKEN,
    BRIDGE_URL: 'http://127.0.0.1:9',
    RATE_LIMIT_PER_MINUTE: '100000',
    ENGINE_ALLOW_PRIVATE_NETWORK: 'true',
    LOG_LEVEL: 'debug',
    ...(redis ? { REDIS_URL: redis.url } : {}),
    ...env,
  };
  const location = queueLocation({ DATABASE_URL: database.url, REDIS_URL: settings.REDIS_URL });
  await migrateQueue(location);
  const { prisma, pool, stop: stopDatabase } = createDatabase({ url: database.url, poolSize: 4 });
  const lines: string[] = [];
  const running = new Set<RunningApi>();

  return {
    prisma,
    pool,
    databaseUrl: database.url,
    location,
    env: settings,
    log: () => lines.join(''),
    async startApi(extra = {}, timeouts) {
      const port = await freePort();
      const config = readApiConfig({ ...settings, PORT: String(port), ...extra });
      const destination = { write: (line: string) => void lines.push(line) };
      const logger = createLogger({ service: 'api', level: config.LOG_LEVEL, destination });
      const api = createApi({ config, logger, timeouts });
      await api.start();
      const handle: RunningApi = {
        url: `http://127.0.0.1:${port}`,
        async stop() {
          if (running.delete(handle)) await api.stop();
        },
      };
      running.add(handle);
      return handle;
    },
    createAccount: (name = `account-${randomBytes(4).toString('hex')}`) => createAccount(prisma, name),
    async stop() {
      await Promise.all([...running].map((api) => api.stop()));
      await stopDatabase();
      await database.drop();
      await redis?.drop();
    },
  };
}

/** Sends a request and reads the answer; `body` goes out as JSON unless it is text already. */
export async function call(
  base: string,
  method: string,
  path: string,
  { token, body, headers = {} }: { token?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const response = await fetch(`${base}${path}`, {
    method,
    headers: {
      ...(token === undefined ? {} : { token }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
    signal: AbortSignal.timeout(70_000),
    redirect: 'manual',
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const TICK_MS = 20;

/**
 * Runs something and answers it with the time it took, less what this machine (where the api, too, is in this very process) was too
 * busy to run anything at all.
 */
export async function timed<Value>(run: () => Promise<Value>): Promise<[Value, number]> {
  const begun = performance.now();
  let lastTick = begun;
  let stalledMs = 0;
  const tick = () => {
    const now = performance.now();
    const lateMs = now - lastTick - TICK_MS;
    // Timers are always late by a little.
    if (lateMs > TICK_MS) stalledMs += lateMs;
    lastTick = now;
  };
  const ticks = setInterval(tick, TICK_MS);
  try {
    const value = await run();
    const tookMs = performance.now() - begun;
    tick();
    return [value, tookMs - stalledMs];
  } finally {
    clearInterval(ticks);
  }
}

/** Makes an instance through the api and answers its name and token. */
export async function newInstance(
  base: string,
  accountToken: string,
  name: string,
): Promise<{ name: string; token: string; id: string }> {
  const { status, body } = await call(base, 'POST', '/api/instance/new', { token: accountToken, body: { name } });
  if (status !== 201) throw new Error(`no instance: ${status} ${JSON.stringify(body)}`);
  return body.instance;
}

export const CHATWOOT_TOKEN = 'chatwoot-secret-token-marker';
/** A body that `set` takes. */
export const setBody = (changes: Record<string, unknown> = {}) => ({
  chatwootBaseUrl: 'https://chatwoot.example.com',
  chatwootAccountId: 5,
  chatwootApiToken: CHATWOOT_TOKEN,
  ...changes,
});
