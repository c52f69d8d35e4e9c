import { cutTo } from '../text/cut.ts';
import type { Chat, Party } from './event.ts';

type ChatType = Chat['type'];
export type Address = { readonly type: 'number' | 'lid' | Exclude<ChatType, 'private' | 'unknown'>; readonly user: string };

/** The hosted ones are those of a business whose phone number runs in Meta's cloud. */
const DOMAINS: Readonly<Record<string, Address['type']>> = {
  's.whatsapp.net': 'number',
  'c.us': 'number',
  hosted: 'number',
  lid: 'lid',
  'hosted.lid': 'lid',
  'g.us': 'group',
  newsletter: 'newsletter',
  broadcast: 'broadcast',
};
const SUFFIX = { lid: '@lid', group: '@g.us', newsletter: '@newsletter', broadcast: '@broadcast' } as const;

/**
 * A JID with or without its suffix; a device (`:12`) and an agent (`.0`) are dropped. `bare` is what it is without a suffix. Undefined when
 * it is none. A bot, and whoever is in a domain that is not known, is somebody to whom nobody can reply: as a channel, and let go like one.
 */
export function readAddress(text: string, bare: Address['type']): Address | undefined {
  const [, user = '', domain = ''] = /^\+?([\w-]{1,100})(?:\.\d+)?(?::\d+)?(?:@([a-z.]+))?$/i.exec(text.trim()) ?? [];
  if (user === '') return undefined;
  const type = domain === '' ? bare : (DOMAINS[domain.toLowerCase()] ?? 'newsletter');
  return type === 'number' && !/^\d+$/.test(user) ? undefined : { type, user };
}

/** As `Chat.address` and `Party.lid` have it. */
export const addressText = ({ type, user }: Address): string => (type === 'number' ? user : `${user}${SUFFIX[type]}`);

/** A chat as engines take it, a number in their `domain`. Undefined for an address to which nothing can be sent. */
export function jidOf(address: string, domain: 's.whatsapp.net' | 'c.us' = 's.whatsapp.net'): string | undefined {
  const bare = address.includes('@') ? address : address.replace(/[^\d+]/g, '');
  const read = readAddress(bare, 'number');
  if (read === undefined || read.type === 'broadcast') return undefined;
  return read.type === 'number' ? `${read.user}@${domain}` : addressText(read);
}

/** A person by any of the JIDs that are told of one: the first number and the first lid count. Digits of a lid are no number. */
export function partyOf(jids: readonly string[], name?: string): Party {
  const addresses = jids.map((jid) => readAddress(jid, 'number')).filter((address) => address !== undefined);
  const lid = addresses.find(({ type }) => type === 'lid');
  return {
    number: addresses.find(({ type, user }) => type === 'number' && user !== lid?.user)?.user,
    lid: lid && addressText(lid),
    name,
  };
}

/** Chatwoot takes no longer name of a contact. */
const NAME_LENGTH = 255;
/** Letters and symbols that are drawn as nothing: people give themselves such names. */
const BLANKS = /[\u115f\u1160\u2800\u3164\uffa0]/g;
const isVisible = (name: string): boolean => /[\p{L}\p{N}\p{P}\p{S}]/u.test(name.replace(BLANKS, ''));

/** A name that is only the number or the JID again tells nothing, and neither does one of which nothing is seen. */
export function personName(told: string): string | undefined {
  const name = cutTo(told, NAME_LENGTH).trim();
  return !isVisible(name) || /^[+\d\s().-]+$/.test(name) || /@(s\.whatsapp\.net|lid|g\.us|c\.us)$/.test(name) ? undefined : name;
}
