import { randomUUID } from 'node:crypto';
import { textsOf } from './locale.ts';
import type {
  ContactInboxRow,
  ContactRow,
  ConversationRow,
  ConversationStatus,
  InboxRow,
  JsonObject,
  MessageRow,
} from './rows.ts';
import { type Actor, updateConversation, type World } from './world.ts';

export interface NewConversation {
  inbox: InboxRow;
  contact: ContactRow;
  contactInbox: ContactInboxRow;
  status?: ConversationStatus;
  assigneeId?: number | null;
  snoozedUntil?: number | null;
  additionalAttributes?: JsonObject;
  customAttributes?: JsonObject;
}

/** Status of a new conversation: a blocked contact's is resolved, one in an inbox with a bot is pending, whatever was asked for. */
function initialStatus(values: NewConversation): ConversationStatus {
  if (values.contact.blocked) return 'resolved';
  if (values.inbox.agentBotId !== null) return 'pending';
  return values.status ?? 'open';
}

/** Stores a conversation under the next number of its account and publishes `conversation_created`. */
export function insertConversation(world: World, values: NewConversation): ConversationRow {
  const account = world.tables.accounts.get(values.inbox.accountId);
  if (!account) throw new Error('an inbox without its account');
  account.lastDisplayId++;
  const now = Date.now();
  const conversation = world.tables.conversations.insert({
    displayId: account.lastDisplayId,
    accountId: account.id,
    inboxId: values.inbox.id,
    contactId: values.contact.id,
    contactInboxId: values.contactInbox.id,
    status: initialStatus(values),
    assigneeId: values.assigneeId ?? null,
    uuid: randomUUID(),
    labels: [],
    additionalAttributes: values.additionalAttributes ?? {},
    customAttributes: values.customAttributes ?? {},
    agentLastSeenAt: null,
    assigneeLastSeenAt: null,
    contactLastSeenAt: null,
    firstReplyCreatedAt: null,
    waitingSince: now,
    snoozedUntil: values.status === 'snoozed' ? (values.snoozedUntil ?? null) : null,
    priority: null,
    lastActivityAt: now,
    createdAt: now,
    updatedAt: now,
  });
  world.publish({ name: 'conversation_created', conversationId: conversation.id, inboxId: conversation.inboxId });
  return conversation;
}

/** Removes a conversation with its messages. */
export function destroyConversation({ tables }: World, conversation: ConversationRow): void {
  for (const message of [...tables.messages.group('conversation', conversation.id)]) tables.messages.remove(message.id);
  tables.conversations.remove(conversation.id);
}

/** Stores an activity message, such as "Conversation was marked resolved by Ana". Webhooks never carry those. */
function noteActivity(world: World, conversation: ConversationRow, content: string): MessageRow {
  const now = Date.now();
  return world.tables.messages.insert({
    accountId: conversation.accountId,
    inboxId: conversation.inboxId,
    conversationId: conversation.id,
    messageType: 'activity',
    content,
    contentType: 'text',
    contentAttributes: {},
    private: false,
    status: 'sent',
    sourceId: null,
    sender: null,
    attachments: [],
    createdAt: now,
    updatedAt: now,
  });
}

function nameOf(world: World, actor: Actor | null): string | null {
  if (actor?.type === 'User') return world.tables.users.get(actor.id)?.name ?? null;
  if (actor?.type === 'AgentBot') return world.tables.agentBots.get(actor.id)?.name ?? null;
  return null;
}

/** Changes the status, with the activity message and the two events that go with it. No actor: the system did it. */
export function changeStatus(
  world: World,
  conversation: ConversationRow,
  status: ConversationStatus,
  actor: Actor | null,
  snoozedUntil: number | null = null,
): void {
  if (conversation.status === status && conversation.snoozedUntil === snoozedUntil) return;
  const statusChanges = conversation.status !== status;
  updateConversation(world, conversation, { status, snoozedUntil: status === 'snoozed' ? snoozedUntil : null });
  if (!statusChanges) return;
  const texts = textsOf(world.tables.accounts.get(conversation.accountId)?.locale);
  const name = nameOf(world, actor);
  noteActivity(world, conversation, name === null ? texts.reopenedBySystem : texts.statusBy[status](name));
}
