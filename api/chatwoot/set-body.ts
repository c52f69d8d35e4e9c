import { z } from 'zod';
import { activationFields } from '../../shared/activations/request-fields.ts';
import type { ActivationSettings } from '../../shared/activations/settings.ts';
import { parseBody } from '../http/validate.ts';

/** The body of `POST /api/chatwoot/set/:instance`. Unknown keys are ignored. */
export const setBodySchema = z.object(activationFields);

/** Throws PonteError `invalid_body`. */
export function parseSetBody(body: unknown): { settings: ActivationSettings; chatwootToken: string } {
  const { chatwootApiToken: chatwootToken, ...settings } = parseBody(setBodySchema, body);
  return { settings, chatwootToken };
}
