import type { Delivery } from '../engine.ts';
import { type Fields, fieldsOf, isFields, labelOf, listOf } from '../fields.ts';
import { withoutSecrets } from '../without-secrets.ts';

/**
 * Splits a delivery of the Cloud API: it may hold many entries of many changes, each with many messages and statuses, of several numbers.
 * Each payload says in `part` what it is: a `message`, a `status`, an `echo` of what the owner typed on the phone, or a `change` of anything else,
 * of which only the name is kept. `name` is the phone number's id; what is about another number is left out. What is no delivery at all is handed
 * on as it is.
 */
export function unpack({ body, name }: Pick<Delivery, 'body' | 'name'>): readonly unknown[] {
  if (!isFields(body) || !Array.isArray(body.entry)) return [withoutSecrets(body)];
  return listOf(body.entry)
    .flatMap((entry) => listOf(entry.changes).flatMap((change) => partsOf(change, name)))
    .map((part) => withoutSecrets(part));
}

function partsOf(change: Fields, name: string): Fields[] {
  const field = labelOf(change, 'field');
  const value = fieldsOf(change.value);
  const number = labelOf(fieldsOf(value.metadata), 'phone_number_id');
  if (number !== '' && number !== name) return [];
  const contacts = listOf(value.contacts);
  const messages = listOf(value.messages).map((message, index) => ({
    part: 'message',
    message: withoutAddresses(message),
    contact: contactOf(contacts, [message.from, message.from_user_id], index),
  }));
  const echoes = listOf(value.message_echoes).map((message, index) => ({
    part: 'echo',
    message: withoutAddresses(message),
    contact: contactOf(contacts, [message.to, message.to_user_id], index),
  }));
  const statuses = listOf(value.statuses).map((status) => ({ part: 'status', status: told(status) }));
  const parts: Fields[] = [...messages, ...echoes, ...statuses];
  return parts.length > 0 ? parts : [{ part: 'change', field: field === '' ? 'unknown' : field }];
}

/** Whose profile it is: by number or id, since a batch lists those of several people and repeats none. */
function contactOf(contacts: readonly Fields[], ids: readonly unknown[], index: number): Fields | undefined {
  const known = ids.filter((id) => typeof id === 'string' && id !== '');
  const found = contacts.find(({ wa_id, user_id }) => known.includes(wa_id) || known.includes(user_id));
  return found ?? (contacts.length === 1 || known.length === 0 ? contacts[index] : undefined);
}

/** The `url` of a file opens with our token only, and for minutes: the id is what remains. */
const withoutAddresses = (message: Fields): Fields =>
  Object.fromEntries(
    Object.entries(message).map(([key, value]) =>
      isFields(value) && typeof value.id === 'string' && 'url' in value ? [key, { ...value, url: undefined }] : [key, value],
    ),
  );

/** What a conversation costs is nobody's business here. */
const told = (status: Fields): Fields => ({ ...status, conversation: undefined, pricing: undefined });
