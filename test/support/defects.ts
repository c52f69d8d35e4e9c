import { expect } from 'vitest';
import type { RunningProcess } from './process.ts';
import type { Stack } from './stack-processes.ts';

/** What a process writes when something happened in it that nobody had foreseen. */
const DEFECT = /unhandled ?rejection|uncaught ?exception|UnhandledPromise|MaxListenersExceeded|unexpected error/i;

/** No process of a stack has ended by itself (only those that the test has killed) or written of a defect. */
export function expectNoDefects(stack: Stack, { killed = [] }: { killed?: readonly RunningProcess[] } = {}): void {
  const ended = stack.processes().filter((process) => !process.isRunning() && !killed.includes(process));
  // With the last that each of them wrote: a process that ended in order says so, one that was killed from outside says nothing.
  expect(ended.map((process) => [process.name, ...process.lines().slice(-5)])).toEqual([]);
  const lines = stack.logs().split('\n');
  expect(lines.length).toBeGreaterThan(stack.processes().length);
  expect(lines.filter((line) => DEFECT.test(line))).toEqual([]);
}
