import type { Delivery } from '../engine.ts';
import { isSignature } from '../signature.ts';

/** `X-Webhook-Hmac`: SHA-512 over the bytes as they came, with the key that was set with the webhook. */
export const isGenuine = ({ rawBody, headers }: Delivery, secret: string): boolean =>
  isSignature('sha512', { told: headers['x-webhook-hmac'], signed: rawBody, secret });
