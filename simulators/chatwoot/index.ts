import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { destroyOrphans } from './contact-record.ts';
import { createFaults, type FaultControl } from './faults.ts';
import { featuresOf } from './features.ts';
import { destroyInbox } from './inboxes.ts';
import { createRequestLog } from './request-log.ts';
import type { InboxRow } from './rows.ts';
import { createServer } from './server.ts';
import { createSnapshot, loadTables } from './snapshot.ts';
import { type ChatwootState, createState } from './state.ts';
import { troubleEffect } from './trouble.ts';
import { createWebhookDispatcher } from './webhooks.ts';
import type { Settings, World } from './world.ts';

export interface ChatwootSimulatorOptions {
  /** 0, the default, takes a free port; a later start of the same simulator takes the same one again. */
  port?: number;
  /** Default 127.0.0.1. */
  host?: string;
  /** Default 4.16.2. What another release does differently is in features.ts. */
  version?: string;
  /** Open and read timeout of a webhook, default 5000. */
  webhookTimeoutMs?: number;
  /** Refuses webhooks to private addresses, as 4.14.1 and later do unless told otherwise. Default false: the demo runs on loopback. */
  blockPrivateWebhooks?: boolean;
  /** How long a deleted inbox, or the conversations of a deleted contact, are still there, default 200. */
  deletionDelayMs?: number;
  /** Keeps everything in this file, so that the next simulator with it goes on where this one stopped. */
  dataFile?: string;
  log?: (line: string) => void;
}

export interface ChatwootSimulator {
  /** Listens and resolves with the address; state is kept over a stop. */
  start(): Promise<{ url: string; port: number }>;
  /** Stops listening, cuts every connection, drops outstanding webhooks and timers; with `drain`, what is under way is answered before. */
  stop(options?: { drain?: boolean }): Promise<void>;
  /** Where it listens; the port is known from the first start on. */
  url(): string;
  readonly state: ChatwootState;
  readonly faults: FaultControl;
}

/** Runs jobs after a while; a stop drops those that wait. */
function createLaterJobs(changed: () => void) {
  const timers = new Set<NodeJS.Timeout>();
  return {
    after(delayMs: number, job: () => void): void {
      const timer = setTimeout(() => {
        timers.delete(timer);
        job();
        changed();
      }, delayMs);
      timers.add(timer);
    },
    stop(): void {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
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

/** The HTTP server and its port, which stays the same from the first start on. */
function createListener(host: string, wantedPort: number) {
  // Nobody can connect to "every address": links then name the loopback one.
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  let port = wantedPort;
  let server: Server | null = null;
  return {
    url: () => `http://${reachable}:${port}`,
    port: () => port,
    isOpen: () => server !== null,
    async open(app: RequestListener): Promise<void> {
      const opening = createHttpServer(app);
      await new Promise<void>((resolve, reject) => {
        opening.once('error', reject);
        opening.listen(port, host, () => {
          opening.off('error', reject);
          resolve();
        });
      });
      // A TCP server's address is an object; only pipes have text.
      port = (opening.address() as AddressInfo).port;
      server = opening;
    },
    async close(drain: boolean): Promise<void> {
      const closing = server;
      server = null;
      if (!closing) return;
      await new Promise<void>((resolve) => {
        // Connections that are kept open for another request would hold it up.
        const sweep = setInterval(() => closing.closeIdleConnections(), 5);
        closing.close(() => {
          clearInterval(sweep);
          resolve();
        });
        if (!drain) closing.closeAllConnections();
      });
    },
  };
}

const settingsOf = (options: ChatwootSimulatorOptions): Settings => ({
  webhookTimeoutMs: options.webhookTimeoutMs ?? 5000,
  blockPrivateWebhooks: options.blockPrivateWebhooks ?? false,
  deletionDelayMs: options.deletionDelayMs ?? 200,
  fileDelayMs: 0,
  contactSearchesPerMinute: null,
  messagesPerMinute: 200,
  defaultLocale: 'en',
});

/**
 * A Chatwoot that behaves as the real one does for an API inbox and its bridge: the same checks in the same order, the same answers byte for
 * byte, the same webhooks; plus faults on demand and the agents' part of a conversation.
 */
export function createChatwootSimulator(options: ChatwootSimulatorOptions = {}): ChatwootSimulator {
  const log = options.log ?? (() => undefined);
  const listener = createListener(options.host ?? '127.0.0.1', options.port ?? 0);
  const tables = loadTables(options.dataFile);
  const snapshot = createSnapshot(tables, options.dataFile);
  const later = createLaterJobs(() => snapshot.changed());
  let takesJobs = true;
  let isProbed = false;
  const world: World = {
    tables,
    features: featuresOf(options.version ?? '4.16.2'),
    settings: settingsOf(options),
    baseUrl: listener.url,
    publish: (event) => {
      snapshot.changed();
      if (takesJobs) webhooks.publish(event);
    },
    after: later.after,
    withoutJobs(action) {
      takesJobs = false;
      try {
        return action();
      } finally {
        takesJobs = true;
      }
    },
    dataServices() {
      const answer = isProbed ? 'ok' : 'failing';
      isProbed = true;
      return answer;
    },
  };
  const webhooks = createWebhookDispatcher(world, log);
  const faults = createFaults((trouble, req) => troubleEffect(trouble, req, world.features));
  const requests = createRequestLog(world);
  const deletions = createDeletions(world, snapshot.changed);
  const state = createState(world, { requests: requests.records, webhooks: webhooks.state }, snapshot.changed);
  const middlewares = { logRequest: requests.middleware, injectFault: faults.middleware };
  const saving = { changed: snapshot.changed, save: snapshot.flush };
  const scheduleDeletion = deletions.schedule;
  const app = createServer(world, { state, faults: faults.control, ...middlewares, ...saving, scheduleDeletion, log });

  return {
    state,
    faults: faults.control,
    url: listener.url,
    async start() {
      if (listener.isOpen()) throw new Error('the Chatwoot simulator is already running');
      await listener.open(app);
      webhooks.start();
      deletions.start();
      isProbed = false;
      destroyOrphans(world);
      return { url: listener.url(), port: listener.port() };
    },
    async stop({ drain = false } = {}) {
      if (!listener.isOpen()) return;
      if (drain) await listener.close(true);
      deletions.stop();
      later.stop();
      faults.release();
      await Promise.all([listener.close(false), webhooks.stop()]);
      snapshot.flush();
    },
  };
}
