import type { ErrorCode } from '../../shared/errors/catalogue.ts';

export interface ErrorBody {
  readonly success: false;
  readonly error: { readonly message: string; readonly code: ErrorCode };
}

/** The body of every error answer. */
export const errorBody = (error: { message: string; code: ErrorCode }): ErrorBody => ({
  success: false,
  error: { message: error.message, code: error.code },
});
