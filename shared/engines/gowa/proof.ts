import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Delivery } from '../engine.ts';

/** `X-Hub-Signature-256`: SHA-256 over the bytes as they came, with the secret that was set with the webhook. */
export function isGenuine({ rawBody, headers }: Delivery, secret: string): boolean {
  const [, told] = /^sha256=([\da-f]{64})$/i.exec(headers['x-hub-signature-256'] ?? '') ?? [];
  if (told === undefined || secret === '') return false;
  return timingSafeEqual(Buffer.from(told, 'hex'), createHmac('sha256', secret).update(rawBody).digest());
}
