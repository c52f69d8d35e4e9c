import { chatwootFailures } from './catalogue/chatwoot-failed.ts';
import { chatwootRefusals } from './catalogue/chatwoot-refused.ts';
import { engineErrors } from './catalogue/engine.ts';
import { ponteErrors } from './catalogue/ponte.ts';
import { requestErrors } from './catalogue/request.ts';
import { startupErrors } from './catalogue/startup.ts';

/**
 * Every error a caller or an operator can meet: one entry a code. The texts of the `set` endpoint are part of the public contract, the
 * em dash included. `{names}` are filled in by PonteError. `when` is what the error reference in docs/ says of it.
 */
export const errorCatalogue = {
  ...requestErrors,
  ...chatwootRefusals,
  ...chatwootFailures,
  ...ponteErrors,
  ...engineErrors,
  ...startupErrors,
};

/** The stable, machine-readable name of an error: `error.code` in every error body. */
export type ErrorCode = keyof typeof errorCatalogue;

export const errorCodes = Object.keys(errorCatalogue) as [ErrorCode, ...ErrorCode[]];

/** The codes an activation can end in. */
export type ActivationErrorCode = {
  [Code in ErrorCode]: (typeof errorCatalogue)[Code] extends { endsActivation: true } ? Code : never;
}[ErrorCode];

export const isActivationErrorCode = (code: string): code is ActivationErrorCode =>
  Object.hasOwn(errorCatalogue, code) && 'endsActivation' in errorCatalogue[code as ErrorCode];
export const activationErrorCodes: readonly ActivationErrorCode[] = errorCodes.filter(isActivationErrorCode);
