import { z } from 'zod';
import type { Part } from './parts.ts';

/** One part of an agent's message, with all that is needed to send it, and nothing else of the webhook. */
export interface Reply {
  /** Digits, or a JID. */
  readonly recipient: string;
  readonly part: Part;
  /** What it quotes, if anything: ids in Chatwoot and in WhatsApp. */
  readonly quoted?: { readonly messageId?: number | undefined; readonly whatsappId?: string | undefined } | undefined;
}

/** A reply as rows have it. Its names are those of the first version, which wrote rows that may still wait, and may yet read some. */
const storedSchema = z.object({
  number: z.string(),
  part: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('text'), text: z.string() }),
    z.object({
      kind: z.literal('media'),
      mediaType: z.enum(['image', 'video', 'document', 'audio']),
      mediaUrl: z.string(),
      caption: z.string(),
      mimeType: z.string(),
      fileName: z.string(),
      isVoice: z.boolean(),
    }),
    z.object({ kind: z.literal('revoke'), whatsappId: z.string() }),
    z.object({ kind: z.literal('impossible'), reason: z.string() }),
  ]),
  quoted: z.object({ messageId: z.number().optional(), whatsappId: z.string().optional() }).optional(),
});
type StoredReply = z.infer<typeof storedSchema>;

export const storedReplySchema = storedSchema.transform(({ number, part, quoted }): Reply => {
  const reply = { recipient: number, quoted };
  if (part.kind !== 'media') return { ...reply, part };
  const { mediaType: type, mediaUrl: url, ...rest } = part;
  return { ...reply, part: { type, url, ...rest } };
});

export function toStored({ recipient: number, part, quoted }: Reply): StoredReply {
  const reply = { number, quoted };
  if (part.kind !== 'media') return { ...reply, part };
  const { type: mediaType, url: mediaUrl, ...rest } = part;
  return { ...reply, part: { mediaType, mediaUrl, ...rest } };
}

/** An agent's message, as it is stored. */
export interface NewReplies {
  readonly integrationId: string;
  readonly conversationId: number;
  readonly chatwootMessageId: number;
  readonly chat: string;
  /** One for each part; none for a message that has nothing to send. */
  readonly parts: readonly Reply[];
  /** Why it is not sent, where that is certain from the beginning: the agent reads it, and may have it sent all the same. */
  readonly refusal?: string | undefined;
}

/** A reply that was claimed: nobody else sends it, and what becomes of it is told under this epoch. */
export interface ClaimedReply {
  /** Of the row; a bigint of PostgreSQL. */
  readonly id: string;
  readonly integrationId: string;
  readonly conversationId: number;
  readonly chatwootMessageId: number;
  readonly part: number;
  readonly chat: string;
  readonly payload: unknown;
  /** This one included. */
  readonly attempts: number;
  /** For how long it has been waiting to be sent, in milliseconds. */
  readonly waitedMs: number;
  readonly epoch: number;
}

/** How a try to send ended. */
export type SendOutcome =
  | { readonly kind: 'sent'; readonly whatsappId: string | undefined }
  /** Surely not sent, and another try can help. */
  | { readonly kind: 'later'; readonly reason: string; readonly afterMs: number | undefined }
  /** Surely not sent, and no other try helps; but for a file, perhaps: what the engine could not fetch may be there in a moment. */
  | { readonly kind: 'refused'; readonly reason: string; readonly mayPass?: boolean }
  /** Perhaps sent. */
  | { readonly kind: 'unknown' };

/** What Chatwoot has to be told of a message. */
export interface DueReport {
  readonly conversationId: number;
  readonly chatwootMessageId: number;
  /** `note` where what an agent did to a message in Chatwoot could not be done in WhatsApp. */
  readonly status: 'failed' | 'sent' | 'note';
  /** How far WhatsApp has got with a message that was sent after all: ticks that Chatwoot shows already must not go back. */
  readonly tick: 'sent' | 'delivered' | 'read';
  /** Why it failed, and what to do. */
  readonly reason: string;
}

/** Somebody wants a failed message sent again: the agent, which Chatwoot has to confirm, or the operator. */
export interface DueRetry {
  readonly conversationId: number;
  readonly chatwootMessageId: number;
  readonly by: 'agent' | 'operator';
}

/** The channel on which whoever stores a reply wakes whoever sends it. The payload is the integration's id. */
export const REPLIES_CHANNEL = 'ponte_bridge_replies';
