import { canonicalNumber } from '../../../shared/engines/phone-number.ts';
import type { ReplyReason } from '../../texts/texts.ts';
import { addressOfJid, digitsOfPhone } from '../address.ts';

/** Where a reply goes: digits with the country code, or a JID of a @lid, @bsuid, group or channel, which is never turned into a number. */
export type Recipient =
  | { readonly kind: 'address'; readonly address: string }
  | { readonly kind: 'none'; readonly reason: ReplyReason };

/** What is known of who an agent's message is for. */
export interface RecipientFacts {
  /** Where the conversation's last message came from, as the engine spells it. */
  readonly lastWriter: string | undefined;
  /** The contact as Chatwoot has it. */
  readonly contact: { readonly identifier: string; readonly phoneNumber: string };
  /** How the engine spells the contact's phone number, where it has told. */
  readonly phoneAsTold: string | undefined;
  /** The contact's address in the inbox, and whether Ponte gave it to this very contact. */
  readonly sourceId: string;
  readonly isSourceIdOurs: boolean;
}

/**
 * The address a conversation is with. Before anybody has written in it, that is its contact's phone number. Digits that say nowhere what they
 * are, as an `identifier` or a `source_id` that another system made up, are never taken for a number: they may be anything.
 */
export function recipientOf(facts: RecipientFacts): Recipient {
  const { lastWriter, contact, phoneAsTold, sourceId, isSourceIdOurs } = facts;
  if (lastWriter !== undefined) return { kind: 'address', address: lastWriter };
  if (/@broadcast$/i.test(sourceId)) return { kind: 'none', reason: 'statusTakesNoReply' };
  const named = [addressOfJid(sourceId), addressOfJid(contact.identifier)];
  const address =
    // A group has no number, whatever stands there.
    named.find((known) => known?.endsWith('@g.us')) ??
    phoneAsTold ??
    digitsOfPhone(contact.phoneNumber) ??
    // A @lid and a channel are no numbers, whoever wrote them there.
    named.find((known) => known?.includes('@')) ??
    addressOfJid(contact.identifier) ??
    (isSourceIdOurs && /^\d{5,20}$/.test(sourceId) ? sourceId : undefined);
  return address === undefined ? { kind: 'none', reason: 'noNumber' } : { kind: 'address', address };
}

/** Under which spelling a contact's phone number is known, if at all. */
export const canonicalPhone = (phoneNumber: string): string | undefined => {
  const digits = digitsOfPhone(phoneNumber);
  return digits === undefined ? undefined : canonicalNumber(digits);
};

export const isGroup = (address: string): boolean => address.endsWith('@g.us');
