import { setTimeout as delay } from 'node:timers/promises';
import { createBridgeClient } from '../shared/bridge-client/client.ts';
import type { ApiConfig } from '../shared/config/config.ts';
import type { ActivationJob, RemovalJob } from '../shared/contracts/activation.ts';
import { createDatabase } from '../shared/database/database.ts';
import { assertKeysFit } from '../shared/encryption/key-check.ts';
import { createKeyring } from '../shared/encryption/keyring.ts';
import { apiSecrets } from '../shared/encryption/secret-columns.ts';
import { createHttpServer } from '../shared/http/http-server.ts';
import type { Logger } from '../shared/logging/logger.ts';
import { measureBridgeClient } from '../shared/metrics/bridge-calls.ts';
import { createMetrics } from '../shared/metrics/metrics.ts';
import { queueLocation } from '../shared/queue/engine.ts';
import { createJobQueue } from '../shared/queue/job-queue.ts';
import { ACTIVATION_QUEUE, activationJobOptions, REMOVAL_QUEUE, removalJobOptions } from '../shared/queue/queues.ts';
import type { Service } from '../shared/run-process.ts';
import { createActivations } from './activation/begin.ts';
import { createCompletionWaiter } from './activation/completion-waiter.ts';
import { createApp } from './app.ts';
import { createAuthenticator } from './auth/authenticator.ts';
import { createGuards } from './auth/guards.ts';
import { createChatwootRoutes } from './chatwoot/routes.ts';
import { createTakeDown } from './deactivation/take-down.ts';
import { createDocsRoutes } from './docs/routes.ts';
import { createRetention } from './events/retention.ts';
import { createEventRoutes } from './events/routes.ts';
import { bridgeProbe, createReadiness } from './health/readiness.ts';
import { createHealthRoutes } from './health/routes.ts';
import { answerClientErrors } from './http/client-error.ts';
import { createInstanceRoutes } from './instances/routes.ts';
import { createEngineClient } from './messages/engine-client.ts';
import { createEngineDirectory } from './messages/engine-directory.ts';
import { createMessageRoutes } from './messages/routes.ts';
import { createOperations } from './operations.ts';
import { createRateLimit } from './rate-limit/rate-limit.ts';
import { createStreamServer } from './stream/stream-server.ts';
import { createStreams } from './stream/streams.ts';

const POOL_SIZE = 20;
/** A client hears within 2.5 s that the database is away; nothing the api asks of it takes long. */
const QUERY_TIMEOUT_MS = 1_500;
/** A stop is never so quick that nobody can see us unready. */
const DRAIN_AT_LEAST_MS = 250;
/** How long activations and messages under way may still answer their clients. */
const DRAIN_AT_MOST_MS = 12_000;
/** How long what is left may take to be written out. */
const HTTP_GRACE_MS = 2_000;

/** The whole api process. `start` throws PonteError where the database or the port is not to be had; the queue may come later. */
export function createApi({ config, logger }: { config: ApiConfig; logger: Logger }): Service {
  const database = createDatabase({
    url: config.DATABASE_URL,
    poolSize: POOL_SIZE,
    queryTimeoutMs: QUERY_TIMEOUT_MS,
    onError: (error) => logger.warn({ reason: error.message }, 'a database connection was lost'),
  });
  const { prisma } = database;
  const keyring = createKeyring(config.ENCRYPTION_KEYS);
  const { BRIDGE_URL: bridgeUrl, BRIDGE_TOKEN: bridgeToken } = config;
  const metrics = createMetrics({ service: 'api' });
  const bridge =
    bridgeUrl && bridgeToken
      ? measureBridgeClient(createBridgeClient({ url: bridgeUrl, token: bridgeToken }), metrics.registry)
      : undefined;

  const location = queueLocation(config);
  const jobs = createJobQueue<ActivationJob>({ name: ACTIVATION_QUEUE, location, jobOptions: activationJobOptions, logger });
  const removals = createJobQueue<RemovalJob>({ name: REMOVAL_QUEUE, location, jobOptions: removalJobOptions, logger });
  const waiter = createCompletionWaiter({ prisma, databaseUrl: config.DATABASE_URL, logger });
  const activations = createActivations({ prisma, keyring, queue: jobs, waiter, logger });
  const activationTimeoutMs = config.ACTIVATION_TIMEOUT_MS;
  const takeDown = createTakeDown({ prisma, removals });

  const readiness = createReadiness({
    database: database.ping,
    queue: jobs.ping,
    bridge: bridgeUrl && bridge ? bridgeProbe(bridgeUrl) : undefined,
  });
  const authenticator = createAuthenticator({ prisma, bridgeToken });
  const guards = createGuards({ prisma, bridge });
  const rateLimit = createRateLimit({ perMinute: config.RATE_LIMIT_PER_MINUTE, redisUrl: config.REDIS_URL, logger });
  const { ENGINE_URL: defaultUrl, ENGINE_TOKEN: defaultToken } = config;
  const engines = createEngineDirectory({ prisma, keyring, defaultUrl, defaultToken });
  const engineClient = createEngineClient();
  const operations = createOperations({
    config,
    metrics,
    prisma,
    queues: { activations: jobs, removals },
    waiters: waiter.waiting,
    streams: () => stream.open(),
    logger,
  });
  const app = createApp({
    logger,
    readiness,
    authenticator,
    rateLimit,
    operations,
    routes: {
      health: createHealthRoutes({ readiness }),
      docs: createDocsRoutes({ baseUrl: config.BASE_URL }),
      chatwoot: createChatwootRoutes({
        prisma,
        activations,
        takeDown,
        guards,
        activationTimeoutMs,
        bridgeUrl: bridgeUrl ?? '',
        apiUrl: config.BASE_URL,
      }),
      instances: createInstanceRoutes({ prisma, keyring, guards, bridge, activations, activationTimeoutMs, takeDown }),
      events: createEventRoutes({ prisma, authenticator, guards }),
      messages: createMessageRoutes({ prisma, guards, engines, engineClient }),
    },
  });
  const http = createHttpServer({ handler: app, port: config.PORT, variable: 'PORT' });
  answerClientErrors(http.server);
  const streams = createStreams({ prisma, databaseUrl: config.DATABASE_URL, logger });
  const stream = createStreamServer({ prisma, authenticator, streams, enabled: bridge !== undefined, logger });
  http.server.on('upgrade', (request, socket, head) => void stream.upgrade(request, socket, head));
  const retention = createRetention({ prisma, keepDays: config.EVENT_RETENTION_DAYS, logger });

  return {
    async start() {
      await database.assertReady();
      await assertKeysFit({ pool: database.pool, keyring, columns: apiSecrets, logger });
      metrics.start();
      await rateLimit.start();
      waiter.start();
      const port = await http.start();
      streams.start();
      retention.start();
      logger.info({ port, queue: location.kind, bridge: bridge !== undefined }, 'the api is listening');
    },
    async stop() {
      readiness.drain();
      await Promise.all([waiter.idle(DRAIN_AT_MOST_MS), engineClient.idle(DRAIN_AT_MOST_MS), delay(DRAIN_AT_LEAST_MS)]);
      await waiter.stop();
      await Promise.all([http.stop(HTTP_GRACE_MS), stream.stop()]);
      await Promise.all([streams.stop(), retention.stop()]);
      rateLimit.stop();
      await Promise.all([jobs.close(), removals.close(), database.stop()]);
      metrics.stop();
    },
  };
}
