import { en, type Texts } from './en.ts';
import { es } from './es.ts';
import { pt } from './pt.ts';

const languages = { en, pt, es } as const satisfies Record<string, Texts>;

export type Language = keyof typeof languages;
export const languageNames: readonly (readonly [Language, string])[] = [
  ['en', en.name],
  ['pt', pt.name],
  ['es', es.name],
];
/** As `lang` of a page, and for the formats of numbers and times. */
export const localeOf: Readonly<Record<Language, string>> = { en: 'en', pt: 'pt-BR', es: 'es' };

export const isLanguage = (text: unknown): text is Language => typeof text === 'string' && Object.hasOwn(languages, text);
export const textsIn = (language: Language): Texts => languages[language];
