import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { activationError } from '../shared/activations/error.ts';
import type { ActivationJob, RemovalJob } from '../shared/activations/job.ts';
import { createRemovalStore } from '../shared/activations/removals.ts';
import type { BridgeClient } from '../shared/bridge-client/client.ts';
import type { WorkerConfig } from '../shared/config/config.ts';
import { createClockWatch } from '../shared/database/clock-watch.ts';
import type { Database } from '../shared/database/database.ts';
import { assertKeysFit } from '../shared/encryption/key-check.ts';
import type { Keyring } from '../shared/encryption/keyring.ts';
import { apiSecrets } from '../shared/encryption/secret-columns.ts';
import { createEngineOpener } from '../shared/engines/open-engine.ts';
import { createGuardedAgents } from '../shared/http/guarded-agents.ts';
import { createHttpServer } from '../shared/http/http-server.ts';
import type { Logger } from '../shared/logging/logger.ts';
import { measureBridgeClient } from '../shared/metrics/bridge-calls.ts';
import { createMetrics } from '../shared/metrics/metrics.ts';
import { createMetricsOnly } from '../shared/metrics/metrics-only-route.ts';
import { createJobConsumer } from '../shared/queue/consumer.ts';
import { queueLocation } from '../shared/queue/engine.ts';
import { createJobQueue } from '../shared/queue/job-queue.ts';
import { ACTIVATION_QUEUE, activationJobOptions, REMOVAL_QUEUE, removalJobOptions } from '../shared/queue/queues.ts';
import type { Service } from '../shared/run-process.ts';
import { traceBridgeClient } from '../shared/tracing/bridge-calls.ts';
import { traceJobs } from '../shared/tracing/jobs.ts';
import { createTracing } from '../shared/tracing/tracing.ts';
import { createActivationProcessor } from './activation/processor.ts';
import { type ActivationStore, createActivationStore } from './activation/store.ts';
import { createAdmission } from './admission/admission.ts';
import { createCall } from './admission/call.ts';
import { admissionLimits } from './admission/limits.ts';
import { createTelling } from './admission/telling.ts';
import { createBringAbout } from './engines/bring-about.ts';
import { createConnectionWatch } from './engines/connections.ts';
import { createWebhookKeeper } from './engines/webhooks.ts';
import { createHealthApp } from './health/app.ts';
import { readReadiness } from './health/readiness.ts';
import { createHandOver } from './histories/hand-over.ts';
import { createHistoryKeeper } from './histories/histories.ts';
import { createHistoryReading, READING_PAUSES } from './histories/read.ts';
import { isGivenUp } from './job-errors.ts';
import { measureActivationStore } from './metrics/measured-store.ts';
import { createTryMetrics } from './metrics/tries.ts';
import { createNotifications } from './notifications/notifications.ts';
import { createReconciler } from './reconciler/reconciler.ts';
import { createRemovalProcessor } from './removal/processor.ts';
import { WORKER_TIMEOUTS, type WorkerTimeouts } from './timeouts.ts';

export interface WorkerDeps {
  readonly config: WorkerConfig;
  readonly database: Database;
  readonly keyring: Keyring;
  readonly bridge: BridgeClient;
  readonly logger: Logger;
  readonly timeouts?: WorkerTimeouts;
}

/** Removals are few and not urgent: far fewer than activations. Of one account only some run at a time. */
const REMOVAL_CONCURRENCY = 50;

