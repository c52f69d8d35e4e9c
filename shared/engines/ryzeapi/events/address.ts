import type { Chat, Party } from '../../event.ts';
import { type Fields, fieldsOf, isTrue, labelOf } from '../../fields.ts';
import { type Address, addressText, personName, readAddress } from '../../jid.ts';
import { canonicalNumber } from '../../phone-number.ts';

/** What stands in a field called `lid` is a lid, whatever suffix it carries: documentation shows one with that of a number. */
function readLid(text: string): string | undefined {
  const address = readAddress(text, 'lid');
  return address?.type === 'lid' || address?.type === 'number' ? addressText({ type: 'lid', user: address.user }) : undefined;
}

const NAME_NAMES = ['name', 'pushName', 'push_name', 'pushname', 'notify', 'verifiedName'] as const;

/** Where engines write an address, in lower case and without `_`; the first that holds one counts. */
const ADDRESS_NAMES = ['jid', 'number', 'phone', 'phonenumber', 'pn', 'remotejid', 'participant', ...alternateNames('')];
const LID_NAMES = ['lid', 'lidjid', 'jidlid'];

/** Names under which a second address of somebody stands, beside the first. */
function alternateNames(prefix: string): string[] {
  return ['alt', 'jidalt', 'altjid', 'alternate', 'pn', 'pnjid', 'phonejid', 'phonenumber'].map((name) => `${prefix}${name}`);
}

const plain = (name: string): string => name.toLowerCase().replaceAll('_', '');

interface Entry {
  readonly name: string;
  readonly value: unknown;
}
/** Of every message they are asked many times, and mostly nothing stands there. */
const entriesOf = new WeakMap<Fields, readonly Entry[]>();

function plainEntries(fields: Fields): readonly Entry[] {
  const known = entriesOf.get(fields);
  if (known !== undefined) return known;
  const entries = Object.entries(fields).map(([name, value]) => ({ name: plain(name), value }));
  entriesOf.set(fields, entries);
  return entries;
}

/** The texts under these names, in the order of the names. */
function textsUnder(names: readonly string[], ...objects: readonly Fields[]): string[] {
  const entries = objects.flatMap(plainEntries).filter(({ name }) => names.includes(name));
  if (entries.length === 0) return [];
  return names
    .flatMap((name) => entries.filter((entry) => entry.name === name).map(({ value }) => labelOf({ value }, 'value')))
    .filter((text) => text !== '');
}

/** Of a party that events name by these prefixes: what an event says beside it of its addresses, as `senderAlt`, `remoteJidAlt`, `sender_pn`. */
export function createBeside(...prefixes: readonly string[]): (...objects: readonly Fields[]) => Fields {
  const [alts, lids] = [prefixes.flatMap(alternateNames), prefixes.map((prefix) => `${prefix}lid`)];
  return (...objects) => ({ alt: textsUnder(alts, ...objects)[0], lid: textsUnder(lids, ...objects)[0] });
}

/** The addresses an object tells. What stands under `id` may be any number, unless nothing else is told or it says what it is. */
function addressesIn(...objects: readonly Fields[]): string[] {
  const told = textsUnder(ADDRESS_NAMES, ...objects);
  return [...told, ...textsUnder(['id'], ...objects).filter((id) => told.length === 0 || id.includes('@'))];
}

const asFields = (value: unknown): Fields => (typeof value === 'string' ? { jid: value } : fieldsOf(value));

/** A person, from an object or a bare JID, and from what else tells of that person's addresses. */
export function readParty(value: unknown, beside: Fields = {}): Party {
  const fields = asFields(value);
  const addresses = addressesIn(fields, beside).map((text) => readAddress(text, 'number'));
  const lidOf = (address: Address | undefined) => (address?.type === 'lid' ? addressText(address) : undefined);
  const told = textsUnder(LID_NAMES, fields, beside).map(readLid);
  const lid = [...told, ...addresses.map(lidOf)].find((known) => known !== undefined);
  const number = addresses.find((address) => address?.type === 'number' && `${address.user}@lid` !== lid);
  return { number: number?.user, lid, name: nameOf(fields) };
}

const nameOf = (fields: Fields): string | undefined => personName(labelOf(fields, ...NAME_NAMES));

/**
 * The chat of an event: `value` is what the engine says of it, `partner` the other side of a private chat as far as the event tells.
 * Undefined when there is no address at all.
 */
export function readChat(value: unknown, partner: Party, beside: Fields = {}): Chat | undefined {
  const fields = asFields(value);
  const told = labelOf(fields, 'type').toLowerCase();
  const isGroup = told === 'group' || isTrue(fields, 'isGroup', 'isCommunity');
  const bare = isGroup ? 'group' : told === 'newsletter' || told === 'broadcast' ? told : 'number';
  const address = readAddress(addressesIn(fields)[0] ?? '', bare);
  if (address !== undefined && address.type !== 'number' && address.type !== 'lid') {
    return { type: address.type, address: addressText(address), name: nameOf(fields) };
  }
  const own = readParty(value, beside);
  // Addresses that contradict each other are not those of one person.
  const other = isSame(own, partner) ? partner : {};
  const number = own.number ?? other.number;
  const lid = own.lid ?? other.lid;
  const either = number ?? lid;
  if (either === undefined) return undefined;
  return { type: 'private', address: either, number, lid, name: own.name ?? other.name };
}

function isSame(one: Party, other: Party): boolean {
  const sameNumber =
    one.number === undefined || other.number === undefined || canonicalNumber(one.number) === canonicalNumber(other.number);
  return sameNumber && (one.lid === undefined || other.lid === undefined || one.lid === other.lid);
}
