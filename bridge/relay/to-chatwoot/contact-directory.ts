import type { Contact } from '../../chatwoot/answers.ts';
import type { ChatwootClient } from '../../chatwoot/client.ts';
import { isNumber } from '../address.ts';
import type { ContactCache, KnownContact } from './contact-cache.ts';
import type { Identity } from './identity.ts';
import { objectionToMerge } from './merging.ts';
import { DeliveryFailure, expectValue, findValue, takenAttributes } from './relay-error.ts';

export interface Addressee {
  readonly contactId: number;
  /** Its address in the inbox. */
  readonly sourceId: string;
}

export interface ContactDirectory {
  /** The contact of a person or group: the one that is there, under whatever address, or a new one. */
  resolve(identity: Identity): Promise<Addressee>;
  /** It is no longer in Chatwoot: the next `resolve` looks again. */
  forget(contactId: number): Promise<void>;
}

/**
 * One contact in Chatwoot for one person, whatever WhatsApp calls him this time: number with or without the ninth digit, @lid, or both.
 * Throws DeliveryFailure.
 */
export function createContactDirectory(deps: {
  client: ChatwootClient;
  cache: ContactCache;
  inboxId: () => number;
  /** Told of what looks like one person's two contacts and is left as it is. */
  onDoubt: (reason: string) => void;
}): ContactDirectory {
  const { client, cache } = deps;

  async function resolve(identity: Identity): Promise<Addressee> {
    const known = await cache.find(identity);
    const ids = new Set(known.map(({ contactId }) => contactId));
    if (ids.size > 1) return join(identity, known);
    const [first] = known;
    if (first === undefined) return remember(identity, await findOrCreate(identity));
    if (known.length < identity.addresses.length) return learnAddress(identity, first);
    return first;
  }

  /** One more address of somebody known. If it is his number, Chatwoot may know that number as another contact. */
  async function learnAddress(identity: Identity, known: KnownContact): Promise<Addressee> {
    if (isNumber(known.address) || identity.phone === undefined) return remember(identity, known);
    const other = (await byPhone(identity)).find(({ id }) => id !== known.contactId);
    if (other !== undefined) return merge(identity, { contactId: other.id, sourceId: identity.sourceId }, known);
    const contact = await findValue(client.contacts.get(known.contactId));
    // A number that an agent gave him stays, whatever WhatsApp tells.
    if (contact === undefined || contact.phone_number) return remember(identity, known);
    const changed = await client.contacts.update(known.contactId, { phone_number: identity.phone });
    // Whatever stands against the number, the message must not wait for it.
    if (!changed.ok && changed.failure.kind !== 'refused') throw new DeliveryFailure(changed.failure);
    return remember(identity, known);
  }

  /** Two contacts turn out to be one person: the one with the number remains. */
  function join(identity: Identity, known: readonly KnownContact[]): Promise<Addressee> {
    const [base, mergee] = [...known].sort((left, right) => Number(isNumber(right.address)) - Number(isNumber(left.address)));
    if (base === undefined || mergee === undefined) throw new Error('two contacts to join');
    return merge(identity, base, mergee);
  }

  async function merge(identity: Identity, base: Addressee, mergee: Addressee & Partial<KnownContact>): Promise<Addressee> {
    const [kept, lost] = [await contactOf(base), await contactOf(mergee)];
    // What an agent deleted or merged meanwhile is looked for anew.
    if (kept === undefined || lost === undefined) return resolve(identity);
    const known = await cache.addressesOf([kept.id, lost.id]);
    const objection = objectionToMerge({ base: kept, mergee: lost, known }, identity);
    if (objection !== undefined) {
      deps.onDoubt(
        `a contact in Chatwoot (${base.contactId}) and another (${mergee.contactId}) seem to be one person, and were not merged, because ${objection} — merge them there if they are`,
      );
      return remember(identity, await attach(identity, base.contactId));
    }
    const merged = await client.contacts.merge(base.contactId, mergee.contactId);
    if (merged.ok) {
      // The address in use comes along, and its conversations with it.
      return remember(identity, { contactId: base.contactId, sourceId: mergee.sourceId });
    }
    // Where the two cannot be merged, they are one from the next message on.
    if (merged.failure.kind !== 'refused' && merged.failure.kind !== 'absent') throw new DeliveryFailure(merged.failure);
    return remember(identity, await attach(identity, base.contactId));
  }

  async function contactOf({ contactId }: Addressee): Promise<Contact | undefined> {
    const contact = await findValue(client.contacts.get(contactId));
    if (contact === undefined) await cache.forget(contactId);
    return contact;
  }

  async function findOrCreate(identity: Identity): Promise<Addressee & Partial<KnownContact>> {
    const byNumber = (await byPhone(identity))[0];
    if (byNumber !== undefined) return attach(identity, byNumber.id);
    const { sourceId, identifier, phone } = identity;
    const name = identity.name || identity.fallbackName;
    const values = { inboxId: deps.inboxId(), sourceId, name, identifier };
    const named = { sourceId, nameSet: name, nameSeen: identity.name };
    const created = await client.contacts.create({ ...values, phoneNumber: phone });
    if (created.ok) return { contactId: created.value.id, ...named };
    // Somebody has the address already (500), or the number or identifier (422): then that is the contact.
    const taken = takenAttributes(created.failure);
    const found = await existing(identity, taken);
    if (found !== undefined) return found;
    if (!taken?.includes('phone_number')) throw new DeliveryFailure(created.failure);
    // Nobody has the number, so Chatwoot takes it for none.
    const { id } = await expectValue(client.contacts.create(values));
    return { contactId: id, ...named };
  }

  async function existing(identity: Identity, taken: readonly string[] | undefined): Promise<Addressee | undefined> {
    const { sourceId, identifier } = identity;
    const atAddress = await findValue(client.contacts.at(deps.inboxId(), sourceId));
    if (atAddress !== undefined) return { contactId: atAddress.id, sourceId };
    if (taken === undefined) return undefined;
    const byNumber = taken.includes('phone_number') ? (await byPhone(identity))[0] : undefined;
    const found =
      byNumber ?? (await expectValue(client.contacts.search(identifier))).find((contact) => contact.identifier === identifier);
    return found === undefined ? undefined : attach(identity, found.id);
  }

  /** Gives a contact its address in the inbox. Where another contact has that address, that is the one who writes from there. */
  async function attach({ sourceId }: Identity, contactId: number): Promise<Addressee> {
    const attached = await client.contacts.addAddress(contactId, deps.inboxId(), sourceId);
    if (attached.ok) return { contactId, sourceId };
    const owner = await findValue(client.contacts.at(deps.inboxId(), sourceId));
    if (owner !== undefined) return { contactId: owner.id, sourceId };
    throw new DeliveryFailure(attached.failure);
  }

  async function byPhone({ phone, phoneVariants }: Identity): Promise<Contact[]> {
    if (phone === undefined) return [];
    const phones = [phone, ...phoneVariants];
    const found = await expectValue(client.contacts.byPhone(phones));
    // The number as it is written today comes first.
    return phones.flatMap((number) => found.filter((contact) => contact.phone_number === number));
  }

  async function remember(
    identity: Identity,
    { contactId, sourceId, ...rest }: Addressee & Partial<KnownContact>,
  ): Promise<Addressee> {
    await cache.remember(identity, { contactId, sourceId, nameSet: rest.nameSet ?? '', nameSeen: rest.nameSeen ?? '' });
    return { contactId, sourceId };
  }

  return { resolve, forget: cache.forget };
}
