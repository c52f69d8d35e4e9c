/** The host of an address, as people name a server by. */
export const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : url);
