import { join } from 'node:path';
import { inject } from 'vitest';

/** Program and arguments that run an entry file of the project (`api/main.ts`) from what the global setup has compiled. */
export function builtProgram(entry: string, ...args: string[]): [command: string, args: string[]] {
  return [process.execPath, ['--enable-source-maps', join(inject('builtDir'), entry.replace(/\.ts$/, '.js')), ...args]];
}
