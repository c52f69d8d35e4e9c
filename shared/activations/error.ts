import { z } from 'zod';
import { type ActivationErrorCode, errorCodes } from '../errors/catalogue.ts';
import { PonteError } from '../errors/ponte-error.ts';

/** Why an activation failed: what its row holds and what the api answers, word for word. */
export const activationErrorSchema = z.object({
  code: z.enum(errorCodes),
  httpStatus: z.number().int(),
  message: z.string(),
  retryable: z.boolean(),
  retryAfterSeconds: z.number().optional(),
  /** It was not tried: its Chatwoot is known to hang. Whoever else wants to that one may be told the same. */
  hostHangs: z.literal(true).optional(),
});
export type ActivationError = z.infer<typeof activationErrorSchema>;

/** An error of the catalogue in the form in which an activation's row keeps it. */
export const activationError = (
  code: ActivationErrorCode,
  values: Readonly<Record<string, string | number>> = {},
): ActivationError => toActivationError(new PonteError(code, values));

/** A PonteError that was thrown, in that form. */
export function toActivationError({ code, httpStatus, message, retryable, retryAfterSeconds }: PonteError): ActivationError {
  return { code, httpStatus, message, retryable, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) };
}
