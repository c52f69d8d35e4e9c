import { expect } from 'vitest';
import type { Stack } from './stack.ts';

/** What a process writes when something happened in it that nobody had foreseen. */
const DEFECT = /unhandled ?rejection|uncaught ?exception|UnhandledPromise|MaxListenersExceeded|a defect/i;

/** No process of a stack has ended by itself (those the test has killed excepted) or written of a defect. */
export function expectNoDefects(stack: Stack, { killed = 0 }: { killed?: number } = {}): void {
  const ended = stack.processes().filter((process) => !process.isRunning());
  expect(ended.map(({ name }) => name)).toHaveLength(killed);
  const lines = stack.logs().split('\n');
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.filter((line) => DEFECT.test(line))).toEqual([]);
}
