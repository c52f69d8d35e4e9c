import { MASK, maskValues } from '../text/mask.ts';

/** Long enough for the address and the whole of any answer of Chatwoot, short enough for one log line. */
const MAX_DETAIL_LENGTH = 800;
/** What a caller's own value (an address) may take of a message. */
const MAX_VALUE_LENGTH = 300;

// C0 and C1 controls, line separators, and the marks that reorder or hide text; PostgreSQL's jsonb takes neither NUL nor half a surrogate pair.
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+/gu;
const HALF_PAIRS = /\p{Surrogate}/gu;
const URL_CREDENTIALS = /(?<=:\/\/)[^\s/?#@]+@/g;
const NAMED_SECRETS =
  /((?:access[_-]?token|pubsub[_-]?token|hmac[_-]?token|authorization|password|secret|api[_-]?key|token)\\?["']?\s*[:=]\s*\\?["']?(?:bearer\s+)?)[\w.~+/=-]{8,}/giu;
const BEARER = /(\bbearer\s+)[\w.~+/=-]{8,}/giu;

/** One printable line of at most 800 characters, in which neither `secrets` nor anything that is named as one can be read. */
export function cleanDetail(text: string, secrets: readonly string[] = []): string {
  return cut(printable(maskSecrets(text, secrets)), MAX_DETAIL_LENGTH);
}

/** A caller's value, fit to stand inside a message. */
export const cleanValue = (text: string): string => cut(printable(text.replace(URL_CREDENTIALS, '')), MAX_VALUE_LENGTH);

/** `text` without anything of `secrets` (in any spelling they travel in, or cut off) and of what is named as a secret in it. */
export function maskSecrets(text: string, secrets: readonly string[]): string {
  return maskValues(text, secrets).replace(URL_CREDENTIALS, '').replace(NAMED_SECRETS, `$1${MASK}`).replace(BEARER, `$1${MASK}`);
}

const printable = (text: string): string => text.replace(HALF_PAIRS, '\ufffd').replace(UNPRINTABLE, ' ').trim();

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).replace(HALF_PAIRS, '')}…`;
}
