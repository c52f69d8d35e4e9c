import type { Server } from 'node:http';
import type { ApiConfig } from '../shared/config/config.ts';
import type { Listener } from '../shared/database/listener.ts';
import type { Logger } from '../shared/logging/logger.ts';
import type { Authenticator } from './auth/authenticator.ts';
import { createRetention } from './events/retention.ts';
import type { Resources } from './resources.ts';
import { createStreamServer } from './stream/stream-server.ts';
import { createStreams } from './stream/streams.ts';

export interface EventDelivery {
  /** Takes the upgrades of this server. */
  serve(server: Server): void;
  start(): void;
  /** How many bridges read now. */
  open(): number;
  /** Sends every bridge elsewhere. */
  stop(): Promise<void>;
}

/** Stored events on their way to the bridge, and their removal once they have arrived. */
export function createEventDelivery(deps: {
  config: ApiConfig;
  resources: Resources;
  listener: Listener;
  authenticator: Authenticator;
  logger: Logger;
}): EventDelivery {
  const { config, authenticator, logger } = deps;
  const { bridge, slowDatabase } = deps.resources;
  const { prisma } = slowDatabase;
  const streams = createStreams({ database: slowDatabase, listener: deps.listener, logger });
  const connections = createStreamServer({ prisma, authenticator, streams, enabled: bridge !== undefined, logger });
  const retention = createRetention({ prisma, keepDays: config.EVENT_RETENTION_DAYS, logger });

  return {
    serve(server) {
      server.on('upgrade', (request, socket, head) => void connections.upgrade(request, socket, head));
    },
    start() {
      streams.start();
      retention.start();
    },
    open: connections.open,
    async stop() {
      await connections.stop();
      await Promise.all([streams.stop(), retention.stop()]);
    },
  };
}
