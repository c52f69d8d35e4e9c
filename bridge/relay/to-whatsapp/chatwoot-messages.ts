import { z } from 'zod';
import type { ChatwootAccess } from '../../chatwoot/client.ts';
import { type ChatwootFailure, type ChatwootOutcome, readReply } from '../../chatwoot/outcome.ts';
import type { ChatwootTransport } from '../../chatwoot/transport.ts';

export interface MessageRef {
  /** Display id. */
  readonly conversationId: number;
  readonly chatwootMessageId: number;
}

/** What became of a call: `later` when Chatwoot is away or busy, `never` when another try is no use. */
export type Told = 'done' | 'later' | 'never';

/** The calls about messages that agents wrote. None throws. */
export interface ChatwootMessages {
  /** Shows a message as failed, with the reason. In Chatwoot before 4.2.0, which cannot, a private note says so. */
  markFailed(access: ChatwootAccess, message: MessageRef, reason: string): Promise<Told>;
  /** Takes a failure back. */
  markAs(access: ChatwootAccess, message: MessageRef, status: 'sent' | 'delivered' | 'read'): Promise<Told>;
  /** The status of a message now; `gone` when there is none any more. */
  statusOf(access: ChatwootAccess, message: MessageRef): Promise<{ status: string } | 'gone' | 'later'>;
}

const RESPONSE_TIMEOUT_MS = 8_000;
const TIMEOUT_MS = 12_000;
const MAX_ANSWER_BYTES = 4 * 1_048_576;
/** Agents see it below the message. */
const REASON_LENGTH = 500;

const anySchema = z.looseObject({ id: z.number() });
const listSchema = z.looseObject({ payload: z.array(z.looseObject({ id: z.number(), status: z.string().nullish() })) });

export function createChatwootMessages({
  transport,
  signal,
}: {
  transport: ChatwootTransport;
  signal: AbortSignal;
}): ChatwootMessages {
  async function call<Schema extends z.ZodType>(
    schema: Schema,
    access: ChatwootAccess,
    request: { method: 'GET' | 'POST' | 'PATCH'; path: string; json?: unknown },
  ): Promise<ChatwootOutcome<z.output<Schema>>> {
    const reply = await transport.request({
      method: request.method,
      url: `${access.baseUrl}/api/v1/accounts/${access.accountId}/conversations/${request.path}`,
      json: request.json,
      token: access.token,
      responseTimeoutMs: RESPONSE_TIMEOUT_MS,
      timeoutMs: TIMEOUT_MS,
      maxAnswerBytes: MAX_ANSWER_BYTES,
      fresh: request.method !== 'GET',
      signal,
    });
    return readReply(reply, schema);
  }

  const mark = (access: ChatwootAccess, { conversationId, chatwootMessageId }: MessageRef, json: Record<string, string>) =>
    call(anySchema, access, { method: 'PATCH', path: `${conversationId}/messages/${chatwootMessageId}`, json });

  return {
    async markFailed(access, message, reason) {
      const text = reason.slice(0, REASON_LENGTH);
      const marked = await mark(access, message, { status: 'failed', external_error: text });
      if (marked.ok || !lacksEndpoint(marked.failure)) return told(marked);
      const content = `⚠️ Not sent to WhatsApp: ${text}`;
      const path = `${message.conversationId}/messages`;
      return told(await call(anySchema, access, { method: 'POST', path, json: { content, private: true } }));
    },

    async markAs(access, message, status) {
      return told(await mark(access, message, { status }));
    },

    async statusOf(access, { conversationId, chatwootMessageId }) {
      const path = `${conversationId}/messages?before=${chatwootMessageId + 1}`;
      const listed = await call(listSchema, access, { method: 'GET', path });
      if (!listed.ok) return told(listed) === 'later' ? 'later' : 'gone';
      const found = listed.value.payload.find(({ id }) => id === chatwootMessageId);
      return found === undefined ? 'gone' : { status: found.status ?? 'sent' };
    },
  };
}

/** A 404 of the web framework, not of a record. */
const lacksEndpoint = ({ kind, reply }: ChatwootFailure): boolean =>
  kind === 'refused' && reply.kind === 'answer' && reply.status === 404;

function told(outcome: ChatwootOutcome<unknown>): Told {
  if (outcome.ok) return 'done';
  const { kind, reply } = outcome.failure;
  if (kind === 'absent') return 'never';
  if (kind !== 'refused') return 'later';
  // A token can be corrected, a limit passes; what else is refused will be refused again.
  return reply.kind === 'answer' && [401, 403, 408, 429].includes(reply.status) ? 'later' : 'never';
}
