import type { Delivery } from '../engine.ts';
import { hubSignature, isSignature } from '../signature.ts';

/** `X-Hub-Signature-256`: SHA-256 over the bytes as they came, with the secret that was set with the webhook. */
export const isGenuine = ({ rawBody, headers }: Delivery, secret: string): boolean =>
  isSignature('sha256', { told: hubSignature(headers['x-hub-signature-256']), signed: rawBody, secret });
