import { type Caller, isAdministrator } from './auth.ts';
import { inboxView, slimInboxView } from './inbox-view.ts';
import type { AccountRow, ContactInboxRow, ContactRow, InboxRow, JsonObject } from './rows.ts';
import { isoTime, seconds } from './times.ts';
import { accountWebhookData } from './users.ts';
import type { World } from './world.ts';

/** An inbox inside a contact: in brief, and in full in old releases. */
export const nestedInboxView = (world: World, inbox: InboxRow, caller: Caller): JsonObject =>
  world.features.fullRecords ? slimInboxView(inbox) : inboxView(inbox, world.features, isAdministrator(caller));

const contactInboxView = (world: World, row: ContactInboxRow, caller: Caller): JsonObject[] => {
  const inbox = world.tables.inboxes.get(row.inboxId);
  return inbox ? [{ source_id: row.sourceId, inbox: nestedInboxView(world, inbox, caller) }] : [];
};

const blockedOf = (world: World, contact: ContactRow): JsonObject =>
  world.features.fullRecords ? { blocked: contact.blocked } : {};

/** A contact as the contact endpoints answer it to a caller; without one the list of addresses is left out, as in conversations. */
export function contactView(world: World, contact: ContactRow, caller: Caller | null): JsonObject {
  const addresses = world.tables.contactInboxes.group('contact', contact.id);
  return {
    additional_attributes: contact.additionalAttributes,
    availability_status: 'offline',
    email: contact.email,
    id: contact.id,
    name: contact.name,
    phone_number: contact.phoneNumber,
    ...blockedOf(world, contact),
    identifier: contact.identifier,
    thumbnail: contact.avatarUrl,
    custom_attributes: contact.customAttributes,
    ...(contact.lastActivityAt === null ? {} : { last_activity_at: seconds(contact.lastActivityAt) }),
    created_at: seconds(contact.createdAt),
    ...(caller ? { contact_inboxes: addresses.flatMap((row) => contactInboxView(world, row, caller)) } : {}),
  };
}

/** A contact inside messages and nested webhook objects. */
export const contactPushData = (world: World, contact: ContactRow): JsonObject => ({
  additional_attributes: contact.additionalAttributes,
  custom_attributes: contact.customAttributes,
  email: contact.email,
  id: contact.id,
  identifier: contact.identifier,
  name: contact.name,
  phone_number: contact.phoneNumber,
  thumbnail: contact.avatarUrl,
  ...blockedOf(world, contact),
  type: 'contact',
});

/** A contact as the sender at the top level of a webhook: without `type`, unlike users and bots. */
export const contactWebhookData = (world: World, contact: ContactRow, account: AccountRow): JsonObject => ({
  account: accountWebhookData(account),
  additional_attributes: contact.additionalAttributes,
  avatar: contact.avatarUrl,
  custom_attributes: contact.customAttributes,
  email: contact.email,
  id: contact.id,
  identifier: contact.identifier,
  name: contact.name,
  phone_number: contact.phoneNumber,
  thumbnail: contact.avatarUrl,
  ...blockedOf(world, contact),
});

/** A contact's address as the raw record that webhooks carry. */
export const rawContactInboxView = (row: ContactInboxRow): JsonObject => ({
  id: row.id,
  contact_id: row.contactId,
  inbox_id: row.inboxId,
  source_id: row.sourceId,
  created_at: isoTime(row.createdAt),
  updated_at: isoTime(row.updatedAt),
  hmac_verified: row.hmacVerified,
  pubsub_token: row.pubsubToken,
});
