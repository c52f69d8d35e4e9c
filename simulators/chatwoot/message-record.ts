import { messagesOf } from './conversation-facts.ts';
import { changeStatus } from './conversation-record.ts';
import { textsOf } from './locale.ts';
import { lengthOf } from './params.ts';
import { ValidationFailure } from './replies.ts';
import { type AttachmentRow, type ConversationRow, type MessageRow, type MessageStatus, messageStatuses } from './rows.ts';
import { newToken, updateConversation, type World } from './world.ts';

export interface Upload {
  filename: string;
  contentType: string;
  bytes: Buffer;
}

export type NewMessage = Pick<
  MessageRow,
  'messageType' | 'content' | 'contentType' | 'contentAttributes' | 'private' | 'sourceId' | 'sender'
> & { uploads: Upload[] };

const images = new Set(['jpeg', 'jpg', 'png', 'gif', 'bmp', 'webp'].map((kind) => `image/${kind}`));
const videos = new Set(['ogg', 'mp4', 'webm', 'quicktime'].map((kind) => `video/${kind}`));

/** Chatwoot's kind of an attachment, from the content type of its part alone. */
function fileTypeOf(contentType: string): AttachmentRow['fileType'] {
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  if (images.has(type)) return 'image';
  if (videos.has(type)) return 'video';
  return type.includes('audio/') ? 'audio' : 'file';
}

/** Fails with the validation errors of a message; `conversation` is null while it is being created with its first message. */
export function validateMessage(world: World, message: NewMessage, conversation: ConversationRow | null, locale: string): void {
  const failures: { attribute: string; message: string }[] = [];
  const texts = textsOf(locale);
  if (lengthOf(message.content ?? '') > 150_000) {
    failures.push({ attribute: 'content', message: `Content ${texts.tooLong(150_000)}` });
  }
  if (lengthOf(message.sourceId ?? '') > 20_000) {
    failures.push({ attribute: 'source_id', message: `Source ${texts.tooLong(20_000)}` });
  }
  if (conversation && world.features.floodGuard && isFlooded(world, conversation)) {
    failures.push({ attribute: 'base', message: 'Too many messages' });
  }
  if (failures.length > 0) throw new ValidationFailure(failures, texts.validationFailed);
}

function isFlooded(world: World, conversation: ConversationRow): boolean {
  const limit = world.settings.messagesPerMinute;
  const messages = messagesOf(world, conversation);
  // Messages are in the order of their creation, so the one `limit` places from the end tells.
  const oldest = messages[messages.length - limit];
  return oldest !== undefined && oldest.createdAt >= Date.now() - 60_000;
}

/** Stores a message that was validated, and does to its conversation what Chatwoot does: reopening, waiting time, greeting, events. */
export function insertMessage(world: World, conversation: ConversationRow, values: NewMessage): MessageRow {
  const { uploads, ...fields } = values;
  const now = Date.now();
  const message = world.tables.messages.insert({
    ...fields,
    accountId: conversation.accountId,
    inboxId: conversation.inboxId,
    conversationId: conversation.id,
    status: 'sent',
    attachments: [],
    createdAt: now,
    updatedAt: now,
  });
  message.attachments = uploads.map((upload) => storeUpload(world, message.id, upload));
  if (message.messageType === 'incoming') reopen(world, conversation);
  conversation.lastActivityAt = now;
  world.publish({ name: 'message_created', messageId: message.id, inboxId: message.inboxId });
  updateWaiting(world, conversation, message);
  if (message.messageType === 'incoming') {
    const contact = world.tables.contacts.get(conversation.contactId);
    if (contact) contact.lastActivityAt = now;
    greet(world, conversation);
  }
  return message;
}

function storeUpload(world: World, messageId: number, upload: Upload): AttachmentRow {
  const { tables } = world;
  const blobKey = newToken();
  tables.blobs.set(blobKey, upload.bytes);
  tables.lastAttachmentId++;
  return {
    id: tables.lastAttachmentId,
    messageId,
    fileType: fileTypeOf(upload.contentType),
    filename: upload.filename,
    contentType: upload.contentType,
    size: upload.bytes.length,
    blobKey,
  };
}

