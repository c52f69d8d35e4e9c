import type { Delivery } from '../engine.ts';
import { isSignature } from '../signature.ts';
import { readFormData } from './form-data.ts';

/**
 * wuzapi's `x-hmac-signature`: SHA-256 over the body as it came; beside a file, over the JSON of the form's fields.
 *
 * What is not signed is taken as well, by its secret address alone: evolution-go signs nothing, and wuzapi, once started again, signs nothing
 * until the key is set anew, since what it reads of its database then has no key (wuzapi handlers.go, authalice).
 */
export function isGenuine({ rawBody, headers }: Pick<Delivery, 'rawBody' | 'headers'>, secret: string): boolean {
  const told = headers['x-hmac-signature'];
  if (told === undefined) return true;
  const form = readFormData(rawBody, headers['content-type'] ?? '');
  const signed = form === undefined ? rawBody : goJson(form.fields);
  return isSignature('sha256', { told, signed, secret });
}

/** As Go writes a map of texts: sorted by its keys, and safe to stand in HTML. */
const goJson = (fields: Readonly<Record<string, string>>): string => {
  const sorted = Object.entries(fields).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify(Object.fromEntries(sorted)).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
};
