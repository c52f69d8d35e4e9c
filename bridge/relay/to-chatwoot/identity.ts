import { parsePhoneNumberFromString } from 'libphonenumber-js';
import type { Chat, Party } from '../../../shared/engines/event.ts';

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

// Brazil: 55, two digits of the area, eight of a mobile number that begins with 6 to 9. Since 2016 a 9 comes before those.
const BRAZIL_OLD_MOBILE = /^55(\d{2})([6-9]\d{7})$/;
const BRAZIL_NEW_MOBILE = /^55(\d{2})9([6-9]\d{7})$/;
// Mexico: until 2019 mobile numbers had a 1 after 52, which WhatsApp still has.
const MEXICO_OLD_MOBILE = /^521(\d{10})$/;

/** One spelling for one number: accounts of WhatsApp keep the number they were made with, however it is dialled today. */
export function canonicalNumber(digits: string): string {
  return digits.replace(BRAZIL_OLD_MOBILE, '55$19$2').replace(MEXICO_OLD_MOBILE, '52$1');
}

/** The older spelling of a canonical number, where there is one. */
function olderNumbers(canonical: string): string[] {
  const brazil = BRAZIL_NEW_MOBILE.exec(canonical);
  if (brazil) return [`55${brazil[1]}${brazil[2]}`];
  return /^52\d{10}$/.test(canonical) ? [`521${canonical.slice(2)}`] : [];
}

/** E.164, where the digits can be a phone number at all. */
function toPhone(digits: string): string | undefined {
  const number = parsePhoneNumberFromString(`+${digits}`);
  return number?.isPossible() && /^\+[1-9]\d{6,14}$/.test(number.number) ? number.number : undefined;
}

/** Whether an address tells no number: a @lid, or the Cloud API's user id. */
export const isNumberless = (address: string): boolean => /@(?:lid|bsuid)$/.test(address);

/** The person or the group that a chat is with. */
export function identityOf(chat: Chat): Identity {
  return chat.type === 'private' ? personOf(chat) : groupOf(chat);
}

function groupOf({ address, name = '' }: Chat): Identity {
  const group = { kind: 'group', addresses: [address], sourceId: address, identifier: address, name } as const;
  return { ...group, phoneVariants: [], fallbackName: 'WhatsApp group' };
}

function personOf({ number, lid, address, name = '' }: Chat): Identity {
  const canonical = number === undefined ? undefined : canonicalNumber(number);
  const phone = canonical === undefined ? undefined : toPhone(canonical);
  return {
    kind: 'person',
    addresses: [canonical, lid].filter((known) => known !== undefined),
    sourceId: number ?? lid ?? address,
    phone,
    phoneVariants: phone === undefined || canonical === undefined ? [] : olderNumbers(canonical).map((digits) => `+${digits}`),
    identifier: number === undefined ? (lid ?? address) : `${number}@s.whatsapp.net`,
    name,
    fallbackName: phone ?? number ?? lid?.replace(/@(?:lid|bsuid)$/, '') ?? address,
  };
}

/** A number for people to read; a @lid is none. Empty where none is known. */
export function shownNumber({ number }: Party): string {
  if (number === undefined) return '';
  const parsed = parsePhoneNumberFromString(`+${canonicalNumber(number)}`);
  return parsed?.isPossible() ? parsed.formatInternational() : `+${number}`;
}
