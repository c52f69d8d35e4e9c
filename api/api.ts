import { setTimeout as delay } from 'node:timers/promises';
import type { ApiConfig } from '../shared/config/config.ts';
import { createDatabaseClock } from '../shared/database/clock.ts';
import { createClockWatch } from '../shared/database/clock-watch.ts';
import { createListener } from '../shared/database/listener.ts';
import { assertKeysFit } from '../shared/encryption/key-check.ts';
import { apiSecrets } from '../shared/encryption/secret-columns.ts';
import { createHttpServer } from '../shared/http/http-server.ts';
import type { Logger } from '../shared/logging/logger.ts';
import type { Service } from '../shared/run-process.ts';
import { createCompletionWaiter } from './activation/completion-waiter.ts';
import { createActivations } from './activation/start-activation.ts';
import { createApp } from './app.ts';
import { createAuthenticator } from './auth/authenticator.ts';
import { createEventDelivery } from './event-delivery.ts';
import { bridgeProbe, createReadiness } from './health/readiness.ts';
import { answerClientErrors } from './http/client-error.ts';
import { createMessagesUnderWay } from './messages/under-way.ts';
import { createObservability } from './observability.ts';
import { createRateLimit } from './rate-limit/rate-limit.ts';
import { createResources, type Resources } from './resources.ts';
import { createRoutes } from './routes.ts';
import { API_TIMEOUTS, type ApiTimeouts } from './timeouts.ts';

/** The whole api process. `start` throws PonteError where the database or the port is not to be had; the queue may come later. */
export function createApi({
  config,
  logger,
  timeouts = API_TIMEOUTS,
}: {
  config: ApiConfig;
  logger: Logger;
  timeouts?: ApiTimeouts;
}): Service {
  const resources = createResources({ config, logger });
  const { metrics, tracing, slowDatabase, keyring } = resources;
  const parts = createParts({ config, resources, logger });
  const { listener, clockWatch, readiness, rateLimit, waiter, activations, underWay, events, http } = parts;

  return {
    async start() {
      await slowDatabase.assertReady((reason) => logger.warn({ reason }, 'waiting for the database'));
      await assertKeysFit({ pool: slowDatabase.pool, keyring, columns: apiSecrets, logger });
      metrics.start();
      await tracing.start();
      clockWatch.start();
      await rateLimit.start();
      listener.start();
      const port = await http.start();
      events.start();
      const queue = config.REDIS_URL === undefined ? 'postgres' : 'redis';
      logger.info({ port, queue, bridge: resources.bridge !== undefined }, 'the api is listening');
    },
    async stop() {
      readiness.drain();
      clockWatch.stop();
      const { drainAtLeastMs, drainAtMostMs, httpGraceMs } = timeouts.stop;
      await Promise.all([
        Promise.race([activations.stop(), delay(drainAtMostMs)]),
        waiter.idle(drainAtMostMs),
        underWay.idle(drainAtMostMs),
        delay(drainAtLeastMs),
      ]);
      waiter.stop();
      await Promise.all([http.stop(httpGraceMs), events.stop(), listener.stop()]);
      rateLimit.stop();
      await resources.stop();
    },
  };
}

function createParts({ config, resources, logger }: { config: ApiConfig; resources: Resources; logger: Logger }) {
  const { database, slowDatabase, keyring, bridge, activationJobs, removalJobs, metrics, tracing } = resources;
  const { prisma, pool } = database;
  const listener = createListener({ databaseUrl: config.DATABASE_URL, logger });
  const waiter = createCompletionWaiter({ pool, listener, logger });
  const activations = createActivations({
    prisma,
    pool,
    keyring,
    queue: activationJobs,
    waiter,
    clock: createDatabaseClock(database),
    logger,
  });
  const authenticator = createAuthenticator({ pool, bridgeToken: config.BRIDGE_TOKEN });
  const underWay = createMessagesUnderWay();
  const rateLimit = createRateLimit({ perMinute: config.RATE_LIMIT_PER_MINUTE, redisUrl: config.REDIS_URL, logger });
  const clockWatch = createClockWatch({ pool: slowDatabase.pool, logger });
  const readiness = createReadiness({
    database: database.ping,
    queue: activationJobs.ping,
    bridge: config.BRIDGE_URL && bridge ? bridgeProbe(config.BRIDGE_URL) : undefined,
    clock: clockWatch,
  });
  const events = createEventDelivery({ config, resources, listener, authenticator, logger });
  const routes = createRoutes({ config, resources, readiness, authenticator, activations, underWay, logger });
  const observability = createObservability({
    config,
    metrics,
    tracing,
    prisma: slowDatabase.prisma,
    queues: { activations: activationJobs, removals: removalJobs },
    waiters: waiter.waiting,
    streams: events.open,
    pages: routes.pages,
    logger,
  });
  const app = createApp({ trustProxy: config.TRUST_PROXY, logger, readiness, authenticator, rateLimit, observability, routes });
  const http = createHttpServer({ handler: app, host: config.HOST, port: config.PORT, variable: 'PORT' });
  answerClientErrors(http.server);
  events.serve(http.server);
  return { listener, clockWatch, waiter, activations, underWay, rateLimit, readiness, events, http };
}
