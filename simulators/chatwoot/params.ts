import { notFound } from './replies.ts';
import type { JsonObject } from './rows.ts';

/**
 * Request parameters, read with the casts of Rails: strong parameters drop a map where a scalar is expected, numbers become text for text
 * columns, and `"false"`, `"0"`, `"off"` are false.
 */
export type Params = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value);

export const asParams = (value: unknown): Params => (isObject(value) ? value : {});

/** Text, null where null was sent, undefined where nothing usable was sent. */
export function text(params: Params, key: string): string | null | undefined {
  const value = params[key];
  if (value === null) return null;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return undefined;
}

export function flag(params: Params, key: string): boolean | undefined {
  const value = params[key];
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return value !== 0;
  if (typeof value === 'string')
    return value === '' ? undefined : !['false', 'f', '0', 'off', 'FALSE', 'F', 'OFF'].includes(value);
  return undefined;
}

/** A map, null where null was sent, undefined where nothing or something else was sent. */
export function map(params: Params, key: string): JsonObject | null | undefined {
  const value = params[key];
  if (value === null) return null;
  return isObject(value) ? value : undefined;
}

/** An id as ActiveRecord casts it: leading digits count, anything else is 0, which no row has. */
export function toId(value: unknown): number {
  if (typeof value === 'number') return Math.trunc(value);
  return typeof value === 'string' ? Number.parseInt(value, 10) || 0 : 0;
}

/** A row that must exist, or the 404 of `ActiveRecord::RecordNotFound`. */
export function found<T>(row: T | undefined): T {
  if (row === undefined) throw notFound();
  return row;
}

/** Length in characters as Ruby counts them: an emoji outside the BMP is one. */
export const lengthOf = (value: string): number => [...value].length;

export const isBlank = (value: string | null | undefined): boolean =>
  value === null || value === undefined || value.trim() === '';
