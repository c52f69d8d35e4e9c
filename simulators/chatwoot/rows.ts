/**
 * What the simulated Chatwoot stores: one interface a table. Times are epoch milliseconds here and become epoch seconds or ISO text where
 * they are rendered, because Chatwoot uses both, depending on the place.
 */
export type Role = 'administrator' | 'agent';
export type JsonObject = Record<string, unknown>;

export interface AccountRow {
  id: number;
  name: string;
  locale: string;
  suspended: boolean;
  /** Chatwoot Cloud refuses token requests of plans without API access. */
  apiDisabled: boolean;
  inboxLimit: number;
  /** Conversations are numbered within their account: this is the number of the latest. */
  lastDisplayId: number;
  createdAt: number;
}

export interface Membership {
  accountId: number;
  role: Role;
}

export interface UserRow {
  id: number;
  name: string;
  email: string;
  displayName: string | null;
  messageSignature: string | null;
  pubsubToken: string;
  memberships: Membership[];
  createdAt: number;
}

export interface AgentBotRow {
  id: number;
  name: string;
  /** Null for a bot of the whole installation. */
  accountId: number | null;
}

export interface TokenRow {
  id: number;
  token: string;
  owner: { type: 'User' | 'AgentBot' | 'PlatformApp'; id: number };
}

export interface InboxRow {
  id: number;
  accountId: number;
  channelId: number;
  channelType: string;
  name: string;
  greetingEnabled: boolean;
  greetingMessage: string | null;
  workingHoursEnabled: boolean;
  enableEmailCollect: boolean;
  csatSurveyEnabled: boolean;
  csatConfig: JsonObject;
  enableAutoAssignment: boolean;
  autoAssignmentConfig: JsonObject;
  outOfOfficeMessage: string | null;
  timezone: string;
  allowMessagesAfterResolved: boolean;
  lockToSingleConversation: boolean;
  senderNameType: 'friendly' | 'professional';
  businessName: string | null;
  webhookUrl: string | null;
  identifier: string;
  hmacToken: string;
  secret: string;
  hmacMandatory: boolean;
  additionalAttributes: JsonObject;
  memberIds: number[];
  /** The active agent bot of the inbox, which makes new conversations pending. */
  agentBotId: number | null;
  /** When the deletion job takes it, once a DELETE was accepted. */
  deleteAt: number | null;
  createdAt: number;
  updatedAt: number;
}

export interface ContactRow {
  id: number;
  accountId: number;
  name: string;
  email: string | null;
  phoneNumber: string | null;
  identifier: string | null;
  blocked: boolean;
  avatarUrl: string;
  additionalAttributes: JsonObject;
  customAttributes: JsonObject;
  lastActivityAt: number | null;
  createdAt: number;
  updatedAt: number;
}

export interface ContactInboxRow {
  id: number;
  contactId: number;
  inboxId: number;
  sourceId: string;
  hmacVerified: boolean;
  pubsubToken: string;
  createdAt: number;
  updatedAt: number;
}

export const conversationStatuses = ['open', 'resolved', 'pending', 'snoozed'] as const;
export type ConversationStatus = (typeof conversationStatuses)[number];

export interface ConversationRow {
  id: number;
  displayId: number;
  accountId: number;
  inboxId: number;
  contactId: number;
  contactInboxId: number;
  status: ConversationStatus;
  assigneeId: number | null;
  uuid: string;
  labels: string[];
  additionalAttributes: JsonObject;
  customAttributes: JsonObject;
  agentLastSeenAt: number | null;
  assigneeLastSeenAt: number | null;
  contactLastSeenAt: number | null;
  firstReplyCreatedAt: number | null;
  waitingSince: number | null;
  snoozedUntil: number | null;
  priority: string | null;
  lastActivityAt: number;
  createdAt: number;
  updatedAt: number;
}

export const messageTypes = ['incoming', 'outgoing', 'activity', 'template'] as const;
export type MessageType = (typeof messageTypes)[number];
export const messageStatuses = ['sent', 'delivered', 'read', 'failed'] as const;
export type MessageStatus = (typeof messageStatuses)[number];

export interface AttachmentRow {
  id: number;
  messageId: number;
  fileType: 'image' | 'audio' | 'video' | 'file';
  filename: string;
  contentType: string;
  size: number;
  /** Key of the bytes in the blob store, part of the download address. */
  blobKey: string;
}

export interface MessageRow {
  id: number;
  accountId: number;
  inboxId: number;
  conversationId: number;
  messageType: MessageType;
  content: string | null;
  contentType: string;
  contentAttributes: JsonObject;
  private: boolean;
  status: MessageStatus;
  sourceId: string | null;
  sender: { type: 'User' | 'Contact' | 'AgentBot'; id: number } | null;
  attachments: AttachmentRow[];
  createdAt: number;
  updatedAt: number;
}
