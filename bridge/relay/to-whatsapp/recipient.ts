import type { ReplyReason } from '../../texts/texts.ts';

/** Where a reply goes: digits with the country code, or a JID of a @lid, group or channel, which is never turned into a number. */
export type Recipient =
  | { readonly kind: 'address'; readonly address: string }
  | { readonly kind: 'none'; readonly reason: ReplyReason };

const JID = /^([\w-]{1,100}(?:\.\d+)?)(?::\d+)?@(s\.whatsapp\.net|c\.us|lid|g\.us|newsletter|broadcast)$/i;

/**
 * The address of a conversation's contact. `sourceId` is what Ponte gave the contact in the inbox; where an agent started the
 * conversation himself, Chatwoot made up a random one, and the contact's identifier or phone number has to do.
 */
export function recipientOf(contact: { sourceId: string; identifier: string; phoneNumber: string }): Recipient {
  for (const text of [contact.sourceId, contact.identifier, contact.phoneNumber]) {
    const recipient = addressOf(text.trim());
    if (recipient) return recipient;
  }
  return { kind: 'none', reason: 'noNumber' };
}

export const isGroup = (address: string): boolean => address.endsWith('@g.us');

function addressOf(text: string): Recipient | undefined {
  const [, digits] = /^\+?(\d{5,20})$/.exec(text) ?? [];
  if (digits !== undefined) return { kind: 'address', address: digits };
  const [, user = '', domain = ''] = JID.exec(text) ?? [];
  switch (domain.toLowerCase()) {
    case 's.whatsapp.net':
    case 'c.us':
      return /^\d{5,20}$/.test(user) ? { kind: 'address', address: user } : undefined;
    case 'lid':
    case 'g.us':
    case 'newsletter':
      return { kind: 'address', address: `${user}@${domain.toLowerCase()}` };
    case 'broadcast':
      return { kind: 'none', reason: 'statusTakesNoReply' };
    default:
      return undefined;
  }
}
