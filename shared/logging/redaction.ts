import { maskSecrets } from '../bridge-client/detail.ts';

const MASK = '[redacted]';
// Ponte's own tokens, wherever they turn up; those of others are known by the name of their field, or by their value.
const OWN_TOKENS = /pt[adiw]_[2-9A-HJ-NP-Za-km-z]{40}|whsec_[\w+/]{40,}=*/g;
const SECRET_FIELD = /(?:token|secret|password|passwd|authorization|cookie|api[-_]?key|webhook[-_]?key|encryption[-_]?keys)$/i;
const LEAST_LENGTH = 8;
const MOST_NAMES = 500;

/**
 * Takes secrets out of a log line (JSON): every field whose name says that it holds one, at any depth, and in every text our own tokens,
 * `secrets` in any spelling, and what the text itself names as a secret. A line that cannot be read is not shown at all.
 */
export function createRedaction(secrets: readonly (string | undefined)[]): (line: string) => string {
  const known = secrets.filter((value): value is string => value !== undefined && value.length >= LEAST_LENGTH);
  const clean = (text: string): string => maskSecrets(text.replace(OWN_TOKENS, MASK), known);

  /** Nearly all are names of ours, the same few in every line. */
  const names = new Map<string, string>();
  function cleanName(name: string): string {
    const found = names.get(name);
    if (found !== undefined) return found;
    const cleaned = clean(name);
    if (names.size < MOST_NAMES) names.set(name, cleaned);
    return cleaned;
  }

  function walk(value: unknown): unknown {
    if (typeof value === 'string') return clean(value);
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, field]) => [cleanName(key), SECRET_FIELD.test(key) && isTold(field) ? MASK : walk(field)]),
    );
  }

  return (line) => {
    try {
      return `${JSON.stringify(walk(JSON.parse(line)))}\n`;
    } catch {
      return `${JSON.stringify({ level: 40, msg: 'a log line could not be checked for secrets and is left out' })}\n`;
    }
  };
}

/** That a secret is missing, or is there, may be told. */
const isTold = (field: unknown): boolean => field !== null && field !== undefined && typeof field !== 'boolean' && field !== '';

/** What a configuration holds that may never be read anywhere: its tokens, passwords and keys, and the passwords in its addresses. */
export function secretsOf(config: object): string[] {
  return Object.entries(config).flatMap(([name, value]) => {
    if (name === 'ENCRYPTION_KEYS' && Array.isArray(value)) return value.flatMap(({ secret }) => spellings(secret));
    if (typeof value !== 'string') return [];
    if (/TOKEN$|PASSWORD$/.test(name)) return [value];
    if (!URL.canParse(value)) return [];
    const { password } = new URL(value);
    return password === '' ? [] : [password, decoded(password)];
  });
}

const spellings = (key: unknown): string[] =>
  Buffer.isBuffer(key) ? [key.toString('base64'), key.toString('base64url'), key.toString('hex')] : [];

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
