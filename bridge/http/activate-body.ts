import type { Request } from 'express';
import { z } from 'zod';
import {
  type BridgeActivateRequest,
  bridgeActivateRequestSchema,
  IDEMPOTENCY_KEY_HEADER,
} from '../../shared/contracts/bridge.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';

const MAX_INT4 = 2_147_483_647;
const FAULTS_SHOWN = 20;

/** An address in one spelling, so that the same one is recognised: without credentials, query, fragment or a slash at its end. */
const address = z
  .url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' })
  .refine((url) => new URL(url).username === '' && new URL(url).password === '', 'must not contain a user or a password')
  .transform((url) => {
    const { origin, pathname } = new URL(url);
    return `${origin}${pathname.replace(/\/+$/, '')}`;
  });
// PostgreSQL's text takes no NUL.
const text = z
  .string()
  .min(1)
  .regex(/^[^\0]*$/, 'must not contain NUL');

/** What the contract says, and what a header, a URL or the database take. */
const activateBodySchema = bridgeActivateRequestSchema.extend({
  instance_id: text,
  instance: text,
  inbox_name: text,
  ryzeapi_url: address,
  chatwoot_base_url: address,
  chatwoot_account_id: z.number().int().positive().max(MAX_INT4),
  chatwoot_api_token: z.string().regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces'),
});

/** Throws PonteError `invalid_body`, which names every field at fault; values are never repeated. */
export function readActivateBody(request: Request): BridgeActivateRequest {
  if (request.is('application/json') === false) {
    throw new PonteError('unsupported_media_type', { contentType: request.get('content-type')?.slice(0, 100) ?? 'nothing' });
  }
  const parsed = activateBodySchema.safeParse(request.body);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${issue.path.map(String).join('.') || 'body'}: ${issue.message}`);
  throw new PonteError('invalid_body', { faults: [...new Set(faults)].slice(0, FAULTS_SHOWN).join('; ') });
}

/** The header Idempotency-Key. Throws PonteError `invalid_request`. */
export function readIdempotencyKey(request: Request): string {
  const key = request.get(IDEMPOTENCY_KEY_HEADER) ?? '';
  if (/^[\x21-\x7e]{1,200}$/.test(key)) return key;
  throw new PonteError('invalid_request', { faults: 'header Idempotency-Key: must have 1 to 200 printable ASCII characters' });
}
