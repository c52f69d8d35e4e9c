import { deletionSchema, type Inbox, inboxListSchema, inboxSchema } from '../answers.ts';
import type { CallAccount } from '../call.ts';
import type { ChatwootOutcome } from '../outcome.ts';

export interface InboxValues {
  readonly name: string;
  readonly webhookUrl: string;
}

export interface Inboxes {
  /** Makes an inbox of the kind API. Not idempotent, takes no key, checks no uniqueness. */
  create(values: InboxValues): Promise<ChatwootOutcome<Inbox>>;
  /** Without a name, it keeps its own. */
  update(inboxId: number, values: Omit<InboxValues, 'name'> & Partial<InboxValues>): Promise<ChatwootOutcome<Inbox>>;
  get(inboxId: number): Promise<ChatwootOutcome<Inbox>>;
  /** Every inbox of the account (an agent is shown his own only); not paged by Chatwoot. `withinMs` where it must not take its usual time. */
  list(options?: { withinMs: number }): Promise<ChatwootOutcome<Inbox[]>>;
  /** Chatwoot deletes later: until then the inbox is still listed, and a second deletion succeeds too. */
  delete(inboxId: number): Promise<ChatwootOutcome<unknown>>;
}

/** With this lock Chatwoot would hand back a resolved conversation whatever `reopenResolved` says. */
const NOT_LOCKED = { lock_to_single_conversation: false };

export const INBOXES_PATH = '/inboxes';
const MAX_LIST_BYTES = 16 * 1_048_576;

export function createInboxes(call: CallAccount): Inboxes {
  const one = (inboxId: number): string => `${INBOXES_PATH}/${inboxId}`;
  return {
    create: ({ name, webhookUrl }) => {
      const channel = { type: 'api', webhook_url: webhookUrl };
      const json = { name, ...NOT_LOCKED, channel };
      return call(inboxSchema, { method: 'POST', path: INBOXES_PATH, json });
    },
    update: (inboxId, { name, webhookUrl }) => {
      // Without `channel.type`: Chatwoot takes it for an attribute of the channel and fails.
      const json = { name, ...NOT_LOCKED, channel: { webhook_url: webhookUrl } };
      return call(inboxSchema, { method: 'PATCH', path: one(inboxId), json });
    },
    get: (inboxId) => call(inboxSchema, { method: 'GET', path: one(inboxId) }),
    list: (options) =>
      call(inboxListSchema, {
        method: 'GET',
        path: INBOXES_PATH,
        maxResponseBytes: MAX_LIST_BYTES,
        withinMs: options?.withinMs,
      }),
    delete: (inboxId) => call(deletionSchema, { method: 'DELETE', path: one(inboxId) }),
  };
}
