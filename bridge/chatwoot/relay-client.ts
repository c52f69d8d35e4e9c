import type { z } from 'zod';
import type { ChatwootAccess } from './client.ts';
import { encodeMultipart, type Multipart } from './multipart.ts';
import { type ChatwootOutcome, readReply } from './outcome.ts';
import {
  anySchema,
  type Contact,
  type Conversation,
  contactAnswerSchema,
  contactInboxSchema,
  contactListSchema,
  contactSchema,
  conversationListSchema,
  conversationSchema,
  type Message,
  messageListSchema,
  messageSchema,
  newContactSchema,
} from './relay-answers.ts';
import type { ChatwootRequest, ChatwootTransport } from './transport.ts';

export interface NewContact {
  readonly inboxId: number;
  readonly sourceId: string;
  readonly name: string;
  readonly identifier: string;
  /** E.164. */
  readonly phoneNumber?: string | undefined;
}

export interface NewMessage {
  readonly content: string;
  readonly type: 'incoming' | 'outgoing';
  readonly isPrivate: boolean;
  readonly sourceId: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly attachment?: Attachment | undefined;
}

export interface Attachment {
  readonly bytes: Buffer;
  readonly fileName: string;
  /** Decides in Chatwoot whether it is shown as a picture, plays as video or audio, or is a file. */
  readonly contentType: string;
  readonly isVoice: boolean;
}

/** What relaying asks of one account of one Chatwoot. None of these throws, none retries. */
export interface RelayClient {
  getInbox(inboxId: number): Promise<ChatwootOutcome<unknown>>;
  /** The contact that has this address in the inbox. Absent where there is none. */
  contactAt(inboxId: number, sourceId: string): Promise<ChatwootOutcome<Contact>>;
  /** Contacts with exactly one of these numbers, in E.164. */
  contactsByPhone(phones: readonly string[]): Promise<ChatwootOutcome<Contact[]>>;
  /** Contacts in which `text` occurs; the caller has to compare. Limited by Chatwoot to 100 a minute. */
  searchContacts(text: string): Promise<ChatwootOutcome<Contact[]>>;
  getContact(contactId: number): Promise<ChatwootOutcome<Contact>>;
  createContact(contact: NewContact): Promise<ChatwootOutcome<Contact>>;
  updateContact(contactId: number, values: { name?: string; phone_number?: string }): Promise<ChatwootOutcome<Contact>>;
  /** Gives a contact an address in the inbox; one it has already is no fault, one of another contact is a 500. */
  addAddress(contactId: number, inboxId: number, sourceId: string): Promise<ChatwootOutcome<unknown>>;
  /** Moves everything of `mergee` to `base`, and deletes it. */
  mergeContacts(base: number, mergee: number): Promise<ChatwootOutcome<unknown>>;
  /** The latest twenty of all inboxes, the last active one first. */
  conversationsOf(contactId: number): Promise<ChatwootOutcome<Conversation[]>>;
  getConversation(conversationId: number): Promise<ChatwootOutcome<Conversation>>;
  createConversation(values: {
    inboxId: number;
    contactId: number;
    sourceId: string;
    isPending: boolean;
  }): Promise<ChatwootOutcome<Conversation>>;
  createMessage(conversationId: number, message: NewMessage): Promise<ChatwootOutcome<Message>>;
  /** Up to a hundred messages after `after`, oldest first; without it the twenty latest. */
  messagesOf(conversationId: number, after?: number): Promise<ChatwootOutcome<Message[]>>;
  setMessageStatus(
    conversationId: number,
    messageId: number,
    values: { status: string; external_error?: string },
  ): Promise<ChatwootOutcome<unknown>>;
}

// Chatwoot ends a request itself after 15 s; who waits a little longer learns what came of it.
const WRITE_TIMEOUT_MS = 20_000;
const READ_TIMEOUT_MS = 15_000;
/** For looking the name up, connecting and reading the answer. */
const OVERHEAD_MS = 10_000;
/** A file of 40 MB on a slow line. */
const UPLOAD_TIMEOUT_MS = 120_000;
const MAX_ANSWER_BYTES = 16 * 1_048_576;

type Call = Pick<ChatwootRequest, 'method'> & Partial<Pick<ChatwootRequest, 'json' | 'form'>> & { readonly path: string };

