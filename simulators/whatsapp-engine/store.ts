import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { type Delivery, deliverySchema, type Instance, instanceSchema, type Message, messageSchema } from './rows.ts';

const snapshotSchema = z.object({
  instances: z.array(instanceSchema),
  messages: z.array(messageSchema),
  deliveries: z.array(deliverySchema),
});

const FINISHED_DELIVERIES_KEPT = 5_000;

export interface Store {
  readonly instances: Map<string, Instance>;
  addMessage(message: Message): void;
  message(instance: string, id: string): Message | undefined;
  messages(instance?: string): readonly Message[];
  messageByMediaKey(key: string): Message | undefined;
  /** What the chat of this address is called; undefined if no message was ever exchanged in it. */
  chatName(instance: string, jid: string): string | undefined;
  addDelivery(delivery: Omit<Delivery, 'id'>): Delivery;
  deliveries(): readonly Delivery[];
  /** To be called after every change of a row in place; it is written to the file at the end of the turn. */
  changed(): void;
  flush(): void;
}

/**
 * Everything the engine knows. With a file it outlives the process: written whole and put in place by a rename, so that a kill leaves
 * the old state or the new one.
 */
export function createStore(file: string | undefined): Store {
  const loaded = load(file);
  const instances = new Map(loaded.instances.map((instance) => [instance.name, instance]));
  const messages: Message[] = [];
  const byId = new Map<string, Message>();
  const byMediaKey = new Map<string, Message>();
  const chatNames = new Map<string, string>();
  const deliveries = loaded.deliveries;
  let lastDelivery = Math.max(0, ...deliveries.map(({ id }) => id));
  let dirty = false;

  function index(message: Message): void {
    messages.push(message);
    byId.set(key(message.instance, message.id), message);
    const chat = key(message.instance, message.chat.jid);
    if (!chatNames.get(chat)) chatNames.set(chat, message.chat.name);
    if (message.media) byMediaKey.set(message.media.key, message);
  }
  for (const message of loaded.messages) index(message);

  function flush(): void {
    if (!dirty || file === undefined) return;
    dirty = false;
    writeFileSync(`${file}.new`, JSON.stringify({ instances: [...instances.values()], messages, deliveries }));
    renameSync(`${file}.new`, file);
  }
  function changed(): void {
    if (dirty || file === undefined) return;
    dirty = true;
    setImmediate(flush);
  }
  /** Forgets the oldest that are done with, so that a long load does not fill the memory. */
  function trim(): void {
    if (deliveries.length < FINISHED_DELIVERIES_KEPT * 2) return;
    const open = deliveries.findIndex(({ state }) => state === 'pending');
    deliveries.splice(0, Math.min(open < 0 ? deliveries.length : open, FINISHED_DELIVERIES_KEPT));
  }
  return {
    instances,
    addMessage(message) {
      index(message);
      changed();
    },
    message: (instance, id) => byId.get(key(instance, id)),
    messages: (instance) => (instance === undefined ? messages : messages.filter((message) => message.instance === instance)),
    messageByMediaKey: (mediaKey) => byMediaKey.get(mediaKey),
    chatName: (instance, jid) => chatNames.get(key(instance, jid)),
    addDelivery(values) {
      trim();
      lastDelivery += 1;
      const delivery = { id: lastDelivery, ...values };
      deliveries.push(delivery);
      changed();
      return delivery;
    },
    deliveries: () => deliveries,
    changed,
    flush,
  };
}

const key = (instance: string, id: string): string => `${instance}\n${id}`;

function load(file: string | undefined): z.infer<typeof snapshotSchema> {
  if (file === undefined || !existsSync(file)) return { instances: [], messages: [], deliveries: [] };
  return snapshotSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
}
