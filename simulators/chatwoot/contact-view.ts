import { slimInboxView } from './inbox-view.ts';
import type { AccountRow, ContactInboxRow, ContactRow, JsonObject } from './rows.ts';
import { isoTime, seconds } from './times.ts';
import { accountWebhookData } from './users.ts';
import type { World } from './world.ts';

const contactInboxView = (world: World, row: ContactInboxRow): JsonObject[] => {
  const inbox = world.tables.inboxes.get(row.inboxId);
  return inbox ? [{ source_id: row.sourceId, inbox: slimInboxView(inbox) }] : [];
};

/** A contact as the contact endpoints answer it; in conversations the list of addresses is left out. */
export function contactView(world: World, contact: ContactRow, withInboxes: boolean): JsonObject {
  const addresses = world.tables.contactInboxes.group('contact', contact.id);
  return {
    additional_attributes: contact.additionalAttributes,
    availability_status: 'offline',
    email: contact.email,
    id: contact.id,
    name: contact.name,
    phone_number: contact.phoneNumber,
    blocked: contact.blocked,
    identifier: contact.identifier,
    thumbnail: contact.avatarUrl,
    custom_attributes: contact.customAttributes,
    ...(contact.lastActivityAt === null ? {} : { last_activity_at: seconds(contact.lastActivityAt) }),
    created_at: seconds(contact.createdAt),
    ...(withInboxes ? { contact_inboxes: addresses.flatMap((row) => contactInboxView(world, row)) } : {}),
  };
}

/** A contact inside messages and nested webhook objects. */
export const contactPushData = (contact: ContactRow): JsonObject => ({
  additional_attributes: contact.additionalAttributes,
  custom_attributes: contact.customAttributes,
  email: contact.email,
  id: contact.id,
  identifier: contact.identifier,
  name: contact.name,
  phone_number: contact.phoneNumber,
  thumbnail: contact.avatarUrl,
  blocked: contact.blocked,
  type: 'contact',
});

/** A contact as the sender at the top level of a webhook: without `type`, unlike users and bots. */
export const contactWebhookData = (contact: ContactRow, account: AccountRow): JsonObject => ({
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
  blocked: contact.blocked,
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
