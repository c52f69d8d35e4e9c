import { createHash } from 'node:crypto';

/** An id of a message as phones make them, but the same for the same key: what is sent twice under one id arrives once. */
export function ownId(idempotencyKey: string | undefined): string | undefined {
  if (idempotencyKey === undefined) return undefined;
  return `3EB0${createHash('sha256').update(idempotencyKey).digest('hex').slice(0, 18).toUpperCase()}`;
}
