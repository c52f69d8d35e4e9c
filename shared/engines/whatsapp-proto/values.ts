import { isFields } from '../fields.ts';

/**
 * A 64-bit number in any form that JSON gives it: a number, decimal digits, or `{low, high, unsigned}`. Undefined for what is none, and
 * for what a number cannot hold.
 */
export function readLong(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value === 'string') return /^-?\d{1,20}$/.test(value) ? safe(Number(value)) : undefined;
  if (!isFields(value) || typeof value.low !== 'number' || typeof value.high !== 'number') return undefined;
  return safe((value.high | 0) * 2 ** 32 + (value.low >>> 0));
}

const safe = (value: number): number | undefined => (Math.abs(value) <= Number.MAX_SAFE_INTEGER ? value : undefined);

const MAX_BYTES = 4_096;

/**
 * Bytes (keys and hashes, no files) as base64, from any form that JSON gives them: base64, an index object `{"0":1,"1":2}`, an array, or
 * `{type:"Buffer",data:[…]}`. Undefined for what is none.
 */
export function readBytes(value: unknown): string | undefined {
  if (typeof value === 'string') return /^[\w+/-]+=*$/.test(value) ? value : undefined;
  if (Array.isArray(value)) return encode(value);
  if (!isFields(value)) return undefined;
  if (Array.isArray(value.data)) return encode(value.data);
  const entries = Object.entries(value);
  return entries.every(([key], index) => key === String(index)) ? encode(entries.map(([, byte]) => byte)) : undefined;
}

function encode(values: readonly unknown[]): string | undefined {
  const bytes = values.filter((byte) => typeof byte === 'number' && Number.isInteger(byte) && byte >= 0 && byte <= 255);
  if (bytes.length === 0 || bytes.length !== values.length || bytes.length > MAX_BYTES) return undefined;
  return Buffer.from(bytes.map(Number)).toString('base64');
}

/** An enum by its number or its name, as its name; empty for what is not listed. `names` stand at their numbers. */
export function readEnum<Name extends string>(value: unknown, names: Readonly<Record<number, Name>>): Name | '' {
  const told = typeof value === 'string' ? value.trim().toUpperCase() : '';
  for (const [number, name] of Object.entries(names)) {
    if (name === told || number === told || (typeof value === 'number' && number === String(value))) return name;
  }
  return '';
}

/** Seconds since 1970, in any form of a 64-bit number; milliseconds where it is that large. */
export function readTime(value: unknown): Date | undefined {
  const number = readLong(value);
  if (number === undefined || number <= 0) return undefined;
  const date = new Date(number < 1e11 ? number * 1_000 : number);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
