/** What is done to a message that is in WhatsApp already. */
export type OutgoingAction = OutgoingRevoke | OutgoingEdit | OutgoingReaction;
export type OutgoingActionKind = OutgoingAction['kind'];

interface OnMessage {
  /** The chat it is in: digits with the country code, or a JID of WhatsApp. */
  readonly recipient: string;
  /** Its id in WhatsApp. */
  readonly messageId: string;
  /** Whether it was sent from this phone; a revoke and an edit always are. */
  readonly isOurs: boolean;
  /** Who wrote it, in a group and where it is not ours: digits, or a JID. */
  readonly author?: string | undefined;
}

/** Deletes it for everyone. */
export interface OutgoingRevoke extends OnMessage {
  readonly kind: 'revoke';
}

/** Gives it another text; of media, another caption. */
export interface OutgoingEdit extends OnMessage {
  readonly kind: 'edit';
  readonly text: string;
}

export interface OutgoingReaction extends OnMessage {
  readonly kind: 'reaction';
  /** Empty to take it back. */
  readonly emoji: string;
}
