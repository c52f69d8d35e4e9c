import { createChatwootClient } from '../../bridge/chatwoot/client.ts';
import { RELAY_LIMITS } from '../../bridge/chatwoot/limits.ts';
import type { ChatwootRequest, ChatwootTransport } from '../../bridge/chatwoot/transport.ts';
import { canonicalAddress } from '../../bridge/relay/address.ts';
import type { ContactCache, KnownContact } from '../../bridge/relay/to-chatwoot/contact-cache.ts';
import { createContactDirectory } from '../../bridge/relay/to-chatwoot/contact-directory.ts';
import { type ConversationAddresses, ownersOf } from '../../bridge/relay/to-chatwoot/conversation-addresses.ts';
import { createConversations } from '../../bridge/relay/to-chatwoot/conversations.ts';
import { createHomes } from '../../bridge/relay/to-chatwoot/homes.ts';
import type { Lids, Link } from '../../bridge/relay/to-chatwoot/lids.ts';
import { createPeople } from '../../bridge/relay/to-chatwoot/people.ts';
import { createPostMessage } from '../../bridge/relay/to-chatwoot/post-message.ts';
import type { Postings } from '../../bridge/relay/to-chatwoot/postings.ts';
import { canonicalPhone, type Recipient, recipientOf } from '../../bridge/relay/to-whatsapp/recipient.ts';
import type { Chat } from '../../shared/engines/event.ts';

export interface MemoryContact {
  readonly id: number;
  phone: string | null;
  identifier: string | null;
}
export interface MemoryConversation {
  readonly id: number;
  contactId: number;
  readonly sourceId: string;
  status: 'open' | 'resolved';
  /** Grows with each message in it. */
  activity: number;
  messages: number;
}

const INBOX = 1;
const TAKEN = (attribute: string) => ({ status: 422, json: { message: 'taken', attributes: [attribute] } });
const ABSENT = { status: 404, json: { error: 'Resource could not be found' } };
const BROKEN = { status: 500, json: { status: 500, error: 'Internal Server Error' } };

