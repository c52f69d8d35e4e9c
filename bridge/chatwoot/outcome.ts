import type { z } from 'zod';
import { refusalSchema } from './answers.ts';
import type { ChatwootReply } from './transport.ts';

export type ChatwootAnswer = Extract<ChatwootReply, { kind: 'answer' }>;

/** Why a call to Chatwoot gave no result, and what that says about its effect. */
export type ChatwootFailure =
  /** Chatwoot (or a proxy) said no: nothing was done. */
  | { readonly kind: 'refused'; readonly reply: ChatwootAnswer }
  /** Chatwoot itself says that it has no such record. */
  | { readonly kind: 'absent'; readonly reply: ChatwootAnswer }
  /** A success that is none of Chatwoot's: a page, a list instead of an inbox, JSON without what it must have. */
  | { readonly kind: 'no_api'; readonly reply: ChatwootAnswer }
  /** Nothing reached the other side. */
  | { readonly kind: 'not_sent'; readonly reply: ChatwootReply }
  /** It may or may not have been done. `settled` when Chatwoot has at least finished with it. */
  | { readonly kind: 'unknown'; readonly reply: ChatwootReply; readonly settled: boolean };

export type ChatwootOutcome<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly failure: ChatwootFailure };

/** Reads a reply as an answer of Chatwoot's API that has the shape of `schema`. */
export function readReply<Schema extends z.ZodType>(reply: ChatwootReply, schema: Schema): ChatwootOutcome<z.output<Schema>> {
  if (reply.kind === 'none') {
    return { ok: false, failure: reply.sent ? { kind: 'unknown', reply, settled: false } : { kind: 'not_sent', reply } };
  }
  if (reply.status >= 200 && reply.status < 300) {
    const parsed = schema.safeParse(reply.json);
    return parsed.success ? { ok: true, value: parsed.data } : { ok: false, failure: { kind: 'no_api', reply } };
  }
  return { ok: false, failure: readRefusal(reply) };
}

function readRefusal(reply: ChatwootAnswer): ChatwootFailure {
  const { status } = reply;
  const { error, status: railsStatus } = refusalSchema.safeParse(reply.json).data ?? {};
  // A record that does not exist; a 404 of Rails or of a web server only says that no Chatwoot API is there.
  if (status === 404 && error !== undefined && railsStatus === undefined) return { kind: 'absent', reply };
  // Chatwoot's database took longer than it may: its transaction was rolled back, unless what came after it was the slow part.
  if (status === 422 && /took too long/i.test(error ?? '')) return { kind: 'unknown', reply, settled: true };
  if (status >= 500 || status < 200) return { kind: 'unknown', reply, settled: false };
  return { kind: 'refused', reply };
}
