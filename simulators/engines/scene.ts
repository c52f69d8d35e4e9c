import { type Content, type Incoming, incomingSchema, type Person, type Typed, typedSchema } from '../whatsapp-engine/content.ts';

/** Where and when a message is written; a person and a group as WhatsApp has them. */
export interface Scene {
  readonly isOurs: boolean;
  readonly person: Person | undefined;
  readonly group: Exclude<ReturnType<typeof incomingSchema.parse>['group'], undefined> | undefined;
  readonly id: string;
  readonly replyTo: string | undefined;
  readonly atMs: number;
}

/** What somebody writes to the instance. `newId` makes an id where none is given. */
export function incomingScene(message: Incoming, newId: () => string): { readonly scene: Scene; readonly content: Content } {
  const { from, group, content, replyTo, id = newId(), timestamp } = incomingSchema.parse(message);
  return { scene: { isOurs: false, person: from, group, id, replyTo, atMs: atMsOf(timestamp) }, content };
}

/** What the owner types on the phone. */
export function typedScene(message: Typed, newId: () => string): { readonly scene: Scene; readonly content: Content } {
  const { to, group, content, replyTo, id = newId(), timestamp } = typedSchema.parse(message);
  return { scene: { isOurs: true, person: to, group, id, replyTo, atMs: atMsOf(timestamp) }, content };
}

const atMsOf = (timestamp: string | undefined): number => (timestamp === undefined ? Date.now() : Date.parse(timestamp));
