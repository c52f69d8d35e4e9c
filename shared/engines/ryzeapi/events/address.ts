import type { Chat, Party } from '../../event.ts';
import { type Fields, fieldsOf, isTrue, labelOf } from '../../fields.ts';
import { addressText, personName, readAddress } from '../../jid.ts';

/** What stands in a field called `lid` is a lid, whatever suffix it carries: documentation shows one with that of a number. */
function readLid(text: string): string | undefined {
  const address = readAddress(text, 'lid');
  return address === undefined || address.type === 'group' ? undefined : addressText({ type: 'lid', user: address.user });
}

const JID_NAMES = ['jid', 'number', 'phone', 'phoneNumber', 'phone_number', 'pn', 'id'] as const;
const NAME_NAMES = ['name', 'pushName', 'push_name', 'pushname', 'notify', 'verifiedName'] as const;

/** A person, from an object or a bare JID. */
export function readParty(value: unknown): Party {
  const fields: Fields = typeof value === 'string' ? { jid: value } : fieldsOf(value);
  const address = readAddress(labelOf(fields, ...JID_NAMES), 'number');
  const lid = readLid(labelOf(fields, 'lid')) ?? (address?.type === 'lid' ? addressText(address) : undefined);
  const number = address?.type === 'number' && `${address.user}@lid` !== lid ? address.user : undefined;
  return { number, lid, name: nameOf(fields) };
}

const nameOf = (fields: Fields): string | undefined => personName(labelOf(fields, ...NAME_NAMES));

/**
 * The chat of an event: `value` is what the engine says of it, `partner` the other side of a private chat as far as the event tells.
 * Undefined when there is no address at all.
 */
export function readChat(value: unknown, partner: Party): Chat | undefined {
  const fields: Fields = typeof value === 'string' ? { jid: value } : fieldsOf(value);
  const told = labelOf(fields, 'type').toLowerCase();
  const isGroup = told === 'group' || isTrue(fields, 'isGroup', 'isCommunity');
  const bare = isGroup ? 'group' : told === 'newsletter' || told === 'broadcast' ? told : 'number';
  const address = readAddress(labelOf(fields, ...JID_NAMES), bare);
  if (address !== undefined && address.type !== 'number' && address.type !== 'lid') {
    return { type: address.type, address: addressText(address), name: nameOf(fields) };
  }
  const own = readParty(value);
  const number = own.number ?? partner.number;
  const lid = own.lid ?? partner.lid;
  const either = number ?? lid;
  if (either === undefined) return undefined;
  return { type: 'private', address: either, number, lid, name: own.name ?? partner.name };
}
