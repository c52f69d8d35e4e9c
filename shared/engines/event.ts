/**
 * What a WhatsApp engine tells, whichever engine it is: each reads its own events into this one union. The api needs it to recognise
 * duplicates, the bridge to relay.
 */
export type WhatsappEvent =
  | MessageEvent
  | EditEvent
  | RevokeEvent
  | ReactionEvent
  | StatusEvent
  | StateEvent
  | CallEvent
  | GroupEvent
  | HistoryEndEvent
  /** An event nobody has to act on: labels, and types that are not known. */
  | { readonly kind: 'other'; readonly name: string };

/** A person or group. A @lid is an address of its own, and never a phone number. */
export interface Party {
  /** Digits as WhatsApp has them, country code first. */
  readonly number?: string | undefined;
  /** An address that tells no number: `…@lid`, or `…@bsuid` (the business-scoped user id of the Cloud API). */
  readonly lid?: string | undefined;
  readonly name?: string | undefined;
}

export interface Chat extends Party {
  /**
   * `broadcast` are stories and lists: nobody can reply there, as in a `newsletter`. `unknown`: an engine that hands a change on as whoever
   * made it sees it. Then the chat is that of the original, and where `address` is the other side of that, it was changed on this phone.
   */
  readonly type: 'private' | 'group' | 'newsletter' | 'broadcast' | 'unknown';
  /** One address of the chat: digits, or a JID of @lid, @g.us, @newsletter or @broadcast. Only of an `unknown` one it may be empty. */
  readonly address: string;
}

interface InChat {
  /** Id that WhatsApp gave the message (of an event without one: a hash of its content). */
  readonly id: string;
  readonly direction: 'incoming' | 'outgoing';
  readonly sentAt?: Date | undefined;
  readonly chat: Chat;
  /** Who wrote it; for an outgoing one the phone's owner. */
  readonly sender: Party;
  /** The free text that was given to the engine when the message was sent through it. */
  readonly source: string;
}

export interface MessageEvent extends InChat {
  readonly kind: 'message';
  readonly body: MessageBody;
  /** Id of the message it quotes, and what that says, as far as the engine tells. */
  readonly replyTo?: string | undefined;
  readonly quotedText?: string | undefined;
  readonly forwarded: boolean;
  /** Whom the text names by their digits after an `@`, as far as the engine tells. */
  readonly mentions?: readonly Party[] | undefined;
  /** The ad that brought the customer here. */
  readonly ad?: Ad | undefined;
  /** It was written before the activation, and is only there to be read. */
  readonly isHistory?: boolean | undefined;
}

/** An ad of Facebook or Instagram that opens WhatsApp. What is not told is empty. */
export interface Ad {
  readonly title: string;
  readonly body: string;
  /** Where it stands. */
  readonly url: string;
  /** Meta's id of it. */
  readonly sourceId: string;
  /** `ad` or `post`. */
  readonly sourceType: string;
  /** Meta's id of the click, by which a sale is told to it. */
  readonly clickId: string;
}

/** A message was changed; `id` is that of the change. */
export interface EditEvent extends InChat {
  readonly kind: 'edit';
  readonly originalId: string;
  readonly text: string;
}

/** A message was deleted for everyone. */
export interface RevokeEvent extends InChat {
  readonly kind: 'revoke';
  readonly originalId: string;
}

export interface ReactionEvent extends InChat {
  readonly kind: 'reaction';
  readonly originalId: string;
  /** Empty when the reaction was taken back. */
  readonly emoji: string;
}

export interface StatusEvent {
  readonly kind: 'status';
  readonly messageIds: readonly string[];
  readonly status: 'delivered' | 'read' | 'failed' | 'other';
  readonly chat: Chat | undefined;
  /** The engine's own word for the status. */
  readonly told: string;
  /** Whom of a group it is about, where the engine tells. */
  readonly member: string | undefined;
  /** As that of a message, of engines that repeat it with a status: it proves what was sent where nobody answered. */
  readonly source?: string | undefined;
  /** Why it failed and what to do, for the agent, where the engine tells. */
  readonly reason?: string | undefined;
}

/** The phone's connection to WhatsApp. */
export interface StateEvent {
  readonly kind: 'state';
  /** The engine's own word. */
  readonly state: string;
  /** What that means; undefined where it says neither that the phone is connected nor that it is not. */
  readonly phone: PhoneState | undefined;
  /** The engine's own time of it; empty where it tells none. */
  readonly at: string;
}

/** Why a phone is not connected. The names stand in rows and in `last_error`. */
export type PhoneTrouble =
  | 'disconnected'
  | 'logged_out'
  | 'stream_replaced'
  | 'temp_banned'
  | 'client_outdated'
  | 'connect_failure'
  | 'stream_error'
  | 'cat_refresh_error'
  | 'keepalive_timeout'
  | 'qr_ready'
  | 'pair_error'
  | 'qr_scanned_no_multidevice';
export type PhoneState = 'connected' | PhoneTrouble;

export interface CallEvent {
  readonly kind: 'call';
  readonly id: string;
  readonly chat: Chat;
  readonly direction: 'incoming' | 'outgoing';
  readonly video: boolean;
}

/** Something about a group itself. */
export interface GroupEvent {
  readonly kind: 'group';
  readonly chat: Chat;
}

/** Of a chat, all history has been told. */
export interface HistoryEndEvent {
  readonly kind: 'history_end';
  readonly chat: Chat;
}

export type MessageBody =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'media'; readonly media: Media; readonly caption: string }
  | { readonly type: 'location'; readonly location: Location }
  | { readonly type: 'contacts'; readonly contacts: readonly ContactCard[] }
  /** A button or list entry that was chosen. */
  | { readonly type: 'choice'; readonly text: string }
  | { readonly type: 'poll'; readonly question: string; readonly options: readonly string[] }
  /** What somebody chose in a poll: nothing where a vote was taken back; an engine may not tell the question. */
  | { readonly type: 'vote'; readonly question: string; readonly options: readonly string[] }
  /** The phone has the message, the engine not yet: it could not decrypt it, or waits for it. It may come later under the same id. */
  | { readonly type: 'placeholder' }
  /** A message of a type that has no counterpart in Chatwoot; `text` is what could be read of it. */
  | { readonly type: 'unsupported'; readonly name: string; readonly text: string };

export type MediaKind = 'image' | 'video' | 'audio' | 'voice' | 'video_note' | 'sticker' | 'document';

export interface Media {
  readonly kind: MediaKind;
  /** Without parameters, lower case; empty where it was not told. */
  readonly mimeType: string;
  readonly fileName: string;
  readonly base64?: string | undefined;
  /** Where it may be fetched, best first: addresses that need no secret. */
  readonly urls: readonly string[];
  /** What `fetchFile` needs to find it besides the message's id: an id or a description in the engine's own words, without secrets of ours. */
  readonly reference?: string | undefined;
}

export interface Location {
  readonly latitude: number;
  readonly longitude: number;
  readonly name: string;
  readonly address: string;
  /** It moves on, on the phone: this is where it began. */
  readonly isLive?: boolean | undefined;
}

export interface ContactCard {
  readonly name: string;
  readonly phones: readonly string[];
}
