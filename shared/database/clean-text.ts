/** Text that every database takes: no NUL, no half of a surrogate pair. */
export const cleanText = (text: string): string => Buffer.from(text.replaceAll('\u0000', ''), 'utf8').toString('utf8');
