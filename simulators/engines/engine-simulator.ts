import type { FaultControl } from '../chatwoot/faults.ts';
import type { Incoming, Typed } from '../whatsapp-engine/content.ts';

/** A message that an engine was asked to send, as WhatsApp would have it: whichever engine it was. */
export interface SentMessage {
  /** Id that WhatsApp gave it. */
  readonly id: string;
  /** Digits, or a JID. */
  readonly to: string;
  readonly type:
    | 'text'
    | 'image'
    | 'video'
    | 'audio'
    | 'voice'
    | 'document'
    | 'sticker'
    | 'reaction'
    | 'edit'
    | 'revoke'
    | 'other';
  /** Text or caption; the emoji of a reaction. */
  readonly text: string;
  readonly fileName?: string | undefined;
  readonly mimeType?: string | undefined;
  /** Size of the file, 0 where it has none. */
  readonly bytes: number;
  /** Id of the message that it quotes, reacts to, edits or takes back. */
  readonly about?: string | undefined;
}

/** An instance as an engine's simulator has it. */
export interface SimulatedInstance {
  /** Name, session, device or phone number's id. */
  readonly name: string;
  /** Opens the instance, and maybe nothing else. */
  readonly token: string;
  /** Digits of the phone that is paired. */
  readonly number: string;
}

/**
 * What every engine's simulator can do, so that the demo, the relay's model and the contract tests play on each of them alike. Whatever is
 * particular to an engine (its JSON forms, its retries, its bad habits) is an option of that simulator.
 */
export interface EngineSimulator {
  /** Listens on 127.0.0.1, and begins to deliver events. */
  start(): Promise<{ url: string; port: number }>;
  stop(): Promise<void>;
  url(): string;
  addInstance(instance: { name: string; token?: string; number?: string; connected?: boolean }): SimulatedInstance;
  /** Somebody writes to the instance. Answers the message's id. */
  receive(instance: string, message: Incoming): string;
  /** The owner types on the phone itself. Answers the message's id. */
  typeOnPhone(instance: string, message: Typed): string;
  reportStatus(instance: string, messageIds: readonly string[], status: 'delivered' | 'read' | 'failed'): void;
  setConnected(instance: string, connected: boolean): void;
  /** Everything sent through the API of this instance, first to last. */
  sent(instance: string): readonly SentMessage[];
  /** Where it delivers events; undefined while nothing is set. */
  webhookOf(instance: string): string | undefined;
  /**
   * Delivers once more what was delivered before, as an engine does that did not hear the answer: the last event for 0, the oldest that it
   * remembers towards 1. Nothing where it remembers none.
   */
  repeat(howFarBack?: number): void;
  /** Events that are not taken yet, and will be delivered again. */
  pending(): number;
  /** Events that were given up, by this engine's own rules. */
  dropped(): number;
  readonly faults: FaultControl;
}
