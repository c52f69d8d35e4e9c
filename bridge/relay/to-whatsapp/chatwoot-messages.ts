import { hashOf } from '../../../shared/content-hash.ts';
import { cutTo } from '../../../shared/text/cut.ts';
import type { ChatwootAccess, ChatwootClient } from '../../chatwoot/client.ts';
import type { ChatwootFailure, ChatwootOutcome } from '../../chatwoot/outcome.ts';
import type { Texts } from '../../texts/texts.ts';
import { messageSourceId, noteId } from '../source-id.ts';

export interface MessageRef {
  /** Display id. */
  readonly conversationId: number;
  readonly chatwootMessageId: number;
}

/** What became of a call: `later` when Chatwoot is away or busy, `never` when another try is no use. */
export type Told = 'done' | 'later' | 'never';

interface WithTexts {
  readonly texts: Pick<Texts, 'notSent'>;
}

/** The calls about messages that agents wrote. None throws. */
export interface ChatwootMessages {
  /** Shows a message as failed, with the reason. In Chatwoot before 4.2.0, which cannot, a private note says so. */
  markFailed(access: ChatwootAccess & WithTexts, message: MessageRef, reason: string): Promise<Told>;
  /** Tells the agents of a conversation something about a message; the same once. */
  note(access: ChatwootAccess, message: MessageRef, text: string): Promise<Told>;
  /** Takes a failure back. */
  markAs(access: ChatwootAccess, message: MessageRef, status: 'sent' | 'delivered' | 'read'): Promise<Told>;
  /** The status of a message now; `gone` when it no longer exists. */
  statusOf(access: ChatwootAccess, message: MessageRef): Promise<{ status: string } | 'gone' | 'later'>;
}

/** Agents see it below the message. */
const REASON_LENGTH = 500;

export function createChatwootMessages(deps: { chatwoot: (access: ChatwootAccess) => ChatwootClient }): ChatwootMessages {
  /** It may be there already: its answer was lost, or whoever wrote it died before that could be noted. */
  async function noteOnce(
    access: ChatwootAccess,
    { conversationId, chatwootMessageId }: MessageRef,
    text: string,
  ): Promise<Told> {
    const { messages } = deps.chatwoot(access);
    const listed = await messages.list(conversationId, { after: chatwootMessageId });
    if (!listed.ok) return told(listed);
    const sourceId = messageSourceId(noteId(`reply-${chatwootMessageId}`, hashOf(text)));
    if (listed.value.some(({ source_id }) => source_id === sourceId)) return 'done';
    return told(await messages.createNote(conversationId, text, sourceId));
  }

  return {
    async markFailed(access, message, reason) {
      const { conversationId, chatwootMessageId } = message;
      const { messages } = deps.chatwoot(access);
      const text = cutTo(reason, REASON_LENGTH);
      const marked = await messages.setStatus(conversationId, chatwootMessageId, { status: 'failed', external_error: text });
      if (marked.ok || !lacksEndpoint(marked.failure)) return told(marked);
      return noteOnce(access, message, access.texts.notSent(text));
    },

    note: noteOnce,

    async markAs(access, { conversationId, chatwootMessageId }, status) {
      return told(await deps.chatwoot(access).messages.setStatus(conversationId, chatwootMessageId, { status }));
    },

    async statusOf(access, { conversationId, chatwootMessageId }) {
      const listed = await deps.chatwoot(access).messages.list(conversationId, { before: chatwootMessageId + 1 });
      if (!listed.ok) return told(listed) === 'later' ? 'later' : 'gone';
      const found = listed.value.find(({ id }) => id === chatwootMessageId);
      return found === undefined ? 'gone' : { status: found.status ?? 'sent' };
    },
  };
}

/** A 404 of the web framework, not of a record. */
const lacksEndpoint = ({ kind, response }: ChatwootFailure): boolean =>
  kind === 'refused' && response.kind === 'response' && response.status === 404;

function told(outcome: ChatwootOutcome<unknown>): Told {
  if (outcome.ok) return 'done';
  const { kind, response } = outcome.failure;
  if (kind === 'absent') return 'never';
  // A 422 whose outcome is unknown may have left a note, which a second one would double.
  const isUnclear = response.kind === 'response' && response.status === 422 && !/took too long/i.test(response.body);
  if (kind !== 'refused' && !isUnclear) return 'later';
  // A token can be corrected, a limit passes; what else is refused will be refused again.
  return response.kind === 'response' && [401, 403, 408, 429].includes(response.status) ? 'later' : 'never';
}
