import { isFields } from './fields.ts';

const SECRET =
  /^(?:[a-z]+[-_])*(?:api[-_]?key|(?:instance|access|verify|account|client|admin)?[-_]?token|authorization|password|(?:app|client|webhook)?[-_]?secret|hmac(?:[-_]?key)?)$/i;
/** Nobody nests what is read of an event as deeply. */
const DEPTH = 100;

/** A payload without anything that is named as a secret, at any depth: engines put tokens into what they deliver. `alsoWithout` names more. */
export const withoutSecrets = (value: unknown, alsoWithout?: RegExp): unknown => prune(value, alsoWithout, 0);

function prune(value: unknown, also: RegExp | undefined, depth: number): unknown {
  if (depth > DEPTH) return undefined;
  if (Array.isArray(value)) return value.map((inner) => prune(inner, also, depth + 1));
  if (!isFields(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !SECRET.test(key) && also?.test(key) !== true)
      .map(([key, inner]) => [key, prune(inner, also, depth + 1)]),
  );
}
