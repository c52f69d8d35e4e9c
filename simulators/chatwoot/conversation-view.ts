import { contactPushData, contactView, rawContactInboxView } from './contact-view.ts';
import { canReply, lastMessage, unreadCount } from './conversation-facts.ts';
import { messagePushData } from './message-view.ts';
import type { ConversationRow, JsonObject, MessageRow } from './rows.ts';
import { isoTimeOrNull, preciseSeconds, seconds } from './times.ts';
import { accountWebhookData, agentView, userPushData } from './users.ts';
import type { World } from './world.ts';

const latest = (world: World, conversation: ConversationRow, wanted: (message: MessageRow) => boolean): JsonObject[] => {
  const message = lastMessage(world, conversation, wanted);
  return message ? [messagePushData(world, message)] : [];
};

/** A conversation as the conversation endpoints answer it. */
export function conversationView(world: World, conversation: ConversationRow): JsonObject {
  const contact = world.tables.contacts.get(conversation.contactId);
  const inbox = world.tables.inboxes.get(conversation.inboxId);
  const address = world.tables.contactInboxes.get(conversation.contactInboxId);
  const assignee = conversation.assigneeId === null ? undefined : world.tables.users.get(conversation.assigneeId);
  return {
    meta: {
      sender: contact && contactView(world, contact, null),
      channel: inbox?.channelType,
      ...(assignee ? { assignee: agentView(assignee, conversation.accountId), assignee_type: 'User' } : {}),
      hmac_verified: address?.hmacVerified ?? false,
    },
    id: conversation.displayId,
    messages: latest(world, conversation, () => true),
    account_id: conversation.accountId,
    uuid: conversation.uuid,
    additional_attributes: conversation.additionalAttributes,
    agent_last_seen_at: seconds(conversation.agentLastSeenAt),
    assignee_last_seen_at: seconds(conversation.assigneeLastSeenAt),
    can_reply: canReply(world, conversation),
    contact_last_seen_at: seconds(conversation.contactLastSeenAt),
    custom_attributes: conversation.customAttributes,
    inbox_id: conversation.inboxId,
    labels: conversation.labels,
    muted: contact?.blocked ?? false,
    snoozed_until: isoTimeOrNull(conversation.snoozedUntil),
    status: conversation.status,
    created_at: seconds(conversation.createdAt),
    ...(world.features.fullRecords ? { updated_at: preciseSeconds(conversation.updatedAt) } : {}),
    timestamp: seconds(conversation.lastActivityAt),
    first_reply_created_at: seconds(conversation.firstReplyCreatedAt),
    unread_count: unreadCount(world, conversation),
    last_non_activity_message: latest(world, conversation, (message) => message.messageType !== 'activity')[0] ?? null,
    last_activity_at: seconds(conversation.lastActivityAt),
    priority: conversation.priority,
    waiting_since: seconds(conversation.waitingSince),
    sla_policy_id: null,
  };
}

/** A conversation inside webhooks. `messages` holds the latest message that is neither a private note nor an activity. */
export function webhookConversationView(world: World, conversation: ConversationRow): JsonObject {
  const { features, tables } = world;
  const contact = tables.contacts.get(conversation.contactId);
  const address = tables.contactInboxes.get(conversation.contactInboxId);
  const account = tables.accounts.get(conversation.accountId);
  const assignee = conversation.assigneeId === null ? undefined : tables.users.get(conversation.assigneeId);
  return {
    additional_attributes: conversation.additionalAttributes,
    can_reply: canReply(world, conversation),
    channel: tables.inboxes.get(conversation.inboxId)?.channelType,
    contact_inbox: address ? rawContactInboxView(address) : null,
    id: conversation.displayId,
    inbox_id: conversation.inboxId,
    messages: latest(world, conversation, (message) => message.messageType !== 'activity' && !message.private),
    labels: conversation.labels,
    meta: {
      sender: contact && contactPushData(world, contact),
      assignee: assignee ? userPushData(assignee) : null,
      ...(features.assigneeTypeInWebhook ? { assignee_type: assignee ? 'User' : null } : {}),
      team: null,
      hmac_verified: address?.hmacVerified ?? false,
    },
    status: conversation.status,
    custom_attributes: conversation.customAttributes,
    snoozed_until: isoTimeOrNull(conversation.snoozedUntil),
    unread_count: unreadCount(world, conversation),
    first_reply_created_at: isoTimeOrNull(conversation.firstReplyCreatedAt),
    priority: conversation.priority,
    waiting_since: seconds(conversation.waitingSince),
    agent_last_seen_at: seconds(conversation.agentLastSeenAt),
    contact_last_seen_at: seconds(conversation.contactLastSeenAt),
    last_activity_at: seconds(conversation.lastActivityAt),
    timestamp: seconds(conversation.lastActivityAt),
    created_at: seconds(conversation.createdAt),
    ...(features.fullRecords ? { updated_at: preciseSeconds(conversation.updatedAt) } : {}),
    ...(features.accountInWebhook && account ? { account: accountWebhookData(account) } : {}),
  };
}
