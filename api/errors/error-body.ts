import type { ErrorCode } from '../../shared/errors/catalogue.ts';
import { localizedMessage, type OtherLanguage } from '../../shared/errors/languages/localize.ts';

export interface ErrorBody {
  readonly success: false;
  readonly error: { readonly message: string; readonly message_localized?: string; readonly code: ErrorCode };
}

/** The body of every error answer; `language` where the client would rather read another one than English, besides. */
export const errorBody = (error: { message: string; code: ErrorCode }, language?: OtherLanguage): ErrorBody => ({
  success: false,
  error: {
    message: error.message,
    ...(language === undefined ? {} : { message_localized: localizedMessage(error.code, language) }),
    code: error.code,
  },
});
