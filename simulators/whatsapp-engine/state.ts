import type { Incoming, Typed } from './content.ts';
import type { Engine } from './engine.ts';
import { stateData, statusData } from './events.ts';
import type { DeliveryQueue } from './ingest-delivery.ts';
import { incomingMessage, typedMessage } from './message-log.ts';
import { Refusal } from './replies.ts';
import { type Delivery, defaultSettings, type Instance, type Message, type Settings } from './rows.ts';
import type { Store } from './store.ts';

export interface NewInstance {
  name: string;
  /** TokenInstance: it goes with every event, and opens this instance's send endpoints. */
  token: string;
  /** Where events go; by default the engine's own, with `:instance` filled in. */
  ingestUrl?: string | null;
  /** Of the phone, by default 5511999990000. */
  number?: string;
  displayName?: string;
  connected?: boolean;
  settings?: Partial<Settings>;
}

/** What happens on WhatsApp, as far as the engine sees it, and what the engine made of it. */
export interface EngineState {
  /** Adds an instance, or gives one that exists new values. */
  addInstance(values: NewInstance): Instance;
  instances(): readonly Instance[];
  configure(name: string, settings: Partial<Settings>): void;
  /** Pairs or unpairs the phone, which is an `instance.state` event; `reason` is its state, by default connected or disconnected. */
  setConnected(name: string, connected: boolean, reason?: string): void;
  /** Somebody writes to the instance. */
  receive(name: string, message: Incoming): Message;
  /** The owner of the number writes on the phone itself. */
  typeOnPhone(name: string, message: Typed): Message;
  /** WhatsApp reports what became of messages that were sent: delivered, read, played, server_error, … */
  reportStatus(name: string, messageIds: readonly string[], status: string): void;
  /** Any event, with any data. */
  emit(name: string, event: string, data: Record<string, unknown>): void;
  messages(name?: string): readonly Message[];
  /** Those that requests to the api have sent, oldest first. */
  sent(name?: string): readonly Message[];
  /** The last events, with what became of each. */
  deliveries(): readonly Delivery[];
  pendingDeliveries(): number;
  /** Sends an event once more, as an engine does that missed the answer. */
  redeliver(id: number): void;
  /** Resolves when every event has been taken or put aside; rejects after `deadlineMs`. */
  idle(deadlineMs?: number): Promise<void>;
}

interface StateParts {
  store: Store;
  queue: DeliveryQueue;
  engine: Engine;
  defaultIngestUrl: string | undefined;
}

export function createState({ store, queue, engine, defaultIngestUrl }: StateParts): EngineState {
  function instanceNamed(name: string): Instance {
    const instance = store.instances.get(name);
    if (!instance) throw new Refusal(404, `there is no instance ${name}`);
    return instance;
  }
  return {
    addInstance(values) {
      const fallback = defaultIngestUrl?.replace(':instance', encodeURIComponent(values.name)) ?? null;
      const instance = merge(store.instances.get(values.name), values, fallback);
      store.instances.set(instance.name, instance);
      store.changed();
      return instance;
    },
    instances: () => [...store.instances.values()],
    configure(name, settings) {
      const instance = instanceNamed(name);
      instance.settings = { ...instance.settings, ...settings };
      store.changed();
    },
    setConnected(name, connected, reason = connected ? 'connected' : 'disconnected') {
      const instance = instanceNamed(name);
      instance.connected = connected;
      store.changed();
      engine.emit(instance, 'instance.state', stateData(instance, reason));
    },
    receive(name, message) {
      const instance = instanceNamed(name);
      return engine.keep(instance, incomingMessage(instance, message));
    },
    typeOnPhone(name, message) {
      const instance = instanceNamed(name);
      return engine.keep(instance, typedMessage(instance, message));
    },
    reportStatus(name, messageIds, status) {
      const message = messageIds.map((id) => store.message(name, id)).find((found) => found !== undefined);
      if (!message) throw new Refusal(404, `there is no message ${messageIds.join(', ')} of ${name}`);
      engine.emit(instanceNamed(name), 'message.status', statusData(message, messageIds, status));
    },
    emit: (name, event, data) => engine.emit(instanceNamed(name), event, data),
    messages: (name) => store.messages(name),
    sent: (name) => store.messages(name).filter(({ origin }) => origin === 'api'),
    deliveries: () => store.deliveries(),
    pendingDeliveries: () => queue.pending(),
    redeliver: (id) => queue.redeliver(id),
    idle: (deadlineMs) => queue.idle(deadlineMs),
  };
}

function merge(before: Instance | undefined, values: NewInstance, fallbackIngestUrl: string | null): Instance {
  return {
    name: values.name,
    token: values.token,
    ingestUrl: values.ingestUrl === undefined ? (before?.ingestUrl ?? fallbackIngestUrl) : values.ingestUrl,
    number: values.number ?? before?.number ?? '5511999990000',
    displayName: values.displayName ?? before?.displayName ?? values.name,
    connected: values.connected ?? before?.connected ?? true,
    settings: { ...defaultSettings, ...before?.settings, ...values.settings },
  };
}
