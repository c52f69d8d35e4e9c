import { isObject } from './params.ts';

const escapes: Record<string, string> = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t', '#': '\\#' };

const inspectText = (text: string): string => `"${text.replace(/["\\\n\r\t]|#(?=[{$@])/g, (sign) => escapes[sign] ?? sign)}"`;

/** A value of JSON as Ruby prints it (before 3.4): what becomes of a map or a list that is sent where text belongs. */
export function inspect(value: unknown): string {
  if (value === null || value === undefined) return 'nil';
  if (typeof value === 'string') return inspectText(value);
  if (Array.isArray(value)) return `[${value.map(inspect).join(', ')}]`;
  if (isObject(value))
    return `{${Object.entries(value)
      .map(([key, item]) => `${inspectText(key)}=>${inspect(item)}`)
      .join(', ')}}`;
  return String(value);
}
