/** As the engine names a chat in a key: digits alone are a number. */
export const jidOf = (address: string): string =>
  address.includes('@') ? address.replace(/@c\.us$/, '@s.whatsapp.net') : `${address.replace(/\D/g, '')}@s.whatsapp.net`;

/** As `number` of a request: digits, or a JID. */
export const numberOf = (address: string): string => (address.includes('@') ? jidOf(address) : address.replace(/\D/g, ''));
