import { contactPushData } from './contact-view.ts';
import { unreadCount } from './conversation-facts.ts';
import { type AttachmentRow, type JsonObject, type MessageRow, messageTypes } from './rows.ts';
import { isoTime, seconds } from './times.ts';
import { botPushData, userPushData } from './users.ts';
import type { World } from './world.ts';

const storageUrl = (world: World, kind: string, attachment: AttachmentRow): string =>
  `${world.baseUrl()}/rails/active_storage/${kind}/${encodeURIComponent(attachment.filename)}`;

const blobUrl = (world: World, attachment: AttachmentRow): string =>
  `${storageUrl(world, `blobs/redirect/${attachment.blobKey}`, attachment)}${attachment.fileType === 'audio' && world.features.inlineAudio ? '?disposition=inline' : ''}`;

/** A picture in small. */
const thumbUrl = (world: World, attachment: AttachmentRow): string =>
  attachment.fileType === 'image' ? storageUrl(world, `representations/redirect/${attachment.blobKey}/thumb`, attachment) : '';

const extensionOf = (filename: string): string | null => /\.([^.]+)$/.exec(filename)?.[1] ?? null;

/** An attachment; its address needs no token and answers with a redirect to the storage. */
function attachmentView(world: World, message: MessageRow, attachment: AttachmentRow): JsonObject {
  return {
    id: attachment.id,
    message_id: message.id,
    file_type: attachment.fileType,
    account_id: message.accountId,
    extension: world.features.attachmentContentType ? extensionOf(attachment.filename) : null,
    ...(world.features.attachmentContentType ? { content_type: attachment.contentType } : {}),
    data_url: blobUrl(world, attachment),
    thumb_url: thumbUrl(world, attachment),
    file_size: attachment.size,
    width: null,
    height: null,
    ...(attachment.fileType === 'audio' ? { transcribed_text: '' } : {}),
  };
}

/** Chatwoot lists attachments as its database finds them: in no order, told apart by their ids, which are in the order of upload. */
const scrambled = (attachments: readonly AttachmentRow[]): AttachmentRow[] =>
  [...attachments].sort((a, b) => (Math.imul(a.id, 2_654_435_761) >>> 0) - (Math.imul(b.id, 2_654_435_761) >>> 0));

/** The `attachments` key, which is absent where there are none. */
export const attachmentsOf = (world: World, message: MessageRow): JsonObject =>
  message.attachments.length === 0
    ? {}
    : { attachments: scrambled(message.attachments).map((item) => attachmentView(world, message, item)) };

/** The sender in the API and in nested objects, or undefined for template and activity messages. */
function senderPushData(world: World, message: MessageRow): JsonObject | undefined {
  const { sender } = message;
  if (sender?.type === 'User') {
    const user = world.tables.users.get(sender.id);
    return user && userPushData(user);
  }
  if (sender?.type === 'AgentBot') {
    const bot = world.tables.agentBots.get(sender.id);
    return bot && botPushData(bot);
  }
  const contact = sender && world.tables.contacts.get(sender.id);
  return contact ? contactPushData(world, contact) : undefined;
}

const displayIdOf = (world: World, message: MessageRow): number =>
  world.tables.conversations.get(message.conversationId)?.displayId ?? 0;
const typeNumber = (message: MessageRow): number => messageTypes.indexOf(message.messageType);

/** A message as the message endpoints answer it: `message_type` is a number, `created_at` epoch seconds. */
export function messageView(world: World, message: MessageRow, echoId?: string | null): JsonObject {
  const sender = senderPushData(world, message);
  return {
    id: message.id,
    content: message.content,
    inbox_id: message.inboxId,
    ...(echoId ? { echo_id: echoId } : {}),
    conversation_id: displayIdOf(world, message),
    message_type: typeNumber(message),
    content_type: message.contentType,
    status: message.status,
    content_attributes: message.contentAttributes,
    created_at: seconds(message.createdAt),
    private: message.private,
    source_id: message.sourceId,
    ...(sender ? { sender } : {}),
    ...attachmentsOf(world, message),
  };
}

/** A message inside a conversation object: the raw record with a number for its type and epoch seconds. */
export function messagePushData(world: World, message: MessageRow): JsonObject {
  const conversation = world.tables.conversations.get(message.conversationId);
  const address = conversation && world.tables.contactInboxes.get(conversation.contactInboxId);
  const sender = senderPushData(world, message);
  return {
    id: message.id,
    content: message.content,
    account_id: message.accountId,
    inbox_id: message.inboxId,
    conversation_id: displayIdOf(world, message),
    message_type: typeNumber(message),
    created_at: seconds(message.createdAt),
    updated_at: isoTime(message.updatedAt),
    private: message.private,
    status: message.status,
    source_id: message.sourceId,
    content_type: message.contentType,
    content_attributes: message.contentAttributes,
    sender_type: message.sender?.type ?? null,
    sender_id: message.sender?.id ?? null,
    external_source_ids: {},
    additional_attributes: {},
    processed_message_content: message.content,
    sentiment: {},
    conversation: conversation && {
      assignee_id: conversation.assigneeId,
      unread_count: unreadCount(world, conversation),
      last_activity_at: seconds(conversation.lastActivityAt),
      contact_inbox: { source_id: address?.sourceId ?? null },
    },
    ...attachmentsOf(world, message),
    ...(sender ? { sender } : {}),
  };
}
