import { randomInt } from 'node:crypto';
import type { Features } from './features.ts';
import type { ConversationRow, JsonObject } from './rows.ts';
import type { Tables } from './tables.ts';
import { isoTime } from './times.ts';

/** Who set an event off: shown in typing events, and recorded as the author of status changes. */
export type Actor = { type: 'User'; id: number } | { type: 'AgentBot'; id: number } | { type: 'Contact'; id: number };

/** What an API inbox is told about. The payload is built when its job runs, not when the event happens, as in Chatwoot. */
export type DomainEvent =
  | {
      name: 'message_created' | 'message_updated';
      messageId: number;
      inboxId: number;
      /** What the attributes of the message were when its job ran, where it ran between two changes of one request. */
      attributesThen?: JsonObject;
    }
  | { name: 'conversation_created' | 'conversation_status_changed'; conversationId: number; inboxId: number }
  | { name: 'conversation_updated'; conversationId: number; inboxId: number; changes: JsonObject[] }
  | {
      name: 'conversation_typing_on' | 'conversation_typing_off';
      conversationId: number;
      inboxId: number;
      actor: Actor;
      isPrivate: boolean;
    };

export const eventNames = [
  'message_created',
  'message_updated',
  'conversation_created',
  'conversation_status_changed',
  'conversation_updated',
  'conversation_typing_on',
  'conversation_typing_off',
] as const;

export interface Settings {
  webhookTimeoutMs: number;
  blockPrivateWebhooks: boolean;
  /** How long a deleted inbox, or the conversations of a deleted contact, are still there. */
  deletionDelayMs: number;
  /** How long the address of a new file answers 404, because Chatwoot answers before the file is stored. */
  fileDelayMs: number;
  /** Chatwoot's own default is 100; null switches the throttle off. */
  contactSearchesPerMinute: number | null;
  messagesPerMinute: number;
  /** `DEFAULT_LOCALE` of the installation: the language of the authentication texts. */
  defaultLocale: string;
}

/** What every part of the simulator works on. */
export interface World {
  tables: Tables;
  features: Features;
  settings: Settings;
  /** FRONTEND_URL: where attachments are linked to. */
  baseUrl(): string;
  publish(event: DomainEvent): void;
  /** What `GET /api` says of the database: at the first call after a start that it fails, although it does not. */
  dataServices(): 'ok' | 'failing';
  /** Runs a job later, unless the simulator stops before. */
  after(delayMs: number, job: () => void): void;
  /** Does something whose jobs are all lost, as while Redis takes none. */
  withoutJobs<T>(action: () => T): T;
}

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** A token in the form of Chatwoot's access tokens, channel identifiers and secrets: 24 base58 characters. */
export function newToken(): string {
  return Array.from({ length: 24 }, () => BASE58[randomInt(BASE58.length)]).join('');
}

/** The attributes whose change makes Chatwoot announce a `conversation_updated`. */
const announced = {
  status: 'status',
  assigneeId: 'assignee_id',
  snoozedUntil: 'snoozed_until',
  customAttributes: 'custom_attributes',
  waitingSince: 'waiting_since',
  firstReplyCreatedAt: 'first_reply_created_at',
  priority: 'priority',
  labels: 'label_list',
} as const;
type AnnouncedKey = keyof typeof announced;
const announcedKeys = Object.keys(announced) as AnnouncedKey[];
const timeKeys = new Set<AnnouncedKey>(['snoozedUntil', 'waitingSince', 'firstReplyCreatedAt']);

const shown = (key: AnnouncedKey, value: unknown): unknown =>
  timeKeys.has(key) && typeof value === 'number' ? isoTime(value) : value;

/** Changes a conversation and publishes what Chatwoot would: a status event, an update event, both or none. */
export function updateConversation(
  world: World,
  conversation: ConversationRow,
  values: Partial<Pick<ConversationRow, AnnouncedKey>>,
): void {
  const changes: JsonObject[] = [];
  for (const key of announcedKeys) {
    if (!(key in values) || JSON.stringify(values[key]) === JSON.stringify(conversation[key])) continue;
    changes.push({ [announced[key]]: { previous_value: shown(key, conversation[key]), current_value: shown(key, values[key]) } });
  }
  if (changes.length === 0) return;
  const before = conversation.updatedAt;
  const statusChanged = values.status !== undefined && values.status !== conversation.status;
  Object.assign(conversation, values, { updatedAt: Date.now() });
  if (statusChanged && conversation.status !== 'snoozed') conversation.snoozedUntil = null;
  if (statusChanged && conversation.status === 'resolved') conversation.waitingSince = null;
  changes.push({ updated_at: { previous_value: isoTime(before), current_value: isoTime(conversation.updatedAt) } });
  const about = { conversationId: conversation.id, inboxId: conversation.inboxId };
  if (statusChanged) world.publish({ name: 'conversation_status_changed', ...about });
  world.publish({ name: 'conversation_updated', ...about, changes });
}
