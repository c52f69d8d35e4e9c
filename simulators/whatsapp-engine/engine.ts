import { setTimeout as delay } from 'node:timers/promises';
import { envelope, exchangeData, statusData } from './events.ts';
import type { DeliveryQueue } from './ingest-delivery.ts';
import { brazilianTwin } from './jids.ts';
import { apiMessage } from './message-log.ts';
import { Refusal } from './replies.ts';
import type { Instance, Message } from './rows.ts';
import type { Sending } from './send-request.ts';
import type { Store } from './store.ts';

export interface Engine {
  /** Sends an event to the instance's webhook. */
  emit(instance: Instance, event: string, data: Record<string, unknown>): void;
  /** Keeps a message and tells of it. */
  keep(instance: Instance, message: Message): Message;
  /** Sends what a request asks for; `answered` is to be called after the answer. Throws a Refusal if the instance is not connected. */
  send(instance: Instance, sending: Sending): { message: Message; answered(): void };
  start(): void;
  /** Drops what has not been reported yet. */
  stop(): void;
}

interface EngineParts {
  store: Store;
  queue: DeliveryQueue;
  baseUrl(): string;
}

/** The engine behind its HTTP doors. */
export function createEngine({ store, queue, baseUrl }: EngineParts): Engine {
  let stopping = new AbortController();

  function emit(instance: Instance, event: string, data: Record<string, unknown>): void {
    queue.enqueue(instance, event, envelope(instance, event, data, baseUrl()));
  }
  function emitMessage(instance: Instance, message: Message): void {
    emit(instance, 'message.exchange', exchangeData(instance, message, baseUrl()));
  }
  async function reportSending(instance: Instance, message: Message): Promise<void> {
    const { echo, statuses, statusDelayMs } = instance.settings;
    if (echo === 'after') emitMessage(instance, message);
    for (const status of statuses) {
      if (statusDelayMs > 0) await delay(statusDelayMs, undefined, { signal: stopping.signal });
      emit(instance, 'message.status', statusData(message, [message.id], status));
    }
  }
  return {
    emit,
    keep(instance, message) {
      store.addMessage(message);
      emitMessage(instance, message);
      return message;
    },
    send(instance, sending) {
      if (!instance.connected) {
        throw new Refusal(instance.settings.notConnectedStatus, 'Instance is not connected to WhatsApp');
      }
      const jid = knownJid(store, instance, sending.jid);
      const message = apiMessage(instance, { ...sending, jid, chatName: store.chatName(instance.name, jid) ?? '' });
      store.addMessage(message);
      if (instance.settings.echo === 'before') emitMessage(instance, message);
      return { message, answered: () => void reportSending(instance, message).catch(() => undefined) };
    },
    start() {
      stopping = new AbortController();
    },
    stop: () => stopping.abort(),
  };
}

/** The address under which WhatsApp knows this subscriber, where it is known from an earlier message. */
function knownJid(store: Store, { name }: Instance, jid: string): string {
  const twin = brazilianTwin(jid);
  if (twin === undefined || store.chatName(name, jid) !== undefined) return jid;
  return store.chatName(name, twin) === undefined ? jid : twin;
}
