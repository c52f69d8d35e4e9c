import express, { type ErrorRequestHandler } from 'express';
import { createDeliveries } from '../deliveries.ts';
import type { EngineSimulator } from '../engine-simulator.ts';
import { incomingScene, typedScene } from '../scene.ts';
import { createServing } from '../serving.ts';
import { evolutionGoRoutes } from './evolution-go-routes.ts';
import { createTelling } from './telling.ts';
import { createWorld, type Flavour, newPhoneId, Refusal, type World } from './world.ts';
import { wuzapiError, wuzapiRoutes } from './wuzapi-routes.ts';

export interface WhatsmeowSimulatorOptions {
  /** Which of the two it plays. */
  readonly flavour?: Flavour;
  /** How wuzapi delivers (`WEBHOOK_FORMAT`). */
  readonly transport?: 'form' | 'json';
  /** 0, the default, takes a free port; a later start of the same simulator takes the same one again. */
  readonly port?: number;
  readonly token?: string;
  /** What a second is between the tries of a delivery. */
  readonly secondMs?: number;
  readonly unknownNumbers?: readonly string[];
  readonly receipts?: readonly ('delivered' | 'read')[];
  readonly log?: (line: string) => void;
}

export interface WhatsmeowSimulator extends EngineSimulator {
  readonly world: World;
  /** Whether files stand in the events, from now on; else they have to be asked for. */
  sendFiles(sent: boolean): void;
  /** Resolves when everything is delivered or given up; rejects after `deadlineMs`. */
  idle(deadlineMs?: number): Promise<void>;
}

const TRIES = 5;
const PAUSE_SECONDS = 30;

/**
 * wuzapi or evolution-go: whatsmeow's own events, the one in a form, signed where a key was set, the other with the token within; ids that the
 * sender chooses; files that only their keys open; errors that are all 500.
 */
export function createWhatsmeowSimulator(options: WhatsmeowSimulatorOptions = {}): WhatsmeowSimulator {
  const log = options.log ?? (() => undefined);
  const flavour = options.flavour ?? 'wuzapi';
  const isWuzapi = flavour === 'wuzapi';
  const pauseMs = PAUSE_SECONDS * (options.secondMs ?? 1_000);
  const world = createWorld();
  const deliveries = createDeliveries(
    {
      delaysMs: isWuzapi ? [pauseMs, pauseMs * 2, pauseMs * 4, pauseMs * 8] : [pauseMs],
      maxAttempts: TRIES,
      honoursRetryAfter: false,
      losesOnRedirect: true,
      timeoutMs: 30_000,
    },
    log,
  );
  let sendsFiles = true;
  const telling = createTelling(deliveries, { flavour, transport: options.transport ?? 'form', sendsFiles: () => sendsFiles });
  const serving = createServing(options.port ?? 0, deliveries);

  function happen(name: string, { scene, content }: ReturnType<typeof incomingScene>): string {
    telling.happen(world.named(name), scene, content);
    return scene.id;
  }

  const simulator: WhatsmeowSimulator = {
    world,
    ...serving.common,
    addInstance: (values) => world.add({ ...values, token: values.token ?? options.token ?? 'engine-token' }),
    receive: (name, message) => happen(name, incomingScene(message, newPhoneId)),
    typeOnPhone: (name, message) => happen(name, typedScene(message, newPhoneId)),
    // whatsmeow tells of no failure.
    reportStatus(name, messageIds, status) {
      if (status === 'failed') return;
      for (const id of messageIds) telling.receipt(world.named(name), id, status);
    },
    setConnected(name, connected) {
      const session = world.named(name);
      session.isConnected = connected;
      session.isLoggedIn = connected;
      telling.tell(session, connected ? 'Connected' : 'LoggedOut', connected ? {} : { OnConnect: false, Reason: 401 });
    },
    sent: (name) => world.named(name).sent,
    webhookOf: (name) => world.named(name).webhook || undefined,
    pending: deliveries.pending,
    dropped: deliveries.dropped,
    repeat: deliveries.repeat,
    sendFiles(sent) {
      sendsFiles = sent;
    },
    idle: deliveries.idle,
  };

  const app = serving.serve(simulator);
  app.use(express.json({ limit: '100mb' }));
  const parts = {
    world,
    telling,
    rules: { unknownNumbers: options.unknownNumbers ?? [] },
    receipts: options.receipts ?? (['delivered'] as const),
  };
  app.use(isWuzapi ? wuzapiRoutes(parts) : evolutionGoRoutes(parts));
  app.use((_req, res) => void res.status(404).type('text/plain').send('404 page not found'));
  app.use(errorHandler(isWuzapi, log));
  return simulator;
}

function errorHandler(isWuzapi: boolean, log: (line: string) => void): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (error: unknown, req, res, _next) => {
    const message = error instanceof Error ? error.message : String(error);
    const status = error instanceof Refusal ? error.status : 500;
    if (!(error instanceof Refusal)) log(`${req.method} ${req.path}: ${message}`);
    res.status(status).json(isWuzapi ? wuzapiError(status, message) : { error: message });
  };
}
