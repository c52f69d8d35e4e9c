import type { ActivationJob, RemovalJob } from '../shared/activations/job.ts';
import { type BridgeClient, createBridgeClient } from '../shared/bridge-client/client.ts';
import type { ApiConfig } from '../shared/config/config.ts';
import { createDatabase, type Database } from '../shared/database/database.ts';
import { createFullnessWatch } from '../shared/database/disk-full.ts';
import { createKeyring, type Keyring } from '../shared/encryption/keyring.ts';
import { createGuardedAgents, type GuardedAgents } from '../shared/http/guarded-agents.ts';
import type { Logger } from '../shared/logging/logger.ts';
import { measureBridgeClient } from '../shared/metrics/bridge-calls.ts';
import { createMetrics, type Metrics } from '../shared/metrics/metrics.ts';
import { queueLocation } from '../shared/queue/engine.ts';
import { createJobQueue, type JobQueue } from '../shared/queue/job-queue.ts';
import { ACTIVATION_QUEUE, activationJobOptions, REMOVAL_QUEUE, removalJobOptions } from '../shared/queue/queues.ts';
import { traceBridgeClient } from '../shared/tracing/bridge-calls.ts';
import { traceJobQueue } from '../shared/tracing/jobs.ts';
import { createTracing, type Tracing } from '../shared/tracing/tracing.ts';

/** What the api stands on; each room takes of it what it needs. */
export interface Resources {
  /** For what a client waits for: says within its 1.5 s that PostgreSQL is away. */
  readonly database: Database;
  /** For events with their files and for upkeep, which may take longer; its connections are none of the clients'. */
  readonly slowDatabase: Database;
  readonly keyring: Keyring;
  readonly metrics: Metrics;
  /** Undefined where BRIDGE_URL and BRIDGE_TOKEN are not set: the module is off then. */
  readonly bridge: BridgeClient | undefined;
  readonly activationJobs: JobQueue<ActivationJob>;
  readonly removalJobs: JobQueue<RemovalJob>;
  readonly tracing: Tracing;
  /** Where an instance's own engine may be. */
  readonly engineAgents: GuardedAgents;
  /** Ends within a few seconds, whatever is away. */
  stop(): Promise<void>;
}

const POOL_SIZE = 20;
const SLOW_POOL_SIZE = 10;
/** Of the 2.5 s within which a client hears that the database is away. */
const SILENCE_MS = 1_500;
/** One that works is waited for longer. */
const QUERY_TIMEOUT_MS = 5_000;

export function createResources({ config, logger }: { config: ApiConfig; logger: Logger }): Resources {
  const { DATABASE_URL: url, BRIDGE_URL: bridgeUrl, BRIDGE_TOKEN: token } = config;
  const onError = (error: Error): void => logger.warn({ reason: error.message }, 'a database connection was lost');
  const shared = { url, onError, fullness: createFullnessWatch() };
  const database = createDatabase({
    ...shared,
    poolSize: POOL_SIZE,
    queryTimeoutMs: QUERY_TIMEOUT_MS,
    silenceMs: SILENCE_MS,
  });
  const slowDatabase = createDatabase({ ...shared, poolSize: SLOW_POOL_SIZE });
  const engineAgents = createGuardedAgents(config.ENGINE_ALLOW_PRIVATE_NETWORK, 'ENGINE_ALLOW_PRIVATE_NETWORK');
  const metrics = createMetrics({ service: 'api' });
  const location = queueLocation(config);
  const activations = { name: ACTIVATION_QUEUE, location, jobOptions: activationJobOptions, logger };
  const tracing = createTracing({ endpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT, service: 'api' });
  const activationJobs = traceJobQueue(createJobQueue<ActivationJob>(activations), ACTIVATION_QUEUE, tracing);
  const removals = { name: REMOVAL_QUEUE, location, jobOptions: removalJobOptions, logger };
  const removalJobs = createJobQueue<RemovalJob>(removals);

  const observed = (client: BridgeClient) => traceBridgeClient(measureBridgeClient(client, metrics.registry), tracing);
  return {
    database,
    slowDatabase,
    keyring: createKeyring(config.ENCRYPTION_KEYS),
    metrics,
    bridge: bridgeUrl && token ? observed(createBridgeClient({ url: bridgeUrl, token })) : undefined,
    activationJobs,
    removalJobs,
    tracing,
    engineAgents,
    async stop() {
      engineAgents.stop();
      await Promise.all([activationJobs.close(), removalJobs.close(), database.stop(), slowDatabase.stop()]);
      metrics.stop();
      await tracing.stop();
    },
  };
}
