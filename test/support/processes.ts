import { afterAll, afterEach } from 'vitest';
import { builtProgram } from './built.ts';
import { type ProcessOptions, type RunningProcess, spawnProcess } from './process.ts';

// Of this test file: vitest gives every file its own copy of this module.
const started: RunningProcess[] = [];

afterEach(({ task }) => {
  if (task.result?.state !== 'fail') return;
  for (const { name, lines } of started) console.error(`--- ${name}\n${lines().join('\n')}`);
});

afterAll(async () => {
  await Promise.all(started.map((process) => process.kill9()));
});

/**
 * Starts a real process of Ponte and waits until it is ready. Its log is shown when a test of the file fails, and it is killed at the
 * end of the file whatever happened.
 */
export async function startProcess(options: ProcessOptions): Promise<RunningProcess> {
  return spawnProcess('entry' in options ? fromBuilt(options) : options, (process) => started.push(process));
}

function fromBuilt({ entry, args = [], ...rest }: Extract<ProcessOptions, { entry: string }>): ProcessOptions {
  const [command, all] = builtProgram(entry, ...args);
  return { ...rest, command, args: all };
}
