import {
  anySchema,
  type Conversation,
  conversationListSchema,
  conversationPageSchema,
  conversationSchema,
  type ListedConversation,
} from '../answers.ts';
import type { CallAccount } from '../call.ts';
import type { ChatwootOutcome } from '../outcome.ts';

export interface NewConversation {
  readonly inboxId: number;
  readonly contactId: number;
  readonly sourceId: string;
  readonly isPending: boolean;
  /** It is made for a chat's history, and marked as such. */
  readonly isHistory?: boolean | undefined;
}

/** In the `additional_attributes` of a conversation that was made for history: no agent sees or changes those. */
const HISTORY_MARK = 'ponte_history';

export const isMarkedHistory = ({ additional_attributes }: Conversation): boolean =>
  additional_attributes?.[HISTORY_MARK] === true;

export interface Conversations {
  /** Twenty of a contact in all inboxes: the last active ones, before Chatwoot 4.0.2 the last made ones. */
  of(contactId: number): Promise<ChatwootOutcome<Conversation[]>>;
  /** Those of an inbox, whatever their status, the last active ones first: a page of 25, unless its operator has set another number. */
  inInbox(inboxId: number, page: number): Promise<ChatwootOutcome<ListedConversation[]>>;
  get(conversationId: number): Promise<ChatwootOutcome<Conversation>>;
  resolve(conversationId: number): Promise<ChatwootOutcome<unknown>>;
  /** Shows the other agents, and no customer, that a private note is being typed. Its webhook is told since Chatwoot 4.2.0. */
  typeNote(conversationId: number, status: 'on' | 'off'): Promise<ChatwootOutcome<unknown>>;
  /** All of its custom attributes: those that are left out are gone. */
  setAttributes(conversationId: number, attributes: Readonly<Record<string, unknown>>): Promise<ChatwootOutcome<unknown>>;
  create(values: NewConversation): Promise<ChatwootOutcome<Conversation>>;
}

/** Each conversation comes with its latest messages, which may be long. */
const MAX_PAGE_BYTES = 16 * 1_048_576;

export function createConversations(call: CallAccount): Conversations {
  return {
    of: (contactId) => call(conversationListSchema, { method: 'GET', path: `/contacts/${contactId}/conversations` }),
    inInbox: (inboxId, page) =>
      call(conversationPageSchema, {
        method: 'GET',
        path: `/conversations?inbox_id=${inboxId}&status=all&sort_by=last_activity_at_desc&page=${page}`,
        maxResponseBytes: MAX_PAGE_BYTES,
      }),
    get: (id) => call(conversationSchema, { method: 'GET', path: `/conversations/${id}` }),
    resolve: (id) =>
      call(anySchema, { method: 'POST', path: `/conversations/${id}/toggle_status`, json: { status: 'resolved' } }),
    typeNote: (id, status) => {
      const json = { typing_status: status, is_private: true };
      return call(anySchema, { method: 'POST', path: `/conversations/${id}/toggle_typing_status`, json });
    },
    setAttributes: (id, custom_attributes) =>
      call(anySchema, { method: 'POST', path: `/conversations/${id}/custom_attributes`, json: { custom_attributes } }),
    create: ({ inboxId, contactId, sourceId, isPending, isHistory }) => {
      const status = isPending ? 'pending' : 'open';
      const place = { inbox_id: inboxId, contact_id: contactId, source_id: sourceId, status };
      const json = isHistory ? { ...place, additional_attributes: { [HISTORY_MARK]: true } } : place;
      return call(conversationSchema, { method: 'POST', path: '/conversations', json });
    },
  };
}
