import express, { type ErrorRequestHandler } from 'express';
import { z } from 'zod';
import { incomingMessage, typedMessage } from '../../whatsapp-engine/message-log.ts';
import type { Message } from '../../whatsapp-engine/rows.ts';
import { createDeliveries, type DeliveryHabits } from '../deliveries.ts';
import type { EngineSimulator } from '../engine-simulator.ts';
import { createServing } from '../serving.ts';
import { createAccess } from './access.ts';
import { createTelling } from './delivery.ts';
import { messageData, messageTold, statusTold, type Told } from './events.ts';
import { instanceRoutes } from './instance-routes.ts';
import { messageRoutes } from './message-routes.ts';
import { createOwnChatwoot, readAgentMessage } from './own-chatwoot.ts';
import type { Layout } from './proto.ts';
import { EvolutionRefusal } from './refusal.ts';
import { sendNow } from './sending.ts';
import { settingsRoutes } from './settings-routes.ts';
import { createWorld, type EvolutionInstance, ownerOf, type StoredChatwoot, type StoredWebhook } from './world.ts';

export interface EvolutionSimulatorOptions {
  /** 0, the default, takes a free port; a later start of the same simulator takes the same one again. */
  readonly port?: number;
  /** The global key, which opens every instance. */
  readonly token?: string;
  /** In which of its versions' layouts it writes. */
  readonly layout?: Layout;
  /** The real one waits 5, 10, 20 … 300 seconds, ten times. */
  readonly retries?: Partial<DeliveryHabits>;
  /** Whether a message that the API has sent is told of twice, as 2.2 does. */
  readonly doublesSent?: boolean;
  /** What is told of a message that was sent, step by step. */
  readonly statuses?: readonly string[];
  /** Digits that are not on WhatsApp. */
  readonly unknownNumbers?: readonly string[];
  readonly log?: (line: string) => void;
}

export interface EvolutionSimulator extends EngineSimulator {
  /** Anything, under any name. */
  tell(instance: string, told: Told): void;
  /** Its own Chatwoot integration, as somebody set it up long ago. */
  setChatwoot(instance: string, chatwoot: StoredChatwoot): void;
  chatwootOf(instance: string): StoredChatwoot | null;
  webhookSettingsOf(instance: string): StoredWebhook | null;
  /** Resolves when everything is delivered or given up; rejects after `deadlineMs`. */
  idle(deadlineMs?: number): Promise<void>;
}

/** 400 to 422 end an event for good; of the rest, everything but a 2xx is tried again. */
const HABITS: DeliveryHabits = {
  delaysMs: [5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000],
  maxAttempts: 10,
  honoursRetryAfter: false,
  losesOnRedirect: false,
  finalStatuses: [400, 401, 403, 404, 422],
  timeoutMs: 30_000,
};

/**
 * Evolution API v2 as far as Ponte and its kind use it: one webhook an instance, whose events come in parallel and in no order, in the JSON
 * layout of whichever version; keys from the side of whoever wrote; its errors in all their forms; its settings with their traps.
 */
