import { join } from 'node:path';
import { inject } from 'vitest';

/**
 * Prisma's query compiler is WebAssembly. What V8 spends on optimising it (half a second of CPU time a process) pays off only in a process that
 * lives longer than a test; and most of it is never called.
 */
const WASM_AS_NEEDED = ['--liftoff-only', '--wasm-lazy-compilation'];

const RUNNER = join(import.meta.dirname, 'bundle-runner.cjs');

/** Program and arguments that run an entry file of the project (`api/main.ts`) as the global setup has bundled it. */
export function bundledProgram(entry: string, ...args: string[]): [command: string, args: string[]] {
  return [process.execPath, [...WASM_AS_NEEDED, RUNNER, join(inject('bundlesDir'), 'bundle.cjs'), entry, ...args]];
}
