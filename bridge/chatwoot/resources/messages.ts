import { encodeMultipart, type Multipart } from '../../../shared/http/multipart.ts';
import { cutTo } from '../../../shared/text/cut.ts';
import { cutFileName } from '../../../shared/text/file-name.ts';
import {
  anySchema,
  type Message,
  type MessagePage,
  messageListSchema,
  messagePageSchema,
  messageSchema,
  writtenMessageSchema,
} from '../answers.ts';
import type { CallAccount } from '../call.ts';
import { CONTENT_LENGTH, FILE_NAME_LENGTH } from '../lengths.ts';
import { escapeLiquidTo } from '../liquid.ts';
import type { ChatwootOutcome } from '../outcome.ts';

export interface NewMessage {
  /** As it is to be read; what is longer than Chatwoot takes is cut. */
  readonly content: string;
  readonly type: 'incoming' | 'outgoing';
  readonly isPrivate: boolean;
  readonly sourceId: string;
  /** When it was written. */
  readonly writtenAt?: Date | undefined;
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

export type MessageRange = { readonly after?: number | undefined } | { readonly before: number };

export interface Messages {
  create(conversationId: number, message: NewMessage): Promise<ChatwootOutcome<Message>>;
  /** A private note that belongs to no message of WhatsApp; `sourceId` where it is looked for later. */
  createNote(conversationId: number, content: string, sourceId?: string): Promise<ChatwootOutcome<unknown>>;
  /** Up to a hundred messages after `after`, oldest first; up to twenty before `before`; without either the twenty latest. */
  list(conversationId: number, range: MessageRange): Promise<ChatwootOutcome<Message[]>>;
  /** The same, with the conversation's contact. */
  page(conversationId: number, range: MessageRange): Promise<ChatwootOutcome<MessagePage>>;
  /** Takes a message out of sight: what remains says that it was deleted. */
  delete(conversationId: number, messageId: number): Promise<ChatwootOutcome<unknown>>;
  /** Chatwoot before 4.2.0 has no such endpoint: a 404 of the web framework, not of a record. */
  setStatus(
    conversationId: number,
    messageId: number,
    values: { status: string; external_error?: string },
  ): Promise<ChatwootOutcome<unknown>>;
}

/** A hundred messages of the longest texts that people write. */
const MAX_PAGE_BYTES = 16 * 1_048_576;

export function createMessages(call: CallAccount): Messages {
  const all = (conversationId: number): string => `/conversations/${conversationId}/messages`;
  const query = (range: MessageRange): string => {
    const [bound] = Object.entries(range).filter(([, messageId]) => messageId !== undefined);
    return bound === undefined ? '' : `?${bound.join('=')}`;
  };
  return {
    create: (id, message) => call(messageSchema, { method: 'POST', path: all(id), ...bodyOf(message) }),
    createNote: (id, content, sourceId) => {
      const source = sourceId === undefined ? {} : { source_id: sourceId };
      const json = { content: contentOf({ content, type: 'outgoing' }), private: true, ...source };
      return call(writtenMessageSchema, { method: 'POST', path: all(id), json });
    },
    list: (id, range) => call(messageListSchema, { method: 'GET', path: `${all(id)}${query(range)}` }),
    page: (id, range) =>
      call(messagePageSchema, { method: 'GET', path: `${all(id)}${query(range)}`, maxResponseBytes: MAX_PAGE_BYTES }),
    delete: (id, messageId) => call(anySchema, { method: 'DELETE', path: `${all(id)}/${messageId}` }),
    setStatus: (id, messageId, json) => call(writtenMessageSchema, { method: 'PATCH', path: `${all(id)}/${messageId}`, json }),
  };
}

function bodyOf(message: NewMessage): { json: unknown } | { form: Multipart } {
  const { type, isPrivate, sourceId, writtenAt, attachment } = message;
  // From 4.9.0 on the time is kept in the attributes only, before that beside them only.
  const time = writtenAt === undefined ? {} : { external_created_at: Math.floor(writtenAt.getTime() / 1_000) };
  const fields = { content: contentOf(message), message_type: type, private: isPrivate, source_id: sourceId, ...time };
  const attributes = { ...message.attributes, ...time };
  if (attachment === undefined) return { json: { ...fields, content_attributes: attributes } };
  const values = { ...fields, ...(attachment.isVoice ? { is_voice_message: true } : {}) };
  return {
    form: encodeMultipart([
      ...Object.entries(values).map(([name, value]) => ({ name, value: String(value) })),
      { name: 'content_attributes', json: attributes },
      { name: 'attachments[]', ...attachment, fileName: cutFileName(attachment.fileName, FILE_NAME_LENGTH) },
    ]),
  };
}

const CUT = '…';

/** Chatwoot renders as a template whatever is no customer's message: private notes are outgoing, too. */
const contentOf = ({ content, type }: Pick<NewMessage, 'content' | 'type'>): string =>
  type === 'outgoing' ? escapeLiquidTo(content, CONTENT_LENGTH, CUT) : cutTo(content, CONTENT_LENGTH, CUT);
