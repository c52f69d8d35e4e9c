import type { Texts } from '../languages/en.ts';
import type { Language } from '../languages/languages.ts';

/** What every page needs to know of its reader. */
export interface Ui {
  readonly t: Texts;
  readonly language: Language;
  /** Path and query of the page, for the switch of the language. */
  readonly url: string;
}
