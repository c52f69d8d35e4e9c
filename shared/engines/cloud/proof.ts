import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Delivery } from '../engine.ts';
import { hubSignature, isSignature } from '../signature.ts';

/** `X-Hub-Signature-256`: over the bytes as they came, with the secret of the app. */
export const isGenuine = ({ rawBody, headers }: Delivery, secret: string): boolean =>
  isSignature('sha256', { told: hubSignature(headers['x-hub-signature-256']), signed: rawBody, secret });

/** Meta asks before it takes an address: `hub.verify_token` is the word we gave with it, `hub.challenge` what it wants to read. */
export function answerVerification(query: Readonly<Record<string, unknown>>, secret: string): string | undefined {
  const challenge = query['hub.challenge'];
  const word = query['hub.verify_token'];
  if (query['hub.mode'] !== 'subscribe' || typeof word !== 'string' || typeof challenge !== 'string') return undefined;
  const digest = (text: string): Buffer => createHmac('sha256', 'ponte').update(text).digest();
  const isOurs = secret !== '' && timingSafeEqual(digest(word), digest(secret));
  return isOurs && /^[\w.-]{1,200}$/.test(challenge) ? challenge : undefined;
}
