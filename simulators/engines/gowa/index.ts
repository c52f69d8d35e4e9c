import express, { type ErrorRequestHandler } from 'express';
import { createDeliveries } from '../deliveries.ts';
import type { EngineSimulator } from '../engine-simulator.ts';
import { incomingScene, typedScene } from '../scene.ts';
import { createServing } from '../serving.ts';
import { apiRoutes } from './api-routes.ts';
import { createHappenings } from './happenings.ts';
import type { Downloads } from './payloads.ts';
import { Refusal } from './refusal.ts';
import { createWorld, newPhoneId, type World } from './world.ts';

export interface GowaSimulatorOptions {
  /** 0, the default, takes a free port; a later start of the same simulator takes the same one again. */
  readonly port?: number;
  /** `user:password` of devices that are given none of their own. */
  readonly token?: string;
  /** What a second is between the tries of a delivery. */
  readonly secondMs?: number;
  readonly unknownNumbers?: readonly string[];
  readonly receipts?: readonly ('delivered' | 'read')[];
  readonly log?: (line: string) => void;
}

export interface GowaSimulator extends EngineSimulator {
  readonly world: World;
  /** From now on. */
  setDownloads(downloads: Downloads): void;
  /** Resolves when everything is delivered or given up; rejects after `deadlineMs`. */
  idle(deadlineMs?: number): Promise<void>;
}

const PAUSES_SECONDS = [1, 2, 4, 8];
const TIMEOUT_SECONDS = 10;
const RECEIPTS = { delivered: 'delivered', read: 'read', failed: 'server-error' } as const;

/**
 * GOWA: five tries within a quarter of a minute and then nothing, signed with a word that everybody knows until another is set; no event of
 * the phone's connection or of what its API has sent; files behind Basic authentication, and left out where they could not be downloaded.
 */
export function createGowaSimulator(options: GowaSimulatorOptions = {}): GowaSimulator {
  const log = options.log ?? (() => undefined);
  const secondMs = options.secondMs ?? 1_000;
  const world = createWorld();
  const deliveries = createDeliveries(
    {
      delaysMs: PAUSES_SECONDS.map((seconds) => seconds * secondMs),
      maxAttempts: PAUSES_SECONDS.length + 1,
      honoursRetryAfter: false,
      losesOnRedirect: true,
      timeoutMs: Math.max(TIMEOUT_SECONDS * secondMs, 2_000),
    },
    log,
  );
  let downloads: Downloads = 'kept';
  const happenings = createHappenings({ deliveries, downloads: () => downloads });
  const serving = createServing(options.port ?? 0, deliveries);

  function happen(name: string, { scene, content }: ReturnType<typeof incomingScene>): string {
    happenings.happen(world.named(name), scene, content);
    return scene.id;
  }

  const simulator: GowaSimulator = {
    world,
    ...serving.common,
    addInstance: (values) => world.add({ ...values, token: values.token ?? options.token ?? 'engine-token' }),
    receive: (name, message) => happen(name, incomingScene(message, newPhoneId)),
    typeOnPhone: (name, message) => happen(name, typedScene(message, newPhoneId)),
    reportStatus(name, messageIds, status) {
      for (const id of messageIds) happenings.receipt(world.named(name), id, RECEIPTS[status]);
    },
    // Of which it tells nobody.
    setConnected(name, connected) {
      const device = world.named(name);
      device.isConnected = connected;
      device.isLoggedIn = connected;
    },
    sent: (name) => world.named(name).sent,
    webhookOf: (name) => world.named(name).webhook?.webhook_url || undefined,
    pending: deliveries.pending,
    dropped: deliveries.dropped,
    repeat: deliveries.repeat,
    setDownloads(kind) {
      downloads = kind;
    },
    idle: deliveries.idle,
  };

  const app = serving.serve(simulator);
  app.use(express.json({ limit: '100mb' }));
  app.use(
    apiRoutes({
      world,
      happenings,
      options: { unknownNumbers: options.unknownNumbers ?? [], receipts: options.receipts ?? ['delivered'] },
    }),
  );
  app.use(errorHandler(log));
  return simulator;
}

function errorHandler(log: (line: string) => void): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (error: unknown, req, res, _next) => {
    if (error instanceof Refusal) return void res.status(error.status).json(error.body);
    const message = error instanceof Error ? error.message : String(error);
    log(`${req.method} ${req.path}: ${message}`);
    res.status(500).json({ status: 500, code: 'INTERNAL_SERVER_ERROR', message, results: null });
  };
}
