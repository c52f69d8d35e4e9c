import type { Caller } from './auth.ts';
import { destroyContact, readContact, validateContact } from './contact-record.ts';
import { changeStatus } from './conversation-record.ts';
import { readMessage } from './message-params.ts';
import { deleteMessage, insertMessage, retryMessage, templateMessage, type Upload, validateMessage } from './message-record.ts';
import { found, type Params } from './params.ts';
import type { AccountRow, ContactRow, ConversationRow, ConversationStatus, MessageRow, Role, UserRow } from './rows.ts';
import { insertUser } from './seeding.ts';
import { displayKey } from './tables.ts';
import { type Actor, updateConversation, type World } from './world.ts';

export interface AgentReply {
  content?: string;
  private?: boolean;
  attachments?: { filename: string; contentType: string; base64: string }[];
  /** The agent of this name, who joins the account if nobody there has it; by default the account's first administrator. */
  agentName?: string;
  /** A message of the system itself, such as a greeting: no sender, type template. */
  templateMessage?: boolean;
  contentAttributes?: Record<string, unknown>;
}

/** Finds what an action is about; unknown ids are refused with Chatwoot's 404. */
function createLookups(world: World) {
  const { tables } = world;
  const conversationOf = (accountId: number, displayId: number): ConversationRow =>
    found(tables.conversations.group('display', displayKey(accountId, displayId))[0]);
  return {
    conversationOf,
    accountOf: (accountId: number): AccountRow => found(tables.accounts.get(accountId)),
    contactOf(accountId: number, contactId: number): ContactRow {
      const contact = tables.contacts.get(contactId);
      return found(contact?.accountId === accountId ? contact : undefined);
    },
    messageOf(accountId: number, displayId: number, messageId: number): MessageRow {
      const message = tables.messages.get(messageId);
      return found(message?.conversationId === conversationOf(accountId, displayId).id ? message : undefined);
    },
    /** The agent of this name, who joins if nobody has it; without a name the first administrator, or the first agent. */
    agentOf(accountId: number, name?: string): UserRow {
      const isMember = (role?: Role) => (user: UserRow) =>
        user.memberships.some(
          (membership) => membership.accountId === accountId && (role ?? membership.role) === membership.role,
        );
      const users = tables.users.all().filter(isMember());
      const agent =
        name === undefined ? (users.find(isMember('administrator')) ?? users[0]) : users.find((user) => user.name === name);
      return agent ?? insertUser(world, { name: name ?? 'Agent' }, [{ accountId, role: 'agent' }]);
    },
  };
}

/** Writes a message, a private note or a template message into a conversation, as the dashboard does through the API. */
function writeReply(
  world: World,
  conversation: ConversationRow,
  agent: UserRow,
  account: AccountRow,
  reply: AgentReply,
): MessageRow {
  if (reply.templateMessage) return insertMessage(world, conversation, templateMessage(reply.content ?? ''));
  const caller: Caller = { kind: 'user', user: agent, role: 'agent', account };
  const target = {
    inbox: found(world.tables.inboxes.get(conversation.inboxId)),
    contact: found(world.tables.contacts.get(conversation.contactId)),
    conversation,
  };
  const uploads: Upload[] = (reply.attachments ?? []).map(({ filename, contentType, base64 }) => ({
    filename,
    contentType,
    bytes: Buffer.from(base64, 'base64'),
  }));
  const params = { content: reply.content, private: reply.private, content_attributes: reply.contentAttributes };
  const message = readMessage(world, params, target, caller, uploads);
  validateMessage(world, message, conversation);
  return insertMessage(world, conversation, message);
}

/** What people do in Chatwoot's dashboard, as far as a bridge sees it. */
export function createAgentActions(world: World) {
  const { accountOf, agentOf, contactOf, conversationOf, messageOf } = createLookups(world);
  return {
    reply(accountId: number, displayId: number, reply: AgentReply): MessageRow {
      const conversation = conversationOf(accountId, displayId);
      return writeReply(world, conversation, agentOf(accountId, reply.agentName), accountOf(accountId), reply);
    },
    setStatus(accountId: number, displayId: number, status: ConversationStatus, agentName?: string): void {
      const agent = agentOf(accountId, agentName);
      changeStatus(world, conversationOf(accountId, displayId), status, { type: 'User', id: agent.id });
    },
    assign(accountId: number, displayId: number, agentName: string | null): void {
      const assigneeId = agentName === null ? null : agentOf(accountId, agentName).id;
      updateConversation(world, conversationOf(accountId, displayId), { assigneeId });
    },
    typing(accountId: number, displayId: number, status: 'on' | 'off', agentName?: string): void {
      const { id: conversationId, inboxId } = conversationOf(accountId, displayId);
      const actor: Actor = { type: 'User', id: agentOf(accountId, agentName).id };
      world.publish({ name: `conversation_typing_${status}`, conversationId, inboxId, actor, isPrivate: false });
    },
    deleteMessage: (accountId: number, displayId: number, messageId: number): void =>
      deleteMessage(world, messageOf(accountId, displayId, messageId)),
    retryMessage: (accountId: number, displayId: number, messageId: number): void =>
      retryMessage(world, messageOf(accountId, displayId, messageId)),
    /** Changes a contact; keys as in the API: `name`, `phone_number`, `blocked`, … */
    updateContact(accountId: number, contactId: number, params: Params): ContactRow {
      const contact = contactOf(accountId, contactId);
      const fields = readContact(params, world.features, contact);
      validateContact(world, accountOf(accountId), fields, contact.id);
      return Object.assign(contact, fields, { updatedAt: Date.now() });
    },
    deleteContact: (accountId: number, contactId: number): void => destroyContact(world, contactOf(accountId, contactId).id),
  };
}

export type AgentActions = ReturnType<typeof createAgentActions>;
