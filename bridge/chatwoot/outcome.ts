import type { z } from 'zod';
import { refusalSchema } from './answers.ts';
import { isFinal } from './final-answers.ts';
import type { ChatwootNoResponse, ChatwootResponse, ChatwootResult } from './transport.ts';

/** Why a call to Chatwoot gave no result, and what that says about its effect. */
export type ChatwootFailure =
  /** Chatwoot (or a proxy) said no, and nothing was done: see final-answers.ts. */
  | { readonly kind: 'refused'; readonly response: ChatwootResponse }
  /** Chatwoot itself says that it has no such record. */
  | { readonly kind: 'absent'; readonly response: ChatwootResponse }
  /** A success that is none of Chatwoot's: a page, a list instead of an inbox, JSON without what it must have. */
  | { readonly kind: 'no_api'; readonly response: ChatwootResponse }
  /** Nothing reached the other side. */
  | { readonly kind: 'not_sent'; readonly response: ChatwootNoResponse }
  /** It may or may not have been done. `settled` when Chatwoot has at least finished with it, so that looking tells which. */
  | { readonly kind: 'unknown'; readonly response: ChatwootResult; readonly settled: boolean };

export type ChatwootOutcome<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly failure: ChatwootFailure };

/** Reads a result as an answer of Chatwoot's API that has the shape of `schema`. */
export function readResult<Schema extends z.ZodType>(
  response: ChatwootResult,
  schema: Schema,
): ChatwootOutcome<z.output<Schema>> {
  if (response.kind === 'failed') {
    const failure: ChatwootFailure =
      response.sent === false ? { kind: 'not_sent', response } : { kind: 'unknown', response, settled: false };
    return { ok: false, failure };
  }
  if (response.status >= 200 && response.status < 300) {
    const parsed = schema.safeParse(response.json);
    return parsed.success ? { ok: true, value: parsed.data } : { ok: false, failure: { kind: 'no_api', response } };
  }
  return { ok: false, failure: readRefusal(response) };
}

function readRefusal(response: ChatwootResponse): ChatwootFailure {
  const { status } = response;
  const { error, status: railsStatus } = refusalSchema.safeParse(response.json).data ?? {};
  // A record that does not exist; a 404 of Rails or of a web server only says that no Chatwoot API is there.
  if (status === 404 && error !== undefined && railsStatus === undefined) return { kind: 'absent', response };
  // Chatwoot's database took longer than it may, which passes.
  if (status === 422 && /took too long/i.test(error ?? '')) return { kind: 'unknown', response, settled: true };
  if (isRead(response) ? status >= 300 && status < 500 : isFinal(response)) return { kind: 'refused', response };
  // Chatwoot itself has caught an error, in a message or in Rails: it works no longer on the request, and what it has stored stands there.
  const settled = error !== undefined && (status === 422 || (status === 500 && railsStatus === 500));
  return { kind: 'unknown', response, settled };
}

/** Chatwoot's look-ups that take a body are a POST as well. */
const isRead = ({ method, url }: ChatwootResponse): boolean => method === 'GET' || /\/filter$/.test(url);
