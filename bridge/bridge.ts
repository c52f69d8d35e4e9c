import { setMaxListeners } from 'node:events';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { nanoid } from 'nanoid';
import type { BridgeConfig } from '../shared/config/config.ts';
import { STREAM_HEARTBEAT_MS } from '../shared/contracts/stream.ts';
import { createClockWatch } from '../shared/database/clock-watch.ts';
import { createDatabase, createPool, endPool } from '../shared/database/database.ts';
import { createListener } from '../shared/database/listener.ts';
import { assertKeysFit } from '../shared/encryption/key-check.ts';
import { createKeyring } from '../shared/encryption/keyring.ts';
import { bridgeSecrets } from '../shared/encryption/secret-columns.ts';
import { createGuardedAgents } from '../shared/http/guarded-agents.ts';
import { createHttpServer } from '../shared/http/http-server.ts';
import type { Logger } from '../shared/logging/logger.ts';
import { createMetrics } from '../shared/metrics/metrics.ts';
import type { Service } from '../shared/run-process.ts';
import { createTracing } from '../shared/tracing/tracing.ts';
import { createCatchUp } from './catch-up/catch-up.ts';
import { type CallBudget, type ChatwootAccess, createChatwootClient } from './chatwoot/client.ts';
import { CHATWOOT_SOCKETS_PER_HOST, TASK_LIMITS } from './chatwoot/limits.ts';
import { createChatwootTransport } from './chatwoot/transport.ts';
import { createDeadLetterCommands } from './dead-letters/commands.ts';
import { createDeadLetterSearch } from './dead-letters/search.ts';
import { createApp } from './http/app.ts';
import { deadLetterRoutes } from './http/dead-letter-routes.ts';
import { healthRoutes } from './http/health-routes.ts';
import { integrationRoutes } from './http/integration-routes.ts';
import { notificationRoutes } from './http/notification-routes.ts';
import { overviewRoutes } from './http/overview-routes.ts';
import { webhookRoutes } from './http/webhook-routes.ts';
import { createActivation } from './integrations/activation.ts';
import { createCheck } from './integrations/check.ts';
import { createInboxLook } from './integrations/inbox-look.ts';
import { createInboxWatch } from './integrations/inbox-watch.ts';
import { createOverview } from './integrations/overview.ts';
import { countOpen } from './integrations/queries/overview.ts';
import { createRemoval } from './integrations/removal.ts';
import { createIntegrationRetention } from './integrations/retention.ts';
import { createRunningIntegrations, type EventHandler } from './integrations/running.ts';
import { createIntegrationSecrets } from './integrations/secrets.ts';
import { createStatus } from './integrations/status.ts';
import { createIntegrationStore } from './integrations/store.ts';
import { createVerification } from './integrations/verification.ts';
import { createInstanceLocks } from './leases/instance-locks.ts';
import { allHolders, createLeases } from './leases/leases.ts';
import { INTEGRATIONS_CHANNEL } from './leases/queries/leases.ts';
import { measureTransport } from './metrics/measured-transport.ts';
import { countNothings } from './metrics/nothings.ts';
import { countReplies } from './metrics/replies.ts';
import { createNotifications } from './notifications/notifications.ts';
import { createObservability } from './observability.ts';
import { warnOfPrivatePublicUrl } from './public-url.ts';
import { createToChatwoot } from './relay/to-chatwoot/to-chatwoot.ts';
import { createToWhatsapp } from './relay/to-whatsapp/to-whatsapp.ts';
import { probeStream } from './stream/probe-stream.ts';
import { createStreamClient } from './stream/stream-client.ts';
import type { StreamAddress } from './stream/stream-socket.ts';
import { BRIDGE_TIMEOUTS, type BridgeTimeouts } from './timeouts.ts';
import { traceTransport } from './tracing/traced-transport.ts';

const POOL_SIZE = 10;
const LEASE_POOL_SIZE = 1;

/**
 * RyzeIntegrations: makes inboxes in Chatwoot, keeps an event stream to the api for each integration, and relays messages both ways.
 * Any number of these share one database.
 */
