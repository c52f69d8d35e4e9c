import { z } from 'zod';

/** The languages in which Ponte writes to agents. */
export const languages = ['en', 'pt', 'es'] as const;
export type Language = (typeof languages)[number];

export const languageSchema = z.enum(languages, { error: `must be ${languages.join(', ')}` });
