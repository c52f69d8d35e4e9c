import type { Caller } from './auth.ts';
import { messagesOf } from './conversation-facts.ts';
import { renderLiquid } from './liquid.ts';
import type { NewMessage, Upload } from './message-record.ts';
import { flag, isObject, type Params, text, toId } from './params.ts';
import { unprocessable } from './replies.ts';
import { type ContactRow, type ConversationRow, type InboxRow, type JsonObject, type MessageType, messageTypes } from './rows.ts';
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
  contact: ContactRow;
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
function readAttributes(params: Params): JsonObject {
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
  if (type !== 'outgoing') return { type: 'Contact', id: target.contact.id };
  if (text(params, 'sender_type') === 'AgentBot') {
    const bot = world.tables.agentBots.get(toId(params.sender_id));
    if (bot && (bot.accountId === null || bot.accountId === target.inbox.accountId)) return { type: 'AgentBot', id: bot.id };
  }
  return caller.kind === 'user' ? { type: 'User', id: caller.user.id } : { type: 'AgentBot', id: caller.bot.id };
}

/** A message as the API's parameters describe it. Throws Chatwoot's 422 texts for what an enum or a rule refuses. */
export function readMessage(world: World, params: Params, target: MessageTarget, caller: Caller, uploads: Upload[]): NewMessage {
  const messageType = readMessageType(params, target.inbox);
  const content = text(params, 'content') ?? null;
  const attributes = resolveReply(world, readAttributes(params), target.conversation);
  const externalCreatedAt = params.external_created_at;
  const scope = {
    contact: target.contact,
    inbox: target.inbox,
    conversation: target.conversation,
    agent: caller.kind === 'user' ? caller.user : null,
  };
  return {
    messageType,
    content: content !== null && messageType === 'outgoing' ? renderLiquid(content, scope) : content,
    contentType: readContentType(params),
    contentAttributes: externalCreatedAt ? { ...attributes, external_created_at: externalCreatedAt } : attributes,
    private: flag(params, 'private') ?? false,
    sourceId: text(params, 'source_id') ?? null,
    sender: senderOf(world, params, messageType, target, caller),
    uploads,
  };
}
