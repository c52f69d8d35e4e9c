/** What kind of conversation an address belongs to. */
export type ChatType = 'private' | 'group' | 'newsletter';

const PHONE_DOMAIN = '@s.whatsapp.net';
const DOMAINS = [PHONE_DOMAIN, '@g.us', '@lid', '@newsletter'];

/** The address that a send request names: digits (with or without punctuation) or an address with its domain. Undefined if it is neither. */
export function toJid(number: string): string | undefined {
  const text = number.trim();
  if (text.includes('@')) {
    const isKnown = DOMAINS.some((domain) => text.endsWith(domain));
    return isKnown && /^[\d-]+@/.test(text) ? text : undefined;
  }
  const digits = text.replace(/[\s()+.-]/g, '');
  return /^\d{6,20}$/.test(digits) ? `${digits}${PHONE_DOMAIN}` : undefined;
}

export const phoneJid = (phone: string): string => `${phone.replace(/\D/g, '')}${PHONE_DOMAIN}`;
export const lidJid = (lid: string): string => `${lid.replace(/\D/g, '')}@lid`;

export function chatTypeOf(jid: string): ChatType {
  if (jid.endsWith('@g.us')) return 'group';
  return jid.endsWith('@newsletter') ? 'newsletter' : 'private';
}

/** A phone's address without its domain, as the catalogue writes it; other addresses as they are. */
export const bareJid = (jid: string): string => (jid.endsWith(PHONE_DOMAIN) ? jid.slice(0, -PHONE_DOMAIN.length) : jid);

/** Brazilian mobile numbers exist with and without a 9 after the area code; WhatsApp knows a subscriber by one of the two. */
export function brazilianTwin(jid: string): string | undefined {
  const [, area, rest] = /^55(\d{2})(\d{8,9})@s\.whatsapp\.net$/.exec(jid) ?? [];
  if (area === undefined || rest === undefined) return undefined;
  if (rest.length === 8) return `55${area}9${rest}${PHONE_DOMAIN}`;
  return rest.startsWith('9') ? `55${area}${rest.slice(1)}${PHONE_DOMAIN}` : undefined;
}
