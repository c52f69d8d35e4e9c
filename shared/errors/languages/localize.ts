import type { startupErrors } from '../catalogue/startup.ts';
import type { ErrorCode } from '../catalogue.ts';
import { portuguese } from './portuguese.ts';
import { spanish } from './spanish.ts';

/** Errors that people meet outside a terminal: those of a start are told on it, in English. */
export type ToldCode = Exclude<ErrorCode, keyof typeof startupErrors>;
/** The languages that errors are told in besides English. */
export type OtherLanguage = keyof typeof languages;

const languages = { pt: portuguese, es: spanish };

const isTold = (code: ErrorCode): code is ToldCode => Object.hasOwn(portuguese, code);

/** An error as a sentence in another language than English; the details that `error.message` has are left to that. */
export const localizedMessage = (code: ErrorCode, language: OtherLanguage): string =>
  languages[language][isTold(code) ? code : 'internal'];
