import { createServer as createHttpServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createFaults, type FaultControl } from './faults.ts';
import { featuresOf } from './features.ts';
import { destroyInbox } from './inboxes.ts';
import { createRequestLog } from './request-log.ts';
import type { InboxRow } from './rows.ts';
import { createServer } from './server.ts';
import { createSnapshot, loadTables } from './snapshot.ts';
import { type ChatwootState, createState } from './state.ts';
import { createWebhookDispatcher } from './webhooks.ts';
import type { World } from './world.ts';

export type { ActiveFault, Fault, FaultAction, FaultControl } from './faults.ts';
export type { RequestRecord } from './request-log.ts';
export type { ChatwootState, NewAccount, NewUser } from './state.ts';
export type { WebhookDelivery } from './webhooks.ts';

export interface ChatwootSimulatorOptions {
  /** 0, the default, takes a free port; a later start of the same simulator takes the same one again. */
  port?: number;
  /** Default 127.0.0.1. */
  host?: string;
  /** Default 4.16.2. Below 4.13 there is no signature, below 4.11.2 no delivery id, below 4.3.0 inbox names have a strict format. */
  version?: string;
  /** Open and read timeout of a webhook, default 5000. */
  webhookTimeoutMs?: number;
  /** Refuses webhooks to private addresses, as 4.14 and later do unless told otherwise. Default false: the demo runs on loopback. */
  blockPrivateWebhooks?: boolean;
  /** How long a deleted inbox is still there, default 200. */
  deletionDelayMs?: number;
  /** Keeps everything in this file, so that the next simulator with it goes on where this one stopped. */
  dataFile?: string;
  log?: (line: string) => void;
}

export interface ChatwootSimulator {
  /** Listens and resolves with the address; state is kept over a stop. */
  start(): Promise<{ url: string; port: number }>;
  /** Stops listening, cuts every connection, drops outstanding webhooks and timers. */
  stop(): Promise<void>;
  /** Where it listens; the port is known from the first start on. */
  url(): string;
  readonly state: ChatwootState;
  readonly faults: FaultControl;
}

/** Runs the deletion jobs of inboxes after their delay. */
function createDeletions(world: World, changed: () => void) {
  const timers = new Map<number, NodeJS.Timeout>();
  const schedule = (inbox: InboxRow): void => {
    if (inbox.deleteAt === null || timers.has(inbox.id)) return;
    const job = () => {
      timers.delete(inbox.id);
      destroyInbox(world, inbox.id);
      changed();
    };
    timers.set(inbox.id, setTimeout(job, Math.max(0, inbox.deleteAt - Date.now())));
  };
  return {
    schedule,
    start: () => world.tables.inboxes.all().forEach(schedule),
    stop(): void {
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
    },
  };
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      // A TCP server's address is an object; only pipes have text.
      resolve((server.address() as AddressInfo).port);
    });
  });
}

const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

/**
 * A Chatwoot that behaves as the real one does for an API inbox and its bridge: the same checks in the same order, the same answers byte for
 * byte, the same webhooks; plus faults on demand and the agents' part of a conversation.
 */
export function createChatwootSimulator(options: ChatwootSimulatorOptions = {}): ChatwootSimulator {
  const host = options.host ?? '127.0.0.1';
  const log = options.log ?? (() => undefined);
  let port = options.port ?? 0;
  let running: Server | null = null;

  const tables = loadTables(options.dataFile);
  const snapshot = createSnapshot(tables, options.dataFile);
  const world: World = {
    tables,
    features: featuresOf(options.version ?? '4.16.2'),
    settings: {
      webhookTimeoutMs: options.webhookTimeoutMs ?? 5000,
      blockPrivateWebhooks: options.blockPrivateWebhooks ?? false,
      deletionDelayMs: options.deletionDelayMs ?? 200,
      contactSearchesPerMinute: null,
      messagesPerMinute: 200,
      defaultLocale: 'en',
    },
    baseUrl: () => `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    publish: (event) => {
      snapshot.changed();
      webhooks.publish(event);
    },
  };
  const webhooks = createWebhookDispatcher(world, log);
  const faults = createFaults();
  const requests = createRequestLog(world);
  const deletions = createDeletions(world, snapshot.changed);
  const state = createState(world, { requests: requests.records, webhooks: webhooks.state }, snapshot.changed);
  const app = createServer(world, {
    state,
    faults: faults.control,
    logRequest: requests.middleware,
    injectFault: faults.middleware,
    scheduleDeletion: deletions.schedule,
    changed: snapshot.changed,
    save: snapshot.flush,
    log,
  });

  return {
    state,
    faults: faults.control,
    url: world.baseUrl,
    async start() {
      if (running) throw new Error('the Chatwoot simulator is already running');
      const server = createHttpServer(app);
      port = await listen(server, port, host);
      running = server;
      webhooks.start();
      deletions.start();
      return { url: world.baseUrl(), port };
    },
    async stop() {
      const server = running;
      if (!server) return;
      running = null;
      deletions.stop();
      faults.release();
      await Promise.all([close(server), webhooks.stop()]);
      snapshot.flush();
    },
  };
}
