import { insertInbox } from './inboxes.ts';
import type { AccountRow, InboxRow, Membership, Role, TokenRow, UserRow } from './rows.ts';
import { newToken, type World } from './world.ts';

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

const emailOf = (name: string): string => `${name.toLowerCase().replace(/[^a-z0-9]+/g, '.')}@chatwoot.example`;

/** Without the keys whose value is undefined, so that they do not overwrite a default. */
function defined<T extends object>(values: T): Partial<T> {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  // Object.fromEntries forgets the key types; only keys of T are in here.
  return Object.fromEntries(entries) as Partial<T>;
}

function addToken(world: World, owner: TokenRow['owner'], wanted?: string): string {
  const token = wanted ?? newToken();
  if (world.tables.tokens.group('token', token).length > 0) throw new Error('this token is taken');
  return world.tables.tokens.insert({ token, owner }).token;
}

/** Makes an account, or changes the one of this id. */
function addAccount(world: World, values: NewAccount): AccountRow {
  const { id, ...fields } = values;
  const existing = id === undefined ? undefined : world.tables.accounts.get(id);
  if (existing) return Object.assign(existing, defined(fields));
  return world.tables.accounts.insert({
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
}

/** Stores a user, without a token: an agent who only works in the dashboard needs none. */
export function insertUser(world: World, values: Omit<NewUser, 'accounts' | 'token'>, memberships: Membership[]): UserRow {
  return world.tables.users.insert({
    name: values.name,
    email: values.email ?? emailOf(values.name),
    displayName: values.displayName ?? null,
    messageSignature: values.messageSignature ?? null,
    pubsubToken: newToken(),
    memberships,
    createdAt: Date.now(),
  });
}

function addUser(world: World, values: NewUser): string {
  for (const { role: _role, ...account } of values.accounts) addAccount(world, account);
  const memberships = values.accounts.map(({ id, role }) => ({ accountId: id, role }));
  const user = insertUser(world, values, memberships);
  return addToken(world, { type: 'User', id: user.id }, values.token);
}

function setRole(world: World, token: string, accountId: number, role: Role | null): void {
  const owner = world.tables.tokens.group('token', token)[0]?.owner;
  const user = owner?.type === 'User' ? world.tables.users.get(owner.id) : undefined;
  if (!user) throw new Error('no user has this token');
  const others = user.memberships.filter((membership) => membership.accountId !== accountId);
  user.memberships = role === null ? others : [...others, { accountId, role }];
}

/** Accounts, users, bots and inboxes that are simply there, without a call of the API. */
export function createSeeding(world: World) {
  return {
    addAccount: (values: NewAccount = {}) => addAccount(world, values),
    addUser: (values: NewUser) => addUser(world, values),
    setRole: (token: string, accountId: number, role: Role | null) => setRole(world, token, accountId, role),
    removeUser: (userId: number) => world.tables.users.remove(userId),
    addAgentBot(values: { name: string; accountId?: number | null; token?: string }) {
      const bot = world.tables.agentBots.insert({ name: values.name, accountId: values.accountId ?? null });
      return { id: bot.id, token: addToken(world, { type: 'AgentBot', id: bot.id }, values.token) };
    },
    addPlatformApp: (values: { token?: string } = {}) => addToken(world, { type: 'PlatformApp', id: 1 }, values.token),
    addInbox: (values: Partial<InboxRow> & { accountId: number }) => insertInbox(world, values),
  };
}