/** Runs activations and removals, and puts right what crashes left. `start` throws PonteError `database_*` and `port_in_use`. */
export function createWorker({ config, database, keyring, bridge, logger, timeouts = WORKER_TIMEOUTS }: WorkerDeps): Service {
  const { prisma } = database;
  const location = queueLocation(config);
  const bridgeUrl = config.BRIDGE_URL;
  const metrics = createMetrics({ service: 'worker' });
  const tryMetrics = createTryMetrics(metrics);
  const tracing = createTracing({ endpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT, service: 'worker' });
  const measuredBridge = traceBridgeClient(measureBridgeClient(bridge, metrics.registry), tracing);
  const engineAgents = createGuardedAgents(config.ENGINE_ALLOW_PRIVATE_NETWORK, 'ENGINE_ALLOW_PRIVATE_NETWORK');
  const { ENGINE_URL: defaultUrl, ENGINE_TOKEN: defaultToken } = config;
  const open = createEngineOpener({ keyring, defaultUrl, defaultToken, agents: engineAgents });
  const webhooks = createWebhookKeeper({
    prisma,
    bringAbout: createBringAbout({ prisma, keyring, open, apiUrl: config.BASE_URL }),
    timeouts: timeouts.engines,
    logger,
  });
  const connections = createConnectionWatch({ prisma, pool: database.pool, open, timeouts: timeouts.engines, logger });
  const histories = createHistoryKeeper({
    prisma,
    read: createHistoryReading({ prisma, pool: database.pool, open, pauses: READING_PAUSES, logger }),
    handOver: createHandOver({ prisma, pool: database.pool, logger }),
    timeouts: timeouts.engines,
    logger,
  });
  const notifications = createNotifications({ config, prisma, keyring, timeouts: timeouts.notifications, logger });
  const measuredStore = measureActivationStore(createActivationStore({ prisma, pool: database.pool, keyring }), metrics.registry);
  const store: ActivationStore = {
    ...measuredStore,
    async succeed(...call) {
      const write = await measuredStore.succeed(...call);
      // Whoever waits for the activation also wants to know what its engine says.
      if (write.kind === 'written' && write.isWished) webhooks.wake();
      if (write.kind === 'written' && write.isHistoryWished) histories.wake();
      return write;
    },
  };
  const activations = createJobQueue<ActivationJob>({
    name: ACTIVATION_QUEUE,
    location,
    jobOptions: activationJobOptions,
    logger,
  });
  const removals = createJobQueue<RemovalJob>({ name: REMOVAL_QUEUE, location, jobOptions: removalJobOptions, logger });
  const removalStore = createRemovalStore({ prisma });
  let isStopping = false;

  /** Best effort: the reconciler finds what could not be queued. */
  async function enqueueRemovals(removalIds: readonly string[]): Promise<void> {
    for (const removalId of removalIds) {
      await removals.add(removalId, { v: 1, removalId }).catch((error: unknown) => {
        logger.warn({ removalId, reason: String(error) }, 'a removal could not be queued yet');
      });
    }
  }

  const workerName = `${hostname()}:${process.pid}`;
  const telling = createTelling({ store, metrics: tryMetrics, workerName, logger });
  const call = createCall(activations);
  const admission = createAdmission({
    limits: admissionLimits(config.WORKER_CONCURRENCY),
    timeouts: timeouts.admission,
    call,
    tell: (candidates, silence) => {
      for (const candidate of candidates) {
        // Who cannot be told so comes back and is told as all others are.
        const comesBack = (): void => call([candidate.id]);
        telling.tell(candidate, silence).then((error) => error ?? comesBack(), comesBack);
      }
    },
    logger,
  });
  const activationConsumer = createJobConsumer({
    name: ACTIVATION_QUEUE,
    location,
    concurrency: config.WORKER_CONCURRENCY,
    stall: timeouts.queue,
    processor: traceJobs(
      createActivationProcessor({
        store,
        admission,
        telling,
        bridge: measuredBridge,
        bridgeUrl,
        ryzeapiUrl: config.BRIDGE_INTERNAL_RYZEAPI_URL,
        keyring,
        enqueueRemovals,
        bridgePatienceMs: timeouts.bridgePatienceMs,
        metrics: tryMetrics,
        workerName,
        logger,
      }),
      ACTIVATION_QUEUE,
      tracing,
    ),
    onFailed: (activationId, reason) => {
      settleLost({ store, enqueueRemovals, logger }, activationId, reason).catch((error: unknown) => {
        logger.warn({ activationId, reason: String(error) }, 'a lost activation could not be settled; it expires by itself');
      });
    },
    logger,
  });
  const removalConsumer = createJobConsumer({
    name: REMOVAL_QUEUE,
    location,
    concurrency: REMOVAL_CONCURRENCY,
    stall: timeouts.queue,
    processor: traceJobs(
      createRemovalProcessor({
        store: removalStore,
        bridge: measuredBridge,
        bridgeUrl,
        call: createCall(removals),
        metrics: tryMetrics,
        logger,
      }),
      REMOVAL_QUEUE,
      tracing,
    ),
    // Its row is still pending, so the reconciler puts it back.
    onFailed: (removalId, { message }) => logger.warn({ removalId, reason: message }, 'the queue gave up a removal'),
    logger,
  });
  const reconciler = createReconciler({
    prisma,
    store,
    removalStore,
    activations,
    removals,
    enqueueRemovals,
    isExpected: admission.isExpected,
    timeouts: timeouts.reconciler,
    logger,
  });
  const clockWatch = createClockWatch({ pool: database.pool, logger });
  const health = createHttpServer({
    host: config.WORKER_HOST,
    port: config.WORKER_PORT,
    variable: 'WORKER_PORT',
    handler: createHealthApp({
      readiness: () =>
        readReadiness({ pingDatabase: database.ping, pingQueue: activations.ping, bridge, bridgeUrl, clock: clockWatch }),
      isStopping: () => isStopping,
      observability: createMetricsOnly({ config, metrics, prisma }),
    }),
  });

  return {
    async start() {
      await database.assertReady((reason) => logger.warn({ reason }, 'waiting for the database'));
      await assertKeysFit({ pool: database.pool, keyring, columns: apiSecrets, logger });
      metrics.start();
      await tracing.start();
      clockWatch.start();
      await health.start();
      activationConsumer.start();
      removalConsumer.start();
      reconciler.start();
      webhooks.start();
      connections.start();
      histories.start();
      notifications.start();
      logger.info(
        { queue: location.kind, concurrency: config.WORKER_CONCURRENCY, port: config.WORKER_PORT },
        'worker is running',
      );
    },
    async stop() {
      isStopping = true;
      clockWatch.stop();
      const { graceMs, closeMs } = timeouts.stop;
      await Promise.all([
        atMost(closeMs, reconciler.stop()),
        atMost(graceMs, webhooks.stop()),
        atMost(graceMs, connections.stop()),
        atMost(graceMs, histories.stop()),
        atMost(graceMs, notifications.stop()),
        activationConsumer.stop(graceMs),
        removalConsumer.stop(graceMs),
      ]);
      await Promise.all([activations.close(), removals.close(), health.stop(500), atMost(closeMs, database.stop())]);
      engineAgents.stop();
      metrics.stop();
      await tracing.stop();
    },
  };
}

/** Settles an activation whose job the queue gave up by itself (`job stalled more than allowable limit`). */
async function settleLost(
  deps: { store: ActivationStore; enqueueRemovals: (ids: readonly string[]) => Promise<void>; logger: Logger },
  activationId: string,
  reason: Error,
): Promise<void> {
  if (isGivenUp(reason)) return;
  const error = activationError('worker_lost', { activationId });
  const write = await deps.store.abandon(activationId, error, { only: 'unfinished' });
  if (write.kind === 'lost') return;
  deps.logger.warn({ activationId, outcome: error.code, reason: reason.message }, 'activation given up');
  await deps.enqueueRemovals(write.removalIds);
}

async function atMost(timeoutMs: number, promise: Promise<unknown>): Promise<void> {
  await Promise.race([promise.catch(() => {}), delay(timeoutMs, undefined, { ref: false })]);
}