/** `access` is asked at each call: settings change while messages wait. What it throws is thrown. */
export function createRelayClient(deps: { transport: ChatwootTransport; access: () => ChatwootAccess }): RelayClient {
  async function call<Schema extends z.ZodType>(
    schema: Schema,
    { path, ...request }: Call,
  ): Promise<ChatwootOutcome<z.output<Schema>>> {
    const responseTimeoutMs = request.method === 'GET' ? READ_TIMEOUT_MS : WRITE_TIMEOUT_MS;
    const { baseUrl, accountId, token } = deps.access();
    const reply = await deps.transport.request({
      ...request,
      url: `${baseUrl}/api/v1/accounts/${accountId}${path}`,
      token,
      responseTimeoutMs,
      timeoutMs: request.form === undefined ? responseTimeoutMs + OVERHEAD_MS : UPLOAD_TIMEOUT_MS,
      maxAnswerBytes: MAX_ANSWER_BYTES,
    });
    return readReply(reply, schema);
  }

  return {
    getInbox: (id) => call(anySchema, { method: 'GET', path: `/inboxes/${id}` }),
    contactAt: (inbox_id, source_id) =>
      call(contactSchema, { method: 'POST', path: '/contact_inboxes/filter', json: { inbox_id, source_id } }),
    contactsByPhone: (phones) => {
      const payload = phones.map((phone, index) => ({
        attribute_key: 'phone_number',
        filter_operator: 'equal_to',
        values: [phone],
        query_operator: index < phones.length - 1 ? 'OR' : null,
      }));
      return call(contactListSchema, { method: 'POST', path: '/contacts/filter', json: { payload } });
    },
    searchContacts: (text) => call(contactListSchema, { method: 'GET', path: `/contacts/search?q=${encodeURIComponent(text)}` }),
    getContact: (id) => call(contactAnswerSchema, { method: 'GET', path: `/contacts/${id}` }),
    createContact: ({ inboxId, sourceId, name, identifier, phoneNumber }) => {
      const json = { inbox_id: inboxId, source_id: sourceId, name, identifier, phone_number: phoneNumber };
      return call(newContactSchema, { method: 'POST', path: '/contacts', json });
    },
    updateContact: (id, json) => call(contactAnswerSchema, { method: 'PATCH', path: `/contacts/${id}`, json }),
    addAddress: (id, inbox_id, source_id) =>
      call(contactInboxSchema, { method: 'POST', path: `/contacts/${id}/contact_inboxes`, json: { inbox_id, source_id } }),
    mergeContacts: (base_contact_id, mergee_contact_id) =>
      call(anySchema, { method: 'POST', path: '/actions/contact_merge', json: { base_contact_id, mergee_contact_id } }),
    conversationsOf: (id) => call(conversationListSchema, { method: 'GET', path: `/contacts/${id}/conversations` }),
    getConversation: (id) => call(conversationSchema, { method: 'GET', path: `/conversations/${id}` }),
    createConversation: ({ inboxId, contactId, sourceId, isPending }) => {
      const status = isPending ? 'pending' : 'open';
      const json = { inbox_id: inboxId, contact_id: contactId, source_id: sourceId, status };
      return call(conversationSchema, { method: 'POST', path: '/conversations', json });
    },
    createMessage: (id, message) =>
      call(messageSchema, { method: 'POST', path: `/conversations/${id}/messages`, ...messageBody(message) }),
    messagesOf: (id, after) =>
      call(messageListSchema, {
        method: 'GET',
        path: `/conversations/${id}/messages${after === undefined ? '' : `?after=${after}`}`,
      }),
    setMessageStatus: (id, messageId, json) =>
      call(anySchema, { method: 'PATCH', path: `/conversations/${id}/messages/${messageId}`, json }),
  };
}

function messageBody(message: NewMessage): { json: unknown } | { form: Multipart } {
  const { content, type, isPrivate, sourceId, attributes, attachment } = message;
  const fields = { content, message_type: type, private: isPrivate, source_id: sourceId };
  if (attachment === undefined) return { json: { ...fields, content_attributes: attributes } };
  const values = {
    ...fields,
    content_attributes: JSON.stringify(attributes),
    ...(attachment.isVoice ? { is_voice_message: true } : {}),
  };
  return {
    form: encodeMultipart([
      ...Object.entries(values).map(([name, value]) => ({ name, value: String(value) })),
      { name: 'attachments[]', ...attachment },
    ]),
  };
}
