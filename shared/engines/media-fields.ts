/** A MIME type without parameters, lower case; empty for what is none. */
export const mimeTypeOf = (text: string): string => {
  const type = (text.split(';')[0] ?? '').trim().toLowerCase();
  return /^[\w.+-]+\/[\w.+-]+$/.test(type) ? type : '';
};

/** Base64, with or without the head of a data URL. Whether it decodes is found out where it is decoded. */
export function readBase64(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined;
  const text = value.startsWith('data:') ? value.slice(value.indexOf(',') + 1) : value;
  return text === '' ? undefined : text;
}

/** WhatsApp's own servers hold media encrypted (`.enc`), so an address there is of no use. */
export function usableUrls(told: readonly string[]): string[] {
  return [...new Set(told.map((text) => text.trim()))].filter((text) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url === undefined || !/^https?:$/.test(url.protocol)) return false;
    return !/(^|\.)whatsapp\.net$/i.test(url.hostname) && !url.pathname.endsWith('.enc');
  });
}