/** One inbox of a Chatwoot, without a network: who is a contact, who has which address there, and what is whose conversation. */
export function createMemoryChatwoot() {
  const contacts = new Map<number, MemoryContact>();
  const owners = new Map<string, number>();
  const conversations = new Map<number, MemoryConversation>();
  const merged: [MemoryContact, MemoryContact][] = [];
  let lastId = 0;
  let clock = 0;

  const viewOf = ({ id, phone, identifier }: MemoryContact) => ({ id, name: 'X', phone_number: phone, identifier });
  const viewOfConversation = (conversation: MemoryConversation) => {
    const contact = contacts.get(conversation.contactId);
    return {
      id: conversation.id,
      inbox_id: INBOX,
      status: conversation.status,
      last_activity_at: conversation.activity,
      last_non_activity_message: conversation.messages === 0 ? null : {},
      meta: { sender: contact === undefined ? null : viewOf(contact) },
    };
  };

  function addContact({ phone, identifier, sourceId }: { phone: string | null; identifier: string | null; sourceId?: string }) {
    for (const other of contacts.values()) {
      if (phone !== null && other.phone === phone) return TAKEN('phone_number');
      if (identifier !== null && other.identifier === identifier) return TAKEN('identifier');
    }
    if (sourceId !== undefined && owners.has(sourceId)) return BROKEN;
    lastId += 1;
    const contact: MemoryContact = { id: lastId, phone, identifier };
    contacts.set(contact.id, contact);
    if (sourceId !== undefined) owners.set(sourceId, contact.id);
    return contact;
  }

  function merge(baseId: number, mergeeId: number): boolean {
    const [base, mergee] = [contacts.get(baseId), contacts.get(mergeeId)];
    if (base === undefined || mergee === undefined) return false;
    if (base === mergee) return true;
    for (const [sourceId, owner] of owners) if (owner === mergeeId) owners.set(sourceId, baseId);
    for (const conversation of conversations.values()) if (conversation.contactId === mergeeId) conversation.contactId = baseId;
    contacts.delete(mergeeId);
    base.phone ??= mergee.phone;
    base.identifier ??= mergee.identifier;
    return true;
  }

  function begin(contactId: number, sourceId: string): MemoryConversation | undefined {
    const owner = owners.get(sourceId);
    if (!contacts.has(contactId) || (owner !== undefined && owner !== contactId)) return undefined;
    owners.set(sourceId, contactId);
    lastId += 1;
    clock += 1;
    const conversation: MemoryConversation = { id: lastId, contactId, sourceId, status: 'open', activity: clock, messages: 0 };
    conversations.set(conversation.id, conversation);
    return conversation;
  }

  function say(conversation: MemoryConversation): number {
    clock += 1;
    lastId += 1;
    conversation.activity = clock;
    conversation.messages += 1;
    return lastId;
  }

  /** What the client sends, whichever it sends. */
  interface Body {
    readonly source_id: string;
    readonly contact_id: number;
    readonly base_contact_id: number;
    readonly mergee_contact_id: number;
    readonly phone_number?: string;
    readonly identifier?: string;
    readonly payload: readonly { readonly values: readonly string[] }[];
  }
  function answer(method: string, path: string, body: Body): { status: number; json: unknown } {
    const [, resource, id, below] = path.split('/');
    const contact = contacts.get(Number(id));
    if (resource === 'contact_inboxes') {
      const owner = contacts.get(owners.get(String(body.source_id)) ?? 0);
      return owner === undefined ? { status: 404, json: undefined } : { status: 200, json: viewOf(owner) };
    }
    if (resource === 'actions') {
      const { base_contact_id: base, mergee_contact_id: mergee } = body;
      const pair = [contacts.get(base), contacts.get(mergee)].map((one) => one && { ...one });
      if (!merge(base, mergee)) return ABSENT;
      if (pair[0] && pair[1]) merged.push([pair[0], pair[1]]);
      return { status: 200, json: {} };
    }
    if (resource === 'contacts' && id === 'filter') {
      const wanted = body.payload.map(({ values }) => `+${values[0]}`);
      const found = [...contacts.values()].filter(({ phone }) => phone !== null && wanted.includes(phone));
      return { status: 200, json: { payload: found.map(viewOf) } };
    }
    if (resource === 'contacts' && id?.startsWith('search')) {
      return { status: 200, json: { payload: [...contacts.values()].map(viewOf) } };
    }
    if (resource === 'contacts' && id === undefined) {
      const values = { phone: body.phone_number ?? null, identifier: body.identifier ?? null, sourceId: body.source_id };
      const made = addContact(values);
      return 'id' in made ? { status: 200, json: { payload: { contact: viewOf(made) } } } : made;
    }
    if (resource === 'contacts') {
      if (contact === undefined) return ABSENT;
      if (below === 'conversations') {
        const own = [...conversations.values()].filter(({ contactId }) => contactId === contact.id);
        return { status: 200, json: { payload: own.map(viewOfConversation) } };
      }
      if (below === 'contact_inboxes') {
        const owner = owners.get(body.source_id);
        if (owner !== undefined && owner !== contact.id) return BROKEN;
        owners.set(body.source_id, contact.id);
        return { status: 200, json: { source_id: body.source_id } };
      }
      if (method === 'PATCH' && body.phone_number !== undefined) {
        if ([...contacts.values()].some((other) => other !== contact && other.phone === body.phone_number)) {
          return TAKEN('phone_number');
        }
        contact.phone = body.phone_number;
      }
      return { status: 200, json: { payload: viewOf(contact) } };
    }
    const conversation = conversations.get(Number(id));
    if (resource === 'conversations' && id === undefined) {
      const made = begin(body.contact_id, body.source_id);
      return made === undefined ? ABSENT : { status: 200, json: viewOfConversation(made) };
    }
    if (conversation === undefined) return ABSENT;
    return { status: 200, json: below === 'messages' ? { id: say(conversation) } : viewOfConversation(conversation) };
  }

  const transport: ChatwootTransport = {
    async request({ method, url, json }: ChatwootRequest) {
      const path = url.replace(/^.*\/accounts\/1/, '').replace('?', '/');
      // What the client sends is read as what the fields hold.
      const { status, json: body } = answer(method, path, (json ?? {}) as Body);
      const head = { kind: 'response', status, contentType: 'application/json', location: '' } as const;
      return { ...head, retryAfterSeconds: undefined, method, url, body: '', json: body };
    },
  };
  return { transport, contacts, owners, conversations, merged, addContact, merge, begin, say };
}

