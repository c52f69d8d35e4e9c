import { parsePhoneNumberFromString } from 'libphonenumber-js';
import type { Chat, Party } from '../../../shared/engines/event.ts';
import { canonicalNumber, dialledNumber, spellingsOf } from '../../../shared/engines/phone-number.ts';

/** Who a contact of Chatwoot is, by the addresses WhatsApp knows. */
export interface Identity {
  readonly kind: 'person' | 'group';
  /**
   * Every address that is known, in one spelling each, so that a person is found by any of them: the number in E.164 without `+`,
   * the @lid; of a group its JID. At least one.
   */
  readonly addresses: readonly string[];
  /** Where replies go to: the address in WhatsApp's own spelling. */
  readonly sourceId: string;
  /** E.164; absent where no number is known, or none that could be dialled. */
  readonly phone?: string | undefined;
  /** Other ways in which people write that number. */
  readonly phoneVariants: readonly string[];
  /** Chatwoot's unique `identifier`. */
  readonly identifier: string;
  readonly name: string;
  /** What the contact is called while no name is known. */
  readonly fallbackName: string;
}

/** E.164, where the digits can be a phone number at all. */
function toPhone(digits: string): string | undefined {
  const number = parsePhoneNumberFromString(`+${digits}`);
  return number?.isPossible() && /^\+[1-9]\d{6,14}$/.test(number.number) ? number.number : undefined;
}

/** The person or the group that a chat is with. `replyTo` is where an answer goes, where that is not the first address. */
export function identityOf(chat: Chat, replyTo?: string): Identity {
  return chat.type === 'private' ? personOf(chat, replyTo) : groupOf(chat);
}

function groupOf({ address, name = '' }: Chat): Identity {
  const group = { kind: 'group', addresses: [address], sourceId: address, identifier: address, name } as const;
  return { ...group, phoneVariants: [], fallbackName: 'WhatsApp group' };
}

function personOf({ number, lid, address, name = '' }: Chat, replyTo = number ?? lid ?? address): Identity {
  const phone = number === undefined ? undefined : toPhone(dialledNumber(number));
  const spellings = phone === undefined || number === undefined ? [] : spellingsOf(number).map((digits) => `+${digits}`);
  return {
    kind: 'person',
    addresses: [number === undefined ? undefined : canonicalNumber(number), lid].filter((known) => known !== undefined),
    sourceId: replyTo,
    phone,
    phoneVariants: spellings.filter((spelling) => spelling !== phone),
    identifier: number === undefined ? (lid ?? address) : `${number}@s.whatsapp.net`,
    name,
    fallbackName: phone ?? number ?? lid?.replace(/@(?:lid|bsuid)$/, '') ?? address,
  };
}

/** A number for people to read; a @lid is none. Empty where none is known. */
export function shownNumber({ number }: Party): string {
  if (number === undefined) return '';
  const parsed = parsePhoneNumberFromString(`+${dialledNumber(number)}`);
  return parsed?.isPossible() ? parsed.formatInternational() : `+${number}`;
}
