import assert from 'node:assert/strict';
import type { Answer } from './target.ts';

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The part of a value that a pattern speaks of. */
function partOf(value: unknown, pattern: unknown): unknown {
  if (isRecord(pattern) && isRecord(value)) {
    return Object.fromEntries(
      Object.keys(pattern)
        .filter((key) => key in value)
        .map((key) => [key, partOf(value[key], pattern[key])]),
    );
  }
  if (Array.isArray(pattern) && Array.isArray(value)) return value.map((item, index) => partOf(item, pattern[index]));
  return value;
}

/** Fails unless `value` has everything that `pattern` has; maps may have more. */
export function matches(value: unknown, pattern: unknown): void {
  assert.deepEqual(partOf(value, pattern), pattern);
}

/** Fails unless an answer has this status and this very body, as JSON. */
export function answers(answer: Answer, status: number, body: unknown): void {
  assert.deepEqual({ status: answer.status, body: answer.body ?? answer.text }, { status, body });
}

/** Fails unless an answer is a 200 whose body has everything that `pattern` has. */
export function succeeds(answer: Answer, pattern: unknown = {}): void {
  assert.equal(answer.status, 200, answer.text.slice(0, 300));
  matches(answer.body, pattern);
}

export const crash = { status: 500, error: 'Internal Server Error' };
export const notFound = { error: 'Resource could not be found' };
export const invalid = (message: string, ...attributes: string[]) => ({ message, attributes });
