import { createHash, timingSafeEqual } from 'node:crypto';
import type { Delivery } from '../engine.ts';

/** Evolution signs nothing, but sends along any header it is given with the webhook. */
export const PROOF_HEADER = 'x-ponte-secret';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

export function isGenuine({ headers }: Delivery, secret: string): boolean {
  return timingSafeEqual(digest(headers[PROOF_HEADER] ?? ''), digest(secret));
}
