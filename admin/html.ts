const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Markup that is safe to send as it is. Only `html` makes it. */
export interface Html {
  readonly markup: string;
}

type Content = Html | string | number | null | undefined | false | readonly Content[];

/**
 * Markup with values in it. Every value is escaped, for text as for a quoted attribute; what `html` itself made is taken as it is, lists
 * are put one after the other, and null, undefined and false are nothing.
 */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Html {
  return { markup: strings.map((text, index) => text + (index < values.length ? shown(values[index]) : '')).join('') };
}

function shown(value: Content): string {
  if (value === null || value === undefined || value === false) return '';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return value.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
  return 'markup' in value ? value.markup : value.map(shown).join('');
}
