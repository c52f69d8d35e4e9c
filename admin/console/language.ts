import type { RequestHandler } from 'express';
import { isLanguage, type Language, textsIn } from '../languages/languages.ts';
import type { Ui } from '../looks/ui.ts';
import type { Cookies } from './cookies.ts';

const YEAR_MS = 365 * 24 * 3_600_000;

/** Finds out in which language the reader wants his pages: what he chose last, or else what his browser asks for. */
export function createLanguageChoice({ cookies }: { cookies: Cookies }): RequestHandler {
  return (request, response, next) => {
    const { language: chosen } = request.query;
    const kept = cookies.read(request, 'language');
    if (isLanguage(chosen)) cookies.write(request, response, 'language', chosen, YEAR_MS);
    const language: Language = isLanguage(chosen) ? chosen : isLanguage(kept) ? kept : askedFor(request.acceptsLanguages());
    response.locals.ui = { t: textsIn(language), language, url: request.originalUrl } satisfies Ui;
    response.setHeader('Vary', 'Accept-Language');
    next();
  };
}

/** `pt-PT` gets Portuguese; what we do not speak gets English. */
const askedFor = (asked: readonly string[]): Language =>
  asked.map((tag) => tag.slice(0, 2).toLowerCase()).find(isLanguage) ?? 'en';
