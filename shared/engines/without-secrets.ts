import { isFields } from './fields.ts';

const SECRET = /(?:token|api[-_]?key|secret|password)$|^(?:authorization|(?:hmac|jwt)(?:[-_]?key)?)$/i;
/** Nobody nests what is read of an event as deeply. */
const DEPTH = 100;

/** Whether a field of this name holds what opens an engine, or may: engines put that into what they deliver. */
export const isSecretName = (name: string): boolean => SECRET.test(name);

interface Stripping {
  /** Names of what is left out as well. */
  readonly also?: RegExp;
  /** What becomes of a text, or of a name. */
  readonly mask?: (text: string) => string;
}

/** A payload without anything that is named as a secret, at any depth. */
export const withoutSecrets = (value: unknown, stripping: Stripping = {}): unknown => prune(value, stripping, 0);

function prune(value: unknown, stripping: Stripping, depth: number): unknown {
  const { also, mask } = stripping;
  if (depth > DEPTH) return undefined;
  if (typeof value === 'string') return mask === undefined ? value : mask(value);
  if (Array.isArray(value)) return value.map((inner) => prune(inner, stripping, depth + 1));
  if (!isFields(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !isSecretName(name) && also?.test(name) !== true)
      .map(([name, inner]) => [mask === undefined ? name : mask(name), prune(inner, stripping, depth + 1)]),
  );
}
