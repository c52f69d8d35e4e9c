import type { Caller } from './auth.ts';
import { messagesOf } from './conversation-facts.ts';
import type { Features } from './features.ts';
import type { NewMessage, Upload } from './message-record.ts';
import { flag, isObject, type Params, text, toId } from './params.ts';
import { unprocessable } from './replies.ts';
import { type ContactRow, type ConversationRow, type InboxRow, type JsonObject, type MessageType, messageTypes } from './rows.ts';
import { inspect } from './ruby.ts';
import type { World } from './world.ts';

const contentTypes = [
  'text',
  'input_text',
  'input_textarea',
  'input_email',
  'input_select',
  'cards',
  'form',
  'article',
  'incoming_email',
  'input_csat',
  'integrations',
  'sticker',
  'voice_call',
];

/** Where a message goes; the conversation is null while it is being created together with its first message. */
export interface MessageTarget {
  inbox: InboxRow;
  /** Null while the conversations of a deleted one are still there. */
  contact: ContactRow | null;
  conversation: ConversationRow | null;
}

function readMessageType(params: Params, inbox: InboxRow): MessageType {
  const raw = params.message_type;
  const given = typeof raw === 'number' ? messageTypes[raw] : text(params, 'message_type');
  const type = given ? messageTypes.find((candidate) => candidate === given) : 'outgoing';
  if (given === 'incoming' && inbox.channelType !== 'Channel::Api') {
    throw unprocessable('Incoming messages are only allowed in Api inboxes');
  }
  if (!type) throw unprocessable(`'${given}' is not a valid message_type`);
  return type;
}

function readContentType(params: Params): string {
  const given = text(params, 'content_type') || 'text';
  if (!contentTypes.includes(given)) throw unprocessable(`'${given}' is not a valid content_type`);
  return given;
}

/** A map, or JSON text of one as multipart forms send it; anything else counts as none. */
function parseAttributes(params: Params): JsonObject {
  const raw = params.content_attributes;
  if (isObject(raw)) return { ...raw };
  if (typeof raw !== 'string') return {};
  try {
    const parsed: unknown = JSON.parse(raw);
    return isObject(parsed) ? parsed : {};
  } catch {
    return {};
  }
}

/** What of the attributes is kept: all of it since 4.9.0, and before only what Chatwoot knew. */
function readAttributes(world: World, params: Params): JsonObject {
  const attributes = parseAttributes(params);
  const externalCreatedAt = params.external_created_at;
  const time = externalCreatedAt ? { external_created_at: externalCreatedAt } : {};
  // Attributes that are sent replace what else was to go into them.
  if (world.features.freeContentAttributes) return Object.keys(attributes).length > 0 ? attributes : time;
  const known = Object.entries(attributes).filter(([key]) => key === 'in_reply_to' || key === 'items');
  return { ...Object.fromEntries(known), ...time };
}

/** Text; a map or a list is taken as Ruby prints it. */
function readContent(params: Params, { ruby34 }: Features): string | null {
  const { content } = params;
  return typeof content === 'object' && content !== null ? inspect(content, ruby34) : (text(params, 'content') ?? null);
}

/** The quoted message by its id or by its source id: each gives the other, and one that is not in the conversation gives null for both. */
function resolveReply(world: World, attributes: JsonObject, conversation: ConversationRow | null): JsonObject {
  const { in_reply_to: id, in_reply_to_external_id: externalId } = attributes;
  const given = (value: unknown) => value !== undefined && value !== null && value !== '';
  if (!given(id) && !given(externalId)) return attributes;
  const messages = conversation ? messagesOf(world, conversation) : [];
  const quoted = given(id)
    ? messages.find((message) => message.id === toId(id))
    : messages.find((message) => message.sourceId === String(externalId));
  return { ...attributes, in_reply_to: quoted?.id ?? null, in_reply_to_external_id: quoted?.sourceId ?? null };
}

function senderOf(world: World, params: Params, type: MessageType, target: MessageTarget, caller: Caller): NewMessage['sender'] {
  if (type !== 'outgoing') return target.contact && { type: 'Contact', id: target.contact.id };
  if (text(params, 'sender_type') === 'AgentBot') {
    const bot = world.tables.agentBots.get(toId(params.sender_id));
    if (bot && (bot.accountId === null || bot.accountId === target.inbox.accountId)) return { type: 'AgentBot', id: bot.id };
  }
  return caller.kind === 'user' ? { type: 'User', id: caller.user.id } : { type: 'AgentBot', id: caller.bot.id };
}

/** A message as the API's parameters describe it. Throws Chatwoot's 422 texts for what an enum or a rule refuses. */
export function readMessage(world: World, params: Params, target: MessageTarget, caller: Caller, uploads: Upload[]): NewMessage {
  const messageType = readMessageType(params, target.inbox);
  return {
    messageType,
    content: readContent(params, world.features),
    contentType: readContentType(params),
    contentAttributes: resolveReply(world, readAttributes(world, params), target.conversation),
    private: flag(params, 'private') ?? false,
    sourceId: text(params, 'source_id') ?? null,
    sender: senderOf(world, params, messageType, target, caller),
    uploads,
    author: caller.kind === 'user' ? caller.user : null,
  };
}
