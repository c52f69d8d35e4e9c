import { randomUUID } from 'node:crypto';
import { destroyConversation } from './conversation-record.ts';
import type { Features } from './features.ts';
import { validationTexts as texts } from './locale.ts';
import { flag, isBlank, lengthOf, map, type Params, text } from './params.ts';
import { crash, ValidationFailure } from './replies.ts';
import type { AccountRow, ContactInboxRow, ContactRow, InboxRow } from './rows.ts';
import { sourceKey } from './tables.ts';
import { newToken, type World } from './world.ts';

export type ContactFields = Pick<
  ContactRow,
  'name' | 'email' | 'phoneNumber' | 'identifier' | 'blocked' | 'avatarUrl' | 'additionalAttributes' | 'customAttributes'
>;

const emptyContact: ContactFields = {
  name: '',
  email: null,
  phoneNumber: null,
  identifier: null,
  blocked: false,
  avatarUrl: '',
  additionalAttributes: {},
  customAttributes: {},
};

const orBefore = <T>(value: T | undefined, before: T): T => (value === undefined ? before : value);

/** The contact's fields after a create or an update; attributes are merged into what was there, those of old releases in part. */
export function readContact(params: Params, features: Features, before: ContactFields = emptyContact): ContactFields {
  const additional = map(params, 'additional_attributes');
  const email = orBefore(text(params, 'email'), before.email);
  return {
    name: orBefore(text(params, 'name'), before.name) ?? '',
    // A blank address is stored as null, a blank identifier as it is: that is why a second "" breaks the index.
    email: isBlank(email) ? null : (email ?? '').toLowerCase(),
    phoneNumber: orBefore(text(params, 'phone_number'), before.phoneNumber) || null,
    identifier: orBefore(text(params, 'identifier'), before.identifier),
    blocked: flag(params, 'blocked') ?? before.blocked,
    // Chatwoot fetches the picture later and serves its own copy; the simulator fetches nothing and keeps the address.
    avatarUrl: text(params, 'avatar_url') || before.avatarUrl,
    additionalAttributes: features.mergedAdditionalAttributes
      ? { ...before.additionalAttributes, ...additional }
      : (additional ?? before.additionalAttributes),
    customAttributes: { ...before.customAttributes, ...map(params, 'custom_attributes') },
  };
}

/** Fails with Chatwoot's 422, or with the 500 of the unique index that an empty identifier slips through to. */
export function validateContact(world: World, account: AccountRow, fields: ContactFields, ownId?: number): void {
  const others = world.tables.contacts.group('account', account.id).filter((other) => other.id !== ownId);
  const failures: { attribute: string; message: string }[] = [];
  const check = (attribute: string, broken: boolean, message: string) => {
    if (broken) failures.push({ attribute, message });
  };
  const { email, identifier, phoneNumber } = fields;
  if (email !== null) {
    check(
      'email',
      others.some((other) => other.email === email),
      `Email ${texts.taken}`,
    );
    check('email', !/^[^@\s]+@[^@\s]+$/.test(email), 'Email Invalid email');
  }
  if (!isBlank(identifier)) {
    check(
      'identifier',
      others.some((other) => other.identifier === identifier),
      `Identifier ${texts.taken}`,
    );
    check('identifier', lengthOf(identifier ?? '') > 255, `Identifier ${texts.tooLong(255)}`);
  }
  if (phoneNumber !== null) {
    check(
      'phone_number',
      others.some((other) => other.phoneNumber === phoneNumber),
      `Phone number ${texts.taken}`,
    );
    // The expression is anchored at its end only, so `abc+5511999999999` passes.
    check('phone_number', !/\+[1-9]\d{1,14}$/.test(phoneNumber), 'Phone number should be in e164 format');
  }
  check('name', lengthOf(fields.name) > 255, `Name ${texts.tooLong(255)}`);
  if (failures.length > 0) throw new ValidationFailure(failures);
  if (identifier !== null && isBlank(identifier) && others.some((other) => other.identifier === identifier)) throw crash();
}

/** Stores a contact that was validated. */
export function insertContact(world: World, account: AccountRow, fields: ContactFields): ContactRow {
  const now = Date.now();
  return world.tables.contacts.insert({ ...fields, accountId: account.id, lastActivityAt: null, createdAt: now, updatedAt: now });
}

/** The owner of an address in an inbox. */
export function contactInboxAt(world: World, inboxId: number, sourceId: string): ContactInboxRow | undefined {
  return world.tables.contactInboxes.group('source', sourceKey(inboxId, sourceId))[0];
}

type Taken = (error: 'taken') => Error;

/**
 * The contact's address in an inbox, made if it is not there. Without a source id a random one is made, every time. `taken` builds the error
 * for an address that another contact has, which differs from endpoint to endpoint.
 */
export function ensureContactInbox(
  world: World,
  contact: ContactRow,
  inbox: InboxRow,
  sourceId: string | null | undefined,
  taken: Taken = crash,
): ContactInboxRow {
  const address = sourceId || randomUUID();
  if (lengthOf(address) > 20_000) {
    throw new ValidationFailure([{ attribute: 'source_id', message: 'Source is too long (maximum is 20000 characters)' }]);
  }
  const existing = contactInboxAt(world, inbox.id, address);
  if (existing?.contactId === contact.id) return existing;
  if (existing) throw taken('taken');
  const now = Date.now();
  return world.tables.contactInboxes.insert({
    contactId: contact.id,
    inboxId: inbox.id,
    sourceId: address,
    hmacVerified: false,
    pubsubToken: newToken(),
    createdAt: now,
    updatedAt: now,
  });
}

function destroyConversations(world: World, contactId: number): void {
  for (const conversation of [...world.tables.conversations.group('contact', contactId)])
    destroyConversation(world, conversation);
}

/** Removes a contact and its addresses at once, and its conversations in a job later: until then those are there without a contact. */
export function destroyContact(world: World, contactId: number): void {
  const { tables } = world;
  for (const contactInbox of [...tables.contactInboxes.group('contact', contactId)])
    tables.contactInboxes.remove(contactInbox.id);
  tables.contacts.remove(contactId);
  world.after(world.settings.deletionDelayMs, () => destroyConversations(world, contactId));
}

/** Runs the jobs that a stop has cut: removes the conversations whose contact is gone. */
export function destroyOrphans(world: World): void {
  for (const { contactId } of world.tables.conversations.all()) {
    if (!world.tables.contacts.get(contactId)) destroyConversations(world, contactId);
  }
}
