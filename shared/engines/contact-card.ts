import type { ContactCard } from './event.ts';
import { type Fields, isFields, labelOf, textOf } from './fields.ts';

const PHONES_SHOWN = 50;

/** A contact that somebody shared, by its fields or its vCard. */
export function readContactCard(card: Fields): ContactCard {
  const vcard = textOf(card, 'vcard', 'vCard');
  const listed = [card.phones, card.phoneNumbers, card.numbers].flat();
  const told = listed.map((phone) =>
    isFields(phone) ? labelOf(phone, 'phone', 'number', 'value', 'wa_id') : labelOf({ phone }, 'phone'),
  );
  const own = labelOf(card, 'phone', 'phoneNumber', 'phone_number', 'number', 'jid').replace(/@.*$/, '');
  const phones = [...told, own, ...vcardPhones(vcard)].filter((phone) => phone !== '');
  return {
    name: labelOf(card, 'displayName', 'display_name', 'fullName', 'full_name', 'name') || vcardName(vcard),
    phones: distinct(phones),
  };
}

/** One number may be told in several notations: the first counts. */
const distinct = (phones: readonly string[]): string[] => {
  const digits = (phone: string) => phone.replace(/\D/g, '') || phone;
  return phones.filter((phone, index) => phones.findIndex((other) => digits(other) === digits(phone)) === index);
};

const vcardName = (vcard: string): string => labelOf({ name: /^FN[^:\n]*:(.+)$/m.exec(vcard)?.[1] }, 'name');
const vcardPhones = (vcard: string): string[] =>
  [...vcard.matchAll(/^(?:item\d+\.)?TEL[^:\n]*:(.+)$/gm)].slice(0, PHONES_SHOWN).map(([, phone]) => labelOf({ phone }, 'phone'));