/** The relay of one integration over that Chatwoot: its own code, with what it keeps in PostgreSQL kept in memory. */
export function createMemoryRelay(chatwoot: ReturnType<typeof createMemoryChatwoot>) {
  const known = new Map<string, KnownContact>();
  const cache: ContactCache = {
    find: async ({ addresses }) => addresses.flatMap((address) => known.get(address) ?? []),
    addressesBehind: async (id) => [...known.values()].filter(({ sourceId }) => sourceId === id).map(({ address }) => address),
    addressesOf: async (ids) =>
      [...known.values()].filter(({ contactId }) => ids.includes(contactId)).map(({ address }) => address),
    async remember({ addresses }, contact) {
      for (const address of addresses) known.set(address, { address, ...contact });
    },
    async forget(contactId) {
      for (const [address, contact] of known) if (contact.contactId === contactId) known.delete(address);
    },
    async forgetAddresses(addresses) {
      for (const address of addresses) known.delete(address);
    },
    async rename() {},
  };

  const links: Link[] = [];
  const lids: Omit<Lids, 'learned'> = {
    async around({ lid, number }) {
      const near = links.filter((link) => link.lid === lid || link.number === number);
      return links.filter((link) => near.some((other) => other.lid === link.lid || other.number === link.number));
    },
    async add(link) {
      links.push(link);
    },
    has: async (lid) => links.some((link) => link.lid === lid) || known.has(lid),
  };

  interface Row {
    readonly conversationId: number;
    readonly address: string;
    replyTo: string;
    wroteAt: Date | null;
  }
  const rows: Row[] = [];
  let clock = 0;
  function note(conversationId: number, address: string, replyTo: string, isWriter: boolean): void {
    clock += 1;
    const row = rows.find((other) => other.conversationId === conversationId && other.address === address);
    if (row === undefined) rows.push({ conversationId, address, replyTo, wroteAt: isWriter ? new Date(clock) : null });
    else if (isWriter) Object.assign(row, { replyTo, wroteAt: new Date(clock) });
  }
  const addresses: ConversationAddresses = {
    of: async (ids) => ownersOf(rows.filter(({ conversationId }) => ids.includes(conversationId))),
    latestOf: async (wanted) => rows.findLast(({ address }) => wanted.includes(address))?.conversationId,
    wrote: () => {},
  };

  const postedIn = new Map<string, number>();
  const postings: Postings = {
    find: async () => undefined,
    async begin(posting) {
      if (posting.kind === 'conversation') return undefined;
      const { sourceId, direction } = posting.chat;
      note(posting.conversationId, canonicalAddress(sourceId), sourceId, direction === 'incoming');
      return undefined;
    },
    watch: (_posting, request) => request(),
    forget: async () => {},
    async done({ whatsappId, conversationId }) {
      postedIn.set(whatsappId, conversationId);
    },
    repeated: async () => [],
  };
  const client = createChatwootClient({
    transport: chatwoot.transport,
    limits: RELAY_LIMITS,
    budget: { endsAtMs: Number.POSITIVE_INFINITY },
    access: () => ({ baseUrl: 'http://chatwoot', accountId: 1, token: '' }),
  });
  const rules = { reopenResolved: true, startAsPending: false };
  const inboxId = () => INBOX;
  const people = createPeople({ lids, cache });
  const post = createPostMessage({
    client,
    map: {
      find: async () => null,
      findAll: async () => [],
      findShown: async () => null,
      findParts: async () => ({ whole: undefined, partial: [] }),
      forget: async () => {},
      lastMessageIn: async () => undefined,
      setStatus: async () => {},
    },
    postings,
    earlier: {
      lookFor: async () => ({ found: undefined, again: false }),
      findForeign: async () => undefined,
      removeTwins: async () => {},
    },
    directory: createContactDirectory({ client, cache, inboxId, onDoubt: () => {} }),
    conversations: createConversations({ client, addresses, postings, inboxId }),
    histories: {
      homeOf: async () => undefined,
      forPresent: async (own) => ({ usual: [...own], closed: [] }),
      began: async () => {},
      goesOn: async () => {},
    },
    homes: createHomes({ rules: () => rules }),
    rules: () => rules,
    inboxId,
  });
  let lastMessage = 0;

  return {
    rules,
    /** Somebody writes; the conversation in which that is shown. */
    async receive(chat: Chat): Promise<number> {
      lastMessage += 1;
      const whatsappId = String(lastMessage);
      const { identity } = await people.identify(chat);
      await post({ whatsappId, identity, direction: 'incoming', content: 'x', lookUp: false });
      return postedIn.get(whatsappId) ?? 0;
    },
    /** An agent writes; who gets it. */
    reply({ id, contactId, sourceId }: MemoryConversation): Recipient {
      const { phone, identifier } = chatwoot.contacts.get(contactId) ?? { phone: null, identifier: null };
      const canonical = canonicalPhone(phone ?? '');
      const written = rows
        .filter(({ wroteAt }) => wroteAt !== null)
        .sort((one, two) => Number(two.wroteAt) - Number(one.wroteAt));
      const recipient = recipientOf({
        lastWriter: written.find(({ conversationId }) => conversationId === id)?.replyTo,
        contact: { phoneNumber: phone ?? '', identifier: identifier ?? '' },
        phoneAsTold: [...written, ...rows].find(
          ({ replyTo }) => canonical !== undefined && canonicalAddress(replyTo) === canonical,
        )?.replyTo,
        sourceId,
        isSourceIdOurs: [...known.values()].some((contact) => contact.contactId === contactId && contact.sourceId === sourceId),
      });
      if (recipient.kind === 'address') note(id, recipient.address, recipient.address, false);
      return recipient;
    },
  };
}