export function createEvolutionSimulator(options: EvolutionSimulatorOptions = {}): EvolutionSimulator {
  const log = options.log ?? (() => undefined);
  const layout = options.layout ?? '2.3';
  const world = createWorld();
  const deliveries = createDeliveries({ ...HABITS, ...options.retries }, log);
  const serving = createServing(options.port ?? 0, deliveries);
  const tell = createTelling({ deliveries, layout, serverUrl: serving.common.url });
  const own = createOwnChatwoot();
  const access = createAccess(world, options.token ?? 'engine-token');

  function arrived(instance: EvolutionInstance, message: Message): string {
    const { content } = message;
    if (content.type === 'message_revoke') instance.messages.delete(content.messageId);
    else instance.messages.set(message.id, message);
    const isQuiet = instance.webhook?.webhookBase64 !== true || message.media === null;
    // Its own Chatwoot comes first, and nobody else hears of the message before that has ended.
    const mirrored = instance.chatwoot?.enabled ? own.mirror(instance, message, log) : undefined;
    const tellAll = () => {
      for (const told of messageTold(instance, message, layout)) tell(instance, isQuiet ? told : withFile(told, message));
    };
    if (mirrored === undefined) tellAll();
    else void mirrored.then(tellAll);
    return message.id;
  }

  function onSent(instance: EvolutionInstance, id: string): void {
    const message = instance.messages.get(id);
    if (message === undefined) return;
    const data = messageData(instance, message, layout, 'PENDING');
    tell(instance, { event: 'send.message', data });
    if (options.doublesSent ?? layout === '2.2') tell(instance, { event: 'messages.upsert', data });
    for (const status of options.statuses ?? ['DELIVERY_ACK']) tell(instance, statusTold(instance, message, status, layout));
  }

  const simulator: EvolutionSimulator = {
    ...serving.common,
    addInstance: (values) => world.add(values),
    receive: (name, message) => arrived(world.named(name), incomingMessage(ownerOf(world.named(name)), message)),
    typeOnPhone: (name, message) => arrived(world.named(name), typedMessage(ownerOf(world.named(name)), message)),
    reportStatus(name, messageIds, status) {
      const instance = world.named(name);
      const told = { delivered: 'DELIVERY_ACK', read: 'READ', failed: 'ERROR' }[status];
      for (const id of messageIds) {
        const message = instance.messages.get(id);
        // What is not in its database it tells nothing of.
        if (message !== undefined) tell(instance, statusTold(instance, message, told, layout));
      }
    },
    setConnected(name, connected) {
      const instance = world.named(name);
      instance.state = connected ? 'open' : 'close';
      instance.isLoaded ||= connected;
      const told = connected ? { state: 'open', statusReason: 200 } : { state: 'close', statusReason: 401 };
      if (!connected)
        tell(instance, { event: 'status.instance', data: { instance: name, status: 'closed', disconnectionReasonCode: 401 } });
      tell(instance, { event: 'connection.update', data: { instance: name, ...told } });
    },
    sent: (name) => world.named(name).sent,
    webhookOf(name) {
      const { webhook } = world.named(name);
      return webhook?.enabled ? webhook.url : undefined;
    },
    pending: deliveries.pending,
    dropped: deliveries.dropped,
    repeat: deliveries.repeat,
    idle: deliveries.idle,
    tell: (name, told) => tell(world.named(name), told),
    setChatwoot(name, chatwoot) {
      world.named(name).chatwoot = chatwoot;
    },
    chatwootOf: (name) => world.named(name).chatwoot,
    webhookSettingsOf: (name) => world.named(name).webhook,
  };

  const app = serving.serve(simulator);
  app.disable('etag');
  app.use(express.json({ limit: '136mb' }));
  app.use(instanceRoutes({ world, access, tell }));
  app.use(settingsRoutes({ access, layout, serverUrl: serving.common.url }));
  app.use(messageRoutes({ access, layout, rules: { unknownNumbers: options.unknownNumbers ?? [] }, onSent, tell }));
  // Nobody looks whether it is switched on: what an agent writes leaves as long as Chatwoot calls.
  app.post('/chatwoot/webhook/:name', (req, res) => {
    const instance = world.named(req.params.name);
    const written = readAgentMessage(req.body);
    if (written !== undefined)
      onSent(instance, sendNow(instance, written.jid, { type: 'text', text: written.text }, undefined).id);
    res.json({ message: 'bot' });
  });
  app.use((req) => {
    throw new EvolutionRefusal(404, [`Cannot ${req.method} ${req.path}`]);
  });
  app.use(errorHandler(log));
  return simulator;
}

/** Where the webhook asks for it, the file comes within the message. */
function withFile(told: Told, { media }: Message): Told {
  const { data } = told;
  if (typeof data !== 'object' || data === null || !('message' in data) || typeof data.message !== 'object') return told;
  return { event: told.event, data: { ...data, message: { ...data.message, base64: media?.base64 } } };
}

function errorHandler(log: (line: string) => void): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (error: unknown, req, res, _next) => {
    if (error instanceof EvolutionRefusal) return void res.status(error.status).json(error.body);
    if (error instanceof z.ZodError) {
      const faults = error.issues.map(({ path, message }) => `instance.${path.join('.')} ${message}`);
      return void res.status(400).json(new EvolutionRefusal(400, [faults]).body);
    }
    log(`${req.method} ${req.path}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    res.status(500).json(new EvolutionRefusal(500, 'Internal server error').body);
  };
}
