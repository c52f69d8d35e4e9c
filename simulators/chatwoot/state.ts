import { type AgentActions, createAgentActions } from './agent-actions.ts';
import { insertInbox } from './inboxes.ts';
import type { RequestRecord } from './request-log.ts';
import type {
  AccountRow,
  AgentBotRow,
  ContactInboxRow,
  ContactRow,
  ConversationRow,
  InboxRow,
  MessageRow,
  Role,
  TokenRow,
  UserRow,
} from './rows.ts';
import { displayKey } from './tables.ts';
import type { WebhookState } from './webhooks.ts';
import { newToken, type Settings, type World } from './world.ts';

export interface NewAccount {
  id?: number;
  name?: string;
  locale?: string;
  suspended?: boolean;
  apiDisabled?: boolean;
  inboxLimit?: number;
}

export interface NewUser {
  name: string;
  email?: string;
  token?: string;
  displayName?: string | null;
  messageSignature?: string | null;
  /** Accounts that do not exist yet are made. */
  accounts: (NewAccount & { id: number; role: Role })[];
}

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

function createSeeding(world: World) {
  const { tables } = world;
  const addToken = (owner: TokenRow['owner'], wanted?: string): string => {
    const token = wanted ?? newToken();
    if (tables.tokens.group('token', token).length > 0) throw new Error('this token is taken');
    return tables.tokens.insert({ token, owner }).token;
  };
  const addAccount = (values: NewAccount = {}): AccountRow => {
    const { id, ...fields } = values;
    if (id !== undefined && tables.accounts.get(id)) return Object.assign(found(tables.accounts.get(id)), defined(fields));
    return tables.accounts.insert({
      id,
      name: 'Acme',
      locale: 'en',
      suspended: false,
      apiDisabled: false,
      inboxLimit: 100_000,
      lastDisplayId: 0,
      createdAt: Date.now(),
      ...defined(fields),
    });
  };
  const addAgentBot = (values: { name: string; accountId?: number | null; token?: string }) => {
    const bot: AgentBotRow = tables.agentBots.insert({ name: values.name, accountId: values.accountId ?? null });
    return { id: bot.id, token: addToken({ type: 'AgentBot', id: bot.id }, values.token) };
  };
  const addUser = (values: NewUser): string => {
    for (const { role: _role, ...account } of values.accounts) addAccount(account);
    const user = tables.users.insert({
      name: values.name,
      email: values.email ?? `${values.name.toLowerCase().replace(/[^a-z0-9]+/g, '.')}@chatwoot.example`,
      displayName: values.displayName ?? null,
      messageSignature: values.messageSignature ?? null,
      pubsubToken: newToken(),
      memberships: values.accounts.map(({ id, role }) => ({ accountId: id, role })),
      createdAt: Date.now(),
    });
    return addToken({ type: 'User', id: user.id }, values.token);
  };
  const setRole = (token: string, accountId: number, role: Role | null): void => {
    const owner = tables.tokens.group('token', token)[0]?.owner;
    const user = owner?.type === 'User' ? tables.users.get(owner.id) : undefined;
    if (!user) throw new Error('no user has this token');
    const others = user.memberships.filter((membership) => membership.accountId !== accountId);
    user.memberships = role === null ? others : [...others, { accountId, role }];
  };
  return {
    addAccount,
    addUser,
    addAgentBot,
    setRole,
    removeUser: (userId: number) => tables.users.remove(userId),
    addPlatformApp: (values: { token?: string } = {}) => addToken({ type: 'PlatformApp', id: 1 }, values.token),
    addInbox: (values: Partial<InboxRow> & { accountId: number }) => insertInbox(world, values),
  };
}

function found<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('not found');
  return value;
}

/** Without the keys whose value is undefined, so that they do not overwrite a default. */
function defined<T extends object>(values: T): Partial<T> {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  // Object.fromEntries forgets the key types; only keys of T are in here.
  return Object.fromEntries(entries) as Partial<T>;
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
