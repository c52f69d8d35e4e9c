import type { ErrorRequestHandler } from 'express';
import { createDeliveries, type DeliveryHabits } from '../deliveries.ts';
import type { EngineSimulator } from '../engine-simulator.ts';
import { createServing } from '../serving.ts';
import { type BatchHabits, createBatches } from './batches.ts';
import { echoTold, incomingTold, statusTold } from './events.ts';
import { type Failure, failures, GraphError } from './graph-error.ts';
import { graphRoutes } from './graph-routes.ts';
import { createWorld, type PhoneNumber, type World } from './world.ts';

export interface CloudSimulatorOptions {
  /** 0, the default, takes a free port; a later start of the same simulator takes the same one again. */
  readonly port?: number;
  /** Of numbers that are given none of their own. */
  readonly token?: string;
  /** Signs every delivery, of whichever number. */
  readonly appSecret?: string;
  readonly batches?: Partial<BatchHabits>;
  /** Meta tries for seven days, with growing pauses. */
  readonly retries?: Partial<DeliveryHabits>;
  /** What is told of a message that was sent, step by step. */
  readonly statuses?: readonly string[];
  /** How long a customer may be answered freely; infinite: anybody at any time. */
  readonly windowMs?: number;
  /** How long the address of a file is good. */
  readonly mediaUrlMs?: number;
  /** Numbers that are not on WhatsApp: sending to them fails later. */
  readonly unknownNumbers?: readonly string[];
  readonly log?: (line: string) => void;
}

const HOUR_MS = 3_600_000;
const WEEK: DeliveryHabits = {
  delaysMs: [1_000, 5_000, 30_000, 120_000, 600_000, HOUR_MS, 3 * HOUR_MS],
  maxAttempts: 60,
  honoursRetryAfter: false,
  losesOnRedirect: false,
  timeoutMs: 10_000,
};

export interface CloudSimulator extends EngineSimulator {
  readonly world: World;
  /** Resolves when everything is delivered or given up; rejects after `deadlineMs`. */
  idle(deadlineMs?: number): Promise<void>;
}

/**
 * Meta's WhatsApp Cloud API as far as Ponte uses it: batches, duplicates and disorder at the webhook; refusals that come as a status after
 * an answer that said that all is well; files behind two requests; an address that is asked before it is taken.
 */
export function createCloudSimulator(options: CloudSimulatorOptions = {}): CloudSimulator {
  const log = options.log ?? (() => undefined);
  const world = createWorld();
  const deliveries = createDeliveries({ ...WEEK, ...options.retries }, log);
  const habits = { collectMs: 10, doubleEvery: 5, disorder: false, ...options.batches };
  const batches = createBatches({ world, deliveries, appSecret: options.appSecret ?? 'app-secret', habits });
  const serving = createServing(options.port ?? 0, deliveries, () => batches.flush());

  function onSent(number: PhoneNumber, id: string, failure: Failure | undefined): void {
    const told = failure === undefined ? (options.statuses ?? ['sent', 'delivered']) : ['failed'];
    const errors = failure === undefined ? undefined : [failures[failure]];
    for (const status of told) batches.tell(statusTold(number, id, status, errors));
  }

  const simulator: CloudSimulator = {
    world,
    ...serving.common,
    addInstance: (values) => world.add({ ...values, token: values.token ?? options.token ?? 'engine-token' }),
    receive(name, message) {
      const { id, told } = incomingTold(world, world.named(name), message);
      batches.tell(told);
      return id;
    },
    typeOnPhone(name, message) {
      const { id, told } = echoTold(world, world.named(name), message);
      batches.tell(told);
      return id;
    },
    reportStatus(name, messageIds, status) {
      const errors = status === 'failed' ? [failures.unknown] : undefined;
      for (const id of messageIds) batches.tell(statusTold(world.named(name), id, status, errors));
    },
    setConnected(name, connected) {
      // Nobody is told: a number has no phone that could go offline, it is registered or not.
      world.named(name).registered = connected;
    },
    sent: (name) => world.named(name).sent,
    webhookOf: (name) => (world.isSubscribed ? (world.named(name).override ?? world.accountAddress) : undefined),
    pending: () => batches.collected() + deliveries.pending(),
    dropped: deliveries.dropped,
    repeat: deliveries.repeat,
    async idle(deadlineMs) {
      batches.flush();
      await deliveries.idle(deadlineMs);
    },
  };

  const app = serving.serve(simulator);
  app.use(
    /^\/v\d+\.\d+/,
    graphRoutes({
      world,
      url: serving.common.url,
      windowMs: options.windowMs ?? 24 * HOUR_MS,
      mediaUrlMs: options.mediaUrlMs ?? 300_000,
      unknownNumbers: options.unknownNumbers ?? [],
      onSent,
    }),
  );
  app.use(() => {
    throw new GraphError(2500, 'Unknown path components');
  });
  app.use(errorHandler(log));
  return simulator;
}

function errorHandler(log: (line: string) => void): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (error: unknown, req, res, _next) => {
    if (error instanceof GraphError) return void res.status(error.status).json(error.body);
    log(`${req.method} ${req.path}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    res.status(500).json({ error: { message: 'An unknown error occurred', type: 'OAuthException', code: 1 } });
  };
}
