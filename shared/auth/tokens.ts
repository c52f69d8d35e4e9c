import { createHash, timingSafeEqual } from 'node:crypto';
import { customAlphabet } from 'nanoid';

// No look-alikes and no punctuation: ids and tokens are read aloud, double-clicked and put into URLs.
const ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const id = customAlphabet(ALPHABET, 16);
const secret = customAlphabet(ALPHABET, 40);

export type IdPrefix = 'acc' | 'ins' | 'act' | 'int' | 'cwi' | 'rem' | 'req' | 'dlt' | 'ewh' | 'whk' | 'evt';

/** A fresh id such as `int_7Yk2…`: 16 characters, some 93 bits. */
export const createId = (prefix: IdPrefix): string => `${prefix}_${id()}`;
/** A fresh secret of some 233 bits. The prefix tells what it is for when it turns up where it should not. */
export const createToken = (kind: 'account' | 'instance' | 'webhook' | 'delivery' | 'session'): string =>
  `pt${kind[0]}_${secret()}`;
/** How a caller's token is stored and looked up: SHA-256, hex. Enough for random tokens, which cannot be guessed from a hash. */
export const hashToken = (token: string): string => createHash('sha256').update(token).digest('hex');

/** Compares two secrets in a time that tells nothing about either. */
export function secretsEqual(left: string, right: string): boolean {
  return timingSafeEqual(createHash('sha256').update(left).digest(), createHash('sha256').update(right).digest());
}
