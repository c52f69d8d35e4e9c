import { createHmac, timingSafeEqual } from 'node:crypto';

/** What the headers of a webhook prove. `missing`: Chatwoot before 4.13.0 signs nothing. */
export type SignatureCheck = 'valid' | 'missing' | 'stale' | 'wrong';

export interface SignedWebhook {
  /** `X-Chatwoot-Timestamp`, in seconds since 1970. */
  readonly timestamp: string | undefined;
  /** `X-Chatwoot-Signature`, `sha256=<hex>`. */
  readonly signature: string | undefined;
  /** The very bytes that came: Chatwoot escapes some characters that a parser would write otherwise. */
  readonly rawBody: Buffer;
}

const MAX_AGE_SECONDS = 300;

/** Chatwoot signs `<timestamp>.<raw body>` with HMAC-SHA256 under the inbox's `secret`. */
export function checkSignature(webhook: SignedWebhook, secret: string, nowMs: number): SignatureCheck {
  const { timestamp = '', signature = '' } = webhook;
  if (timestamp === '' && signature === '') return 'missing';
  const [, hex = ''] = /^sha256=([\da-f]{64})$/i.exec(signature) ?? [];
  const expected = createHmac('sha256', secret).update(`${timestamp}.`).update(webhook.rawBody).digest();
  const given = Buffer.from(hex, 'hex');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return 'wrong';
  // Only of a timestamp that is signed is it worth to know its age.
  return Math.abs(nowMs / 1_000 - Number(timestamp)) <= MAX_AGE_SECONDS ? 'valid' : 'stale';
}
