import type { Chat, Party, WhatsappEvent } from '../../../shared/engines/event.ts';
import { canonicalNumber } from '../../../shared/engines/phone-number.ts';
import type { ContactCache } from './contact-cache.ts';
import { type Identity, identityOf } from './identity.ts';
import type { Lids, Link } from './lids.ts';

/** Who somebody is, and what speaks against it. */
export interface Person {
  readonly identity: Identity;
  /** Why his @lid tells nothing, in words for the integration's `last_error`. */
  readonly doubt?: string | undefined;
}

export interface People {
  /** Whom a chat is with, by what it tells and by what was told before. */
  identify(chat: Chat): Promise<Person>;
  /** Notes which addresses an event tells to be one person's, its chat aside. */
  learn(event: WhatsappEvent): Promise<void>;
}

/** Which addresses of WhatsApp are one person's, for one integration. */
export function createPeople(deps: { lids: Omit<Lids, 'learned'>; cache: Pick<ContactCache, 'forgetAddresses'> }): People {
  const { lids } = deps;

  /** What is known around these addresses, what they tell themselves included. */
  async function linksAround(told: Party): Promise<readonly Link[]> {
    const link = linkOf(told);
    const known = await lids.around({ lid: told.lid, number: told.number && canonicalNumber(told.number) });
    if (link === undefined || known.some(({ lid, number }) => lid === link.lid && number === link.number)) return known;
    await lids.add(link);
    const links = [...known, link];
    // From now on nobody knows whose they are; what was concluded from them before is no longer.
    if (!isSure(link, links)) await deps.cache.forgetAddresses(links.map(({ lid }) => lid));
    return links;
  }

  async function identify(chat: Chat): Promise<Person> {
    if (chat.type !== 'private') return { identity: identityOf(chat) };
    const told = await withoutFalseNumber(chat);
    const links = await linksAround(told);
    return { identity: identityOf({ ...told, ...whoIs(told, links) }, told.number ?? told.lid), doubt: doubtOf(told, links) };
  }

  /** Some engines tell the digits of a @lid as if they were a number. */
  async function withoutFalseNumber(chat: Chat): Promise<Chat> {
    const { number, lid } = chat;
    if (number === undefined || lid !== undefined) return chat;
    const jid = `${number}@lid`;
    return (await lids.has(jid)) ? { ...chat, number: undefined, lid: jid, address: jid } : chat;
  }

  return {
    identify,
    async learn(event) {
      const { sender, chat } = 'sender' in event ? event : {};
      if (sender === undefined || linkOf(sender) === undefined) return;
      // Mostly he is the chat.
      if (sender.number !== chat?.number || sender.lid !== chat?.lid) await linksAround(sender);
    },
  };
}

const linkOf = ({ number, lid }: Party): Link | undefined =>
  number === undefined || lid === undefined ? undefined : { number: canonicalNumber(number), lid };

/** Whether nothing else was told beside either of the two. */
const isSure = (link: Link, links: readonly Link[]): boolean =>
  links.every((other) => (other.lid === link.lid) === (other.number === link.number));

/** The addresses of who has told this one, or these two. Where it is not sure that two are one person's, the number counts. */
function whoIs({ number, lid }: Party, links: readonly Link[]): Pick<Party, 'number' | 'lid'> {
  const canonical = number === undefined ? undefined : canonicalNumber(number);
  const link = links.find((known) => (canonical === undefined ? known.lid === lid : known.number === canonical));
  if (link === undefined || (isSure(link, links) && (lid === undefined || link.lid === lid))) {
    return { number: number ?? link?.number, lid: lid ?? link?.lid };
  }
  return number === undefined ? { number, lid } : { number, lid: undefined };
}

function doubtOf({ lid }: Party, links: readonly Link[]): string | undefined {
  const numbers = links.filter((link) => link.lid === lid).map(({ number }) => `…${number.slice(-4)}`);
  if (numbers.length < 2) return undefined;
  return `WhatsApp told one hidden address (…${lid?.slice(-8)}) beside several numbers (${numbers.join(', ')}) — they are kept apart, and no contacts were merged; merge them in Chatwoot if they are one person`;
}
