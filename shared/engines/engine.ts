import type { PonteError } from '../errors/ponte-error.ts';
import type { HttpRoute } from '../http/exchange.ts';
import type { OutgoingAction } from './action.ts';
import type { PhoneState, WhatsappEvent } from './event.ts';

/**
 * A kind of WhatsApp API that instances can be paired in. Whatever has to be known of one — its paths, field names, statuses and texts —
 * is in the folder that implements this; everybody else speaks in the neutral types of this file and of event.ts. What an engine cannot
 * do it leaves out, and the agent is told so.
 */
export interface Engine {
  /** What has to be told of an instance of it. */
  readonly setup: EngineSetup;
  /**
   * What one delivery holds, as it is stored: a payload for each event, without secrets. What is no delivery at all is handed on as it
   * is, for `readEvent` to say what is wrong with it. Never throws.
   */
  unpack(delivery: Delivery): readonly unknown[];
  /** Reads one payload, as it was unpacked now or stored by an earlier version. Never throws. */
  readEvent(payload: unknown): ParsedEvent;
  /** Whether a delivery carries the proof of origin that this engine was given the secret for; left out where it offers none. */
  isGenuine?(delivery: Delivery, secret: string): boolean;
  /** Answers the engine's question whether an address is ours (Cloud API's `hub.challenge`); undefined where it is not. */
  answerVerification?(query: Readonly<Record<string, unknown>>, secret: string): string | undefined;
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
  /**
   * One page of what was written on WhatsApp before, as payloads that `readEvent` reads. Never rejects. Missing in an engine that keeps no
   * messages, or does not tell them.
   */
  readHistory?(call: HistoryCall): Promise<HistoryOutcome>;
  /** Whether address and token are right, and how the phone's connection stands. Changes nothing. Never rejects. */
  check?(call: EngineCall): Promise<CheckOutcome>;
  /** What to scan or type on the phone to pair it. Never rejects. */
  pair?(call: EngineCall): Promise<PairingOutcome>;
  readonly webhook?: EngineWebhook;
}

/** What the owner of an instance tells of its engine, next to its address and token. */
export interface EngineSetup {
  /** As people know it: `Evolution API v2`. */
  readonly title: string;
  /** Address where there is only one in the world; left out, it has to be told. */
  readonly defaultUrl?: string;
  /** What the token is called there, for error texts and forms: `apikey of the instance or the global one`. */
  readonly tokenIs: string;
  /** What the instance is called there, where that is not the name it has here; undefined: always the same name. */
  readonly nameIs?: string;
  /** What such a name looks like, where none that a person would give an instance is one: then it has to be told. */
  readonly nameForm?: RegExp;
  /** What the second secret is (Cloud API: the app secret), if there is one. */
  readonly secretIs?: string;
  /**
   * Whether deliveries can be proven by a secret that Ponte itself makes and hands over with the webhook (`own`), by the second secret
   * that the owner tells (`told`), or not at all: then the secret address is the only proof.
   */
  readonly proof: 'own' | 'told' | 'none';
  /** Whether it tells when the phone connects and disconnects; where not, it is asked now and then. */
  readonly tellsConnection: boolean;
  /** It may forget its webhook, because it keeps it in memory: so that is looked at again now and then. */
  readonly forgetsWebhook?: boolean;
}

/** Where an engine delivers its events. One address an instance: whoever stood there before is given back at the end. */
export interface EngineWebhook {
  /** What stands there now. */
  read(call: EngineCall): Promise<WebhookFound | EngineFailure>;
  /** Has events delivered to us; done twice, it is as once. */
  set(call: WebhookCall): Promise<WebhookDone | EngineFailure>;
  /** Puts back what `read` had found; `undefined`: there was nothing, events end. */
  restore(call: EngineCall & { readonly previous: unknown }): Promise<WebhookDone | EngineFailure>;
}

export interface WebhookCall extends EngineCall {
  /** Ours: with the secret key in its path. */
  readonly address: string;
  /** Proof of origin: 32 characters or more, for engines whose `proof` is `own`; for `told` the word to verify the address by. */
  readonly secret: string;
}

export interface WebhookFound {
  readonly kind: 'webhook';
  /** JSON to be kept for `restore`; holds no secret of the engine's own beyond what it answers. Undefined: nothing stood there. */
  readonly previous: unknown;
  /** Where it leads; undefined where nothing stood there. */
  readonly address: string | undefined;
  /** What the owner should know: another Chatwoot integration is switched on there, and the like. Sentences. */
  readonly warnings: readonly string[];
}

export interface WebhookDone {
  readonly kind: 'done';
}

export type CheckOutcome =
  | {
      readonly kind: 'found';
      /** Undefined where the engine does not tell. */
      readonly phone: PhoneState | undefined;
      /** The engine's own word. */
      readonly told: string;
      /** Digits of the paired number, where it tells. */
      readonly number?: string | undefined;
      readonly warnings: readonly string[];
    }
  | EngineFailure;

export type PairingOutcome =
  /** `qr`: text to draw; `image`: a PNG as base64, without a `data:` prefix. */
  | { readonly kind: 'qr'; readonly qr: string; readonly code?: string | undefined }
  | { readonly kind: 'image'; readonly base64: string; readonly code?: string | undefined }
  | { readonly kind: 'connected' }
  | EngineFailure;

export interface Delivery {
  /** Parsed: JSON, or the fields of a form; undefined where it is neither. */
  readonly body: unknown;
  /** As it came. Empty where it is read back from a test. */
  readonly rawBody: Buffer;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** What the instance is called in the engine: a delivery may be about several. */
  readonly name: string;
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
  /** The second secret, where `setup.secretIs` asks for one. */
  readonly secret?: string | undefined;
  /** How to get there: an address that a customer gave is guarded, the operator's own is not. */
  readonly route: HttpRoute;
  /** How to get to an address that a sender told, of a file that the engine does not fetch by itself: always guarded. */
  readonly routeTo?: (url: URL) => Promise<HttpRoute>;
}

export interface EngineCall {
  readonly access: EngineAccess;
  /** What the instance is called in the engine: a name, a session, a device, a phone number's id. */
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
  /** `Media.reference` of its event. */
  readonly reference?: string | undefined;
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

export interface HistoryCall extends EngineCall {
  /** What was written from then on, and up to then. */
  readonly since: Date;
  readonly until: Date;
  /** From the page before; undefined for the first one, and where another engine made it. */
  readonly cursor: string | undefined;
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
      /** What the caller is answered, as JSON in the form of the public API: tens of megabytes are not written out, or even decoded, twice. */
      readonly answer: string | Buffer;
    }
  | EngineFailure;

export type AvatarOutcome =
  /** Where the picture may be fetched, without a token. */
  | { readonly kind: 'picture'; readonly url: string }
  /** It has none, or shows it to nobody. */
  | { readonly kind: 'none' }
  | EngineFailure;

export type HistoryOutcome =
  | {
      readonly kind: 'page';
      /** Newest first. Some may lie outside of the time asked for, and some may have been told before. */
      readonly payloads: readonly unknown[];
      /** For the next page; undefined where there is none. */
      readonly next: string | undefined;
    }
  /** It could tell, but is not set up to: a sentence of what is to be done. */
  | { readonly kind: 'unable'; readonly reason: string }
  | EngineFailure;

/**
 * `engine_unreachable`, `engine_not_connected`, `engine_rate_limited` (nothing was sent, another try can help), `engine_refused` or
 * `engine_cannot` (nothing was sent), or `engine_outcome_unknown`, which only a send can end with.
 */
export interface EngineFailure {
  readonly kind: 'failed';
  readonly error: PonteError;
}
