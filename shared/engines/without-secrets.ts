import { isFields } from './fields.ts';

const SECRET =
  /^(?:x-?)?(?:api[-_]?key|(?:instance|access|verify|account|client|admin)?[-_]?token|authorization|password|(?:app|client)?[-_]?secret|hmac)$/i;
/** Nobody nests what is read of an event as deeply. */
const DEPTH = 100;

/** A payload without anything that is named as a secret, at any depth: engines put tokens into what they deliver. */
export function withoutSecrets(value: unknown, depth = 0): unknown {
  if (depth > DEPTH) return undefined;
  if (Array.isArray(value)) return value.map((inner) => withoutSecrets(inner, depth + 1));
  if (!isFields(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !SECRET.test(key))
      .map(([key, inner]) => [key, withoutSecrets(inner, depth + 1)]),
  );
}
