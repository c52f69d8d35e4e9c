import { createServer as createHttpServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createFaults, type FaultControl } from '../chatwoot/faults.ts';
import { createEngine } from './engine.ts';
import { createDeliveryQueue, defaultRetries, type RetrySchedule } from './ingest-delivery.ts';
import { createServer } from './server.ts';
import { createState, type EngineState } from './state.ts';
import { createStore } from './store.ts';

export type { ContentInput } from './content.ts';

export interface WhatsappEngineSimulatorOptions {
  /** 0, the default, takes a free port; a later start of the same simulator takes the same one again. */
  port?: number;
  /** The TokenAccount: opens every instance. */
  token: string;
  /** Where the events of instances go that name no address of their own; `:instance` stands for the instance's name. */
  ingestUrl?: string;
  /** When an event that was not taken is sent again. */
  retries?: Partial<RetrySchedule>;
  /** Keeps everything in this file, so that the next simulator with it goes on where this one stopped. */
  dataFile?: string;
  log?: (line: string) => void;
}

export interface WhatsappEngineSimulator {
  /** Listens on 127.0.0.1, and begins to deliver events. State is kept over a stop. */
  start(): Promise<{ url: string; port: number }>;
  /** Stops listening, cuts every connection, leaves undelivered events for the next start. */
  stop(): Promise<void>;
  /** Where it listens; known from the first start on. */
  url(): string;
  readonly state: EngineState;
  readonly faults: FaultControl;
}

/**
 * A WhatsApp API that speaks RyzeAPI's message endpoints and its events, in both of the documented shapes, with WhatsApp's part played
 * by whoever holds `state`, and with faults on demand.
 */
export function createWhatsappEngineSimulator(options: WhatsappEngineSimulatorOptions): WhatsappEngineSimulator {
  const log = options.log ?? (() => undefined);
  let port = options.port ?? 0;
  let running: Server | undefined;
  const url = () => `http://127.0.0.1:${port}`;
  const store = createStore(options.dataFile);
  const queue = createDeliveryQueue(store, { ...defaultRetries, ...options.retries }, log);
  const engine = createEngine({ store, queue, baseUrl: url });
  const state = createState({ store, queue, engine, defaultIngestUrl: options.ingestUrl });
  const faults = createFaults();
  const app = createServer({
    store,
    engine,
    state,
    accountToken: options.token,
    faults: faults.control,
    injectFault: faults.middleware,
    log,
  });

  return {
    state,
    faults: faults.control,
    url,
    async start() {
      if (running) throw new Error('the WhatsApp engine simulator is already running');
      const server = createHttpServer(app);
      port = await listen(server, port);
      running = server;
      engine.start();
      queue.start();
      return { url: url(), port };
    },
    async stop() {
      const server = running;
      if (!server) return;
      running = undefined;
      engine.stop();
      faults.release();
      await Promise.all([close(server), queue.stop()]);
      store.flush();
    },
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
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
