import { messagesOf } from './conversation-facts.ts';
import { changeStatus } from './conversation-record.ts';
import { renderLiquid } from './liquid.ts';
import { validationTexts as texts, textsOf } from './locale.ts';
import { isOutOfOffice } from './office-hours.ts';
import { lengthOf } from './params.ts';
import { ValidationFailure } from './replies.ts';
import {
  type AttachmentRow,
  type ConversationRow,
  type JsonObject,
  type MessageRow,
  type MessageStatus,
  messageStatuses,
  type UserRow,
} from './rows.ts';
import { newToken, updateConversation, type World } from './world.ts';

export interface Upload {
  filename: string;
  contentType: string;
  /** Null where the disk had no room for them. */
  bytes: Buffer | null;
}

export type NewMessage = Pick<
  MessageRow,
  'messageType' | 'content' | 'contentType' | 'contentAttributes' | 'private' | 'sourceId' | 'sender'
> & {
  uploads: Upload[];
  /** Who wrote it, for the names in its text. */
  author: UserRow | null;
};

const ANALYSIS_MS = 20;
const DAY_MS = 86_400_000;

const images = new Set(['jpeg', 'jpg', 'png', 'gif', 'bmp', 'webp'].map((kind) => `image/${kind}`));
const videos = new Set(['ogg', 'mp4', 'webm', 'quicktime'].map((kind) => `video/${kind}`));

/** Chatwoot's kind of an attachment, from the content type of its part alone. */
function fileTypeOf(contentType: string): AttachmentRow['fileType'] {
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  if (images.has(type)) return 'image';
  if (videos.has(type)) return 'video';
  return type.includes('audio/') ? 'audio' : 'file';
}

/**
 * Fails with the validation errors of a message; `conversation` is null while it is being created with its first message. Its text is measured
 * as it was sent: Liquid is rendered after that, and may make more of it.
 */
export function validateMessage(world: World, message: NewMessage, conversation: ConversationRow | null): void {
  const failures: { attribute: string; message: string }[] = [];
  if (lengthOf(message.content ?? '') > 150_000) {
    failures.push({ attribute: 'content', message: `Content ${texts.tooLong(150_000)}` });
  }
  const limit = world.features.messageSourceIdLength;
  if (lengthOf(message.sourceId ?? '') > limit) {
    failures.push({ attribute: 'source_id', message: `Source ${texts.tooLong(limit)}` });
  }
  if (conversation && world.features.floodGuard && isFlooded(world, conversation)) {
    failures.push({ attribute: 'base', message: 'Too many messages' });
  }
  if (failures.length > 0) throw new ValidationFailure(failures);
}

/** PostgreSQL takes no text with a NUL in it. */
export const hasNul = ({ content, sourceId }: NewMessage): boolean => `${content}${sourceId}`.includes('\0');

function isFlooded(world: World, conversation: ConversationRow): boolean {
  const limit = world.settings.messagesPerMinute;
  const messages = messagesOf(world, conversation);
  // Messages are in the order of their creation, so the one `limit` places from the end tells.
  const oldest = messages[messages.length - limit];
  return oldest !== undefined && oldest.createdAt >= Date.now() - 60_000;
}

/** Stores a message that was validated, and does to its conversation what Chatwoot does: reopening, waiting time, greeting, events. */
export function insertMessage(world: World, conversation: ConversationRow, values: NewMessage): MessageRow {
  const { uploads, author, ...fields } = values;
  const now = Date.now();
  const message = world.tables.messages.insert({
    ...fields,
    content: renderedContent(world, conversation, values),
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
  // Nobody is told of activities, even of those that came over the API.
  if (message.messageType !== 'activity') {
    world.publish({ name: 'message_created', messageId: message.id, inboxId: message.inboxId });
    announceAnalysis(world, message);
  }
  updateWaiting(world, conversation, message);
  if (message.messageType === 'incoming') {
    const contact = world.tables.contacts.get(conversation.contactId);
    if (contact) contact.lastActivityAt = now;
    answerAutomatically(world, conversation);
  }
  return message;
}

/** Outgoing text, of private notes and templates too, is a Liquid template. */
function renderedContent(
  world: World,
  conversation: ConversationRow,
  { messageType, content, author }: NewMessage,
): string | null {
  const contact = world.tables.contacts.get(conversation.contactId);
  const inbox = world.tables.inboxes.get(conversation.inboxId);
  if (content === null || !contact || !inbox || (messageType !== 'outgoing' && messageType !== 'template')) return content;
  return renderLiquid(content, { contact, inbox, conversation, agent: author });
}

/** A job looks into audio files, and what it writes down about them counts as a change of the message. */
function announceAnalysis(world: World, message: MessageRow): void {
  if (!world.features.inlineAudio || !message.attachments.some(({ fileType }) => fileType === 'audio')) return;
  world.after(ANALYSIS_MS, () => world.publish({ name: 'message_updated', messageId: message.id, inboxId: message.inboxId }));
}

function storeUpload(world: World, messageId: number, upload: Upload): AttachmentRow {
  const { tables } = world;
  const blobKey = newToken();
  if (upload.bytes) tables.blobs.set(blobKey, upload.bytes);
  tables.lastAttachmentId++;
  return {
    id: tables.lastAttachmentId,
    messageId,
    fileType: fileTypeOf(upload.contentType),
    filename: upload.filename,
    contentType: upload.contentType,
    size: upload.bytes?.length ?? 0,
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

/**
 * What the inbox says by itself, as template messages without a sender: that nobody is in, once a day; or its greeting, after the first message
 * of a contact and only where nothing was said before it.
 */
function answerAutomatically(world: World, conversation: ConversationRow): void {
  const inbox = world.tables.inboxes.get(conversation.inboxId);
  if (!inbox) return;
  const messages = messagesOf(world, conversation);
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const saidToday = messages.some((message) => message.messageType === 'template' && message.createdAt >= today);
  if (inbox.outOfOfficeMessage && isOutOfOffice(inbox, Date.now()) && !saidToday) {
    insertMessage(world, conversation, templateMessage(inbox.outOfOfficeMessage));
  }
  if (!inbox.greetingEnabled || !inbox.greetingMessage) return;
  const all = messagesOf(world, conversation);
  if (all.filter((message) => message.messageType === 'incoming').length !== 1) return;
  if (all.some((message) => message.messageType === 'outgoing' || message.messageType === 'template')) return;
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
  author: null,
});

type Changeable = Pick<MessageRow, 'status' | 'content' | 'contentType' | 'contentAttributes' | 'attachments'>;

/** Changes a message and publishes `message_updated`, unless nothing changed. */
function updateMessage(world: World, message: MessageRow, values: Partial<Changeable>, attributesThen?: JsonObject): void {
  const before = JSON.stringify(message);
  const after = JSON.stringify({ ...message, ...values });
  if (before === after) return;
  Object.assign(message, values, { updatedAt: Date.now() });
  world.publish({ name: 'message_updated', messageId: message.id, inboxId: message.inboxId, attributesThen });
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

/** An agent presses "retry" on a failed message: two changes, and two webhooks. What it quoted is lost. */
export function retryMessage(world: World, message: MessageRow): void {
  const cleared = { ...message.contentAttributes, external_error: null };
  updateMessage(world, message, { status: 'sent', contentAttributes: cleared }, cleared);
  updateMessage(world, message, { contentAttributes: {} });
}
