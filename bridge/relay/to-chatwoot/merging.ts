import { canonicalNumber } from '../../../shared/engines/phone-number.ts';
import type { Contact } from '../../chatwoot/answers.ts';
import { addressOfJid, digitsOfPhone, isNumber } from '../address.ts';
import type { Identity } from './identity.ts';

/**
 * Why two contacts of somebody must not be made one, which nobody could undo; undefined where they may. `base` is the one that would remain,
 * `known` are the addresses that either has been written from.
 */
export function objectionToMerge(
  { base, mergee, known }: { readonly base: Contact; readonly mergee: Contact; readonly known: readonly string[] },
  { addresses }: Pick<Identity, 'addresses'>,
): string | undefined {
  const number = addresses.find(isNumber);
  const [kept, lost] = [numberOf(base), numberOf(mergee)];
  if (kept !== undefined && lost !== undefined && kept !== lost) return 'their phone numbers differ';
  if (known.some((address) => !addresses.includes(address))) return 'one of them has been written from another address, too';
  if ((kept ?? number) !== number || (lost ?? number) !== number)
    return 'one of them has another phone number than the one he writes from';
  if (base.email && mergee.email && base.email !== mergee.email) return 'their email addresses differ';
  // What another system knows it by would be gone.
  const isForeign = Boolean(mergee.identifier) && addressOfJid(mergee.identifier) === undefined;
  return isForeign && base.identifier ? 'another system knows one of them by its identifier' : undefined;
}

const numberOf = ({ phone_number }: Contact): string | undefined => {
  const digits = digitsOfPhone(phone_number);
  return digits === undefined ? undefined : canonicalNumber(digits);
};
