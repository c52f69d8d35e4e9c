import type { PonteError } from '../errors/ponte-error.ts';
import type { HttpRoute } from '../http/exchange.ts';
import type { OutgoingAction } from './action.ts';
import type { WhatsappEvent } from './event.ts';

/**
 * A kind of WhatsApp API that instances can be paired in. Whatever has to be known of one — its paths, field names, statuses and texts —
 * is in the folder that implements this; everybody else speaks in the neutral types of this file and of event.ts.
 *
 * What another engine needs beyond it (a proof of origin over the raw bytes, statuses of its own in answers to its deliveries, its webhook
 * set up for it) comes with that engine: deliveries and calls are objects, so that they can carry more.
 */
export interface Engine {
  /**
   * What one delivery at the ingest address holds, as it is stored: a payload for each event, without secrets. What is no delivery at all
   * is handed on as it is, for `readEvent` to say what is wrong with it.
   */
  unpack(delivery: Delivery): readonly unknown[];
  /** Reads one payload, as it was unpacked now or stored by an earlier version. Never throws. */
  readEvent(payload: unknown): ParsedEvent;
  /** Sends one message, once. Never rejects. */
  send(call: SendCall): Promise<SendOutcome>;
  /** Asks for the file of a message. Never rejects. */
  fetchFile(call: FileCall): Promise<FileOutcome>;
  /**
   * Deletes, edits or answers with an emoji what was sent, once. Never rejects. Missing in an engine that can do none of it; one that can do
   * some answers `engine_cannot` to the others.
   */
  act?(call: ActionCall): Promise<SendOutcome>;
  /** Asks for the picture of a person or group. Never rejects. Missing in an engine that does not tell. */
  fetchAvatar?(call: AvatarCall): Promise<AvatarOutcome>;
}

export interface Delivery {
  /** Parsed JSON. */
  readonly body: unknown;
}

export type ParsedEvent =
  | { readonly ok: true; readonly event: WhatsappEvent }
  /** `fault` is `<field>: <reason>`, and holds no value. */
  | { readonly ok: false; readonly fault: string };

/** Where an instance's engine is, and what opens it. */
export interface EngineAccess {
  /** Without a slash at its end. */
  readonly url: string;
  readonly token: string;
  /** How to get there: an address that a customer gave is guarded, the operator's own is not. */
  readonly route: HttpRoute;
}

interface EngineCall {
  readonly access: EngineAccess;
  /** Name of the instance in the engine. */
  readonly instance: string;
  /** For the whole exchange. */
  readonly timeoutMs: number;
}

export interface SendCall extends EngineCall {
  readonly message: OutgoingMessage;
  /** Passed on: an engine that knows it sends once, others ignore it. */
  readonly idempotencyKey: string | undefined;
}

export interface FileCall extends EngineCall {
  /** Id of the message in WhatsApp. */
  readonly whatsappId: string;
}

export interface ActionCall extends EngineCall {
  readonly action: OutgoingAction;
  /** As that of a SendCall. */
  readonly idempotencyKey: string | undefined;
}

export interface AvatarCall extends EngineCall {
  /** Digits with the country code, or a JID of WhatsApp. */
  readonly address: string;
}

export type OutgoingMessage = OutgoingText | OutgoingMedia;

interface Outgoing {
  /** Digits with the country code, or a JID of WhatsApp. */
  readonly recipient: string;
  /** Id in WhatsApp of the message to quote. */
  readonly quotedId?: string | undefined;
  /** Free text that comes back in the event of the sent message, where the engine can do that. */
  readonly source?: string | undefined;
  /** How long the engine shows "typing" before it sends. */
  readonly delaySeconds?: number | undefined;
  /** Whom the text names after an `@`, by their digits there: digits, or JIDs. */
  readonly mentions?: readonly string[] | undefined;
  /** What else the sender asked for, in the words of the public API. An engine that speaks it passes it on, any other leaves it out. */
  readonly extras?: Readonly<Record<string, unknown>>;
}

export interface OutgoingText extends Outgoing {
  readonly kind: 'text';
  readonly text: string;
}

export interface OutgoingMedia extends Outgoing {
  readonly kind: 'media';
  readonly file: OutgoingFile;
  readonly caption?: string | undefined;
}

export type OutgoingFileType = 'image' | 'video' | 'document' | 'audio';

export interface OutgoingFile {
  /** As what WhatsApp shows it. */
  readonly type: OutgoingFileType;
  readonly content: { readonly kind: 'url'; readonly url: string } | { readonly kind: 'base64'; readonly base64: string };
  readonly mimeType?: string | undefined;
  readonly fileName?: string | undefined;
  /** Whether an audio is a voice message; what it is where this is left out, the engine decides. */
  readonly isVoice?: boolean | undefined;
}

export type SendOutcome =
  | {
      readonly kind: 'sent';
      /** What the sender is answered, in the form of the public API. */
      readonly answer: Readonly<Record<string, unknown>>;
    }
  | EngineFailure;

export type FileOutcome =
  | {
      readonly kind: 'file';
      /** What the caller is answered, as JSON in the form of the public API. Text: tens of megabytes are not written out twice. */
      readonly answer: string;
    }
  | EngineFailure;

export type AvatarOutcome =
  /** Where the picture may be fetched, without a token. */
  | { readonly kind: 'picture'; readonly url: string }
  /** It has none, or shows it to nobody. */
  | { readonly kind: 'none' }
  | EngineFailure;

/**
 * `engine_unreachable`, `engine_not_connected`, `engine_rate_limited` (nothing was sent, another try can help), `engine_refused` or
 * `engine_cannot` (nothing was sent), or `engine_outcome_unknown`, which only a send can end with.
 */
interface EngineFailure {
  readonly kind: 'failed';
  readonly error: PonteError;
}
