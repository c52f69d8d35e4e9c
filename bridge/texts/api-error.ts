import { type ErrorCode, errorCatalogue } from '../../shared/errors/catalogue.ts';
import type { ApiErrorCode, ApiErrorTexts, Texts } from './texts.ts';

/** What an error of the api says to an agent; in another language than the api's as far as the code is known. */
export function apiErrorText({ apiErrors }: Texts, code: string | undefined, message: string): string {
  if (apiErrors === 'as told' || code === undefined || !isKnown(apiErrors, code)) return message;
  return apiErrors[code](valuesIn(code, message));
}

const isKnown = (texts: ApiErrorTexts, code: string): code is ApiErrorCode => Object.hasOwn(texts, code);

/** The values that were put into a message of the catalogue, read back out of it; empty where it is not that message. */
function valuesIn(code: ErrorCode, message: string): Record<string, string> {
  const names: string[] = [];
  const pattern = errorCatalogue[code].message
    .split(/(\{\w+\})/)
    .map((piece) => {
      const name = /^\{(\w+)\}$/.exec(piece)?.[1];
      if (name === undefined) return piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      names.push(name);
      return '([^]*?)';
    })
    .join('');
  const found = new RegExp(`^${pattern}$`).exec(message) ?? [];
  return Object.fromEntries(names.map((name, index) => [name, found[index + 1] ?? '']));
}
