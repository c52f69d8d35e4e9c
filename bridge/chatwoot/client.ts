import type { z } from 'zod';
import { BRIDGE_LIMITS } from '../timeouts.ts';
import { deletionSchema, type Inbox, inboxListSchema, inboxSchema, type Profile, profileSchema } from './answers.ts';
import { type ChatwootOutcome, readReply } from './outcome.ts';
import type { ChatwootReply, ChatwootRequest, ChatwootTransport } from './transport.ts';

/** Where and as whom Chatwoot is called. */
export interface ChatwootAccess {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly accountId: number;
  readonly token: string;
}

/** Within what the calls of one task must end: a moment in milliseconds since 1970, or a signal. */
export interface CallBudget {
  readonly endsAtMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface InboxValues {
  readonly name: string;
  readonly webhookUrl: string;
}

/** The calls to one account of one Chatwoot. None throws. */
export interface ChatwootClient {
  readonly access: ChatwootAccess;
  /** `POST inboxes`: makes an inbox of the kind API. Not idempotent, takes no key, checks no uniqueness. */
  createInbox(values: InboxValues): Promise<ChatwootOutcome<Inbox>>;
  updateInbox(inboxId: number, values: InboxValues): Promise<ChatwootOutcome<Inbox>>;
  getInbox(inboxId: number): Promise<ChatwootOutcome<Inbox>>;
  /** Every inbox of the account (an agent is shown his own only); not paged by Chatwoot. */
  listInboxes(): Promise<ChatwootOutcome<Inbox[]>>;
  /** Chatwoot deletes later: until then the inbox is still listed, and a second deletion succeeds too. */
  deleteInbox(inboxId: number): Promise<ChatwootOutcome<unknown>>;
  /** Whose token this is. Answers for every account of its user. */
  getProfile(timeoutMs: number): Promise<ChatwootOutcome<Profile>>;
  /** Time spent in these calls so far. */
  elapsedMs(): number;
}

/** Address of an account's inboxes, or of one of them, as it also stands in error texts. */
export function inboxesUrl({ baseUrl, accountId }: Pick<ChatwootAccess, 'baseUrl' | 'accountId'>, inboxId?: number): string {
  return `${baseUrl}/api/v1/accounts/${accountId}/inboxes${inboxId === undefined ? '' : `/${inboxId}`}`;
}

const noTimeLeft = ({ method, url }: Pick<ChatwootRequest, 'method' | 'url'>): ChatwootReply => {
  return { method, url, kind: 'none', network: 'timeout', message: 'no time was left for it (timeout)', sent: false };
};

/** For looking the name up, connecting and reading the body. */
const OVERHEAD_MS = 5_000;
const MEBIBYTE = 1_048_576;

export function createChatwootClient(deps: {
  transport: ChatwootTransport;
  access: ChatwootAccess;
  budget: CallBudget;
}): ChatwootClient {
  const { transport, access, budget } = deps;
  let elapsedMs = 0;

  async function call<Schema extends z.ZodType>(
    schema: Schema,
    request: Pick<ChatwootRequest, 'method' | 'url'> & Partial<Pick<ChatwootRequest, 'json' | 'fresh' | 'maxAnswerBytes'>>,
    timeoutMs: number,
  ): Promise<ChatwootOutcome<z.output<Schema>>> {
    const startedAtMs = Date.now();
    const leftMs = budget.endsAtMs - startedAtMs;
    if (leftMs <= 0) return { ok: false, failure: { kind: 'not_sent', reply: noTimeLeft(request) } };
    const reply = await transport.request({
      maxAnswerBytes: MEBIBYTE,
      ...request,
      token: access.token,
      responseTimeoutMs: Math.min(timeoutMs, leftMs),
      timeoutMs: Math.min(timeoutMs + OVERHEAD_MS, leftMs),
      signal: budget.signal,
    });
    elapsedMs += Date.now() - startedAtMs;
    return readReply(reply, schema);
  }

  const url = (inboxId?: number) => inboxesUrl(access, inboxId);
  return {
    access,
    createInbox: ({ name, webhookUrl }) => {
      const channel = { type: 'api', webhook_url: webhookUrl };
      // With this lock Chatwoot would hand back a resolved conversation whatever `reopenResolved` says.
      const json = { name, lock_to_single_conversation: false, channel };
      return call(inboxSchema, { method: 'POST', url: url(), json, fresh: true }, BRIDGE_LIMITS.createInboxMs);
    },
    updateInbox: (inboxId, { name, webhookUrl }) => {
      // Without `channel.type`: Chatwoot takes it for an attribute of the channel and fails.
      const json = { name, channel: { webhook_url: webhookUrl } };
      return call(inboxSchema, { method: 'PATCH', url: url(inboxId), json, fresh: true }, BRIDGE_LIMITS.inboxMs);
    },
    getInbox: (inboxId) => call(inboxSchema, { method: 'GET', url: url(inboxId) }, BRIDGE_LIMITS.inboxMs),
    listInboxes: () => call(inboxListSchema, { method: 'GET', url: url(), maxAnswerBytes: 16 * MEBIBYTE }, BRIDGE_LIMITS.inboxMs),
    deleteInbox: (inboxId) => call(deletionSchema, { method: 'DELETE', url: url(inboxId), fresh: true }, BRIDGE_LIMITS.inboxMs),
    getProfile: (timeoutMs) => call(profileSchema, { method: 'GET', url: `${access.baseUrl}/api/v1/profile` }, timeoutMs),
    elapsedMs: () => elapsedMs,
  };
}
