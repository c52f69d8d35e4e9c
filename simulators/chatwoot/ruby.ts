import { isObject } from './params.ts';

const escapes: Record<string, string> = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t', '#': '\\#' };

const inspectText = (text: string): string => `"${text.replace(/["\\\n\r\t]|#(?=[{$@])/g, (sign) => escapes[sign] ?? sign)}"`;

/** A value of JSON as Ruby prints it: what becomes of a map or a list that is sent where text belongs. Rails drops nulls from lists. */
export function inspect(value: unknown, isSpaced: boolean): string {
  const inner = (item: unknown) => inspect(item, isSpaced);
  if (value === null || value === undefined) return 'nil';
  if (typeof value === 'string') return inspectText(value);
  if (Array.isArray(value))
    return `[${value
      .filter((item) => item !== null)
      .map(inner)
      .join(', ')}]`;
  if (!isObject(value)) return String(value);
  const arrow = isSpaced ? ' => ' : '=>';
  const pairs = Object.entries(value).map(([key, item]) => `${inspectText(key)}${arrow}${inner(item)}`);
  return `{${pairs.join(', ')}}`;
}
