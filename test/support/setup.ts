import { afterAll, afterEach } from 'vitest';
import { killProcesses, startedProcesses } from './processes.ts';

// Runs in front of each test file, since files that follow one another in a vitest worker share all modules.

/** So many of the last lines say what happened; the log of a stack under load has thousands. */
const LAST_LINES = 60;

afterEach(({ task }) => {
  if (task.result?.state !== 'fail') return;
  for (const process of startedProcesses()) {
    const lines = process.lines();
    const left = lines.length > LAST_LINES ? `, ${lines.length - LAST_LINES} lines before these` : '';
    const state = process.isRunning() ? 'runs' : 'has ended';
    console.error(
      `--- ${process.name} (${state}${left}), at the failure of: ${task.name}\n${lines.slice(-LAST_LINES).join('\n')}`,
    );
  }
});

afterAll(killProcesses);
