import { canonicalNumber, spellingsOf } from '../../shared/engines/phone-number.ts';

export const isNumber = (address: string): boolean => /^\d+$/.test(address);

/** One spelling for an address of WhatsApp: digits as `canonicalNumber` writes them, a JID as it is. */
export const canonicalAddress = (address: string): string => (isNumber(address) ? canonicalNumber(address) : address);

export const spellingsOfAddress = (address: string): readonly string[] => (isNumber(address) ? spellingsOf(address) : [address]);

/** The digits of a phone number as Chatwoot has it; undefined where it is none. */
export const digitsOfPhone = (phone: string | null | undefined): string | undefined =>
  /^\+\d{5,20}$/.exec(phone?.replace(/[\s().-]/g, '') ?? '')?.[0].slice(1);

/** A user of the Cloud API who shows no number: a country, and whatever Meta makes up. */
const BSUID = /^[A-Za-z]{2}\.[\w.-]{1,128}@bsuid$/;
const JID = /^([\w-]{1,100}(?:\.\d+)?)(?::\d+)?@(s\.whatsapp\.net|c\.us|lid|g\.us|newsletter|broadcast)$/i;

/** The address that a JID names, as replies are sent to it; undefined for what is none. Bare digits are none: they may be any number. */
export function addressOfJid(text: string | null | undefined): string | undefined {
  const told = text?.trim() ?? '';
  if (BSUID.test(told)) return told;
  const [, user = '', domain = ''] = JID.exec(told) ?? [];
  switch (domain.toLowerCase()) {
    case 's.whatsapp.net':
    case 'c.us':
      return /^\d{5,20}$/.test(user) ? user : undefined;
    case 'lid':
    case 'g.us':
    case 'newsletter':
      return `${user}@${domain.toLowerCase()}`;
    default:
      return undefined;
  }
}