/** Resolved and snoozed conversations open on an incoming message (pending with a bot); pending ones and blocked contacts' stay. */
function reopen(world: World, conversation: ConversationRow): void {
  if (world.tables.contacts.get(conversation.contactId)?.blocked) return;
  if (conversation.status === 'snoozed') changeStatus(world, conversation, 'open', null);
  if (conversation.status !== 'resolved') return;
  const hasBot = world.tables.inboxes.get(conversation.inboxId)?.agentBotId !== null;
  changeStatus(world, conversation, hasBot ? 'pending' : 'open', null);
}

/** An incoming message starts the waiting time; a person's public reply ends it and, if it is the first, is remembered. */
function updateWaiting(world: World, conversation: ConversationRow, message: MessageRow): void {
  if (message.messageType === 'incoming' && conversation.waitingSince === null) {
    updateConversation(world, conversation, { waitingSince: message.createdAt });
  }
  if (message.messageType !== 'outgoing' || message.private || message.sender?.type !== 'User') return;
  updateConversation(world, conversation, {
    waitingSince: null,
    firstReplyCreatedAt: conversation.firstReplyCreatedAt ?? message.createdAt,
  });
}

/** The inbox's greeting, a template message without a sender, after the first message of a contact. */
function greet(world: World, conversation: ConversationRow): void {
  const inbox = world.tables.inboxes.get(conversation.inboxId);
  if (!inbox?.greetingEnabled || !inbox.greetingMessage) return;
  const messages = messagesOf(world, conversation);
  if (messages.filter((message) => message.messageType === 'incoming').length !== 1) return;
  if (messages.some((message) => message.messageType === 'outgoing' || message.messageType === 'template')) return;
  insertMessage(world, conversation, templateMessage(inbox.greetingMessage));
}

/** A message of the system itself, such as a greeting: `message_type` template, no sender. */
export const templateMessage = (content: string): NewMessage => ({
  messageType: 'template',
  content,
  contentType: 'text',
  contentAttributes: {},
  private: false,
  sourceId: null,
  sender: null,
  uploads: [],
});

type Changeable = Pick<MessageRow, 'status' | 'content' | 'contentType' | 'contentAttributes' | 'attachments'>;

/** Changes a message and publishes `message_updated`, unless nothing changed. */
function updateMessage(world: World, message: MessageRow, values: Partial<Changeable>): void {
  const before = JSON.stringify(message);
  const after = JSON.stringify({ ...message, ...values });
  if (before === after) return;
  Object.assign(message, values, { updatedAt: Date.now() });
  world.publish({ name: 'message_updated', messageId: message.id, inboxId: message.inboxId });
}

const isStatus = (value: unknown): value is MessageStatus => messageStatuses.some((status) => status === value);

/** A status report. Unknown statuses and the way back from read to delivered are ignored without a word. */
export function reportStatus(world: World, message: MessageRow, status: unknown, externalError: string | null): void {
  if (!isStatus(status) || (message.status === 'read' && status === 'delivered')) return;
  const error = status === 'failed' ? externalError : null;
  const keepsNone = error === null && !('external_error' in message.contentAttributes);
  const contentAttributes = keepsNone ? message.contentAttributes : { ...message.contentAttributes, external_error: error };
  updateMessage(world, message, { status, contentAttributes });
}

/** An agent deletes a message: it stays, with another text and without its attachments. */
export function deleteMessage(world: World, message: MessageRow): void {
  const texts = textsOf(world.tables.accounts.get(message.accountId)?.locale);
  for (const attachment of message.attachments) world.tables.blobs.delete(attachment.blobKey);
  updateMessage(world, message, {
    content: texts.messageDeleted,
    contentType: 'text',
    contentAttributes: { deleted: true },
    attachments: [],
  });
}

/** An agent presses "retry" on a failed message. */
export function retryMessage(world: World, message: MessageRow): void {
  reportStatus(world, message, 'sent', null);
  updateMessage(world, message, { contentAttributes: {} });
}
