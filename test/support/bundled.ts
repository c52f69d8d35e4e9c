import { join } from 'node:path';
import { inject } from 'vitest';

/** Program and arguments that run an entry file of the project (`api/main.ts`) as the global setup has bundled it. */
export function bundledProgram(entry: string, ...args: string[]): [command: string, args: string[]] {
  return [process.execPath, [join(inject('bundlesDir'), entry.replace(/\.ts$/, '.js')), ...args]];
}
