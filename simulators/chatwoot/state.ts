import { type AgentActions, createAgentActions } from './agent-actions.ts';
import type { RequestRecord } from './request-log.ts';
import type { AccountRow, ContactInboxRow, ContactRow, ConversationRow, InboxRow, MessageRow, Role, UserRow } from './rows.ts';
import { createSeeding, type NewAccount, type NewUser } from './seeding.ts';
import { displayKey } from './tables.ts';
import type { WebhookState } from './webhooks.ts';
import type { Settings, World } from './world.ts';

/** Seeding, reading and the agents' actions, for tests and the demo in the same process. Rows that are read are the live ones. */
export interface ChatwootState extends AgentActions {
  addAccount(values?: NewAccount): AccountRow;
  /** Returns the access token. */
  addUser(values: NewUser): string;
  /** Deletes a user; the token stays behind without an owner, as an orphaned token does. */
  removeUser(userId: number): void;
  setRole(token: string, accountId: number, role: Role | null): void;
  addAgentBot(values: { name: string; accountId?: number | null; token?: string }): { id: number; token: string };
  addPlatformApp(values?: { token?: string }): string;
  addInbox(values: Partial<InboxRow> & { accountId: number }): InboxRow;
  accounts(): AccountRow[];
  users(): UserRow[];
  inboxes(accountId?: number): InboxRow[];
  contacts(accountId?: number): ContactRow[];
  contactInboxes(): ContactInboxRow[];
  conversations(accountId?: number): ConversationRow[];
  /** All messages, or those of a conversation, oldest first. */
  messages(accountId?: number, displayId?: number): MessageRow[];
  /** Requests received, the simulator's own control calls excepted. */
  readonly requests: readonly RequestRecord[];
  countRequests(method: string, path: RegExp): number;
  clearRequests(): void;
  readonly webhooks: WebhookState;
  readonly settings: Settings;
}

/** The state of a simulator. `changed` is called after each change made here, so that it can be saved. */
export function createState(
  world: World,
  parts: { requests: RequestRecord[]; webhooks: WebhookState },
  changed: () => void,
): ChatwootState {
  const { tables } = world;
  const announce =
    <A extends unknown[], R>(action: (...args: A) => R) =>
    (...args: A): R => {
      const result = action(...args);
      changed();
      return result;
    };
  const actions = createAgentActions(world);
  const seeding = createSeeding(world);
  const scoped = <T extends { accountId: number }>(rows: T[], accountId?: number) =>
    accountId === undefined ? rows : rows.filter((row) => row.accountId === accountId);
  return {
    addAccount: announce(seeding.addAccount),
    addUser: announce(seeding.addUser),
    removeUser: announce(seeding.removeUser),
    setRole: announce(seeding.setRole),
    addAgentBot: announce(seeding.addAgentBot),
    addPlatformApp: announce(seeding.addPlatformApp),
    addInbox: announce(seeding.addInbox),
    reply: announce(actions.reply),
    setStatus: announce(actions.setStatus),
    assign: announce(actions.assign),
    typing: announce(actions.typing),
    deleteMessage: announce(actions.deleteMessage),
    retryMessage: announce(actions.retryMessage),
    updateContact: announce(actions.updateContact),
    deleteContact: announce(actions.deleteContact),
    accounts: () => tables.accounts.all(),
    users: () => tables.users.all(),
    inboxes: (accountId) => scoped(tables.inboxes.all(), accountId),
    contacts: (accountId) => scoped(tables.contacts.all(), accountId),
    contactInboxes: () => tables.contactInboxes.all(),
    conversations: (accountId) => scoped(tables.conversations.all(), accountId),
    messages(accountId, displayId) {
      if (accountId === undefined || displayId === undefined) return scoped(tables.messages.all(), accountId);
      const conversation = tables.conversations.group('display', displayKey(accountId, displayId))[0];
      return conversation ? [...tables.messages.group('conversation', conversation.id)] : [];
    },
    requests: parts.requests,
    countRequests: (method, path) => parts.requests.filter((record) => record.method === method && path.test(record.path)).length,
    clearRequests: () => void parts.requests.splice(0),
    webhooks: parts.webhooks,
    settings: world.settings,
  };
}
