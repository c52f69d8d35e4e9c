import { z } from 'zod';
import type { ActivationSettings } from '../../shared/contracts/activation.ts';
import { parseBody } from '../http/validate.ts';
import { chatwootAccountId, chatwootApiToken, chatwootBaseUrl, flags, inboxName } from './fields.ts';

/** The body of `POST /api/chatwoot/set/:instance`. Unknown keys are ignored. */
export const setBodySchema = z.object({
  chatwootBaseUrl,
  chatwootAccountId,
  chatwootApiToken,
  inboxName,
  ...flags,
});

/** Throws PonteError `invalid_body`. */
export function parseSetBody(body: unknown): { settings: ActivationSettings; chatwootToken: string } {
  const { chatwootApiToken: chatwootToken, ...settings } = parseBody(setBodySchema, body);
  return { settings, chatwootToken };
}
