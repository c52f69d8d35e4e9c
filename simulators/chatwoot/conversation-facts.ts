import type { ConversationRow, MessageRow } from './rows.ts';
import type { World } from './world.ts';

/** All messages of a conversation, oldest first. */
export const messagesOf = (world: World, conversation: ConversationRow) =>
  world.tables.messages.group('conversation', conversation.id);

function last(messages: readonly MessageRow[], wanted: (message: MessageRow) => boolean): MessageRow | undefined {
  for (let i = messages.length - 1; i >= 0; i--) {
    const message = messages[i];
    if (message && wanted(message)) return message;
  }
  return undefined;
}

/** The latest message of a conversation that is wanted. */
export function lastMessage(
  world: World,
  conversation: ConversationRow,
  wanted: (message: MessageRow) => boolean,
): MessageRow | undefined {
  return last(messagesOf(world, conversation), wanted);
}

/** Incoming messages since an agent last looked, counted up to ten as Chatwoot does. */
export function unreadCount(world: World, conversation: ConversationRow): number {
  const messages = messagesOf(world, conversation);
  const seen = conversation.agentLastSeenAt ?? 0;
  let count = 0;
  for (let i = messages.length - 1; i >= 0 && count < 10; i--) {
    const message = messages[i];
    if (!message || message.createdAt <= seen) break;
    if (message.messageType === 'incoming') count++;
  }
  return count;
}

/** Whether agents may still answer: an API inbox has a window only if its attributes say so, in hours. */
export function canReply(world: World, conversation: ConversationRow): boolean {
  const hours = Number(world.tables.inboxes.get(conversation.inboxId)?.additionalAttributes.agent_reply_time_window ?? 0);
  if (!(hours > 0)) return true;
  const incoming = lastMessage(world, conversation, (message) => message.messageType === 'incoming');
  return incoming !== undefined && Date.now() - incoming.createdAt < hours * 3_600_000;
}