export function createBridge(deps: {
  config: BridgeConfig;
  logger: Logger;
  /** In place of the relay to Chatwoot. */
  onEvent?: EventHandler;
  timeouts?: BridgeTimeouts;
}): Service {
  const { config, logger, timeouts = BRIDGE_TIMEOUTS } = deps;
  const stopping = new AbortController();
  // One listener for each call under way.
  setMaxListeners(0, stopping.signal);
  const onDatabaseError = (error: Error) => logger.warn({ reason: error.message }, 'a database connection broke');
  const database = createDatabase({
    url: config.BRIDGE_DATABASE_URL,
    poolSize: POOL_SIZE,
    onError: onDatabaseError,
  });
  const listener = createListener({ databaseUrl: config.BRIDGE_DATABASE_URL, logger });
  const store = createIntegrationStore(database);
  const keyring = createKeyring(config.ENCRYPTION_KEYS);
  const secrets = createIntegrationSecrets({ keyring, publicUrl: config.BRIDGE_PUBLIC_URL });
  const agents = createGuardedAgents(config.CHATWOOT_ALLOW_PRIVATE_NETWORK, 'CHATWOOT_ALLOW_PRIVATE_NETWORK', {
    socketsPerHost: CHATWOOT_SOCKETS_PER_HOST,
  });
  const metrics = createMetrics({ service: 'bridge' });
  const tracing = createTracing({ endpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT, service: 'bridge' });
  const inboxWatch = createInboxWatch({
    look: async (row, options) => {
      const isUsable = await lookAtInbox(row, options.signal);
      return isUsable && holdsLease(row.id) ? catchUp.sweep(row, options) : 'failed';
    },
    timing: timeouts.inboxLook,
    logger,
  });
  const transport = inboxWatch.observe(
    traceTransport(measureTransport(createChatwootTransport({ agents }), metrics.registry), tracing),
  );
  const chatwoot = (access: ChatwootAccess, budget: CallBudget) =>
    createChatwootClient({ transport, access: () => access, limits: TASK_LIMITS, budget });
  const holdsLease = (id: string): boolean => leases.isHeld(id);
  const lookAtInbox = createInboxLook({ store, secrets, chatwoot, holdsLease, logger });
  const streams = { token: config.BRIDGE_TOKEN, heartbeatMs: STREAM_HEARTBEAT_MS };
  const probe = (address: StreamAddress, options: { timeoutMs: number; signal: AbortSignal }) =>
    probeStream({ ...address, ...streams, ...options });

  const toWhatsapp = createToWhatsapp({
    database,
    listener,
    store,
    runsAt: (webhookKeyHash) => {
      const row = running.at(webhookKeyHash);
      return row !== undefined && holdsLease(row.id) ? row : undefined;
    },
    secrets,
    transport,
    agents,
    chatwoot,
    lookBack: (row, message) => catchUp.lookBack(row, message),
    bridgeToken: config.BRIDGE_TOKEN,
    onOutcome: countReplies(metrics.registry),
    signal: stopping.signal,
    timing: timeouts.replies,
    relayPauses: timeouts.relayPauses,
    pollEveryMs: timeouts.pollEveryMs,
    stopGraceMs: timeouts.stop.relayGraceMs,
    logger,
  });
  const catchUp = createCatchUp({
    database,
    secrets,
    chatwoot,
    takeEvent: toWhatsapp.takeEvent,
    lateReplyMs: config.LATE_REPLY_MINUTES * 60_000,
    onFound: inboxWatch.lookAfterwards,
    timing: timeouts.replies,
    signal: stopping.signal,
    logger,
  });
  const toChatwoot = createToChatwoot({
    database,
    listener,
    secrets,
    transport,
    agents,
    bridgeToken: config.BRIDGE_TOKEN,
    onEcho: toWhatsapp.onEcho,
    holdsLease,
    pauses: timeouts.relayPauses,
    filePauses: timeouts.filePauses,
    onNothing: countNothings(metrics.registry),
    takesEffectWithinMs: timeouts.takesEffectWithinMs,
    earlyPatienceMs: timeouts.earlyPatienceMs,
    pollEveryMs: timeouts.pollEveryMs,
    stopGraceMs: timeouts.stop.relayGraceMs,
    logger,
  });
  const running = createRunningIntegrations({
    store,
    secrets,
    chatwoot,
    openStream: (address, options) => createStreamClient({ ...address, ...streams, pauses: timeouts.streamPauses, ...options }),
    onEvent: deps.onEvent ?? toChatwoot.onEvent,
    signal: stopping.signal,
    logger,
  });
  const newOwner = () => `${hostname()}:${process.pid}:${nanoid(8)}`;
  // However much the relay asks of the database: a bridge that does not get to say that it is alive loses everything it runs.
  const leasePool = createPool({ url: config.BRIDGE_DATABASE_URL, poolSize: LEASE_POOL_SIZE, onError: onDatabaseError });
  const leases = createLeases({
    pool: leasePool,
    newOwner,
    load: store.byIds,
    holder: allHolders(toChatwoot, running, toWhatsapp.replies, inboxWatch),
    timeouts: timeouts.leases,
    logger,
  });
  listener.subscribe(INTEGRATIONS_CHANNEL, {
    onNotification: (id) => (id === '' ? leases.wake() : leases.refresh(id)),
    onConnected: () => {
      leases.refresh();
      // Without the database no webhook was taken.
      inboxWatch.suspectAll();
    },
  });
  const locks = createInstanceLocks({ pool: database.pool, owner: newOwner(), timeouts: timeouts.locks, logger });
  const removal = createRemoval({ prisma: database.prisma, store, secrets, chatwoot, locks, drop: leases.drop });
  const retention = createIntegrationRetention({ store, removal, logger });

  const handlers = {
    activate: createActivation({ store, secrets, chatwoot, probe, locks, changed: leases.wake }),
    check: createCheck({ store, secrets, chatwoot, probe }),
    status: createStatus({
      store,
      secrets,
      chatwoot,
      streamDownMs: running.streamDownMs,
      waitingReplies: async (id) => (await countOpen(database.prisma, [id]))[0]?.waiting ?? 0,
    }),
    verify: createVerification({
      prisma: database.prisma,
      store,
      secrets,
      chatwoot,
      publicUrl: config.BRIDGE_PUBLIC_URL,
      logger,
    }),
    removal,
  };
  const clockWatch = createClockWatch({ pool: database.pool, logger });
  let isStopping = false;
  const app = createApp({
    trustProxy: config.TRUST_PROXY,
    bridgeToken: config.BRIDGE_TOKEN,
    health: healthRoutes({ ping: database.ping, isStopping: () => isStopping, clock: clockWatch }),
    webhooks: webhookRoutes(toWhatsapp.webhooks, { onRefused: inboxWatch.lookSoon }),
    integrations: integrationRoutes(handlers, stopping.signal),
    deadLetters: deadLetterRoutes({ search: createDeadLetterSearch(database), commands: createDeadLetterCommands(database) }),
    overview: overviewRoutes(createOverview(database)),
    notifications: notificationRoutes(createNotifications({ prisma: database.prisma, lastingMs: timeouts.statusLastingMs })),
    observability: createObservability({ config, metrics, tracing, prisma: database.prisma, counts: running.counts }),
    logger,
  });
  const http = createHttpServer({ handler: app, host: config.BRIDGE_HOST, port: config.BRIDGE_PORT, variable: 'BRIDGE_PORT' });

  return {
    async start() {
      await database.assertReady((reason) => logger.warn({ reason }, 'waiting for the database'));
      await assertKeysFit({ pool: database.pool, keyring, columns: bridgeSecrets, logger });
      warnOfPrivatePublicUrl(config.BRIDGE_PUBLIC_URL, logger);
      metrics.start();
      await tracing.start();
      clockWatch.start();
      const port = await http.start();
      toWhatsapp.replies.start();
      toChatwoot.start();
      leases.start();
      listener.start();
      retention.start();
      inboxWatch.start();
      logger.info({ port }, 'bridge is ready');
    },

    async stop() {
      isStopping = true;
      clockWatch.stop();
      // Chatwoot delivers a webhook once: whoever sends them here must see us unready before nobody listens any more.
      await delay(timeouts.stop.drainMs);
      await http.stop(timeouts.stop.httpGraceMs);
      // While its leases are still ours: nobody else sends what is on its way here.
      await Promise.all([toWhatsapp.replies.stop(), toChatwoot.stop()]);
      stopping.abort();
      await Promise.all([retention.stop(), inboxWatch.stop(), listener.stop(), leases.stop()]);
      await locks.stop();
      agents.stop();
      await Promise.all([database.stop(), endPool(leasePool)]);
      metrics.stop();
      await tracing.stop();
    },
  };
}
