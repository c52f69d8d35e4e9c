import type { ModelEngine } from './engines.ts';
import type { Chat, Flags } from './steps.ts';

/** A span of time by `Date.now()`. */
export interface Span {
  readonly fromMs: number;
  /** Infinite while it lasts. */
  untilMs: number;
}

/** One integration of a run. */
export interface Line {
  readonly number: number;
  readonly name: string;
  readonly engine: ModelEngine;
  /** What it is called in the engine. */
  readonly nameThere: string;
  readonly instanceId: string;
  readonly inboxId: number;
  /** The digits of a person, the JID of a group. */
  readonly numbers: Readonly<Record<Chat, string>>;
  /** What an engine may know each chat by: one of them is its `source_id` in the inbox. */
  readonly addresses: Readonly<Record<Chat, readonly string[]>>;
  /** What settings were, or may have been, in force when. */
  readonly flags: (Span & { readonly flags: Flags })[];
  /** The last change of the settings, until it is in force. */
  setting: Promise<void>;
}

/** A message of WhatsApp. */
export interface Written {
  readonly id: string;
  readonly line: Line;
  readonly chat: Chat;
  readonly kind: 'text' | 'picture' | 'typed on the phone';
  readonly text: string;
  readonly atMs: number;
}

/** What somebody did to a message of WhatsApp. */
export interface Changed {
  readonly kind: 'edit' | 'revoke' | 'react';
  readonly about: Written;
  /** What it says instead; the emoji. */
  readonly text: string;
  readonly atMs: number;
}

/** What an agent did to a conversation; ids are those of Chatwoot's tables. */
export interface StatusSet {
  readonly conversationId: number;
  readonly status: 'open' | 'resolved' | 'snoozed';
  readonly atMs: number;
}

/** What an agent wrote. */
export interface Said {
  readonly messageId: number;
  readonly conversationId: number;
  readonly line: Line;
  readonly chat: Chat;
  readonly text: string;
  readonly isPrivate: boolean;
  readonly atMs: number;
  isDeleted: boolean;
}

/** An event of an engine that Ponte has taken. */
export interface Taken {
  readonly instanceId: string;
  /** As it tells one event from another. */
  readonly key: string;
  /** When it was done with; infinite while it is not. */
  readonly doneAtMs: number;
}

/** Everything that was done in a run, as it was done. */
export interface Books {
  readonly lines: readonly Line[];
  readonly written: Written[];
  readonly changed: Changed[];
  readonly statuses: StatusSet[];
  readonly said: Said[];
  /** The name an agent gave a contact last, by the contact's id. */
  readonly names: Map<number, string>;
  /** When the api or the bridge was away. */
  readonly outages: Span[];
  /** How often the engine did not answer. */
  engineSilences: number;
}

export const overlaps = (span: Span, fromMs: number, untilMs: number): boolean =>
  span.fromMs <= untilMs && span.untilMs >= fromMs;

/** The settings that may have been in force at some time between these two. */
export const flagsBetween = (line: Line, fromMs: number, untilMs: number): Flags[] =>
  line.flags.filter((span) => overlaps(span, fromMs, untilMs)).map(({ flags }) => flags);
