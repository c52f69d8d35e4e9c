import { localeSchema, type Profile, profileSchema, versionSchema } from './answers.ts';
import { type CallBudget, type CallLimits, type ChatwootAccess, createCalls } from './call.ts';
import type { ChatwootOutcome } from './outcome.ts';
import { type Contacts, createContacts } from './resources/contacts.ts';
import { type Conversations, createConversations } from './resources/conversations.ts';
import { createInboxes, type Inboxes } from './resources/inboxes.ts';
import { createMessages, type Messages } from './resources/messages.ts';
import type { ChatwootTransport } from './transport.ts';

export type { CallBudget, CallLimits, ChatwootAccess } from './call.ts';

/** The calls to one account of one Chatwoot. None retries, and none throws but what `access` throws. */
export interface ChatwootClient {
  readonly inboxes: Inboxes;
  readonly contacts: Contacts;
  readonly conversations: Conversations;
  readonly messages: Messages;
  /** Whose token this is. Answers for every account of its user. */
  getProfile(timeoutMs: number): Promise<ChatwootOutcome<Profile>>;
  /** The locale of the account, such as `pt_BR`; every member may ask. */
  getLocale(timeoutMs: number): Promise<ChatwootOutcome<string>>;
  /** Its release, such as `4.14.2`. */
  getVersion(timeoutMs: number): Promise<ChatwootOutcome<string>>;
  access(): ChatwootAccess;
  /** Time spent in these calls so far. */
  elapsedMs(): number;
}

export function createChatwootClient(deps: {
  transport: ChatwootTransport;
  /** Asked at each call. */
  access: () => ChatwootAccess;
  limits: CallLimits;
  budget: CallBudget;
}): ChatwootClient {
  const calls = createCalls(deps);
  return {
    inboxes: createInboxes(calls.account),
    contacts: createContacts(calls.account),
    conversations: createConversations(calls.account),
    messages: createMessages(calls.account),
    getProfile: (timeoutMs) => calls.user(profileSchema, '/api/v1/profile', timeoutMs),
    getLocale: (withinMs) => calls.account(localeSchema, { method: 'GET', path: '', withinMs }),
    getVersion: (timeoutMs) => calls.user(versionSchema, '/api', timeoutMs),
    access: deps.access,
    elapsedMs: calls.elapsedMs,
  };
}
