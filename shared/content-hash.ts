import { createHash } from 'node:crypto';

/** A name for what has none of its own: the same content has the same. */
export const hashOf = (value: unknown): string =>
  `h${createHash('sha256')
    .update(JSON.stringify(value) ?? '')
    .digest('hex')
    .slice(0, 32)}`;
