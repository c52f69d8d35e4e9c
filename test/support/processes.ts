import { bundledProgram } from './bundled.ts';
import { type ProcessOptions, type RunningProcess, spawnProcess } from './process.ts';

/** What the test file has started that runs now; the setup of each file ends it. */
const started: RunningProcess[] = [];

/**
 * Starts a real process of Ponte and waits until it is ready. Its log is shown when a test of the file fails, and it is killed at the
 * end of the file whatever happened.
 */
export async function startProcess(options: ProcessOptions): Promise<RunningProcess> {
  return spawnProcess('entry' in options ? fromBundle(options) : options, (process) => started.push(process));
}

function fromBundle({ entry, args = [], ...rest }: Extract<ProcessOptions, { entry: string }>): ProcessOptions {
  const [command, all] = bundledProgram(entry, ...args);
  return { ...rest, command, args: all };
}

export function startedProcesses(): readonly RunningProcess[] {
  return started;
}

/** Kills them, and knows none any more. */
export async function killProcesses(): Promise<void> {
  await Promise.all(started.splice(0).map((process) => process.kill9()));
}
