import { contactPushData, contactWebhookData } from './contact-view.ts';
import { webhookConversationView } from './conversation-view.ts';
import { attachmentsOf } from './message-view.ts';
import type { JsonObject, MessageRow } from './rows.ts';
import { isoTime } from './times.ts';
import { accountWebhookData, botPushData, botWebhookData, userPushData, userWebhookData } from './users.ts';
import type { Actor, DomainEvent, World } from './world.ts';

function senderWebhookData(world: World, message: MessageRow): JsonObject | null {
  const { sender } = message;
  if (sender === null) return null;
  if (sender.type === 'User') {
    const user = world.tables.users.get(sender.id);
    return user ? userWebhookData(user) : null;
  }
  if (sender.type === 'AgentBot') {
    const bot = world.tables.agentBots.get(sender.id);
    return bot ? botWebhookData(bot) : null;
  }
  const contact = world.tables.contacts.get(sender.id);
  const account = world.tables.accounts.get(message.accountId);
  return contact && account ? contactWebhookData(world, contact, account) : null;
}

/** Without the hard breaks of the dashboard's editor, and without line breaks at the end. */
const plainBreaks = (content: string | null): string | null => content?.replaceAll('\\\n', '\n').replace(/\n+$/, '') ?? null;

/** `message_created` and `message_updated`: here `message_type` is text and `created_at` ISO. Null once the conversation is gone. */
function messageWebhookView(world: World, message: MessageRow, attributesThen?: JsonObject): JsonObject | null {
  const conversation = world.tables.conversations.get(message.conversationId);
  const inbox = world.tables.inboxes.get(message.inboxId);
  const account = world.tables.accounts.get(message.accountId);
  if (!conversation || !inbox || !account) return null;
  return {
    account: accountWebhookData(account),
    additional_attributes: {},
    content_attributes: attributesThen ?? message.contentAttributes,
    content_type: message.contentType,
    content: world.features.plainBreaksInWebhook ? plainBreaks(message.content) : message.content,
    conversation: webhookConversationView(world, conversation),
    created_at: isoTime(message.createdAt),
    id: message.id,
    inbox: { id: inbox.id, name: inbox.name },
    message_type: message.messageType,
    private: message.private,
    sender: senderWebhookData(world, message),
    source_id: message.sourceId,
    ...attachmentsOf(world, message),
  };
}

function actorView(world: World, actor: Actor): JsonObject | null {
  if (actor.type === 'User') {
    const user = world.tables.users.get(actor.id);
    return user ? userPushData(user) : null;
  }
  if (actor.type === 'AgentBot') {
    const bot = world.tables.agentBots.get(actor.id);
    return bot ? botPushData(bot) : null;
  }
  const contact = world.tables.contacts.get(actor.id);
  return contact ? contactPushData(world, contact) : null;
}

/** The body of a webhook, from the records as they are now; null when they are gone meanwhile. */
export function webhookPayload(world: World, event: DomainEvent): JsonObject | null {
  if ('messageId' in event) {
    const message = world.tables.messages.get(event.messageId);
    const view = message && messageWebhookView(world, message, event.attributesThen);
    return view ? { ...view, event: event.name } : null;
  }
  const conversation = world.tables.conversations.get(event.conversationId);
  if (!conversation) return null;
  const view = webhookConversationView(world, conversation);
  switch (event.name) {
    case 'conversation_created':
      return { ...view, event: event.name };
    case 'conversation_status_changed':
      // Chatwoot reads the change after it was committed and finds none: do not expect the old status here.
      return { ...view, event: event.name, changed_attributes: null };
    case 'conversation_updated':
      return { ...view, event: event.name, changed_attributes: event.changes };
    case 'conversation_typing_on':
    case 'conversation_typing_off':
      return { event: event.name, user: actorView(world, event.actor), conversation: view, is_private: event.isPrivate };
  }
}

const escapes: Record<string, string> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
};

/** JSON as Rails writes it, which escapes what could end a script element: a signature must be checked over these very bytes. */
export const railsJson = (value: unknown): string =>
  JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (sign) => escapes[sign] ?? sign);
