import { cutTo } from '../../../text/cut.ts';
import type { Chat, Party } from '../../event.ts';
import { type Fields, fieldsOf, isTrue, labelOf } from './fields.ts';

type ChatType = Chat['type'];
type Address = { readonly type: 'number' | 'lid' | Exclude<ChatType, 'private'>; readonly user: string };

const DOMAINS: Readonly<Record<string, Address['type']>> = {
  's.whatsapp.net': 'number',
  'c.us': 'number',
  lid: 'lid',
  'g.us': 'group',
  newsletter: 'newsletter',
  broadcast: 'broadcast',
};
const SUFFIX = { lid: '@lid', group: '@g.us', newsletter: '@newsletter', broadcast: '@broadcast' } as const;

/** A JID with or without its suffix; a device (`:12`) and an agent (`.0`) are dropped. Undefined when it is none. */
function readAddress(text: string, bare: Address['type']): Address | undefined {
  const [, user = '', domain = ''] = /^\+?([\w-]{1,100})(?:\.\d+)?(?::\d+)?(?:@([a-z.]+))?$/i.exec(text.trim()) ?? [];
  if (user === '') return undefined;
  const type = domain === '' ? bare : DOMAINS[domain.toLowerCase()];
  if (type === undefined || (type === 'number' && !/^\d+$/.test(user))) return undefined;
  return { type, user };
}

/** What stands in a field called `lid` is a lid, whatever suffix it carries: documentation shows one with that of a number. */
function readLid(text: string): string | undefined {
  const address = readAddress(text, 'lid');
  return address === undefined || address.type === 'group' ? undefined : `${address.user}${SUFFIX.lid}`;
}

/** Chatwoot takes no longer name of a contact. */
const NAME_LENGTH = 255;
/** Letters and symbols that are drawn as nothing: people give themselves such names. */
const BLANKS = /[\u115f\u1160\u2800\u3164\uffa0]/g;
const isVisible = (name: string): boolean => /[\p{L}\p{N}\p{P}\p{S}]/u.test(name.replace(BLANKS, ''));

const JID_NAMES = ['jid', 'number', 'phone', 'phoneNumber', 'phone_number', 'pn', 'id'] as const;
const NAME_NAMES = ['name', 'pushName', 'push_name', 'pushname', 'notify', 'verifiedName'] as const;

/** A person, from an object or a bare JID. */
export function readParty(value: unknown): Party {
  const fields: Fields = typeof value === 'string' ? { jid: value } : fieldsOf(value);
  const address = readAddress(labelOf(fields, ...JID_NAMES), 'number');
  const lid = readLid(labelOf(fields, 'lid')) ?? (address?.type === 'lid' ? `${address.user}${SUFFIX.lid}` : undefined);
  const number = address?.type === 'number' && `${address.user}${SUFFIX.lid}` !== lid ? address.user : undefined;
  return { number, lid, name: nameOf(fields) };
}

/** A name that is only the number or the JID again tells nothing, and neither does one of which nothing is seen. */
function nameOf(fields: Fields): string | undefined {
  const name = cutTo(labelOf(fields, ...NAME_NAMES), NAME_LENGTH).trim();
  return !isVisible(name) || /^[+\d\s().-]+$/.test(name) || /@(s\.whatsapp\.net|lid|g\.us|c\.us)$/.test(name) ? undefined : name;
}

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
    return { type: address.type, address: `${address.user}${SUFFIX[address.type]}`, name: nameOf(fields) };
  }
  const own = readParty(value);
  const number = own.number ?? partner.number;
  const lid = own.lid ?? partner.lid;
  const either = number ?? lid;
  if (either === undefined) return undefined;
  return { type: 'private', address: either, number, lid, name: own.name ?? partner.name };
}
