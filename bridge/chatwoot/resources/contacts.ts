import { encodeMultipart } from '../../../shared/http/multipart.ts';
import { cutTo } from '../../../shared/text/cut.ts';
import { wellFormed } from '../../../shared/text/well-formed.ts';
import {
  anySchema,
  type Contact,
  contactAnswerSchema,
  contactInboxSchema,
  contactListSchema,
  contactSchema,
  newContactSchema,
} from '../answers.ts';
import type { CallAccount } from '../call.ts';
import { NAME_LENGTH } from '../lengths.ts';
import type { ChatwootOutcome } from '../outcome.ts';

export interface NewContact {
  readonly inboxId: number;
  readonly sourceId: string;
  readonly name: string;
  readonly identifier: string;
  /** E.164. */
  readonly phoneNumber?: string | undefined;
}

export interface ContactChange {
  readonly name?: string;
  readonly phone_number?: string | undefined;
  readonly custom_attributes?: Readonly<Record<string, string>>;
}

export interface Picture {
  readonly bytes: Buffer;
  readonly contentType: string;
  readonly fileName: string;
}

export interface Contacts {
  /** The contact that has this address in the inbox. Absent where there is none. */
  at(inboxId: number, sourceId: string): Promise<ChatwootOutcome<Contact>>;
  /** Contacts with one of these numbers, in E.164; the caller has to compare. */
  byPhone(phones: readonly string[]): Promise<ChatwootOutcome<Contact[]>>;
  /** Contacts in which `text` occurs; the caller has to compare. Limited by Chatwoot to 100 a minute. */
  search(text: string): Promise<ChatwootOutcome<Contact[]>>;
  get(contactId: number): Promise<ChatwootOutcome<Contact>>;
  create(contact: NewContact): Promise<ChatwootOutcome<Contact>>;
  /** Custom attributes are added to those that are there. */
  update(contactId: number, values: ContactChange): Promise<ChatwootOutcome<Contact>>;
  /** Gives it a picture. */
  setAvatar(contactId: number, picture: Picture): Promise<ChatwootOutcome<Contact>>;
  /** Gives a contact an address in the inbox; one it has already is no fault, one of another contact is a 500. */
  addAddress(contactId: number, inboxId: number, sourceId: string): Promise<ChatwootOutcome<unknown>>;
  /** With its conversations, which go a little later. */
  delete(contactId: number): Promise<ChatwootOutcome<unknown>>;
  /** Moves everything of `mergee` to `base`, and deletes it. */
  merge(base: number, mergee: number): Promise<ChatwootOutcome<unknown>>;
}

export function createContacts(call: CallAccount): Contacts {
  return {
    at: (inbox_id, source_id) =>
      call(contactSchema, { method: 'POST', path: '/contact_inboxes/filter', json: { inbox_id, source_id } }),
    byPhone: (phones) => {
      const payload = phones.map((phone, index) => ({
        attribute_key: 'phone_number',
        filter_operator: 'equal_to',
        // Before 4.7.0 Chatwoot puts a `+` before whatever it is given; later it does so where there is none.
        values: [phone.replace(/^\+/, '')],
        query_operator: index < phones.length - 1 ? 'OR' : null,
      }));
      return call(contactListSchema, { method: 'POST', path: '/contacts/filter', json: { payload } });
    },
    search: (text) =>
      call(contactListSchema, { method: 'GET', path: `/contacts/search?q=${encodeURIComponent(wellFormed(text))}` }),
    get: (id) => call(contactAnswerSchema, { method: 'GET', path: `/contacts/${id}` }),
    create: ({ inboxId, sourceId, name, identifier, phoneNumber }) => {
      const json = {
        inbox_id: inboxId,
        source_id: sourceId,
        name: cutTo(name, NAME_LENGTH),
        identifier,
        phone_number: phoneNumber,
      };
      return call(newContactSchema, { method: 'POST', path: '/contacts', json });
    },
    update: (id, { name, ...rest }) => {
      const json = name === undefined ? rest : { ...rest, name: cutTo(name, NAME_LENGTH) };
      return call(contactAnswerSchema, { method: 'PATCH', path: `/contacts/${id}`, json });
    },
    setAvatar: (id, picture) =>
      call(contactAnswerSchema, {
        method: 'PATCH',
        path: `/contacts/${id}`,
        form: encodeMultipart([{ name: 'avatar', ...picture }]),
      }),
    addAddress: (id, inbox_id, source_id) =>
      call(contactInboxSchema, { method: 'POST', path: `/contacts/${id}/contact_inboxes`, json: { inbox_id, source_id } }),
    delete: (id) => call(anySchema, { method: 'DELETE', path: `/contacts/${id}` }),
    merge: (base_contact_id, mergee_contact_id) =>
      call(anySchema, { method: 'POST', path: '/actions/contact_merge', json: { base_contact_id, mergee_contact_id } }),
  };
}
