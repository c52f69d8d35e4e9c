import type { ListedConversation } from '../chatwoot/answers.ts';
import type { ChatwootClient } from '../chatwoot/client.ts';

/** Enough for the conversations of a day; what is beyond is found by the next looks. */
const MOST_PAGES = 200;

interface LastMessage {
  readonly id: number;
  readonly created_at: number;
}

/** The last thing that happened in a conversation, be it only a note of Chatwoot's; undefined where nothing did. */
export function lastOf({ messages, last_non_activity_message: written }: ListedConversation): LastMessage | undefined {
  const all = [...(messages ?? []), ...(written ? [written] : [])];
  return all.toSorted((one, other) => other.id - one.id)[0];
}

/** Id of the last message that was written; 0 where none was. */
export const lastWrittenIn = ({ last_non_activity_message: written }: ListedConversation): number => written?.id ?? 0;

/**
 * The conversations of an inbox in which anything has happened after a message, the last active ones first, and some more: one call where
 * nothing has. Null marks the beginning of all looking: then only those of the first page. Undefined where Chatwoot does not answer.
 */
export async function conversationsSince(
  { conversations }: Pick<ChatwootClient, 'conversations'>,
  inboxId: number,
  mark: number | null,
): Promise<ListedConversation[] | undefined> {
  const found = new Map<number, ListedConversation>();
  let pages = 0;
  for (let hasMore = true; hasMore && pages < MOST_PAGES; ) {
    pages += 1;
    const page = await conversations.inInbox(inboxId, pages);
    if (!page.ok) return undefined;
    for (const conversation of page.value) found.set(conversation.id, conversation);
    const ids = page.value.flatMap((conversation) => lastOf(conversation)?.id ?? []);
    // A page of conversations in which nobody has written yet says nothing of those behind them.
    const isBehind = ids.length > 0 && ids.every((id) => id <= (mark ?? 0));
    hasMore = mark !== null && page.value.length > 0 && !isBehind;
  }
  if (pages === 1) return [...found.values()];
  // One that moved to the top meanwhile was on none of the pages.
  const top = await conversations.inInbox(inboxId, 1);
  if (!top.ok) return undefined;
  for (const conversation of top.value) found.set(conversation.id, conversation);
  return [...found.values()];
}
