import express, { type ErrorRequestHandler } from 'express';
import { createDeliveries } from '../deliveries.ts';
import type { EngineSimulator } from '../engine-simulator.ts';
import { incomingScene, typedScene } from '../scene.ts';
import { createServing } from '../serving.ts';
import { apiRoutes } from './api-routes.ts';
import { createHappenings } from './happenings.ts';
import { createOwnChatwoot } from './own-chatwoot.ts';
import { Breakdown, Refusal } from './refusal.ts';
import { createWorld, newPhoneId, type WahaEngine, type World } from './world.ts';

export interface WahaSimulatorOptions {
  /** 0, the default, takes a free port; a later start of the same simulator takes the same one again. */
  readonly port?: number;
  /** The API key of sessions that are given none of their own. */
  readonly token?: string;
  /** Which library is below, and so what payloads look like. */
  readonly engine?: WahaEngine;
  /** What a second is between the tries of a delivery. */
  readonly secondMs?: number;
  readonly restartMs?: number;
  readonly patienceMs?: number;
  readonly fileLifeMs?: number;
  readonly fileDelayMs?: number;
  readonly takesOwnIds?: boolean;
  /** Whether every event is delivered twice, as where the same address is set in the environment as well. */
  readonly doubles?: boolean;
  readonly unknownNumbers?: readonly string[];
  readonly acks?: readonly number[];
  readonly log?: (line: string) => void;
}

export interface WahaSimulator extends EngineSimulator {
  readonly world: World;
  /** Resolves when everything is delivered or given up; rejects after `deadlineMs`. */
  idle(deadlineMs?: number): Promise<void>;
}

const ACKS = { failed: -1, delivered: 2, read: 3 } as const;

/**
 * WAHA: events in parallel and tried again whatever they were answered, files that are gone after some minutes behind an address that nobody
 * reaches, a session that restarts with every change of its webhooks, own messages told like anybody's, and a break-down for a field that
 * is missing.
 */
export function createWahaSimulator(options: WahaSimulatorOptions = {}): WahaSimulator {
  const log = options.log ?? (() => undefined);
  const world = createWorld(options.engine ?? 'NOWEB');
  const habits = { delaysMs: [2_000], maxAttempts: 16, honoursRetryAfter: true, losesOnRedirect: true };
  const deliveries = createDeliveries(habits, log);
  const fileLifeMs = options.fileLifeMs ?? 180_000;
  const own = createOwnChatwoot(log);
  const happenings = createHappenings({
    world,
    deliveries,
    own,
    options: {
      secondMs: options.secondMs ?? 1_000,
      fileLifeMs,
      fileDelayMs: options.fileDelayMs ?? 50,
      doubles: options.doubles ?? false,
    },
  });
  const serving = createServing(options.port ?? 0, deliveries);

  function happen(name: string, { scene, content }: ReturnType<typeof incomingScene>): string {
    happenings.happen(world.named(name), { ...scene, byApi: false }, content);
    return scene.id;
  }

  const simulator: WahaSimulator = {
    world,
    ...serving.common,
    addInstance: (values) => world.add({ ...values, token: values.token ?? options.token ?? 'engine-token' }),
    receive: (name, message) => happen(name, incomingScene(message, newPhoneId)),
    typeOnPhone: (name, message) => happen(name, typedScene(message, newPhoneId)),
    reportStatus(name, messageIds, status) {
      for (const id of messageIds) happenings.ack(world.named(name), id, ACKS[status]);
    },
    setConnected: (name, connected) => happenings.setStatus(world.named(name), connected ? 'WORKING' : 'SCAN_QR_CODE'),
    sent: (name) => world.named(name).sent,
    webhookOf: (name) => world.named(name).config.webhooks[0]?.url,
    pending: () => happenings.collecting() + deliveries.pending(),
    dropped: deliveries.dropped,
    repeat: deliveries.repeat,
    async idle(deadlineMs = 10_000) {
      const endsAtMs = Date.now() + deadlineMs;
      while (happenings.collecting() > 0 && Date.now() < endsAtMs) await new Promise((resolve) => setTimeout(resolve, 5));
      await deliveries.idle(Math.max(0, endsAtMs - Date.now()));
    },
  };

  const app = serving.serve(simulator);
  app.use(express.json({ limit: '100mb' }));
  app.use(
    apiRoutes({
      world,
      happenings,
      own,
      options: {
        restartMs: options.restartMs ?? 3_000,
        patienceMs: options.patienceMs ?? 5_000,
        fileLifeMs,
        takesOwnIds: options.takesOwnIds ?? false,
        unknownNumbers: options.unknownNumbers ?? [],
        acks: options.acks ?? [1, 2],
      },
    }),
  );
  app.use(errorHandler(log));
  return simulator;
}

function errorHandler(log: (line: string) => void): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (error: unknown, req, res, _next) => {
    if (error instanceof Refusal) return void res.status(error.status).json(error.body);
    const broken = error instanceof Breakdown ? error : new Breakdown(error instanceof Error ? error.message : String(error));
    log(`${req.method} ${req.path}: ${broken.message}`);
    res.status(500).json(broken.bodyFor({ path: req.path, method: req.method, body: req.body, query: req.query }));
  };
}
