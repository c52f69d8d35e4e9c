import type {
  AccountRow,
  AgentBotRow,
  ContactInboxRow,
  ContactRow,
  ConversationRow,
  InboxRow,
  MessageRow,
  TokenRow,
  UserRow,
} from './rows.ts';

interface Row {
  id: number;
}

/**
 * An in-memory table with ids that count up and, optionally, groups: rows by a key that never changes in the life of a row (a message's
 * conversation, a contact's account), so that look-ups stay cheap with tens of thousands of rows.
 */
interface Table<T extends Row> {
  insert(row: Omit<T, 'id'> & { id?: number }): T;
  get(id: number): T | undefined;
  remove(id: number): void;
  all(): T[];
  group(name: string, key: string | number): readonly T[];
  dump(): TableDump<T>;
}

interface TableDump<T> {
  lastId: number;
  rows: T[];
}

function createTable<T extends Row>(groupKeys: Record<string, (row: T) => string | number>, dump?: TableDump<T>): Table<T> {
  const rows = new Map<number, T>();
  const groups = new Map<string, T[]>();
  let lastId = dump?.lastId ?? 0;

  const groupKeysOf = (row: T) => Object.entries(groupKeys).map(([name, keyOf]) => `${name}\u0000${keyOf(row)}`);
  const add = (row: T): void => {
    rows.set(row.id, row);
    for (const key of groupKeysOf(row)) {
      const members = groups.get(key);
      if (members) members.push(row);
      else groups.set(key, [row]);
    }
  };
  for (const row of dump?.rows ?? []) add(row);

  return {
    insert(values: Omit<T, 'id'> & { id?: number }): T {
      const id = values.id ?? lastId + 1;
      lastId = Math.max(lastId, id);
      // The compiler cannot see that Omit<T,'id'> plus an id is a T again, for a generic T.
      const row = { ...values, id } as unknown as T;
      add(row);
      return row;
    },
    get: (id: number) => rows.get(id),
    remove(id: number): void {
      const row = rows.get(id);
      if (!row) return;
      rows.delete(id);
      for (const key of groupKeysOf(row)) {
        const rest = (groups.get(key) ?? []).filter((other) => other.id !== id);
        if (rest.length > 0) groups.set(key, rest);
        else groups.delete(key);
      }
    },
    all: () => [...rows.values()],
    group: (name: string, key: string | number) => groups.get(`${name}\u0000${key}`) ?? [],
    dump: (): TableDump<T> => ({ lastId, rows: [...rows.values()] }),
  };
}

/** The key under which a contact's address in an inbox is unique. */
export const sourceKey = (inboxId: number, sourceId: string): string => `${inboxId}/${sourceId}`;
/** The key of a conversation in URLs: its number within its account. */
export const displayKey = (accountId: number, displayId: number): string => `${accountId}/${displayId}`;

export interface Dump {
  accounts: TableDump<AccountRow>;
  users: TableDump<UserRow>;
  agentBots: TableDump<AgentBotRow>;
  tokens: TableDump<TokenRow>;
  inboxes: TableDump<InboxRow>;
  contacts: TableDump<ContactRow>;
  contactInboxes: TableDump<ContactInboxRow>;
  conversations: TableDump<ConversationRow>;
  messages: TableDump<MessageRow>;
  lastAttachmentId: number;
  blobs: [string, string][];
}

/** All tables, empty or as a snapshot left them. */
export function createTables(dump?: Dump) {
  const tables = {
    accounts: createTable<AccountRow>({}, dump?.accounts),
    users: createTable<UserRow>({}, dump?.users),
    agentBots: createTable<AgentBotRow>({}, dump?.agentBots),
    tokens: createTable<TokenRow>({ token: (row) => row.token }, dump?.tokens),
    inboxes: createTable<InboxRow>({ account: (row) => row.accountId }, dump?.inboxes),
    contacts: createTable<ContactRow>({ account: (row) => row.accountId }, dump?.contacts),
    contactInboxes: createTable<ContactInboxRow>(
      {
        source: (row) => sourceKey(row.inboxId, row.sourceId),
        contact: (row) => row.contactId,
        inbox: (row) => row.inboxId,
        anywhere: (row) => row.sourceId,
      },
      dump?.contactInboxes,
    ),
    conversations: createTable<ConversationRow>(
      {
        account: (row) => row.accountId,
        display: (row) => displayKey(row.accountId, row.displayId),
        contact: (row) => row.contactId,
        contactInbox: (row) => row.contactInboxId,
        inbox: (row) => row.inboxId,
      },
      dump?.conversations,
    ),
    messages: createTable<MessageRow>({ conversation: (row) => row.conversationId }, dump?.messages),
    blobs: new Map<string, Buffer>((dump?.blobs ?? []).map(([key, base64]) => [key, Buffer.from(base64, 'base64')])),
    lastAttachmentId: dump?.lastAttachmentId ?? 0,
  };
  return tables;
}

export type Tables = ReturnType<typeof createTables>;

/** Everything as JSON values, for a snapshot file. */
export function dumpTables(tables: Tables): Dump {
  return {
    accounts: tables.accounts.dump(),
    users: tables.users.dump(),
    agentBots: tables.agentBots.dump(),
    tokens: tables.tokens.dump(),
    inboxes: tables.inboxes.dump(),
    contacts: tables.contacts.dump(),
    contactInboxes: tables.contactInboxes.dump(),
    conversations: tables.conversations.dump(),
    messages: tables.messages.dump(),
    lastAttachmentId: tables.lastAttachmentId,
    blobs: [...tables.blobs].map(([key, bytes]) => [key, bytes.toString('base64')]),
  };
}
