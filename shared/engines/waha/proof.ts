import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Delivery } from '../engine.ts';

/** `X-Webhook-Hmac`: SHA-512 over the bytes as they came, with the key that was set with the webhook. */
export function isGenuine({ rawBody, headers }: Delivery, secret: string): boolean {
  const [told] = /^[\da-f]{128}$/i.exec(headers['x-webhook-hmac'] ?? '') ?? [];
  if (told === undefined || secret === '') return false;
  return timingSafeEqual(Buffer.from(told, 'hex'), createHmac('sha512', secret).update(rawBody).digest());
}
