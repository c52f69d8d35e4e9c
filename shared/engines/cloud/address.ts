import type { Chat, Party } from '../event.ts';
import { type Fields, labelOf } from '../fields.ts';
import { personName } from '../jid.ts';

/** Ends the address of a user who is known by his business-scoped id: `BR.1349@bsuid`. */
const BSUID = '@bsuid';

const digitsOf = (text: string): string | undefined => (/^\+?\d{5,20}$/.test(text) ? text.replace('+', '') : undefined);
const bsuidOf = (text: string): string | undefined => (/^[A-Z]{2}\.[\w.-]{1,128}$/i.test(text) ? `${text}${BSUID}` : undefined);

/** A person by number and business-scoped user id; since April 2026 either may be all that is told. */
export function partyOf(number: string, userId: string, profile: Fields = {}): Party {
  return { number: digitsOf(number), lid: bsuidOf(userId), name: personName(labelOf(profile, 'name', 'username')) };
}

/** The chat with a person; undefined where he has no address. */
export function privateChat(party: Party): Chat | undefined {
  const address = party.number ?? party.lid;
  return address === undefined ? undefined : { ...party, type: 'private', address };
}

/** A group, whose id is Meta's own and no JID. */
export const groupChat = (id: string): Chat => ({ type: 'group', address: `${id.replace(/@g\.us$/, '')}@g.us` });

export type CloudRecipient =
  | { readonly recipient_type: 'individual'; readonly to: string }
  | { readonly recipient_type: 'individual'; readonly recipient: string }
  | { readonly recipient_type: 'group'; readonly to: string };

/** Where a message goes, in the words of the API; undefined for an address that it does not know. */
export function recipientOf(address: string): CloudRecipient | undefined {
  const [user = '', domain = ''] = address.trim().split('@', 2);
  switch (domain.toLowerCase()) {
    case '':
    case 's.whatsapp.net':
    case 'c.us': {
      const to = user.replace(/\D/g, '');
      return to === '' ? undefined : { recipient_type: 'individual', to };
    }
    case 'bsuid':
      return { recipient_type: 'individual', recipient: user };
    case 'g.us':
      return { recipient_type: 'group', to: user };
    default:
      return undefined;
  }
}
