import type { Receiver } from './receiver.ts';
import type { Answer, CallOptions, Target } from './target.ts';

/** One guarantee. `run` throws where it does not hold. */
export interface Case {
  readonly name: string;
  /** `agent`: a token of a mere agent. `webhooks`: webhooks that reach the receiver. */
  readonly needs?: 'agent' | 'webhooks';
  run(chatwoot: Chatwoot): Promise<void>;
}

/** Thrown by a case that finds nothing to check here. */
export class NotChecked extends Error {}

/** Something that was answered, without what differs from run to run. */
export interface Observation {
  readonly label: string;
  readonly value: unknown;
}

export interface Chat {
  readonly inboxId: number;
  readonly contactId: number;
  readonly sourceId: string;
  /** Display id. */
  readonly conversation: number;
  /** Path of its messages. */
  readonly messages: string;
}

/** What a case works with. What it makes is taken away after the run. */
export interface Chatwoot {
  readonly target: Target;
  readonly receiver: Receiver;
  /** Whether this release is `version` or later. */
  since(version: string): boolean;
  /** One request; its answer is compared with the simulator's to the same request. */
  call(method: string, path: string, body?: unknown, options?: CallOptions): Promise<Answer>;
  /** One request whose answer is not compared: a poll, or one that shows what belongs to others. */
  ask(method: string, path: string, body?: unknown, options?: CallOptions): Promise<Answer>;
  /** Has a value compared with the simulator's. */
  observe(label: string, value: unknown): void;
  /** A text that no other run has. */
  unique(label: string): string;
  /** A Brazilian number in digits, without plus, that no other run has. */
  phone(): string;
  /** An inbox without a webhook, unless `channel` says otherwise. */
  inbox(values?: Record<string, unknown>, channel?: Record<string, unknown>): Promise<number>;
  /** The inbox that most cases share; it has no webhook. */
  sharedInbox(): Promise<number>;
  contact(inboxId: number, values?: Record<string, unknown>): Promise<{ id: number; sourceId: string }>;
  conversation(inboxId: number, contact: { id: number; sourceId: string }, values?: Record<string, unknown>): Promise<number>;
  /** A contact and a conversation, in the shared inbox by default. */
  chat(inboxId?: number): Promise<Chat>;
  /** Posts a message and tells its id. */
  post(chat: Pick<Chat, 'messages'>, values: Record<string, unknown>): Promise<number>;
  /** Waits for what comes by itself. Throws after the target's patience. */
  eventually<T>(what: string, probe: () => T | Promise<T>): Promise<NonNullable<T>>;
}
